"""One ballot for each person, changeable until the end, and no count before it."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from ideas.activity.activity import Activity
from ideas.activity.version import ChangedMeanwhile, ReasonNeeded
from ideas.contest.contest import ContestText, set_up_contest
from ideas.contest.entry import add_entries
from ideas.contest.public_vote.ballot import (
    Ballot,
    NotAnEntry,
    OwnEntry,
    TooManyVotes,
    VoteNotOpen,
    ballot_of,
    cast_ballot,
    entries_to_choose,
    own_entries,
    result_of_vote,
)
from ideas.contest.public_vote.public_vote import (
    NoShortlist,
    TooManyChoices,
    VoteBegun,
    VoteDatesWrong,
    VoteOver,
    changes_of,
    drop_public_vote,
    public_vote_of,
    set_public_vote,
    watch_votes,
)
from ideas.moderation.acts.merge import merge_ideas
from ideas.privacy.erase import Words, erase
from ideas.privacy.erasure import Contents, ask_to_erase

HOUR = timedelta(hours=1)


@pytest.fixture
def shortlist(session, closed_campaign, make_ideas, charlie, alice, now):
    """Four entries of Charlie's, and an idea that is none."""
    contest = set_up_contest(session, closed_campaign, text=ContestText(only_shortlist=True), by=alice, now=now)
    ideas = make_ideas(closed_campaign, charlie, [{"body": body} for body in ("Bench", "Tree", "Bus", "Bin", "Not")])
    add_entries(session, contest, [idea.id for idea in ideas[:4]], by=alice, now=now)
    return ideas


@pytest.fixture
def dates(now):
    return {"opens_at": now + HOUR, "closes_at": now + 25 * HOUR}


@pytest.fixture
def vote(session, closed_campaign, shortlist, alice, dates, now):
    return set_public_vote(session, closed_campaign, choices=2, **dates, by=alice, now=now, seen=0)


@pytest.fixture
def voters(make_person):
    return [make_person(f"Voter {number}") for number in range(4)]


def test_each_person_has_one_ballot_until_the_end_and_the_count_comes_after(
    session, closed_campaign, shortlist, vote, voters, charlie, now
):
    bench, tree, bus, bin_, other = (idea.id for idea in shortlist)
    during, after = now + 2 * HOUR, vote.closes_at

    def cast(person, *ideas, at=during):
        return cast_ballot(session, closed_campaign, ideas, by=person, now=at)

    for person, ideas in zip(voters, ([bench, tree], [bench], [tree, bench], [bus]), strict=True):
        cast(person, *ideas)
    cast(voters[0], tree)
    assert ballot_of(session, vote, voters[0]) == {tree}
    assert session.scalar(select(func.count()).select_from(Ballot)) == 5
    for person, ideas, at, refusal in (
        (voters[0], [bench, tree, bus], during, TooManyVotes),
        (voters[0], [other], during, NotAnEntry),
        (charlie, [bench], during, OwnEntry),
        (voters[0], [bench], now, VoteNotOpen),
        (voters[0], [bench], after, VoteNotOpen),
    ):
        with pytest.raises(refusal):
            cast(person, *ideas, at=at)
    assert own_entries(session, vote, charlie) == {bench, tree, bus, bin_}
    assert result_of_vote(session, vote, now=after - timedelta(minutes=1)) is None
    found = result_of_vote(session, vote, now=after)
    assert [(one.idea.body, one.votes, one.rank) for one in found.entries] == [
        ("Bench", 2, 1), ("Tree", 2, 1), ("Bus", 1, 3), ("Bin", 0, 4)
    ]  # fmt: skip
    assert found.people == 4
    assert cast(voters[3]) == set(), "an empty ballot takes it back"
    shortlist[0].withdrawn_at = now
    session.flush()
    assert [one.idea.body for one in result_of_vote(session, vote, now=after).entries] == ["Tree", "Bus", "Bin"]
    orders = {tuple(idea.id for idea in entries_to_choose(session, vote, person)) for person in voters}
    assert len(orders) > 1, "no entry is always first"
    asked = ask_to_erase(session, voters[1], contents=Contents.DELETE, by=voters[1], now=now)
    erase(session, asked, words=Words(name="Former member", text="Erased."), now=now)
    assert result_of_vote(session, vote, now=after).people == 3, "a ballot stays, without the name"


def test_a_vote_is_promised_once_it_is_open(session, closed_campaign, make_campaign, vote, alice, dates, now):
    def change(at=now, campaign=closed_campaign, **facts):
        given = {"choices": 2, "seen": vote.version} | dates | facts
        return set_public_vote(session, campaign, by=alice, now=at, **given)

    for facts, refusal in (
        ({"choices": 4}, TooManyChoices),
        ({"choices": 0}, TooManyChoices),
        ({"opens_at": now - HOUR}, VoteDatesWrong),
        ({"closes_at": now}, VoteDatesWrong),
        ({"closes_at": now + timedelta(days=99)}, VoteDatesWrong),
        ({"seen": 0}, ChangedMeanwhile),
        ({"campaign": make_campaign(), "seen": 0}, NoShortlist),
    ):
        with pytest.raises(refusal):
            change(**facts)
    change(choices=3)
    during = now + 2 * HOUR
    opened = {"choices": 3, "opens_at": vote.opens_at}
    for facts in ({"choices": 1}, opened | {"closes_at": now + 9 * HOUR}):
        with pytest.raises(VoteBegun):
            change(at=during, **facts)
    with pytest.raises(ReasonNeeded):
        change(at=during, **opened, closes_at=now + 30 * HOUR)
    change(at=during, **opened, closes_at=now + 30 * HOUR, change_reason="The site was down")
    assert [one.reason for one in changes_of(session, closed_campaign)] == ["The site was down", "", ""]
    with pytest.raises(VoteBegun):
        drop_public_vote(session, closed_campaign, by=alice, now=during)
    session.commit()
    assert (watch_votes(session, now=now), watch_votes(session, now=during)) == (0, 1)
    session.commit()
    assert watch_votes(session, now=during) == 0
    assert watch_votes(session, now=vote.closes_at) == 1
    session.commit()
    verbs = select(Activity.verb).where(Activity.object_kind == "public_vote").order_by(Activity.id)
    assert list(session.scalars(verbs)) == ["created", "changed", "extended", "opened", "ended"]
    with pytest.raises(VoteOver):
        change(at=vote.closes_at, **opened, closes_at=now + 99 * HOUR, change_reason="Late")


def test_a_vote_that_has_not_begun_is_dropped_and_may_be_set_up_again(
    session, closed_campaign, vote, alice, dates, now
):
    drop_public_vote(session, closed_campaign, by=alice, now=now)
    assert public_vote_of(session, closed_campaign) is None
    again = set_public_vote(session, closed_campaign, choices=1, **dates, by=alice, now=now, seen=0)
    session.commit()
    assert again.version == 2, "the saves of both stay"
    assert [one.content["choices"] for one in changes_of(session, closed_campaign)] == [1, 2]


def test_a_merge_takes_no_entry_out_of_a_vote(session, closed_campaign, shortlist, vote, voters, alice, now):
    bench, other = shortlist[0], shortlist[4]
    cast_ballot(session, closed_campaign, [bench.id], by=voters[0], now=now + 2 * HOUR)
    merge_ideas(session, bench, into=other, by=alice, reason="The same", now=now + 3 * HOUR)
    cast_ballot(session, closed_campaign, [bench.id], by=voters[1], now=now + 4 * HOUR)
    best = result_of_vote(session, vote, now=vote.closes_at).entries[0]
    assert (best.idea, best.votes) == (bench, 2)
