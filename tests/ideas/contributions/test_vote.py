from datetime import timedelta

import pytest
from sqlalchemy import func, select

from ideas.campaigns.health import NotANumberOfSupports, set_supports_each
from ideas.contributions import vote as module
from ideas.contributions.vote import (
    Emotion,
    NoSupportLeft,
    OwnIdea,
    Reaction,
    Vote,
    VotesClosed,
    cast_vote,
    react,
    responses,
    supports_left,
    withdraw_vote,
)
from ideas.errors import NotAllowed


def count(session, model):
    return session.scalar(select(func.count()).select_from(model))


def test_support_counts_once_and_is_taken_back(session, idea, bob, now):
    for _ in range(3):
        cast_vote(session, idea, by=bob, now=now)
    assert count(session, Vote) == 1
    for _ in range(2):
        withdraw_vote(session, idea, by=bob, now=now)
    assert count(session, Vote) == 0
    cast_vote(session, idea, by=bob, now=now)
    assert count(session, Vote) == 1


def test_of_two_simultaneous_responses_of_one_person_the_first_is_kept(session, idea, bob, now):
    for model, facts in ((Vote, {}), (Reaction, {"emotion": Emotion.JOY})):
        for _ in range(2):
            given = model(idea_id=idea.id, person_id=bob.id, created_at=now, **facts)
            session.expunge_all()
            module._add_once(session, given)  # noqa: SLF001 -- the moment between looking and adding
        assert count(session, model) == 1


def test_a_double_click_with_the_last_support_is_no_refusal(session, idea, alice, bob, now, monkeypatch):
    set_supports_each(session, idea.campaign, supports_each=1, by=alice, now=now)

    def first_click_commits(*_, **__):
        session.add(Vote(idea_id=idea.id, person_id=bob.id, created_at=now))
        session.flush()

    monkeypatch.setattr(module, "spend", first_click_commits)
    cast_vote(session, idea, by=bob, now=now)
    assert count(session, Vote) == 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_support_is_given_in_the_campaigns_time_only(session, idea, bob, when):
    campaign = idea.campaign
    instant = campaign.closes_at if when == "after" else campaign.opens_at - timedelta(microseconds=1)
    for act in (cast_vote, withdraw_vote):
        with pytest.raises(VotesClosed):
            act(session, idea, by=bob, now=instant)
    with pytest.raises(VotesClosed):
        react(session, idea, by=bob, emotion=Emotion.JOY, now=instant)


def test_nobody_supports_their_own_idea_nor_one_that_is_not_public(session, idea, bob, charlie, now):
    with pytest.raises(OwnIdea):
        cast_vote(session, idea, by=charlie, now=now)
    with pytest.raises(OwnIdea):
        react(session, idea, by=charlie, emotion=Emotion.JOY, now=now)
    idea.withdrawn_at = now
    with pytest.raises(NotAllowed):
        cast_vote(session, idea, by=bob, now=now)


def test_one_emotion_each_replaced_or_taken_back(session, idea, bob, alice, now):
    react(session, idea, by=bob, emotion=Emotion.HOPE, now=now)
    react(session, idea, by=alice, emotion=Emotion.HOPE, now=now)
    react(session, idea, by=bob, emotion=Emotion.WORRY, now=now)
    assert responses(session, [idea], reader=bob)[idea.id].emotions == {Emotion.HOPE: 1, Emotion.WORRY: 1}
    react(session, idea, by=bob, emotion=Emotion.WORRY, now=now)
    assert responses(session, [idea], reader=bob)[idea.id].emotions == {Emotion.HOPE: 1}


def test_responses_include_those_of_the_reader(session, campaign, idea, make_idea, bob, alice, charlie, now):
    other = make_idea(campaign, charlie, "Another")
    cast_vote(session, idea, by=bob, now=now)
    cast_vote(session, idea, by=alice, now=now)
    react(session, idea, by=bob, emotion=Emotion.JOY, now=now)
    seen = responses(session, [idea, other], reader=bob)
    assert (seen[idea.id].votes, seen[idea.id].supported, seen[idea.id].emotion) == (2, True, Emotion.JOY)
    assert (seen[other.id].votes, seen[other.id].supported, seen[other.id].emotion) == (0, False, None)
    visitor = responses(session, [idea], reader=None)[idea.id]
    assert (visitor.votes, visitor.supported, visitor.emotion) == (2, False, None)
    assert responses(session, [], reader=bob) == {}


def test_support_is_limited_where_the_campaign_says_so_and_comes_back_with_each_that_is_taken_back(
    session, campaign, make_idea, alice, bob, charlie, now
):
    first, second, third = (make_idea(campaign, charlie, f"Idea {number}") for number in range(3))
    assert supports_left(session, campaign, bob) is None
    set_supports_each(session, campaign, supports_each=2, by=alice, now=now)
    for idea in (first, first, second):
        cast_vote(session, idea, by=bob, now=now)
    assert supports_left(session, campaign, bob) == 0
    with pytest.raises(NoSupportLeft):
        cast_vote(session, third, by=bob, now=now)
    withdraw_vote(session, first, by=bob, now=now)
    cast_vote(session, third, by=bob, now=now)
    third.withdrawn_at = now
    session.flush()
    assert supports_left(session, campaign, bob) == 1, "what nobody reads takes none"
    cast_vote(session, first, by=bob, now=now)
    first.merged_into_id = second.id
    session.flush()
    assert supports_left(session, campaign, bob) == 1, "two that are one take one"
    set_supports_each(session, campaign, supports_each=1, by=alice, now=now)
    assert supports_left(session, campaign, bob) == 0
    for wrong in (0, -1, 1_001):
        with pytest.raises(NotANumberOfSupports):
            set_supports_each(session, campaign, supports_each=wrong, by=alice, now=now)
