"""No score of an author counts, and nobody learns from a jury who wrote an anonymous idea."""

import pytest

from ideas.activity.activity import Activity, Verb, record
from ideas.contest.authors import sent_unsigned
from ideas.contest.contest import Phase
from ideas.contest.entry import begin_scoring
from ideas.contest.judging import (
    InvitationWaits,
    OwnEntry,
    Standing,
    UnsignedEntry,
    declare_conflict,
    progress,
    standings_of,
)
from ideas.contest.ranking import ranking
from ideas.contributions.authors.anonymous import AnonymousAuthor
from ideas.contributions.authors.co_author import CoAuthor, CoAuthorState


@pytest.fixture
def send_unsigned(closed_campaign, make_idea):
    def send(person, body="Hers"):
        author = AnonymousAuthor(person_id=person.id)
        return make_idea(closed_campaign, None, body, is_anonymous=True, anonymous_author=author)

    return send


@pytest.fixture
def co_author(session, now):
    def add(idea, person, state):
        row = CoAuthor(idea_id=idea.id, person_id=person.id, state=state, invited_at=now, changed_at=now)
        session.add(row)
        session.flush()
        return row

    return add


def test_an_anonymous_entry_counts_for_its_author_as_for_the_others(
    session, closed_campaign, contest, entries, jury, score, send_unsigned, alice, now
):
    june, jack = jury
    idea = send_unsigned(june)
    begin_scoring(session, contest, by=alice, now=now)

    def counted():
        return [(one.person.name, one.done, one.total) for one in progress(session, closed_campaign)]

    assert counted() == [("Jack", 0, 4), ("June", 0, 4)]
    assert standings_of(session, closed_campaign, june)[idea.id] is Standing.TO_SCORE
    assert [sent_unsigned(session, closed_campaign, one) for one in jury] == [{idea.id}, set()]
    with pytest.raises(UnsignedEntry):
        score(june, idea, 5, 5)
    for juror in jury:
        for entry in entries:
            score(juror, entry, 5, 5)
    score(jack, idea, 6, 6)
    assert (contest.phase(now), counted()) == (Phase.SCORING, [("Jack", 4, 4), ("June", 3, 4)])
    declare_conflict(session, contest, idea, interest="I can’t judge it.", by=june, now=now)
    assert contest.phase(now) is Phase.DISCUSSION
    session.commit()
    acts = session.query(Activity).filter_by(object_kind="judgement", actor_id=june.id).all()
    assert sorted(act.after["idea_id"] for act in acts) == sorted([*(one.id for one in entries), idea.id])


def test_scores_given_before_an_anonymous_idea_was_merged_in_stay(
    session, closed_campaign, begun, entries, jury, score, send_unsigned
):
    june, jack = jury
    for juror in jury:
        score(juror, entries[0], 8, 8)
    part = send_unsigned(june)
    part.merged_into_id = entries[0].id
    session.flush()
    assert ranking(session, closed_campaign)[0].jurors == 2  # 1 would name her
    with pytest.raises(UnsignedEntry):
        score(june, entries[0], 9, 9, seen=1)
    score(jack, entries[0], 9, 9, seen=1)


def test_whoever_was_once_a_co_author_never_scores_the_entry(
    session, closed_campaign, begun, entries, jury, score, co_author, make_person, charlie, now
):
    june, jack = jury
    row = co_author(entries[0], june, CoAuthorState.LEFT)
    with pytest.raises(OwnEntry):
        score(june, entries[0], 10, 10)
    row.state = CoAuthorState.REMOVED  # without a trace in the log, it is an invitation that was taken back
    session.flush()
    assert standings_of(session, closed_campaign, june)[entries[0].id] is Standing.TO_SCORE
    record(session, Verb.ACCEPTED, row, by=june, campaign_id=closed_campaign.id, now=now)
    session.commit()
    with pytest.raises(OwnEntry):
        score(june, entries[0], 10, 10)
    invited = co_author(entries[1], june, CoAuthorState.INVITED)
    with pytest.raises(InvitationWaits):
        score(june, entries[1], 10, 10)
    assert [(one.person.name, one.total) for one in progress(session, closed_campaign)] == [("Jack", 3), ("June", 2)]
    invited.state = CoAuthorState.DECLINED
    session.flush()
    score(june, entries[1], 10, 10)
    score(jack, entries[0], 5, 5)


def test_scores_of_who_becomes_an_author_later_count_no_more(
    session, closed_campaign, begun, entries, jury, score, co_author, make_idea
):
    june, jack = jury
    for entry in entries:
        score(june, entry, 10, 10)
        score(jack, entry, 6, 6)
    co_author(entries[0], june, CoAuthorState.ACCEPTED)
    entries[1].author_id = june.id  # she claims an imported idea
    make_idea(closed_campaign, june, "Hers", merged_into_id=entries[2].id)
    found = ranking(session, closed_campaign)
    assert [(spread.idea, spread.jurors, spread.mean) for spread in found] == [(entry, 1, 6) for entry in entries]
