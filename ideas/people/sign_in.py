"""The browsers where people are signed in, for how long, and how that ends."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import (
    CursorResult,
    ForeignKey,
    String,
    column,
    delete,
    func,
    or_,
    select,
    table,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ideas.base import Base
from ideas.people.consent import Consent
from ideas.people.person import Person

SIGN_IN_LASTS = timedelta(days=30)
# How long a sign-in is kept once it has ended or expired.
SIGN_IN_KEPT = timedelta(days=30)
# Outreach is above people, so its table is named here without its model.
_notice = table("notice", column("person_id"), column("read_at"))


class SignIn(Base):
    """A browser in which a person is signed in. Once it has ended, every copy of its cookie is refused."""

    __tablename__ = "sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()


def open_sign_in(session: Session, person: Person, *, now: datetime) -> str:
    """Store a new sign-in of the person. Returns its secret token, which is stored as a hash only."""
    token = secrets.token_urlsafe(32)
    session.add(
        SignIn(person_id=person.id, token_hash=_token_hash(token), created_at=now, expires_at=now + SIGN_IN_LASTS)
    )
    session.flush()
    return token


def signed_in_person(session: Session, token: str, *, now: datetime) -> Person | None:
    """The person who signed in with this token, or None if the sign-in has ended or expired."""
    unread = (
        select(func.count())
        .select_from(_notice)
        .where(_notice.c.person_id == Person.id, _notice.c.read_at.is_(None))
        .correlate(Person)
        .scalar_subquery()
    )
    accepted = select(func.max(Consent.version)).where(Consent.person_id == Person.id).correlate(Person)
    found = session.execute(
        select(Person, unread, accepted.scalar_subquery())
        .join(SignIn, SignIn.person_id == Person.id)
        .where(SignIn.token_hash == _token_hash(token), SignIn.ended_at.is_(None), SignIn.expires_at > now)
    ).one_or_none()
    if found is None:
        return None
    person: Person = found[0]
    person.unread_notices = found[1]
    person.accepted_rules = found[2] or 0
    return person


def sign_out(session: Session, token: str, *, now: datetime) -> None:
    """End the sign-in: every copy of its cookie stops working."""
    found = session.scalar(select(SignIn).where(SignIn.token_hash == _token_hash(token)))
    if found is not None and found.ended_at is None:
        found.ended_at = now


def delete_ended_sign_ins(session: Session, *, now: datetime, kept: timedelta = SIGN_IN_KEPT) -> int:
    """Delete sign-ins that ended or expired this long ago. Returns how many. For the worker.

    A cookie without its row is refused as well.
    """
    before = now - kept
    deletion = delete(SignIn).where(or_(SignIn.ended_at < before, SignIn.expires_at < before))
    deleted = session.execute(deletion.execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", deleted).rowcount


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
