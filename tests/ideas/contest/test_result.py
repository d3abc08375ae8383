from dataclasses import replace

import pytest

from ideas.activity.activity import Activity
from ideas.activity.version import ChangedMeanwhile, ReasonNeeded
from ideas.contest.contest import ContestText, set_up_contest
from ideas.contest.entry import CampaignStillOpen, WinnersAnnounced, add_entries, begin_scoring
from ideas.contest.judging import NotScoring
from ideas.contest.result import (
    NoWinner,
    OneWinnerOnly,
    OthersReasonNeeded,
    StillScoring,
    WinnerReasonNeeded,
    announce_winners,
    published_results,
    result_of,
)


@pytest.fixture
def announce(session, alice, now):
    def tell(contest, reasons, words="Thank you.", **facts):
        return announce_winners(
            session, contest, reasons={idea.id: reason for idea, reason in reasons.items()}, words_to_others=words,
            by=alice, **{"now": now} | facts,
        )  # fmt: skip

    return tell


def test_winners_are_entries_each_with_a_reason_once_the_jury_is_done(
    session, begun, entries, jury, score, make_idea, charlie, closed_campaign, announce
):
    over = begun.scores_due_at
    with pytest.raises(StillScoring):
        announce(begun, {entries[0]: "The best"})
    other = make_idea(closed_campaign, charlie, "Too late")
    for refusal, reasons, words in [
        (NoWinner, {}, "Thank you."),
        (NoWinner, {other: "The best"}, "Thank you."),
        (WinnerReasonNeeded, {entries[0]: " "}, "Thank you."),
        (OthersReasonNeeded, {entries[0]: "The best"}, " "),
    ]:
        with pytest.raises(refusal):
            announce(begun, reasons, words, now=over)
    assert result_of(session, closed_campaign) is None
    result = announce(begun, {entries[2]: "The best", entries[0]: "Second"}, now=over)
    assert [winner.idea for winner in result.winners] == [entries[2], entries[0]]
    with pytest.raises(NotScoring):
        score(jury[0], entries[0], 1, 1, at=over)


def test_a_correction_is_a_version_with_a_reason(session, begun, entries, closed_campaign, announce, alice, now):
    over = begun.scores_due_at
    announce(begun, {entries[0]: "The best"}, now=over)
    again = announce(begun, {entries[0]: "The best"}, now=over)
    assert again.version == 1
    for refusal, facts in [(ReasonNeeded, {}), (ChangedMeanwhile, {"seen": 7, "change_reason": "A mistake"})]:
        with pytest.raises(refusal):
            announce(begun, {entries[1]: "The best"}, now=over, **facts)
    announce(begun, {entries[1]: "The best"}, now=over, seen=1, change_reason="The jury read the wrong line.")
    latest, first = published_results(session, closed_campaign)
    assert (first.winners, latest.winners) == ([(entries[0], "The best")], [(entries[1], "The best")])
    assert (latest.change_reason, latest.by) == ("The jury read the wrong line.", "Alice")
    session.commit()
    act = session.query(Activity).filter_by(object_kind="contest_result", verb="changed").one()
    assert (act.before, act.after) == ({"winners": [entries[0].id]}, {"winners": [entries[1].id]})


def test_a_contest_without_a_jury_takes_its_winners_from_a_shortlist(
    session, campaign, closed_campaign, entries, announce, alice, now
):
    text = ContestText(only_shortlist=True)
    with pytest.raises(CampaignStillOpen):
        announce(set_up_contest(session, campaign, text=text, by=alice, now=now), {})
    contest = set_up_contest(session, closed_campaign, text=text, by=alice, now=now)
    with pytest.raises(NoWinner):
        announce(contest, {entries[0]: "The best"})
    add_entries(session, contest, [idea.id for idea in entries], by=alice, now=now)
    with pytest.raises(OneWinnerOnly):
        announce(contest, {entries[0]: "The best", entries[1]: "Too"})
    announce(contest, {entries[0]: "The best"})


def test_the_winners_are_read_with_two_queries(
    session, begun, entries, closed_campaign, announce, make_idea, make_person, count_queries
):
    def read():
        session.expunge_all()
        campaign = session.get(type(closed_campaign), closed_campaign_id)

        def names():
            return [idea.author.name for idea, _reason in result_of(session, campaign).chosen]

        return count_queries(names)

    closed_campaign_id = closed_campaign.id
    for number, entry in enumerate(entries):
        entry.author = make_person(f"Person {number}")
    session.commit()
    announce(begun, dict.fromkeys(entries, "Good"), now=begun.scores_due_at)
    session.commit()
    assert read() == 2


def test_no_scoring_begins_once_the_winners_are_announced(
    session, closed_campaign, entries, jury, text, announce, alice, now
):
    contest = set_up_contest(session, closed_campaign, text=replace(text, only_shortlist=True), by=alice, now=now)
    add_entries(session, contest, [entry.id for entry in entries], by=alice, now=now)
    announce(contest, {entries[0]: "The best"})
    with pytest.raises(WinnersAnnounced):
        begin_scoring(session, contest, by=alice, now=now)
    assert contest.begun_at is None


def test_an_unused_shortlist_makes_no_winner(session, closed_campaign, contest, entries, announce, alice, now):
    add_entries(session, contest, [entries[0].id], by=alice, now=now)
    with pytest.raises(NoWinner):
        announce(contest, {entries[0]: "The best"})
