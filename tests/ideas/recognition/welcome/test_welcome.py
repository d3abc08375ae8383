"""Newcomers: one thing to do first, a first idea that is answered within a day, and a member who welcomes them."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity, Verb
from ideas.campaigns.people.team import Role, add_to_team, visible_campaigns
from ideas.campaigns.phases.phase import CampaignPhase, PhaseAct, stored_phases
from ideas.contributions.comment import Comment
from ideas.contributions.idea import Idea
from ideas.contributions.vote import cast_vote
from ideas.people.sanction import Reason, SanctionKind, give_sanction
from ideas.privacy.erase import Words, erase
from ideas.privacy.erasure import Contents, ask_to_erase
from ideas.recognition.welcome.buddy import (
    MAX_A_WEEK,
    Buddy,
    KnowsNothingYet,
    buddy_of_idea,
    choose_to_welcome,
    find_buddies,
    welcomed_by,
)
from ideas.recognition.welcome.first_idea import count_waiting, first_answers, waiting_first_ideas
from ideas.recognition.welcome.first_step import Step, first_step
from ideas.recognition.welcome.team_comments import team_comments

HOUR = timedelta(hours=1)


@pytest.fixture
def comment(session):
    def add(idea, author, at):
        found = Comment(idea=idea, author=author, body="Welcome", created_at=at)
        session.add(found)
        session.flush()
        return found

    return add


def test_a_newcomer_is_asked_for_one_thing_until_they_did_something(session, campaign, charlie, alice, make_idea, now):
    def step(person=charlie, at=now):
        return first_step(session, person, visible_campaigns(session, person, now=at), now=at)

    assert (step().campaign, step().step) == (campaign, Step.WRITE)
    idea = make_idea(campaign, alice, "One click to confirm.")
    assert step().step is Step.SUPPORT
    assert step(alice) is None, "who opens campaigns has another thing to do"
    assert step(at=now + timedelta(days=31)) is None
    begin, end = now - HOUR, now + HOUR
    for may, asked in (({PhaseAct.WRITE}, Step.WRITE), ({PhaseAct.SUPPORT}, Step.SUPPORT), ({PhaseAct.COMMENT}, None)):
        campaign.phases = stored_phases([CampaignPhase("Now", begin, end, frozenset(may))])
        assert (found.step if (found := step()) else None) is asked
    campaign.phases = []
    add_to_team(session, campaign, charlie, role=Role.JURY, by=alice, now=now)
    assert step() is None, "the jury takes no part"
    session.rollback()
    cast_vote(session, idea, by=charlie, now=now)
    assert step() is None


def test_first_ideas_wait_until_somebody_else_answers(
    session, campaign, make_campaign, make_person, make_idea, alice, bob, charlie, comment, now
):
    rose = make_person("Rose")
    first = make_idea(campaign, charlie, "First", submitted_at=now - 30 * HOUR)
    make_idea(campaign, charlie, "Second", submitted_at=now - 29 * HOUR)
    other = make_idea(campaign, rose, "Hers", submitted_at=now - 2 * HOUR)
    make_idea(campaign, bob, "Of the team", submitted_at=now - 2 * HOUR)
    make_idea(campaign, make_person("Paul"), "Imported", import_key="7")
    make_idea(campaign, None, "Nobody's")
    make_idea(make_campaign(), rose, "Elsewhere, later")
    waiting = waiting_first_ideas(session, campaign, now=now)
    assert [(one.idea, one.is_late(now)) for one in waiting] == [(first, True), (other, False)]
    found = first_answers(session, campaign, now=now)
    assert (found.people, found.answered, found.in_time, found.median, found.is_shown) == (1, 0, 0, None, False)
    comment(first, charlie, now)
    assert count_waiting(session, campaign, now=now) == 2, "one does not answer oneself"
    late = comment(first, rose, now)
    comment(other, alice, now - HOUR)
    assert waiting_first_ideas(session, campaign, now=now) == []
    found = first_answers(session, campaign, now=now)
    assert (found.people, found.answered, found.in_time, found.median) == (2, 2, 1, timedelta(hours=15.5))
    late.withdrawn_at = now
    session.flush()
    assert count_waiting(session, campaign, now=now) == 1, "an answer that is taken back is none"
    first.withdrawn_at = now
    session.flush()
    assert [one.idea.body for one in waiting_first_ideas(session, campaign, now=now)] == ["Second"]
    campaign.debriefed_at = now
    assert count_waiting(session, campaign, now=now) == 0


def test_how_far_the_team_comments_is_shown_from_five_ideas_on(
    session, campaign, make_idea, alice, bob, charlie, comment, count_queries, now
):
    def presence(ideas=6):
        return team_comments(session, campaign, ideas=ideas)

    sent = {"submitted_at": now - 9 * HOUR}
    ideas = [make_idea(campaign, charlie, f"Idea {number}", **sent) for number in range(6)]
    assert (presence().is_shown, presence().share, presence().median, presence(4).is_shown) == (True, 0, None, False)
    comment(ideas[0], charlie, now)
    comment(make_idea(campaign, bob, "Of the team", **sent), bob, now)
    assert presence().answered == 0, "only others of the team answer"
    comment(ideas[1], alice, now)
    comment(ideas[1], bob, now - 8 * HOUR)
    merged = make_idea(campaign, charlie, "Merged", submitted_at=now - 5 * HOUR, merged_into_id=ideas[2].id)
    comment(merged, bob, now - 4 * HOUR)
    comment(ideas[3], bob, now).withdrawn_at = now
    session.flush()
    assert (presence().answered, presence().share, presence().median) == (2, 1 / 3, 3 * HOUR)
    assert count_queries(presence) == 1


def test_a_member_who_agreed_welcomes_a_newcomer_and_both_are_told_once(
    session, campaign, alice, bob, charlie, make_person, make_idea, now
):
    rose, paul = make_person("Rose"), make_person("Paul")
    with pytest.raises(KnowsNothingYet):
        choose_to_welcome(session, rose, welcomes=True)
    make_idea(campaign, rose, "Known here", submitted_at=now - timedelta(days=9))
    choose_to_welcome(session, rose, welcomes=True)
    bob.welcomes = True  # of the team, which answers anyway
    first = make_idea(campaign, charlie, "My first", submitted_at=now - HOUR)
    make_idea(campaign, charlie, "My second", submitted_at=now)
    make_idea(campaign, paul, "An old one", submitted_at=now - timedelta(days=2))
    session.commit()
    assert (find_buddies(session, now=now), find_buddies(session, now=now)) == (1, 0)
    session.commit()
    assert buddy_of_idea(session, first, charlie, of_team=False).buddy == rose
    assert buddy_of_idea(session, first, rose, of_team=False).person == charlie
    assert buddy_of_idea(session, first, paul, of_team=False) is None
    assert buddy_of_idea(session, first, alice, of_team=True).buddy == rose
    assert [one.person for one in welcomed_by(session, rose)] == [charlie]
    [act] = session.scalars(select(Activity).where(Activity.object_kind == "buddy"))
    assert (act.verb, act.after) == (Verb.ASSIGNED, {"buddy_id": rose.id, "idea_id": first.id})
    newcomers = [make_person(f"New {number}") for number in range(MAX_A_WEEK)]
    for person in newcomers:
        make_idea(campaign, person, f"By {person.name}", submitted_at=now)
    assert find_buddies(session, now=now) == MAX_A_WEEK - 1, "a few in a week"
    assert find_buddies(session, now=now + timedelta(minutes=1)) == 0
    give_sanction(session, rose, SanctionKind.WARNING, reason=Reason.INSULT, quote="", words="", by=alice, now=now)
    make_idea(campaign, make_person("Later"), "Later", submitted_at=now + timedelta(days=8))
    assert find_buddies(session, now=now + timedelta(days=8, hours=1)) == 0
    asked = ask_to_erase(session, rose, contents=Contents.DELETE, by=rose, now=now)
    erase(session, asked, words=Words(name="Former member", text="Erased."), now=now)
    assert session.scalars(select(Buddy)).all() == []
    assert session.get(Idea, first.id) is not None
