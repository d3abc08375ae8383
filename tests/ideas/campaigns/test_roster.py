"""The roster of a team: roles between dates, changed by two people at once; and the lead, handed over."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity, Verb
from ideas.activity.version import ChangedMeanwhile, versions_of
from ideas.answers.decision import respondents
from ideas.campaigns.people.lead import LeadChangedMeanwhile, NotOfTheTeam, hand_over
from ideas.campaigns.people.team import (
    EndIsPast,
    EndsBeforeStart,
    OwnTeamRole,
    Role,
    RoleState,
    TeamMember,
    add_to_team,
    managed_campaigns,
    member_of,
    remove_from_team,
    role_of,
    roster_of,
    team_of,
    visible_campaign,
)
from ideas.campaigns.promise import CampaignText, write_campaign
from ideas.errors import NotAllowed
from ideas.outreach.recipients.recipient import recipients
from ideas.outreach.recipients.rules import rule_for

DAY = timedelta(days=1)


@pytest.fixture
def give(session, alice, now):
    def give(campaign, person, role, **facts):
        return add_to_team(session, campaign, person, role=role, by=alice, now=now, **facts)

    return give


@pytest.mark.parametrize(
    ("starts", "ends", "state", "role"),
    [
        (None, None, RoleState.CURRENT, Role.FACILITATOR),
        (-2, 2, RoleState.CURRENT, Role.FACILITATOR),
        (1, None, RoleState.COMING, Role.PARTICIPANT),
        (None, -1, RoleState.ENDED, Role.PARTICIPANT),
    ],
)
def test_a_role_outside_its_dates_gives_no_right(
    session, draft_campaign, charlie, give, now, starts, ends, state, role
):
    member = give(draft_campaign, charlie, Role.FACILITATOR)
    member.starts_at = now + starts * DAY if starts else None
    member.ends_at = now + ends * DAY if ends else None
    session.flush()
    assert member.state(now) is state
    assert role_of(session, draft_campaign, charlie) is role
    current = role is Role.FACILITATOR
    assert (visible_campaign(session, draft_campaign.id, charlie) is not None) is current
    assert (draft_campaign in managed_campaigns(session, charlie)) is current
    assert (member in team_of(session, draft_campaign)) is current
    assert (charlie in respondents(session, draft_campaign)) is current
    assert member in roster_of(session, draft_campaign)


def test_the_last_instant_is_outside_of_the_dates(now):
    member = TeamMember(starts_at=now, ends_at=now + DAY)
    assert member.state(now - timedelta(microseconds=1)) is RoleState.COMING
    assert member.state(now) is RoleState.CURRENT
    assert member.state(now + DAY) is RoleState.ENDED


def test_the_dates_of_a_role_are_in_the_log_before_and_after(session, campaign, charlie, give, now):
    give(campaign, charlie, Role.JURY, ends_at=now + DAY)
    give(campaign, charlie, Role.JURY, ends_at=now + 2 * DAY)
    session.commit()
    act = session.scalars(select(Activity).order_by(Activity.id.desc())).first()
    assert act.verb is Verb.CHANGED
    ends = [values["ends_at"] for values in (act.before, act.after)]
    assert ends == [(now + DAY).isoformat(), (now + 2 * DAY).isoformat()]


def test_a_role_ends_after_it_starts_and_not_in_the_past(session, campaign, charlie, give, now):
    with pytest.raises(EndsBeforeStart):
        give(campaign, charlie, Role.JURY, starts_at=now + DAY, ends_at=now + DAY)
    with pytest.raises(EndIsPast):
        give(campaign, charlie, Role.JURY, ends_at=now)
    member = give(campaign, charlie, Role.JURY)
    member.ends_at = now - DAY
    session.flush()
    give(campaign, charlie, Role.OBSERVER, ends_at=now - DAY)
    assert member.role is Role.OBSERVER, "an end that was there stays as it is"


def test_of_two_who_change_a_role_at_once_the_second_is_told(session, campaign, charlie, give):
    seen = give(campaign, charlie, Role.JURY).version
    give(campaign, charlie, Role.OBSERVER, seen=seen)
    with pytest.raises(ChangedMeanwhile):
        give(campaign, charlie, Role.FACILITATOR, seen=seen)
    assert role_of(session, campaign, charlie) is Role.OBSERVER


def test_nobody_changes_their_own_role(session, campaign, alice, make_person, now):
    """An administrator who observes would otherwise free themself to write."""
    ada = make_person("Ada", is_admin=True)
    with pytest.raises(OwnTeamRole):
        add_to_team(session, campaign, ada, role=Role.FACILITATOR, by=ada, now=now)
    add_to_team(session, campaign, ada, role=Role.OBSERVER, by=alice, now=now)
    with pytest.raises(OwnTeamRole):
        add_to_team(session, campaign, ada, role=Role.FACILITATOR, by=ada, now=now)
    with pytest.raises(OwnTeamRole):
        remove_from_team(session, campaign, ada, by=ada, now=now)
    with pytest.raises(OwnTeamRole):
        hand_over(session, campaign, to=ada, by=ada, now=now, seen_owner_id=alice.id)


def test_the_lead_is_handed_over_with_a_reason_and_both_are_told(session, campaign, alice, bob, make_person, now):
    ada = make_person("Ada", is_admin=True)
    stored = campaign.portrait.stored_as
    version = campaign.version
    replaced = hand_over(session, campaign, to=bob, by=ada, now=now, seen_owner_id=alice.id, reason="Alice moves on.")
    session.commit()
    assert role_of(session, campaign, bob) is Role.OWNER
    assert role_of(session, campaign, alice) is Role.FACILITATOR
    assert member_of(session, campaign, bob) is None
    act = session.scalars(select(Activity).where(Activity.verb == Verb.HANDED_OVER)).one()
    assert (act.actor_id, act.campaign_id, act.reason) == (ada.id, campaign.id, "Alice moves on.")
    assert act.before == {"owner_id": alice.id, "role": "facilitator"}
    assert act.after == {"owner_id": bob.id, "former_role": "facilitator"}
    assert recipients(session, act, rule_for(act)) == sorted([alice.id, bob.id])
    # Nobody's words stand under another's name; what was published stays readable.
    assert (campaign.portrait, campaign.owner_word, replaced) == (None, "", stored)
    assert campaign.version == version + 1
    kept = [one.content["owner_word"] for one in versions_of(session, "campaign", campaign.id)]
    assert kept == ["", "I read every idea."]


def test_the_former_lead_may_leave_the_team(session, campaign, alice, bob, now):
    hand_over(session, campaign, to=bob, by=alice, now=now, seen_owner_id=alice.id, former_stays=False)
    assert role_of(session, campaign, alice) is Role.PARTICIPANT


def test_the_dates_of_an_announced_campaign_can_change_before_the_new_lead_has_written(
    session, campaign, alice, bob, now
):
    hand_over(session, campaign, to=bob, by=alice, now=now, seen_owner_id=alice.id)
    names = ("title", "challenge", "brief", "benefit", "motivation", "opens_at", "debrief_due_at")
    text = CampaignText(**{name: getattr(campaign, name) for name in names}, closes_at=campaign.closes_at + DAY)
    write_campaign(session, campaign, text=text, by=bob, now=now, change_reason="Holidays.")
    assert campaign.closes_at == text.closes_at.replace(second=0)


def test_only_the_lead_or_an_administrator_hands_over_and_only_to_the_team(
    session, campaign, alice, bob, charlie, give, now
):
    with pytest.raises(NotAllowed):
        hand_over(session, campaign, to=charlie, by=bob, now=now, seen_owner_id=alice.id)
    with pytest.raises(NotOfTheTeam):
        hand_over(session, campaign, to=charlie, by=alice, now=now, seen_owner_id=alice.id)
    give(campaign, charlie, Role.JURY)
    hand_over(session, campaign, to=charlie, by=alice, now=now, seen_owner_id=alice.id)
    with pytest.raises(LeadChangedMeanwhile):
        hand_over(session, campaign, to=bob, by=charlie, now=now, seen_owner_id=alice.id)
