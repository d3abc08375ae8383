from datetime import timedelta
from fractions import Fraction

import pytest

from ideas.activity.activity import Activity
from ideas.activity.version import ChangedMeanwhile, ReasonNeeded
from ideas.campaigns.people.team import Role, add_to_team, remove_from_team
from ideas.contest.changes import changes_of
from ideas.contest.contest import Phase
from ideas.contest.judging import (
    NotAJuror,
    NotAnEntry,
    NotScoring,
    OwnEntry,
    ScoreMissing,
    ScoringOver,
    Standing,
    declare_conflict,
    judgement_of,
    judgements_on,
    progress,
    standings_of,
)
from ideas.contest.note import add_note, notes_on
from ideas.contest.ranking import ranking
from ideas.contest.reminder import watch_scorings
from ideas.contributions.authors.co_author import CoAuthor, CoAuthorState


def test_only_jurors_score_only_entries_of_others_and_every_criterion(
    session, closed_campaign, begun, entries, jury, score, alice, bob, now
):
    june = jury[0]
    session.add(CoAuthor(idea_id=entries[2].id, person_id=june.id, state=CoAuthorState.ACCEPTED, invited_at=now,
                         changed_at=now))  # fmt: skip
    session.flush()
    for refusal, juror, idea, values in [
        (NotAJuror, alice, entries[0], (5, 5)),
        (OwnEntry, june, entries[2], (5, 5)),
        (ScoreMissing, june, entries[0], (5,)),
        (ScoreMissing, june, entries[0], (5, 11)),
    ]:
        with pytest.raises(refusal):
            score(juror, idea, *values)
    score(june, entries[0], 5, 0)
    score(june, entries[0], 5, 0, seen=0)  # a double click
    with pytest.raises(ChangedMeanwhile):
        score(june, entries[0], 6, 0, seen=0)
    score(june, entries[0], 6, 0, seen=1)
    entries[1].withheld = "hidden"
    session.flush()
    with pytest.raises(NotAnEntry):
        score(june, entries[1], 5, 5)
    assert standings_of(session, closed_campaign, june) == {entries[0].id: Standing.SCORED, entries[2].id: Standing.OWN}
    assert [(one.person.name, one.done, one.total) for one in progress(session, closed_campaign)] == [
        ("Jack", 0, 2), ("June", 1, 1),
    ]  # fmt: skip
    session.commit()
    told = session.query(Activity).filter_by(object_kind="judgement").all()
    assert [one.after for one in told] == [{"idea_id": entries[0].id}] * 2  # no score: administrators read this


def test_scores_are_shown_once_each_juror_has_dealt_with_each_entry_and_ranked_with_ties(
    session, closed_campaign, begun, entries, jury, score, now
):
    june, jack = jury
    for idea, values in zip(entries, [(8, 4), (4, 8), (7, 7)], strict=True):
        score(june, idea, *values)
    declare_conflict(session, begun, entries[0], interest="My sister wrote it.", by=jack, now=now)
    score(jack, entries[1], 10, 6)
    assert begun.phase(now) is Phase.SCORING
    with pytest.raises(NotScoring):
        add_note(session, begun, entries[0], body="Too early", by=june, now=now)
    score(jack, entries[2], 7, 7)
    assert begun.phase(now) is Phase.DISCUSSION
    found = ranking(session, closed_campaign)
    assert [(one.idea, one.rank, one.is_tied, one.mean, one.jurors) for one in found] == [
        (entries[0], 1, True, 7, 1), (entries[1], 1, True, 7, 2), (entries[2], 1, True, 7, 2),
    ]  # fmt: skip
    assert (found[1].lowest, found[1].highest) == (5, 9)
    add_note(session, begun, entries[1], body="Jack, why 10?", by=june, now=now)
    add_note(session, begun, entries[1], body="Jack, why 10?", by=june, now=now)
    assert [(note.person, note.body) for note in notes_on(session, entries[1])] == [(june, "Jack, why 10?")]


def test_what_changes_in_the_discussion_is_kept_with_who_when_and_why(
    session, closed_campaign, begun, entries, jury, score, alice, now, make_person
):
    june, jack = jury
    score(june, entries[0], 8, 4)
    score(june, entries[1], 8, 4)
    over = begun.scores_due_at
    assert begun.phase(over) is Phase.DISCUSSION
    with pytest.raises(ScoringOver):  # never blind
        score(jack, entries[0], 1, 1, at=over)
    with pytest.raises(ReasonNeeded):
        score(june, entries[0], 6, 6, at=over)
    score(june, entries[0], 6, 6, at=over, change_reason="Jack is right: it costs a lot.")
    declare_conflict(session, begun, entries[1], interest="I sell trees.", by=june, now=over + timedelta(hours=1))
    useful, new = sorted(judgement_of(session, entries[0], june).by_criterion)
    [late, early] = changes_of(session, [*judgements_on(session, entries[0]), *judgements_on(session, entries[1])])
    assert (early.by, early.at, early.reason) == ("June", over, "Jack is right: it costs a lot.")
    assert (early.before, early.after) == ({useful: 8, new: 4}, {useful: 6, new: 6})
    assert (late.reason, late.before, late.after) == ("I sell trees.", {useful: 8, new: 4}, None)
    found = ranking(session, closed_campaign)
    assert [(one.idea, one.rank, one.mean) for one in found] == [
        (entries[0], 1, Fraction(6)), (entries[1], None, None), (entries[2], None, None),
    ]  # fmt: skip
    remove_from_team(session, closed_campaign, june, by=alice, now=now)
    assert ranking(session, closed_campaign)[0].mean == 6  # who leaves takes no score away


def test_the_jury_is_reminded_once_and_the_date_shows_the_scores(
    session, closed_campaign, begun, entries, jury, score, alice, make_person, now
):
    two_days_before = begun.scores_due_at - timedelta(days=2)
    assert watch_scorings(session, now=two_days_before - timedelta(minutes=1)) == 0
    done = []
    for at in (two_days_before, two_days_before + timedelta(days=1), begun.scores_due_at, begun.scores_due_at):
        done.append(watch_scorings(session, now=at))
        session.commit()
    assert done == [1, 0, 1, 0]
    acts = session.query(Activity).filter_by(object_kind="contest").order_by(Activity.id).all()
    assert [act.verb for act in acts][-2:] == ["reminded", "completed"]
    late = make_person("Late")
    add_to_team(session, closed_campaign, late, role=Role.JURY, by=alice, now=now)
    with pytest.raises(ScoringOver):
        score(late, entries[0], 1, 1)


def test_notes_are_written_one_after_the_other(session, begun, entries, jury, statements, connection):
    """Two requests of a double click would both find no note."""
    with statements() as asked:
        add_note(session, begun, entries[1], body="Why 10?", by=jury[0], now=begun.scores_due_at)
    if connection.dialect.name == "postgresql":  # on SQLite every writer is alone
        assert any("FOR NO KEY UPDATE" in one for one in asked)
