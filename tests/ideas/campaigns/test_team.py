"""The team of a campaign, and who sees a campaign and its ideas: in lists and for single rows alike."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from ideas.activity.activity import Activity, Verb
from ideas.answers.idea_list import list_ideas
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import (
    ACTS,
    TEAM_ROLES,
    Act,
    AlreadyOwner,
    NotATeamRole,
    Role,
    TeamMember,
    add_to_team,
    managed_campaigns,
    may,
    may_read_themes,
    remove_from_team,
    role_of,
    team_of,
    visible_campaign,
    visible_campaigns,
)
from ideas.contributions.draft import drafts_of
from ideas.contributions.idea import Idea, idea_visible_to, ideas_of, own_idea
from ideas.people.person import Person


def test_only_roles_that_take_part_contribute_comment_and_support():
    taking_part = {Act.CONTRIBUTE, Act.COMMENT, Act.SUPPORT}
    assert {role for role in Role if taking_part <= ACTS[role]} == {Role.OWNER, Role.FACILITATOR, Role.PARTICIPANT}
    for role in (Role.MODERATOR, Role.JURY, Role.OBSERVER, Role.VISITOR):
        assert not taking_part & ACTS[role]


def test_an_observer_and_a_visitor_only_read():
    assert ACTS[Role.OBSERVER] == {Act.READ, Act.READ_THEMES}
    assert ACTS[Role.VISITOR] == {Act.READ}


def test_only_the_owner_announces_whoever_administers_the_site():
    assert [role for role in Role if may(role, Act.ANNOUNCE, is_admin=True)] == [Role.OWNER]


def test_everyone_reads_the_themes_once_the_debrief_is_public(campaign, now):
    readers = [role for role in Role if may_read_themes(campaign, role, is_admin=False)]
    assert readers == [Role.OWNER, *TEAM_ROLES]
    campaign.debriefed_at = now
    assert all(may_read_themes(campaign, role, is_admin=False) for role in Role)


def test_a_role_is_given_changed_and_taken_away_and_each_is_recorded(session, campaign, alice, charlie, now):
    add_to_team(session, campaign, charlie, role=Role.JURY, by=alice, now=now)
    add_to_team(session, campaign, charlie, role=Role.OBSERVER, by=alice, now=now)
    add_to_team(session, campaign, charlie, role=Role.OBSERVER, by=alice, now=now)
    assert role_of(session, campaign, charlie) is Role.OBSERVER
    remove_from_team(session, campaign, charlie, by=alice, now=now)
    remove_from_team(session, campaign, charlie, by=alice, now=now)
    assert role_of(session, campaign, charlie) is Role.PARTICIPANT
    session.commit()
    of_charlie = [
        (act.verb, act.actor_id, act.campaign_id, act.before, act.after)
        for act in session.scalars(select(Activity).where(Activity.object_kind == "team_member").order_by(Activity.id))
        if (act.before or act.after)["person_id"] == charlie.id
    ]
    jury, observer = ({"person_id": charlie.id, "role": role} for role in ("jury", "observer"))
    assert of_charlie == [
        (Verb.ADDED, alice.id, campaign.id, None, jury),
        (Verb.CHANGED, alice.id, campaign.id, jury, observer),
        (Verb.REMOVED, alice.id, campaign.id, observer, None),
    ]


@pytest.mark.parametrize("role", [Role.OWNER, Role.PARTICIPANT, Role.VISITOR])
def test_a_role_outside_of_the_team_is_not_given(session, campaign, alice, charlie, now, role):
    with pytest.raises(NotATeamRole):
        add_to_team(session, campaign, charlie, role=role, by=alice, now=now)


def test_the_owner_has_no_second_role(session, campaign, alice, now):
    with pytest.raises(AlreadyOwner):
        add_to_team(session, campaign, alice, role=Role.JURY, by=alice, now=now)


def test_the_team_is_listed_by_role_then_by_name(session, campaign, alice, make_person, now):
    given = {"Zoe": Role.FACILITATOR, "Olga": Role.OBSERVER, "June": Role.JURY, "Milo": Role.MODERATOR}
    for name, role in given.items():
        add_to_team(session, campaign, make_person(name), role=role, by=alice, now=now)
    assert [member.person.name for member in team_of(session, campaign)] == ["Bob", "Zoe", "Milo", "June", "Olga"]


def test_a_person_manages_what_they_own_or_facilitate(session, campaign, alice, bob, charlie, now):
    add_to_team(session, campaign, charlie, role=Role.MODERATOR, by=alice, now=now)
    managed = [list(managed_campaigns(session, person)) for person in (alice, bob, charlie)]
    assert managed == [[campaign], [campaign], []]


# Who sees what, for random people, campaigns and ideas.

PEOPLE = 4
someone = st.integers(0, PEOPLE - 1)
a_campaign = st.fixed_dictionaries(
    {
        "announced": st.booleans(),
        "owner": someone,
        "team": st.dictionaries(someone, st.sampled_from([*TEAM_ROLES, Role.PARTICIPANT]), max_size=PEOPLE),
    }
)
an_idea = st.tuples(st.integers(0, 2), st.none() | someone, st.sampled_from(["draft", "public", "withdrawn"]))


def in_team(person, place, campaign):
    if person is None:
        return False
    return person.is_admin or campaign["owner"] == place or campaign["team"].get(place) in TEAM_ROLES


def sees_idea(person, place, campaign, author, state):
    """The rule of `idea_visible_to`, written a second time."""
    if not (campaign["announced"] or in_team(person, place, campaign)):
        return False
    mine = person is not None and author == place
    return {"public": True, "draft": mine, "withdrawn": mine or in_team(person, place, campaign)}[state]


def world(session, now, campaigns, ideas, admin):
    """These campaigns and ideas, and people, of whom one is administrator."""
    people = [
        Person(email=f"p{n}@example.org", name=f"P{n}", is_admin=n == admin, created_at=now) for n in range(PEOPLE)
    ]
    made = [
        Campaign(
            owner=people[facts["owner"]],
            title="T",
            benefit="B",
            motivation="M",
            opens_at=now - timedelta(days=1),
            closes_at=now + timedelta(days=1),
            debrief_due_at=now + timedelta(days=2),
            announced_at=now if facts["announced"] else None,
            open_to_visitors=True,
            created_at=now,
        )
        for facts in campaigns
    ]
    session.add_all([*people, *made])
    session.flush()
    for facts, campaign in zip(campaigns, made, strict=True):
        for place, role in facts["team"].items():
            session.add(TeamMember(campaign_id=campaign.id, person_id=people[place].id, role=role))
    written = [
        Idea(
            campaign=made[at],
            author=None if author is None else people[author],
            body="Text",
            created_at=now,
            updated_at=now,
            submitted_at=None if state == "draft" else now,
            withdrawn_at=now if state == "withdrawn" else None,
        )
        for at, author, state in ideas
    ]
    session.add_all(written)
    session.flush()
    return people, made, written


@pytest.mark.slow
@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(campaigns=st.lists(a_campaign, min_size=3, max_size=3), ideas=st.lists(an_idea, max_size=8), admin=someone)
def test_lists_and_single_rows_show_a_person_the_same(session, now, campaigns, ideas, admin):
    savepoint = session.begin_nested()
    people, made, written = world(session, now, campaigns, ideas, admin)
    for place, person in [(None, None), *enumerate(people)]:
        seen = {campaign.id for campaign in visible_campaigns(session, person, now=now)}
        for facts, campaign in zip(campaigns, made, strict=True):
            right = facts["announced"] or in_team(person, place, facts)
            single = visible_campaign(session, campaign.id, person)
            assert (campaign.id in seen, single is not None) == (right, right)
        listed = set(session.scalars(select(Idea.id).where(idea_visible_to(person))))
        for (at, author, state), idea in zip(ideas, written, strict=True):
            right = sees_idea(person, place, campaigns[at], author, state)
            single = session.scalar(select(Idea).where(Idea.id == idea.id, idea_visible_to(person)))
            assert (idea.id in listed, single is not None) == (right, right)
        for campaign in made:
            page = {idea.id for idea in list_ideas(session, campaign, reader=None).ideas}
            assert page <= listed or campaign.id not in seen
        if person is not None:
            own = {idea.id for idea in [*drafts_of(session, person), *ideas_of(session, person)]}
            assert own == {idea.id for idea in written if own_idea(session, idea.campaign, idea.id, author=person)}
            assert own == {idea.id for idea in written if idea.author_id == person.id and idea.id in listed}
    savepoint.rollback()
    session.expunge_all()
