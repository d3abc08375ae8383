"""Inviting people to a campaign, and what comes of an invitation that is accepted."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from ideas.accounts.verification import mark_verified
from ideas.base import chunks
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.campaigns.team import TEAM_ROLES, EndIsPast, EndsBeforeStart, NotATeamRole, Role, TeamMember, join_team
from ideas.errors import DomainError, message_id
from ideas.people.limit import LimitedAct, LimitReached, spend, spend_from
from ideas.people.person import EmailInvalid, Person
from ideas.spaces.guest import admit
from ideas.spaces.invitation import (
    LASTS,
    MAX_LINK_DAYS,
    MAX_USES,
    AddressLine,
    EndOutOfRange,
    Fault,
    Invitation,
    InvitationRevoked,
    InvitationState,
    UsesOutOfRange,
    address_hash,
    invitations_to,
    read_addresses,
    send_again,
    unwanted,
    use_invitation,
    write_invitation,
)


@dataclass(frozen=True, slots=True)
class Offer:
    """What people are invited to: a role of the team and its dates, or None to take part, in which language."""

    role: Role | None = None
    locale: str = "fr"
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    def check(self, now: datetime) -> None:
        """Raises NotATeamRole, EndsBeforeStart or EndIsPast."""
        if self.role is not None and self.role not in TEAM_ROLES:
            raise NotATeamRole
        if self.starts_at is not None and self.ends_at is not None and self.ends_at <= self.starts_at:
            raise EndsBeforeStart
        if self.ends_at is not None and self.ends_at <= now:
            raise EndIsPast


@dataclass(frozen=True, slots=True)
class Invited:
    """What became of a list: each of its lines, and the invitations to send."""

    lines: Sequence[AddressLine]
    invitations: Sequence[Invitation] = ()


def check_addresses(
    session: Session, campaign: Campaign, text: str, *, offer: Offer, now: datetime
) -> list[AddressLine]:
    """Each line of a list, with why nobody would be invited by it. Changes nothing. Whoever may invite may.

    It tells who is in the team, and of nobody else whether they have an account. Raises EmptyList, TooManyAddresses.
    """
    lines = read_addresses(text)
    emails = {line.email for line in lines if line.fault is None}
    earlier = invitations_to(session, campaign.id, emails)
    return _judged(session, campaign, lines, emails, earlier, offer, now)


def invite(session: Session, campaign: Campaign, text: str, *, offer: Offer, by: Person, now: datetime) -> Invited:
    """Invite the addresses of a list that nothing speaks against. Whoever may invite may; the caller queues the mails.

    Raises EmptyList, TooManyAddresses, NotATeamRole, EndsBeforeStart, EndIsPast, or LimitReached for the whole list.
    """
    offer.check(now)
    lines = read_addresses(text)
    lock_campaign(session, campaign)
    emails = {line.email for line in lines if line.fault is None}
    earlier = invitations_to(session, campaign.id, emails)
    lines = _judged(session, campaign, lines, emails, earlier, offer, now)
    wanted = [line for line in lines if line.fault is None]
    if wanted:
        spend(session, LimitedAct.INVITE_BY_MAIL, by=by, now=now, times=len(wanted))
    invitations, over = [], set[int]()
    for line in wanted:
        try:
            spend_from(session, LimitedAct.INVITED, subject=address_hash(line.email), now=now)
        except LimitReached:
            over.add(line.number)
            continue
        invitations.append(_to_address(session, campaign, line.email, earlier.get(line.email), offer, by=by, now=now))
    return Invited([replace(line, fault=Fault.LIMIT) if line.number in over else line for line in lines], invitations)


class NotInvited(DomainError):
    """Nobody is invited. The message says why."""

    def __init__(self, fault: Fault) -> None:
        self.message = _FAULTS[fault]
        super().__init__()


_FAULTS = {
    Fault.INVALID: EmailInvalid.message,
    Fault.TWICE: message_id("Enter one email address."),
    Fault.IN_TEAM: message_id("This person is already in the team. You can change their role above."),
    Fault.INVITED: message_id("This person is already invited. You can send the invitation again."),
    Fault.UNWANTED: message_id("This person wants no more invitations."),
    Fault.LIMIT: message_id("This person got several invitations today. Try again tomorrow."),
}


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

    Raises UsesOutOfRange, EndOutOfRange, NotATeamRole, EndsBeforeStart, EndIsPast, LimitReached.
    """
    offer.check(now)
    if not 1 <= max_uses <= MAX_USES:
        raise UsesOutOfRange(most=MAX_USES)
    if not now < expires_at <= now + timedelta(days=MAX_LINK_DAYS + 1):
        raise EndOutOfRange(most=MAX_LINK_DAYS)
    spend(session, LimitedAct.INVITE, by=by, now=now)
    return write_invitation(
        session,
        None,
        campaign_id=campaign.id,
        email=None,
        role=offer.role,
        role_starts_at=offer.starts_at,
        role_ends_at=offer.ends_at,
        locale=offer.locale,
        max_uses=max_uses,
        expires_at=expires_at,
        by=by,
        now=now,
    )


def invite_again(session: Session, invitation: Invitation, *, by: Person, now: datetime) -> None:
    """Send an invitation once more; the caller queues the mail. Whoever may invite may.

    Raises InvitationUsed, InvitationRevoked (also where its owner wants none any more), LimitReached.
    """
    if invitation.email is None or unwanted(session, [invitation.email]):
        raise InvitationRevoked
    spend(session, LimitedAct.INVITE_BY_MAIL, by=by, now=now)
    spend_from(session, LimitedAct.INVITED, subject=address_hash(invitation.email), now=now)
    send_again(session, invitation, by=by, now=now)


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


def _to_address(
    session: Session,
    campaign: Campaign,
    email: str,
    earlier: Invitation | None,
    offer: Offer,
    *,
    by: Person,
    now: datetime,
) -> Invitation:
    return write_invitation(
        session,
        earlier,
        campaign_id=campaign.id,
        email=email,
        role=offer.role,
        role_starts_at=offer.starts_at,
        role_ends_at=offer.ends_at,
        locale=offer.locale,
        expires_at=now + LASTS,
        by=by,
        now=now,
    )


def _judged(
    session: Session,
    campaign: Campaign,
    lines: Sequence[AddressLine],
    emails: Collection[str],
    earlier: Mapping[str, Invitation],
    offer: Offer,
    now: datetime,
) -> list[AddressLine]:
    """The lines with what speaks against inviting them."""
    team, not_wanted = _team_addresses(session, campaign, emails), unwanted(session, emails)

    def fault(line: AddressLine) -> Fault | None:
        if line.fault is not None:
            return line.fault
        if line.email in team:
            return Fault.IN_TEAM
        if line.email in not_wanted:
            return Fault.UNWANTED
        before = earlier.get(line.email)
        state = before.state(now) if before is not None else None
        # Who has joined may be invited again to a role of the team.
        is_known = state is InvitationState.WAITING or (state is InvitationState.USED and offer.role is None)
        return Fault.INVITED if is_known else None

    return [replace(line, fault=fault(line)) for line in lines]


def _team_addresses(session: Session, campaign: Campaign, emails: Collection[str]) -> set[str]:
    """Those of these addresses that are of the campaign's owner or team."""
    team = union(
        select(TeamMember.person_id).where(TeamMember.campaign_id == campaign.id, TeamMember.role.in_(TEAM_ROLES)),
        select(Campaign.owner_id).where(Campaign.id == campaign.id),
    )
    found: set[str] = set()
    for part in chunks(list(emails)):
        found |= set(session.scalars(select(Person.email).where(Person.email.in_(part), Person.id.in_(team))))
    return found
