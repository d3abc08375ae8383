"""A list of addresses to invite: read, checked, then invited but for those that something speaks against."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CompoundSelect, Select, select
from sqlalchemy.orm import Session

from ideas.base import chunks
from ideas.errors import DomainError, message_id
from ideas.people.limit import LimitedAct, LimitReached, spend, spend_from
from ideas.people.person import EmailInvalid, Person, normal_email
from ideas.spaces.invitation import (
    LASTS,
    Invitation,
    InvitationState,
    Offer,
    Target,
    address_hash,
    unwanted,
    write_invitation,
)
from ideas.text import clean_line

# Addresses in one list.
MAX_ADDRESSES = 500
MAX_LIST_LENGTH = 60_000  # characters
MAX_SHOWN_LENGTH = 80  # of what was typed where an address was expected

# “Ada Lovelace <ada@example.org>”, as mail programs copy it.
_NAMED = re.compile(r"[^<>]*<([^<>]*)>\s*")


class EmptyList(DomainError):
    message = message_id("Enter at least one email address.")


class TooManyAddresses(DomainError):
    message = message_id("Your list has %(count)s addresses. Send at most %(most)s at a time.")


class Fault(StrEnum):
    """Why nobody is invited by a line of a list."""

    INVALID = "invalid"
    TWICE = "twice"
    IN_TEAM = "in_team"
    IN_SPACE = "in_space"
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


@dataclass(frozen=True, slots=True)
class Invited:
    """What became of a list: each of its lines, and the invitations to send."""

    lines: Sequence[AddressLine]
    invitations: Sequence[Invitation] = ()


class NotInvited(DomainError):
    """Nobody is invited. The message says why."""

    def __init__(self, fault: Fault) -> None:
        self.message = _FAULTS[fault]
        super().__init__()


_FAULTS = {
    Fault.INVALID: EmailInvalid.message,
    Fault.TWICE: message_id("Enter one email address."),
    Fault.IN_TEAM: message_id("This person is already in the team. You can change their role above."),
    Fault.IN_SPACE: message_id("This person is already in the space, or waits for a seat."),
    Fault.INVITED: message_id("This person is already invited. You can send the invitation again."),
    Fault.UNWANTED: message_id("This person wants no more invitations."),
    Fault.LIMIT: message_id("This person got several invitations today. Try again tomorrow."),
}


@dataclass(frozen=True, slots=True)
class Invitees:
    """Whom a list invites to what. `inside`: those of some addresses who need no invitation; `fault` says so.

    `again`: who has joined before may be invited once more.
    """

    target: Target
    inside: Callable[[Session, Collection[str]], set[str]]
    fault: Fault
    again: bool


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


def check_list(session: Session, invitees: Invitees, text: str, *, now: datetime) -> list[AddressLine]:
    """Each line of a list, with why nobody would be invited by it. Changes nothing. For who may invite.

    Raises EmptyList, TooManyAddresses.
    """
    return _judged(session, invitees, read_addresses(text), now)[0]


def invite_list(session: Session, invitees: Invitees, text: str, *, offer: Offer, by: Person, now: datetime) -> Invited:
    """Invite the addresses of a list that nothing speaks against. The caller has locked what they are invited to, has
    checked the offer, and queues the mails.

    Raises EmptyList, TooManyAddresses, or LimitReached for the whole list.
    """
    lines, earlier = _judged(session, invitees, read_addresses(text), now)
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
        invitations.append(
            write_invitation(
                session,
                earlier.get(line.email),
                target=invitees.target,
                email=line.email,
                offer=offer,
                expires_at=now + LASTS,
                by=by,
                now=now,
            )
        )
    return Invited([replace(line, fault=Fault.LIMIT) if line.number in over else line for line in lines], invitations)


def people_among(session: Session, emails: Collection[str], ids: Select[int] | CompoundSelect[int]) -> set[str]:
    """Those of these addresses that are of the people with these ids."""
    found: set[str] = set()
    for part in chunks(list(emails)):
        found |= set(session.scalars(select(Person.email).where(Person.email.in_(part), Person.id.in_(ids))))
    return found


def _judged(
    session: Session, invitees: Invitees, lines: Sequence[AddressLine], now: datetime
) -> tuple[list[AddressLine], Mapping[str, Invitation]]:
    """The lines with what speaks against inviting them, and the earlier invitations by address."""
    emails = {line.email for line in lines if line.fault is None}
    earlier = _invitations_to(session, invitees.target, emails)
    inside, not_wanted = invitees.inside(session, emails), unwanted(session, emails)

    def fault(line: AddressLine) -> Fault | None:
        if line.fault is not None:
            return line.fault
        if line.email in inside:
            return invitees.fault
        if line.email in not_wanted:
            return Fault.UNWANTED
        before = earlier.get(line.email)
        state = before.state(now) if before is not None else None
        is_known = state is InvitationState.WAITING or (state is InvitationState.USED and not invitees.again)
        return Fault.INVITED if is_known else None

    return [replace(line, fault=fault(line)) for line in lines], earlier


def _invitations_to(session: Session, target: Target, emails: Collection[str]) -> dict[str, Invitation]:
    """The invitations to these addresses, whatever became of them, by address."""
    found: dict[str, Invitation] = {}
    for part in chunks(list(emails)):
        here = target.invitations & Invitation.email.in_(part)
        query = select(Invitation).where(here).execution_options(populate_existing=True)
        found |= {each.email: each for each in session.scalars(query) if each.email is not None}
    return found
