"""Addresses that mail does not reach, or whose holder complained: nothing is sent there until somebody takes that back.

A mail server that refuses the address itself is noted at once. What comes back later, by mail, an administrator notes.
Mails that a person asks for to use their account are sent all the same.
"""

import re
from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, String, delete, exists, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ideas.activity.activity import Verb, record
from ideas.base import Base, choice
from ideas.errors import DomainError, message_id
from ideas.people.person import MAX_EMAIL_LENGTH, Person
from ideas.text import clean_line
from ideas.work.job import changed_rows

MAX_DETAIL_LENGTH = 500
MAX_LISTED = 500
# What a server says of the address, and not of the sender or the text (RFC 3463: 5.1.1 to 5.1.3, 5.1.6, 5.1.10, 5.2.1).
_OF_ADDRESS = re.compile(r"5\d\d 5\.(?:1\.(?:[1236]|10)|2\.1)\b")
_ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>]+")


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
    # Whose address it was then, also once they have another one.
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    # None where the mail server said so.
    noted_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    noted_by: Mapped[Person | None] = relationship(foreign_keys=noted_by_id)


def is_of_address(refusal: str) -> bool:
    """True where a mail server refuses the address for good. A refusal of the sender would be one of everybody."""
    return bool(_OF_ADDRESS.match(refusal))


def note_undeliverable(
    session: Session, address: str, *, why: Undelivered, detail: str, now: datetime, by: Person | None = None
) -> UndeliverableAddress:
    """Send nothing to this address from now on. Administrators may, and the worker, for a mail server.

    What was noted before stays as it is; a complaint takes the place of mails that came back. Raises NoAddress.
    """
    known = address.strip().lower()
    if len(known) > MAX_EMAIL_LENGTH or not _ADDRESS.fullmatch(known):
        raise NoAddress
    told = {
        "why": why,
        "detail": clean_line(detail)[:MAX_DETAIL_LENGTH],
        "noted_by_id": by.id if by is not None else None,
    }
    row = _row(session, known)
    if row is None:
        holder = session.scalar(select(Person.id).where(func.lower(Person.email) == known))
        try:
            with session.begin_nested():
                row = UndeliverableAddress(address=known, since=now, person_id=holder, **told)
                session.add(row)
        except IntegrityError:  # another one noted it at the same moment
            return session.scalars(select(UndeliverableAddress).where(UndeliverableAddress.address == known)).one()
    elif why is Undelivered.COMPLAINED and row.why is Undelivered.BOUNCED:
        for name, value in told.items():
            setattr(row, name, value)
    else:
        return row
    # Without the address: the log is kept for longer.
    record(session, Verb.ADDED, row, by=by, after={"why": why}, now=now)
    return row


def send_again(session: Session, row: UndeliverableAddress, *, by: Person | None, now: datetime) -> None:
    """Send to this address again. Administrators may; a person who proves the address does so by that."""
    record(session, Verb.REMOVED, row, by=by, before={"why": row.why}, now=now)
    session.delete(row)


def prove_deliverable(session: Session, address: str, *, by: Person, now: datetime) -> None:
    """The person opened a link that was sent to this address: mail reaches it. A complaint stays."""
    row = _row(session, address.lower())
    if row is not None and row.why is Undelivered.BOUNCED:
        send_again(session, row, by=by, now=now)


def why_undeliverable(session: Session, person: Person) -> Undelivered | None:
    """Why nothing is sent to the person; None where mail reaches them."""
    row = _row(session, person.email.lower())
    return row.why if row is not None else None


def _row(session: Session, address: str) -> UndeliverableAddress | None:
    return session.scalar(select(UndeliverableAddress).where(UndeliverableAddress.address == address))


def undeliverable(session: Session, addresses: Collection[str]) -> set[str]:
    """Those of these addresses, a few hundred, to which nothing is sent; as they are given. One query."""
    known = {address.lower(): address for address in addresses}
    found = session.scalars(select(UndeliverableAddress.address).where(UndeliverableAddress.address.in_(known)))
    noted = set(found)
    return {address for address in addresses if address.lower() in noted}


def unreached(session: Session, people: Collection[int]) -> set[int]:
    """Those of these people, a few hundred, to whose address nothing is sent. One query."""
    return set(session.scalars(select(Person.id).where(Person.id.in_(people), is_undeliverable(Person.email))))


def is_undeliverable(email: Any) -> ColumnElement[bool]:
    """SQL condition: nothing is sent to the address of this column."""
    return exists().where(UndeliverableAddress.address == func.lower(email))


def undeliverable_page(session: Session, part: str = "") -> tuple[list[UndeliverableAddress], int]:
    """The latest of them with this part in the address, and how many there are. For administrators."""
    asked = UndeliverableAddress.address.contains(part.lower(), autoescape=True)
    newest = select(UndeliverableAddress).where(asked).order_by(UndeliverableAddress.id.desc()).limit(MAX_LISTED)
    total = session.scalar(select(func.count()).select_from(UndeliverableAddress).where(asked)) or 0
    return list(session.scalars(newest)), total


def delete_old_undeliverable(session: Session, *, now: datetime, kept: timedelta) -> int:
    """Delete what was noted this long ago of addresses without an account. Returns how many. For the worker."""
    old = (UndeliverableAddress.since < now - kept) & UndeliverableAddress.person_id.is_(None)
    deletion = delete(UndeliverableAddress).where(old)
    return changed_rows(session, deletion.execution_options(synchronize_session=False))
