"""Addresses that mail does not reach, or whose holder complained: nothing is sent there until somebody takes that back.

A mail server that refuses the address itself is noted at once. What comes back later, by mail, an administrator notes.
Mails that a person asks for to use their account are sent all the same.
"""

import re
from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ideas.activity.activity import Verb, record
from ideas.base import Base, choice
from ideas.errors import DomainError, message_id
from ideas.people.person import MAX_EMAIL_LENGTH, Person
from ideas.text import clean_line

MAX_DETAIL_LENGTH = 500
MAX_LISTED = 500
# What a server says of the address, and not of the sender or the text (RFC 3463: 5.1.1 to 5.1.3, 5.1.6, 5.1.10, 5.2.1).
_OF_ADDRESS = re.compile(r"\b5\.(?:1\.(?:[1236]|10)|2\.1)\b")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")


class Undelivered(StrEnum):
    """Why nothing is sent to an address."""

    BOUNCED = "bounced"
    COMPLAINED = "complained"


class NoAddress(DomainError):
    message = message_id("Write an email address, such as name@example.org.")


class UndeliverableAddress(Base):
    __tablename__ = "undeliverable_address"

    id: Mapped[int] = mapped_column(primary_key=True)
    # In lower case.
    address: Mapped[str] = mapped_column(String(MAX_EMAIL_LENGTH), unique=True)
    why: Mapped[Undelivered] = mapped_column(choice(Undelivered))
    # What the mail server said, or what the administrator wrote.
    detail: Mapped[str] = mapped_column(String(MAX_DETAIL_LENGTH))
    since: Mapped[datetime]
    # None where the mail server said so.
    noted_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    noted_by: Mapped[Person | None] = relationship()


def is_of_address(refusal: str) -> bool:
    """True where a mail server refuses the address for good. A refusal of the sender would be one of everybody."""
    return bool(_OF_ADDRESS.search(refusal))


def note_undeliverable(
    session: Session, address: str, *, why: Undelivered, detail: str, now: datetime, by: Person | None = None
) -> UndeliverableAddress:
    """Send nothing to this address from now on. Administrators may, and the worker, for a mail server.

    What was noted before stays as it is. Raises NoAddress.
    """
    known = address.strip().lower()
    if len(known) > MAX_EMAIL_LENGTH or not _ADDRESS.fullmatch(known):
        raise NoAddress
    row = session.scalar(select(UndeliverableAddress).where(UndeliverableAddress.address == known))
    if row is not None:
        return row
    row = UndeliverableAddress(
        address=known,
        why=why,
        detail=clean_line(detail)[:MAX_DETAIL_LENGTH],
        since=now,
        noted_by_id=by.id if by is not None else None,
    )
    session.add(row)
    session.flush()
    # Without the address: the log is kept for longer.
    record(session, Verb.ADDED, row, by=by, after={"why": why}, now=now)
    return row


def send_again(session: Session, row: UndeliverableAddress, *, by: Person | None, now: datetime) -> None:
    """Send to this address again. Administrators may; a person who proves the address does so by that."""
    record(session, Verb.REMOVED, row, by=by, before={"why": row.why}, now=now)
    session.delete(row)


def prove_deliverable(session: Session, address: str, *, by: Person, now: datetime) -> None:
    """The person opened a link that was sent to this address: mail reaches it."""
    row = session.scalar(select(UndeliverableAddress).where(UndeliverableAddress.address == address.lower()))
    if row is not None:
        send_again(session, row, by=by, now=now)


def undeliverable(session: Session, addresses: Collection[str]) -> set[str]:
    """Those of these addresses, a few hundred, to which nothing is sent; as they are given. One query."""
    known = {address.lower(): address for address in addresses}
    found = session.scalars(select(UndeliverableAddress.address).where(UndeliverableAddress.address.in_(known)))
    noted = set(found)
    return {address for address in addresses if address.lower() in noted}


def undeliverable_page(session: Session) -> tuple[list[UndeliverableAddress], int]:
    """The latest of them, and how many there are. For administrators."""
    newest = select(UndeliverableAddress).order_by(UndeliverableAddress.id.desc()).limit(MAX_LISTED)
    total = session.scalar(select(func.count()).select_from(UndeliverableAddress)) or 0
    return list(session.scalars(newest)), total
