from datetime import timedelta

import pytest
from sqlalchemy import func, select

from ideas.activity.activity import Verb
from ideas.answers.debriefs.debrief import write_debrief
from ideas.campaigns.audience import AudienceChoice, Stage, choose_audience
from ideas.campaigns.phases.passed_dates import record_passed_dates
from ideas.contributions.comment import add_comment
from ideas.outreach.follow import Follow, FollowKind, follow, followable, followed_by, is_following, unfollow
from ideas.outreach.notice import NoticeKind
from ideas.spaces.audience import Audience
from ideas.spaces.edit import SpaceText, create_space
from ideas.spaces.space import Entry, SpaceKind


@pytest.fixture
def dora(make_person):
    return make_person("Dora")


def test_following_twice_is_following_once_and_an_author_follows_by_being_the_author(session, idea, dora, charlie, now):
    for person in (dora, dora, charlie):
        follow(session, idea, by=person, now=now)
    assert session.scalar(select(func.count(Follow.id))) == 1
    assert (is_following(session, idea, dora), is_following(session, idea, charlie)) == (True, False)
    follow(session, idea.campaign, by=dora, now=now)
    found = followed_by(session, dora)
    assert (found.ideas, found.campaigns, found.spaces) == ([idea], [idea.campaign], [])
    idea.withdrawn_at = now
    session.flush()
    assert followed_by(session, dora).ideas == []
    unfollow(session, FollowKind.IDEA, idea.id, by=dora, now=now)
    unfollow(session, FollowKind.IDEA, idea.id, by=dora, now=now)
    assert not is_following(session, idea, dora)


def test_who_followed_an_idea_that_was_merged_follows_the_one_that_it_is_in_and_may_stop(
    session, idea, dora, charlie, make_idea, now
):
    merged = make_idea(idea.campaign, charlie, "A click less.")
    for what in (merged, idea.campaign):
        follow(session, what, by=dora, now=now)
    merged.merged_into_id = idea.id
    session.commit()
    assert is_following(session, idea, dora)
    assert followed_by(session, dora).ideas == [idea]
    unfollow(session, FollowKind.IDEA, idea.id, by=dora, now=now)
    assert not is_following(session, idea, dora)
    assert (followed_by(session, dora).ideas, followed_by(session, dora).campaigns) == ([], [idea.campaign])


def test_only_what_a_person_may_see_is_followed(session, idea, draft_campaign, dora, alice, charlie, now):
    private = create_space(
        session, text=SpaceText("Board", kind=SpaceKind.BOARD, entry=Entry.PRIVATE, seats=12), by=alice, now=now
    )
    session.flush()
    hidden = ((FollowKind.SPACE, private.id), (FollowKind.CAMPAIGN, draft_campaign.id), (FollowKind.IDEA, 2**40))
    assert [followable(session, kind, number, person=dora) for kind, number in hidden] == [None, None, None]
    assert followable(session, FollowKind.SPACE, private.id, person=alice) is private
    assert followable(session, FollowKind.IDEA, idea.id, person=dora) is idea


def test_who_follows_an_idea_is_told_of_a_comment_once_even_if_it_replies_to_them(
    session, idea, dora, bob, charlie, latest, told_each, make_person, make_idea, now
):
    emil = make_person("Emil")
    merged = make_idea(idea.campaign, emil, "A click less.", merged_into_id=idea.id)
    for person, what in ((dora, idea), (bob, merged)):
        session.add(Follow(person_id=person.id, idea_id=what.id, created_at=now))
    first = add_comment(session, idea, author=dora, body="Why?", now=now)
    told = {NoticeKind.IDEA_COMMENTED: ["Charlie", "Emil"], NoticeKind.FOLLOWED_IDEA: ["Bob"]}
    assert told_each(latest()) == told
    add_comment(session, idea, author=charlie, body="So.", reply_to=first, now=now)
    told = {NoticeKind.COMMENT_REPLY: ["Dora"], NoticeKind.IDEA_COMMENTED: ["Emil"], NoticeKind.FOLLOWED_IDEA: ["Bob"]}
    assert told_each(latest()) == told


def test_who_follows_a_campaign_is_told_of_its_opening_its_closing_and_its_debrief(
    session, make_campaign, make_idea, dora, charlie, alice, latest, act, told_each, now
):
    campaign = make_campaign(opens_at=now - timedelta(hours=2), closes_at=now + timedelta(hours=1))
    make_idea(campaign, charlie, "One click.")
    for person in (dora, charlie):
        follow(session, campaign, by=person, now=now)
    assert record_passed_dates(session, now=now - timedelta(hours=3)) == 0
    assert record_passed_dates(session, now=now) == 1
    opened = latest()
    assert (opened.verb, opened.actor_id) == (Verb.OPENED, None)
    assert told_each(opened) == {NoticeKind.FOLLOWED_CAMPAIGN: ["Charlie", "Dora"]}
    assert record_passed_dates(session, now=now) == 0
    assert record_passed_dates(session, now=now + timedelta(hours=1)) == 1
    assert latest().verb is Verb.ENDED
    assert record_passed_dates(session, now=now + timedelta(hours=1)) == 0
    campaign.debriefed_at = now + timedelta(hours=2)
    debrief = write_debrief(session, campaign, body="Done.", by=alice, now=now)
    told = {NoticeKind.DEBRIEF_PUBLISHED: ["Charlie"], NoticeKind.FOLLOWED_CAMPAIGN: ["Dora"]}
    assert told_each(act(Verb.PUBLISHED, debrief, by=alice, campaign_id=campaign.id)) == told


def test_who_follows_a_space_is_told_of_a_campaign_announced_there_if_they_may_see_it(
    session, campaign, alice, dora, charlie, act, told_each, now
):
    space = create_space(session, text=SpaceText("Transport", entry=Entry.OPEN), by=alice, now=now)
    for person in (dora, alice):
        follow(session, space, by=person, now=now)
    choice = AudienceChoice(Stage(Audience.SPACES, spaces=[space.id]))
    choose_audience(session, campaign, choice=choice, by=alice, change_reason="Start small", now=now)
    announced = act(Verb.ANNOUNCED, campaign, by=charlie, campaign_id=campaign.id)
    assert told_each(announced) == {NoticeKind.FOLLOWED_SPACE: ["Alice"]}
