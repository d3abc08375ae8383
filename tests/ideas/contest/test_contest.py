from dataclasses import replace
from datetime import timedelta

import pytest

from ideas.activity.version import ChangedMeanwhile
from ideas.contest.contest import (
    CriterionTwice,
    DateOver,
    DueInThePast,
    NoCriterion,
    Phase,
    ScoringBegun,
    UnknownScale,
    WeightOutOfRange,
    contest_of,
    copy_contest,
    criteria_of,
    set_up_contest,
)
from ideas.contest.entry import (
    CampaignStillOpen,
    EmptyShortlist,
    NoEntry,
    NoJuror,
    add_entries,
    add_theme,
    begin_scoring,
    entry_ids,
    remove_entry,
)
from ideas.contest.judging import AlreadyScored, take_back_scoring


def test_criteria_that_nobody_could_use_are_refused(session, closed_campaign, contest, text, alice, now):
    wrong = {
        CriterionTwice: {"criteria": [("Useful", 1), ("useful", 2)]},
        WeightOutOfRange: {"criteria": [("Useful", 0)]},
        UnknownScale: {"highest_score": 7},
        DueInThePast: {"scores_due_at": now},
    }
    for refusal, facts in wrong.items():
        with pytest.raises(refusal):
            set_up_contest(session, closed_campaign, text=replace(text, **facts), by=alice, now=now)
    with pytest.raises(ChangedMeanwhile):
        set_up_contest(session, closed_campaign, text=replace(text, highest_score=5), by=alice, now=now, seen=0)
    again = set_up_contest(session, closed_campaign, text=text, by=alice, now=now, seen=0)
    assert (again.version, contest.phase(now)) == (1, Phase.PREPARATION)  # nothing changed


def test_a_scoring_begins_once_all_is_there_and_then_its_rules_stay(
    session, closed_campaign, contest, text, make_ideas, charlie, make_campaign, alice, now, request
):
    def begin(of=contest):
        begin_scoring(session, of, by=alice, now=now)

    with pytest.raises(NoJuror):
        begin()
    jury = request.getfixturevalue("jury")
    with pytest.raises(NoEntry):
        begin()
    with pytest.raises(CampaignStillOpen):
        begin(set_up_contest(session, make_campaign(), text=text, by=alice, now=now))
    ideas = make_ideas(closed_campaign, charlie, [{"body": "A bench"}, {"body": "A tree", "withdrawn_at": now}])
    set_up_contest(session, closed_campaign, text=replace(text, criteria=[]), by=alice, now=now)
    with pytest.raises(NoCriterion):
        begin()
    set_up_contest(session, closed_campaign, text=text, by=alice, now=now)
    begin()
    begin()
    assert entry_ids(session, closed_campaign) == [ideas[0].id]
    with pytest.raises(ScoringBegun):
        set_up_contest(session, closed_campaign, text=replace(text, criteria=[("Cheap", 1)]), by=alice, now=now)
    with pytest.raises(ScoringBegun):
        remove_entry(session, contest, ideas[0], by=alice, now=now)
    later = replace(text, scores_due_at=now + timedelta(days=20))
    set_up_contest(session, closed_campaign, text=later, by=alice, now=now)
    over = now + timedelta(days=21)
    assert [contest.phase(at) for at in (now, over)] == [Phase.SCORING, Phase.DISCUSSION]
    moved = replace(text, scores_due_at=now + timedelta(days=40))
    with pytest.raises(DateOver):
        set_up_contest(session, closed_campaign, text=moved, by=alice, now=over)
    take_back_scoring(session, contest, by=alice, now=now)
    assert (contest.phase(now), entry_ids(session, closed_campaign)) == (Phase.PREPARATION, [])
    begin()
    request.getfixturevalue("score")(jury[0], ideas[0], 5, 5)
    with pytest.raises(AlreadyScored):
        take_back_scoring(session, contest, by=alice, now=now)


def test_a_shortlist_is_made_by_hand_and_from_themes(
    session, closed_campaign, contest, text, jury, entries, make_theme, make_campaign, make_idea, charlie, alice, now
):
    set_up_contest(session, closed_campaign, text=replace(text, only_shortlist=True), by=alice, now=now)
    with pytest.raises(EmptyShortlist):
        begin_scoring(session, contest, by=alice, now=now)
    elsewhere = make_idea(make_campaign(), charlie, "Elsewhere")
    assert add_entries(session, contest, [entries[0].id, elsewhere.id], by=alice, now=now) == 1
    theme = make_theme(closed_campaign, "Trees", ideas=entries[:2])
    assert add_theme(session, contest, theme, by=alice, now=now) == 1
    remove_entry(session, contest, entries[0], by=alice, now=now)
    remove_entry(session, contest, entries[0], by=alice, now=now)
    begin_scoring(session, contest, by=alice, now=now)
    assert entry_ids(session, closed_campaign) == [entries[1].id]
    take_back_scoring(session, contest, by=alice, now=now)
    assert entry_ids(session, closed_campaign) == [entries[1].id]


def test_a_copy_of_a_campaign_scores_by_the_same_criteria(session, closed_campaign, contest, draft_campaign):
    copy_contest(session, closed_campaign, to=draft_campaign)
    copy = contest_of(session, draft_campaign)
    assert [(one.name, one.weight) for one in criteria_of(session, draft_campaign)] == [("Useful", 3), ("New", 1)]
    assert (copy.several_winners, copy.scores_due_at) == (True, None)


def test_other_criteria_are_refused_as_such_whatever_version_was_seen(
    session, closed_campaign, contest, text, entries, jury, alice, now
):
    seen = contest.version
    begin_scoring(session, contest, by=alice, now=now)
    other = replace(text, criteria=[("Cheap", 1)])
    with pytest.raises(ScoringBegun):
        set_up_contest(session, closed_campaign, text=other, by=alice, now=now, seen=seen)
    later = replace(text, scores_due_at=now + timedelta(days=20))
    with pytest.raises(ChangedMeanwhile):
        set_up_contest(session, closed_campaign, text=later, by=alice, now=now, seen=seen)
