"""Invitations to a campaign or a space: to one address, or by a link that several people may use.

No secret is stored: the link of an invitation is signed with the site's key when it is shown or sent.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, String, UniqueConstraint, delete, func, select
from sqlalchemy.orm import Mapped, Session, column_property, mapped_column, relationship

from ideas.activity.activity import Verb, record
from ideas.base import Base, chunks
from ideas.errors import DomainError, message_id
from ideas.people.limit import LimitedAct, spend, spend_from
from ideas.people.person import MAX_EMAIL_LENGTH, Person

# How long an invitation to an address can be used.
LASTS = timedelta(days=30)
MAX_LINK_DAYS = 365
MAX_USES = 1_000


class InvitationState(StrEnum):
    WAITING = "waiting"
    USED = "used"
    EXPIRED = "expired"
    REVOKED = "revoked"


class InvitationOver(DomainError):
    """An invitation that leads nowhere any more. `invitation`: for the page that says so."""


class InvitationUsed(InvitationOver):
    message = message_id("This invitation was already used. Ask the person who invited you for another one.")


class InvitationExpired(InvitationOver):
    message = message_id("This invitation has expired. Ask the person who invited you for another one.")


class InvitationRevoked(InvitationOver):
    message = message_id("This invitation was withdrawn. Ask the person who invited you for another one.")


class OtherAddress(DomainError):
    message = message_id(
        "This invitation was sent to another address than that of your account. Sign out, then open its link again."
    )


class UsesOutOfRange(DomainError):
    message = message_id("Choose how many people may use the link: from 1 to %(most)s.")


class EndOutOfRange(DomainError):
    message = message_id("Choose a last day that is not past, at most %(most)s days from today.")


class InvitationUse(Base):
    """A person who joined by an invitation."""

    __tablename__ = "invitation_use"

    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitation.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True)
    at: Mapped[datetime]


class Unwanted(Base):
    """An address whose owner wants no invitation any more. Its hash is kept, not the address."""

    __tablename__ = "unwanted_invitation"

    address_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime]


class Invitation(Base):
    """To one address, or a link for `max_uses` people where `email` is None.

    To a campaign, with a `role` of its team or None to take part, or to a space, with a role in it. `serial` counts how
    often the invitation was made again after it was revoked: the links of before are worth nothing.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        UniqueConstraint("campaign_id", "email"),
        UniqueConstraint("space_id", "email"),
        CheckConstraint("(campaign_id IS NULL) <> (space_id IS NULL)", name="campaign_or_space"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    space_id: Mapped[int | None] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"), index=True)
    email: Mapped[str | None] = mapped_column(String(MAX_EMAIL_LENGTH))
    role: Mapped[str | None] = mapped_column(String(20))
    role_starts_at: Mapped[datetime | None]
    role_ends_at: Mapped[datetime | None]
    locale: Mapped[str] = mapped_column(String(5))
    max_uses: Mapped[int] = mapped_column(default=1)
    serial: Mapped[int] = mapped_column(default=1)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    # When it was last sent; None for a link.
    sent_at: Mapped[datetime | None]
    times_sent: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    # Computed when the invitation is read.
    uses: Mapped[int] = column_property(
        select(func.count())
        .select_from(InvitationUse)
        .where(InvitationUse.invitation_id == id)  # noqa: A003 -- the column above
        .correlate_except(InvitationUse)
        .scalar_subquery()
    )

    created_by: Mapped[Person] = relationship()

    def state(self, now: datetime) -> InvitationState:
        if self.uses >= self.max_uses:
            return InvitationState.USED
        if self.revoked_at is not None:
            return InvitationState.REVOKED
        return InvitationState.EXPIRED if now >= self.expires_at else InvitationState.WAITING

    def check_open(self, now: datetime) -> None:
        """Raises InvitationUsed, InvitationRevoked or InvitationExpired."""
        state = self.state(now)
        if state is not InvitationState.WAITING:
            raise _OVER[state]


_OVER = {
    InvitationState.USED: InvitationUsed,
    InvitationState.REVOKED: InvitationRevoked,
    InvitationState.EXPIRED: InvitationExpired,
}


@dataclass(frozen=True, slots=True)
class Target:
    """What people are invited to: a campaign or a space, by its id."""

    campaign_id: int | None = None
    space_id: int | None = None

    @property
    def invitations(self) -> ColumnElement[bool]:
        """SQL condition: the invitations to it."""
        if self.space_id is not None:
            return Invitation.space_id == self.space_id
        return Invitation.campaign_id == self.campaign_id


@dataclass(frozen=True, slots=True)
class Offer:
    """What people are invited to: a role and its dates, or None to take part in a campaign; in which language."""

    role: StrEnum | None = None
    locale: str = "fr"
    starts_at: datetime | None = None
    ends_at: datetime | None = None


def address_hash(email: str) -> str:
    """What is kept of an address that is not to be kept itself."""
    return hashlib.sha256(f"invitation {email}".encode()).hexdigest()


def unwanted(session: Session, emails: Collection[str]) -> set[str]:
    """Those of these addresses whose owners want no invitation any more."""
    hashes = {address_hash(email): email for email in emails}
    found: set[str] = set()
    for part in chunks(list(hashes)):
        query = select(Unwanted.address_hash).where(Unwanted.address_hash.in_(part))
        found |= {hashes[known] for known in session.scalars(query)}
    return found


def write_invitation(
    session: Session,
    earlier: Invitation | None,
    *,
    target: Target,
    email: str | None,
    offer: Offer,
    max_uses: int = 1,
    expires_at: datetime,
    by: Person,
    now: datetime,
) -> Invitation:
    """Store a new invitation, or make the `earlier` one again. The caller has checked the offer and who may invite."""
    invitation = earlier or Invitation(
        campaign_id=target.campaign_id, space_id=target.space_id, email=email, serial=0, times_sent=0
    )
    if earlier is not None:  # who joined by it and left since may join once more
        session.execute(delete(InvitationUse).where(InvitationUse.invitation_id == earlier.id))
    invitation.serial += 1
    invitation.role, invitation.locale = offer.role, offer.locale
    invitation.role_starts_at, invitation.role_ends_at = offer.starts_at, offer.ends_at
    invitation.max_uses, invitation.expires_at = max_uses, expires_at
    invitation.created_by, invitation.created_at, invitation.revoked_at = by, now, None
    if email is not None:
        invitation.sent_at, invitation.times_sent = now, invitation.times_sent + 1
    session.add(invitation)
    session.flush()
    session.expire(invitation, ["uses"])
    record(session, Verb.INVITED, invitation, by=by, now=now, campaign_id=target.campaign_id, after=_facts(invitation))
    return invitation


def share_link(
    session: Session,
    target: Target,
    *,
    offer: Offer,
    max_uses: int,
    expires_at: datetime,
    by: Person,
    now: datetime,
) -> Invitation:
    """Make a link by which up to `max_uses` people may join until it expires. The caller has checked the offer.

    Raises UsesOutOfRange, EndOutOfRange, LimitReached.
    """
    if not 1 <= max_uses <= MAX_USES:
        raise UsesOutOfRange(most=MAX_USES)
    if not now < expires_at <= now + timedelta(days=MAX_LINK_DAYS + 1):
        raise EndOutOfRange(most=MAX_LINK_DAYS)
    spend(session, LimitedAct.INVITE, by=by, now=now)
    return write_invitation(
        session,
        None,
        target=target,
        email=None,
        offer=offer,
        max_uses=max_uses,
        expires_at=expires_at,
        by=by,
        now=now,
    )


def send_again(session: Session, invitation: Invitation, *, by: Person, now: datetime) -> None:
    """Send an invitation that waits or has expired once more, as if it were new. The caller queues the mail.

    Whoever may invite may. Raises InvitationUsed, InvitationRevoked (also where its owner wants none any more),
    LimitReached.
    """
    if invitation.email is None or unwanted(session, [invitation.email]):
        raise InvitationRevoked
    spend(session, LimitedAct.INVITE_BY_MAIL, by=by, now=now)
    spend_from(session, LimitedAct.INVITED, subject=address_hash(invitation.email), now=now)
    lock_invitation(session, invitation)
    state = invitation.state(now)
    if state in {InvitationState.USED, InvitationState.REVOKED}:
        raise _OVER[state]
    before = _facts(invitation)
    invitation.sent_at, invitation.times_sent = now, invitation.times_sent + 1
    invitation.expires_at = now + LASTS
    session.flush()
    after = _facts(invitation)
    campaign_id = invitation.campaign_id
    record(session, Verb.CHANGED, invitation, by=by, now=now, campaign_id=campaign_id, before=before, after=after)


def revoke_invitation(session: Session, invitation: Invitation, *, by: Person, now: datetime) -> None:
    """Make an invitation worthless, from the next request on. Who has joined by it stays. Whoever may invite may.

    Raises InvitationUsed: there is nothing left to withdraw.
    """
    lock_invitation(session, invitation)
    if invitation.state(now) is InvitationState.USED:
        raise InvitationUsed
    if invitation.revoked_at is None:
        invitation.revoked_at = now
        session.flush()
        campaign_id, before = invitation.campaign_id, _facts(invitation)
        record(session, Verb.REVOKED, invitation, by=by, now=now, campaign_id=campaign_id, before=before)


def use_invitation(
    session: Session, invitation: Invitation, person: Person, *, now: datetime, any_address: bool = False
) -> bool:
    """Note that this person joins by the invitation. False where they had before: that is used once for each.

    `any_address`: they have shown the code of its mail, so that their account may have another address.

    Raises OtherAddress, InvitationUsed, InvitationRevoked, InvitationExpired.
    """
    if not any_address and invitation.email is not None and person.email != invitation.email:
        raise OtherAddress
    lock_invitation(session, invitation)
    if has_joined(session, invitation, person):
        return False
    invitation.check_open(now)
    session.add(InvitationUse(invitation_id=invitation.id, person_id=person.id, at=now))
    session.flush()
    session.expire(invitation, ["uses"])
    record(session, Verb.ACCEPTED, invitation, by=person, now=now, campaign_id=invitation.campaign_id)
    return True


def has_joined(session: Session, invitation: Invitation, person: Person) -> bool:
    """True for whoever has joined by this invitation."""
    return session.get(InvitationUse, (invitation.id, person.id)) is not None


def never_again(session: Session, invitation: Invitation, *, now: datetime) -> None:
    """Send no invitation to this address any more, and withdraw this one. Whoever has its link may, signed in or not.

    A link that is for nobody in particular stays as it is.
    """
    if invitation.email is None:
        return
    session.merge(Unwanted(address_hash=address_hash(invitation.email), at=now))
    lock_invitation(session, invitation)
    if invitation.state(now) is InvitationState.WAITING:
        invitation.revoked_at = now
        record(session, Verb.DECLINED, invitation, by=None, now=now, campaign_id=invitation.campaign_id)
    session.flush()


def lock_invitation(session: Session, invitation: Invitation) -> None:
    """Lock the row until the commit, and read it again: of two who use the last place at once, one gets it."""
    session.flush()
    session.refresh(invitation, with_for_update={"of": Invitation})


def _facts(invitation: Invitation) -> dict[str, Any]:
    """What the log keeps of an invitation: not the address, which is erased with its owner."""
    return {
        "role": invitation.role,
        "max_uses": invitation.max_uses,
        "expires_at": invitation.expires_at.isoformat(),
        "by_link": invitation.email is None,
    } | ({"space_id": invitation.space_id} if invitation.space_id is not None else {})
