"""Inviting people to a campaign, and what comes of an invitation that is accepted."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from ideas.accounts.verification import mark_verified
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.campaigns.people.team import (
    TEAM_ROLES,
    EndIsPast,
    EndsBeforeStart,
    NotATeamRole,
    Role,
    TeamMember,
    join_team,
)
from ideas.people.person import Person
from ideas.spaces.addresses import (
    AddressLine,
    Fault,
    Invited,
    Invitees,
    NotInvited,
    check_list,
    invite_list,
    people_among,
)
from ideas.spaces.guest import admit
from ideas.spaces.invitation import Invitation, InvitationRevoked, Offer, Target, share_link, use_invitation


def check_addresses(
    session: Session, campaign: Campaign, text: str, *, offer: Offer, now: datetime
) -> list[AddressLine]:
    """Each line of a list, with why nobody would be invited by it. Changes nothing. Whoever may invite may.

    It tells who is in the team, and of nobody else whether they have an account. Raises EmptyList, TooManyAddresses.
    """
    return check_list(session, _invitees(campaign, offer), text, now=now)


def invite(session: Session, campaign: Campaign, text: str, *, offer: Offer, by: Person, now: datetime) -> Invited:
    """Invite the addresses of a list that nothing speaks against. Whoever may invite may; the caller queues the mails.

    Raises EmptyList, TooManyAddresses, NotATeamRole, EndsBeforeStart, EndIsPast, or LimitReached for the whole list.
    """
    _check(offer, now)
    lock_campaign(session, campaign)
    return invite_list(session, _invitees(campaign, offer), text, offer=offer, by=by, now=now)


def invite_one(
    session: Session, campaign: Campaign, email: str, *, offer: Offer, by: Person, now: datetime
) -> Invitation:
    """Invite one address, as `invite` does a list. Raises NotInvited, and what that raises."""
    done = invite(session, campaign, email, offer=offer, by=by, now=now)
    if len(done.lines) > 1:
        raise NotInvited(Fault.TWICE)
    if done.lines[0].fault is not None:
        raise NotInvited(done.lines[0].fault)
    return done.invitations[0]


def make_link(
    session: Session,
    campaign: Campaign,
    *,
    offer: Offer,
    max_uses: int,
    expires_at: datetime,
    by: Person,
    now: datetime,
) -> Invitation:
    """Make a link by which up to `max_uses` people may join until it expires. Whoever may invite may.

    Raises NotATeamRole, EndsBeforeStart, EndIsPast, and as `share_link`.
    """
    _check(offer, now)
    target = Target(campaign_id=campaign.id)
    return share_link(session, target, offer=offer, max_uses=max_uses, expires_at=expires_at, by=by, now=now)


def accept(
    session: Session, invitation: Invitation, person: Person, *, now: datetime, any_address: bool = False
) -> Campaign:
    """Join by an invitation. Returns its campaign. The person does it themself; who is in the team keeps their role.

    `any_address`: see `use_invitation`.

    Raises OtherAddress, InvitationUsed, InvitationRevoked (also where the campaign is deleted), InvitationExpired.
    """
    campaign = session.get_one(Campaign, invitation.campaign_id)
    lock_campaign(session, campaign)
    if campaign.deleted_at is not None:
        raise InvitationRevoked
    if not use_invitation(session, invitation, person, now=now, any_address=any_address):
        return campaign
    if person.email == invitation.email:  # whoever has its link reads the mails sent there
        mark_verified(session, person, now=now)
    # Whatever the campaign's audience: whoever may invite has admitted them.
    admit(session, campaign_id=campaign.id, person=person, by=person, now=now)
    ended = invitation.role_ends_at is not None and invitation.role_ends_at <= now
    if invitation.role is not None and not ended:
        join_team(
            session,
            campaign,
            person,
            role=Role(invitation.role),
            now=now,
            starts_at=invitation.role_starts_at,
            ends_at=invitation.role_ends_at,
        )
    return campaign


def _invitees(campaign: Campaign, offer: Offer) -> Invitees:
    """Who has joined may be invited again to a role of the team."""

    def team(session: Session, emails: Collection[str]) -> set[str]:
        members = select(TeamMember.person_id).where(
            TeamMember.campaign_id == campaign.id, TeamMember.role.in_(TEAM_ROLES)
        )
        owner = select(Campaign.owner_id).where(Campaign.id == campaign.id)
        return people_among(session, emails, union(members, owner))

    return Invitees(Target(campaign_id=campaign.id), team, Fault.IN_TEAM, again=offer.role is not None)


def _check(offer: Offer, now: datetime) -> None:
    """Raises NotATeamRole, EndsBeforeStart or EndIsPast."""
    if offer.role is not None and offer.role not in TEAM_ROLES:
        raise NotATeamRole
    if offer.starts_at is not None and offer.ends_at is not None and offer.ends_at <= offer.starts_at:
        raise EndsBeforeStart
    if offer.ends_at is not None and offer.ends_at <= now:
        raise EndIsPast
