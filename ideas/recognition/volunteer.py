"""Volunteers: members whose level lets them offer to help run campaigns, and whom leads invite as facilitators.

Nothing is given by itself. A level is private: only who offers is shown to leads, with the reason. They are invited
like anybody else, and accept or do not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from ideas.campaigns.audience import who_sees
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.inviting import invite_one
from ideas.campaigns.people.team import Role, TeamMember
from ideas.errors import DomainError, message_id
from ideas.people.person import Motivation, Person, is_here
from ideas.people.sanction import Sanction
from ideas.recognition.level import WITHOUT_SANCTION, Reached, level_of, levels_of
from ideas.spaces.invitation import Invitation, Offer

# How many are asked for their level, those who have been here longest first, and how many are shown.
MAX_ASKED = 500
MAX_SHOWN = 12


class LevelNotReached(DomainError):
    message = message_id("Your level does not let you volunteer yet.")


class NotVolunteering(DomainError):
    message = message_id("This member does not volunteer for this campaign any more.")


@dataclass(frozen=True, slots=True)
class Volunteer:
    """Who offers to help, and why they may: the level that they reached, by their points over all campaigns."""

    person: Person
    reached: Reached


def choose_to_volunteer(session: Session, person: Person, *, volunteers: bool, now: datetime) -> None:
    """Offer to help run campaigns, or no longer. Only they may. Raises LevelNotReached."""
    if volunteers and not may_volunteer(session, person, now=now):
        raise LevelNotReached
    person.volunteers = volunteers


def may_volunteer(session: Session, person: Person, *, now: datetime) -> bool:
    """True where the person's level gives it. Only they may read it."""
    reached = level_of(session, person, now=now)
    return reached is not None and reached.rule.may_volunteer


def volunteers_for(session: Session, campaign: Campaign, *, now: datetime) -> Sequence[Volunteer]:
    """Who may be invited as a facilitator of this campaign, those with the most points first. Whoever may invite may
    read them. Four queries at most.

    They offer it, their level lets them still, they see the campaign, and no sanction was given to them within a year.
    Who is in its team, whatever the dates of their role, or has an invitation to it that waits, is not among them.
    """
    in_team = exists().where(TeamMember.campaign_id == campaign.id, TeamMember.person_id == Person.id)
    waits = Invitation.revoked_at.is_(None) & (Invitation.expires_at > now) & (Invitation.uses < Invitation.max_uses)
    invited = exists().where(Invitation.campaign_id == campaign.id, Invitation.email == Person.email, waits)
    sanctioned = exists().where(
        Sanction.person_id == Person.id, Sanction.lifted_at.is_(None), Sanction.given_at > now - WITHOUT_SANCTION
    )
    offers = Person.volunteers & (Person.motivation != Motivation.OFF) & is_here() & Person.verified_at.is_not(None)
    people = session.scalars(
        select(Person)
        .where(offers, Person.id != campaign.owner_id, who_sees(campaign), ~in_team, ~invited, ~sanctioned)
        .order_by(Person.created_at, Person.id)
        .limit(MAX_ASKED)
    ).all()
    levels = levels_of(session, people, now=now)
    found = [Volunteer(person, levels[person.id]) for person in people if levels[person.id].rule.may_volunteer]
    return sorted(found, key=lambda one: -one.reached.points)[:MAX_SHOWN]


def invite_volunteer(session: Session, campaign: Campaign, person: Person, *, by: Person, now: datetime) -> Invitation:
    """Invite one of those whom `volunteers_for` returns, in their language; the caller queues the mail.

    Whoever may invite may. Raises NotVolunteering, and what `invite_one` raises.
    """
    if all(one.person.id != person.id for one in volunteers_for(session, campaign, now=now)):
        raise NotVolunteering
    offer = Offer(Role.FACILITATOR, locale=person.locale[:2])
    return invite_one(session, campaign, person.email, offer=offer, by=by, now=now)
