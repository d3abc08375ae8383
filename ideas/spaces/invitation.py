"""Invitations to a campaign: to one address, or by a link that several people may use.

No secret is stored: the link of an invitation is signed with the site's key when it is shown or sent.
"""

import hashlib
import re
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, String, UniqueConstraint, and_, delete, func, select, true
from sqlalchemy.orm import Mapped, Session, column_property, joinedload, mapped_column, relationship

from ideas.activity.activity import Verb, record
from ideas.base import Base, chunks
from ideas.errors import DomainError, message_id
from ideas.page import Page, page_at
from ideas.people.person import MAX_EMAIL_LENGTH, EmailInvalid, Person, normal_email
from ideas.text import clean_line

# How long an invitation to an address can be used.
LASTS = timedelta(days=30)
MAX_LINK_DAYS = 365
MAX_USES = 1_000
# Addresses in one list.
MAX_ADDRESSES = 500
MAX_LIST_LENGTH = 60_000  # characters
MAX_SHOWN_LENGTH = 80  # of what was typed where an address was expected

# “Ada Lovelace <ada@example.org>”, as mail programs copy it.
_NAMED = re.compile(r"[^<>]*<([^<>]*)>\s*")


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


class EmptyList(DomainError):
    message = message_id("Enter at least one email address.")


class TooManyAddresses(DomainError):
    message = message_id("Your list has %(count)s addresses. Send at most %(most)s at a time.")


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

    `role`: of the campaign's team, see `ideas.campaigns.team`; None: to take part. `serial` counts how often the
    invitation was made again after it was revoked: the links of before are worth nothing.
    """

    __tablename__ = "invitation"
    __table_args__ = (UniqueConstraint("campaign_id", "email"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
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


class Fault(StrEnum):
    """Why nobody is invited by a line of a list."""

    INVALID = "invalid"
    TWICE = "twice"
    IN_TEAM = "in_team"
    INVITED = "invited"
    UNWANTED = "unwanted"
    LIMIT = "limit"


@dataclass(frozen=True, slots=True)
class AddressLine:
    """A part of a list: what was written, and the address in it, or why there is none to invite."""

    number: int
    written: str
    email: str
    fault: Fault | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationPage(Page):
    invitations: Sequence[Invitation]


def read_addresses(text: str) -> list[AddressLine]:
    """The addresses of a list, one a line or between commas and semicolons, each once. It needs no database.

    Raises EmptyList, TooManyAddresses.
    """
    parts = [part for part in (clean_line(part) for part in re.split(r"[\n,;]", text.replace("\r", "\n"))) if part]
    if not parts:
        raise EmptyList
    if len(parts) > MAX_ADDRESSES:
        raise TooManyAddresses(count=len(parts), most=MAX_ADDRESSES)
    lines, seen = [], set[str]()
    for number, part in enumerate(parts, start=1):
        named = _NAMED.fullmatch(part)
        try:
            email = normal_email(named[1] if named else part)
        except EmailInvalid:
            lines.append(AddressLine(number, part[:MAX_SHOWN_LENGTH], "", Fault.INVALID))
            continue
        lines.append(AddressLine(number, part[:MAX_SHOWN_LENGTH], email, Fault.TWICE if email in seen else None))
        seen.add(email)
    return lines


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


def invitations_to(session: Session, campaign_id: int, emails: Collection[str]) -> dict[str, Invitation]:
    """The invitations of a campaign to these addresses, whatever became of them, by address."""
    found: dict[str, Invitation] = {}
    for part in chunks(list(emails)):
        here = (Invitation.campaign_id == campaign_id) & Invitation.email.in_(part)
        query = select(Invitation).where(here).execution_options(populate_existing=True)
        found |= {each.email: each for each in session.scalars(query) if each.email is not None}
    return found


def write_invitation(
    session: Session,
    earlier: Invitation | None,
    *,
    campaign_id: int,
    email: str | None,
    role: str | None,
    role_starts_at: datetime | None = None,
    role_ends_at: datetime | None = None,
    locale: str,
    max_uses: int = 1,
    expires_at: datetime,
    by: Person,
    now: datetime,
) -> Invitation:
    """Store a new invitation, or make the `earlier` one again. For the functions of `ideas.campaigns.inviting`."""
    invitation = earlier or Invitation(campaign_id=campaign_id, email=email, serial=0, times_sent=0)
    if earlier is not None:  # who joined by it and left the team since may join once more
        session.execute(delete(InvitationUse).where(InvitationUse.invitation_id == earlier.id))
    invitation.serial += 1
    invitation.role, invitation.role_starts_at, invitation.role_ends_at = role, role_starts_at, role_ends_at
    invitation.locale, invitation.max_uses, invitation.expires_at = locale, max_uses, expires_at
    invitation.created_by, invitation.created_at, invitation.revoked_at = by, now, None
    if email is not None:
        invitation.sent_at, invitation.times_sent = now, invitation.times_sent + 1
    session.add(invitation)
    session.flush()
    session.expire(invitation, ["uses"])
    record(session, Verb.INVITED, invitation, by=by, now=now, campaign_id=campaign_id, after=_facts(invitation))
    return invitation


def send_again(session: Session, invitation: Invitation, *, by: Person, now: datetime) -> None:
    """Note that an invitation that waits, or has expired, is sent once more: it lasts as long as a new one.

    Whoever may invite may; the caller counts it. Raises InvitationUsed, InvitationRevoked.
    """
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


def invitation_page(
    session: Session,
    campaign_id: int,
    *,
    number: int,
    now: datetime,
    size: int = 50,
    state: InvitationState | None = None,
    containing: str = "",
) -> InvitationPage:
    """A page of a campaign's invitations, newest first. Whoever may invite may read it."""
    here = (Invitation.campaign_id == campaign_id) & _is(state, now) & _contains(containing)
    total = session.scalar(select(func.count(Invitation.id)).where(here)) or 0
    page = page_at(number, size=size, total=total)
    query = select(Invitation).where(here).options(joinedload(Invitation.created_by)).order_by(Invitation.id.desc())
    found = session.scalars(query.limit(size).offset((page.number - 1) * size)).all()
    return InvitationPage(invitations=found, **asdict(page))


def count_invitations(session: Session, campaign_id: int, *, now: datetime) -> dict[InvitationState, int]:
    """How many invitations of a campaign are in each state."""
    counts = [func.count().filter(_is(state, now)) for state in InvitationState]
    found = session.execute(select(*counts).where(Invitation.campaign_id == campaign_id)).one()
    return dict(zip(InvitationState, found, strict=True))


def all_invitations(session: Session, campaign_id: int) -> Sequence[Invitation]:
    """The campaign's invitations, oldest first, to be downloaded. Whoever may invite may."""
    query = select(Invitation).where(Invitation.campaign_id == campaign_id).order_by(Invitation.id)
    return session.scalars(query.options(joinedload(Invitation.created_by))).all()


def _is(state: InvitationState | None, now: datetime) -> ColumnElement[bool]:
    """SQL condition: the same as `Invitation.state`."""
    if state is None:
        return true()
    used = Invitation.uses >= Invitation.max_uses
    over = Invitation.expires_at <= now
    revoked = Invitation.revoked_at.is_not(None)
    return {
        InvitationState.USED: used,
        InvitationState.REVOKED: and_(~used, revoked),
        InvitationState.EXPIRED: and_(~used, ~revoked, over),
        InvitationState.WAITING: and_(~used, ~revoked, ~over),
    }[state]


def _contains(words: str) -> ColumnElement[bool]:
    words = clean_line(words).lower()
    return Invitation.email.contains(words, autoescape=True) if words else true()


def _facts(invitation: Invitation) -> dict[str, Any]:
    """What the log keeps of an invitation: not the address, which is erased with its owner."""
    return {
        "role": invitation.role,
        "max_uses": invitation.max_uses,
        "expires_at": invitation.expires_at.isoformat(),
        "by_link": invitation.email is None,
    }
