"""Finalists: chosen from the scores, once all are shown and until the winners are announced."""

import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity
from ideas.activity.version import ChangedMeanwhile
from ideas.contest.entry import finalist_ids
from ideas.contest.ranking import (
    FinalistsFixed,
    NoFinalist,
    ScoresNotShown,
    choose_finalists,
    take_back_finalists,
)
from ideas.contest.result import NotAFinalist, announce_winners


@pytest.fixture
def scored(begun, entries, jury, score):
    """The first entry is the best, the two others share the second rank."""
    for juror in jury:
        for idea, value in zip(entries, (9, 4, 4), strict=True):
            score(juror, idea, value, value)
    return begun


@pytest.fixture
def choose(session, alice, now):
    def choose(contest, **facts):
        choose_finalists(session, contest, by=alice, **{"now": now} | facts)

    return choose


def test_finalists_are_the_best_or_those_that_are_named(session, scored, entries, choose, closed_campaign):
    choose(scored, top=1)
    assert finalist_ids(session, closed_campaign) == [entries[0].id]
    choose(scored, top=2, note="Equal means")
    assert finalist_ids(session, closed_campaign) == [idea.id for idea in entries], "the last rank is shared"
    choose(scored, ideas=[entries[1].id, entries[0].id])
    assert finalist_ids(session, closed_campaign) == [entries[0].id, entries[1].id]


def test_finalists_wait_for_the_scores(begun, entries, choose, alice, session, now):
    with pytest.raises(ScoresNotShown):
        choose(begun, ideas=[entries[0].id])
    with pytest.raises(ScoresNotShown):
        take_back_finalists(session, begun, by=alice, now=now)


def test_finalists_are_entries_that_were_scored(session, begun, entries, jury, score, choose, closed_campaign,
                                                 make_idea, charlie):  # fmt: skip
    score(jury[0], entries[0], 5, 5)
    over = begun.scores_due_at
    other = make_idea(closed_campaign, charlie, "Too late")
    for facts in ({}, {"ideas": [other.id]}, {"ideas": [entries[0].id, entries[1].id]}, {"top": 0}):
        with pytest.raises(NoFinalist):
            choose(begun, now=over, **facts)
    choose(begun, now=over, top=3)
    assert finalist_ids(session, closed_campaign) == [entries[0].id], "the others have no score"


def test_winners_are_chosen_among_the_finalists_which_then_stay(session, scored, entries, choose, alice, now):
    choose(scored, top=1, note="By far the best")
    facts = {"words_to_others": "Thank you.", "by": alice, "now": now}
    with pytest.raises(NotAFinalist):
        announce_winners(session, scored, reasons={entries[1].id: "New"}, **facts)
    announce_winners(session, scored, reasons={entries[0].id: "The best"}, **facts)
    for act in (lambda: choose(scored, top=2), lambda: take_back_finalists(session, scored, by=alice, now=now)):
        with pytest.raises(FinalistsFixed):
            act()


def test_finalists_are_taken_back_and_each_act_is_logged(session, scored, entries, choose, alice, now, closed_campaign):
    seen = scored.version
    choose(scored, top=1, note="By far the best", seen=seen)
    choose(scored, top=1, note="By far the best")
    with pytest.raises(ChangedMeanwhile):
        choose(scored, top=2, seen=seen)
    for _time in range(2):
        take_back_finalists(session, scored, by=alice, now=now)
    assert finalist_ids(session, closed_campaign) == []
    assert (scored.finalists_at, scored.finalists_note) == (None, "")
    session.commit()  # which writes the log
    found = session.scalars(select(Activity).where(Activity.object_kind == "contest").order_by(Activity.id.desc()))
    logged = [(one.verb, one.reason, one.before, one.after) for one in found][:2]
    first, none = {"finalists": [entries[0].id]}, {"finalists": []}
    assert logged == [("undone", "", first, none), ("changed", "By far the best", none, first)]
    announce_winners(
        session, scored, reasons={entries[1].id: "New"}, words_to_others="Thank you.", by=alice, now=now
    )  # fmt: skip
