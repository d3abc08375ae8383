"""The browsers where people are signed in, for how long, and how that ends."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast

from sqlalchemy import (
    BindParameter,
    CursorResult,
    ForeignKey,
    Select,
    String,
    bindparam,
    column,
    delete,
    exists,
    func,
    or_,
    select,
    table,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ideas.accounts.second_factor import SecondFactor
from ideas.activity.activity import Verb, record
from ideas.base import Base, UTCDateTime
from ideas.organisation.consent import Consent
from ideas.people.person import NEVER, Person
from ideas.people.sanction import Sanction, in_force

SEEN_EVERY = timedelta(hours=1)
MAX_AGENT_LENGTH = 40
SIGN_IN_LASTS = timedelta(days=30)
# For how long an act of power asks for no password after the last one was given in the same browser.
CONFIRMED_FOR = timedelta(minutes=10)
# How long a sign-in is kept once it has ended or expired.
SIGN_IN_KEPT = timedelta(days=30)
# Outreach is above people, so its table is named here without its model.
_notice = table("notice", column("person_id"), column("read_at"), column("not_before", UTCDateTime))


class SignIn(Base):
    """A browser in which a person is signed in. Once it has ended, every copy of its cookie is refused."""

    __tablename__ = "sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    # In plain words, such as Firefox and Windows; "" where the browser does not say. No network address is stored.
    browser: Mapped[str] = mapped_column(String(MAX_AGENT_LENGTH), default="", server_default=text("''"))
    system: Mapped[str] = mapped_column(String(MAX_AGENT_LENGTH), default="", server_default=text("''"))
    # To the hour.
    seen_at: Mapped[datetime | None]
    # When the person last gave their password or a code in this browser; None where another application signed them in.
    confirmed_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()


def open_sign_in(
    session: Session, person: Person, *, now: datetime, browser: str = "", system: str = "", confirmed: bool = True
) -> str:
    """Store a new sign-in of the person. Returns its secret token, which is stored as a hash only.

    `confirmed`: they have just given their password. False where another application signs them in.
    """
    token = secrets.token_urlsafe(32)
    session.add(
        SignIn(
            person_id=person.id,
            token_hash=_token_hash(token),
            created_at=now,
            expires_at=now + SIGN_IN_LASTS,
            browser=browser[:MAX_AGENT_LENGTH],
            system=system[:MAX_AGENT_LENGTH],
            seen_at=now,
            confirmed_at=now if confirmed else None,
        )
    )
    session.flush()
    return token


def signed_in_person(session: Session, token: str, *, now: datetime) -> Person | None:
    """The person who signed in with this token, or None if the sign-in has ended or expired."""
    found = session.execute(_person_query(), {"token_hash": _token_hash(token), "now": now}).one_or_none()
    if found is None:
        return None
    person: Person = found[0]
    person.unread_notices = found[1]
    person.accepted_rules = found[2] or 0
    person.seen_here_at = found[3] or NEVER
    person.is_sanctioned = found[4]
    person.gives_code = found[5] is not None
    person.confirmed_here_at = found[6] or NEVER
    return person


@cache  # building the query takes longer than running it
def _person_query() -> Select[Any]:
    now: BindParameter[datetime] = bindparam("now")
    unread = (
        select(func.count())
        .select_from(_notice)
        .where(_notice.c.person_id == Person.id, _notice.c.read_at.is_(None), _notice.c.not_before <= now)
        .correlate(Person)
        .scalar_subquery()
    )
    accepted = select(func.max(Consent.version)).where(Consent.person_id == Person.id).correlate(Person)
    sanctioned = exists().where(Sanction.person_id == Person.id, in_force(now)).correlate(Person)
    return (
        select(
            *(Person, unread, accepted.scalar_subquery(), SignIn.seen_at, sanctioned),
            *(SecondFactor.confirmed_at, SignIn.confirmed_at),
        )
        .join(SignIn, SignIn.person_id == Person.id)
        .outerjoin(SecondFactor, SecondFactor.person_id == Person.id)
        .where(SignIn.token_hash == bindparam("token_hash"), SignIn.ended_at.is_(None), SignIn.expires_at > now)
    )


def visited_since(session: Session, person: Person, since: datetime) -> bool:
    """True for whoever was seen here after this instant. When is known to the hour."""
    seen = func.coalesce(SignIn.seen_at, SignIn.created_at) > since
    return session.scalar(select(SignIn.id).where(SignIn.person_id == person.id, seen).limit(1)) is not None


def note_seen(session: Session, token: str, *, now: datetime) -> None:
    """Store that the person uses this browser now. The caller does so once an hour at most: see `is_seen`."""
    session.execute(
        update(SignIn)
        .where(SignIn.token_hash == _token_hash(token))
        .values(seen_at=now)
        .execution_options(synchronize_session=False)
    )


def is_seen(person: Person, *, now: datetime) -> bool:
    """True if it is stored already that the person used this browser within the hour."""
    return abs(now - person.seen_here_at) < SEEN_EVERY


def confirm_sign_in(session: Session, token: str, *, by: Person, now: datetime, act: str = "") -> None:
    """Store that the person has just proven again who they are, in the browser with this token. Only they may.

    `act`: the act of power that asked for it, for the activity log; "" where the act is recorded by itself.
    """
    found = session.scalar(select(SignIn).where(SignIn.token_hash == _token_hash(token), SignIn.person_id == by.id))
    if found is None:
        return
    found.confirmed_at = by.confirmed_here_at = now
    if act:
        record(session, Verb.CONFIRMED, found, by=by, now=now, after={"act": act})


def is_confirmed(person: Person, *, now: datetime) -> bool:
    """True for a few minutes after the person gave their password or a code in this browser."""
    return abs(now - person.confirmed_here_at) < CONFIRMED_FOR


def sign_ins_of(session: Session, person: Person, *, now: datetime) -> Sequence[SignIn]:
    """Where the person is signed in, the browser that was used last first. Only they may read it."""
    latest = func.coalesce(SignIn.seen_at, SignIn.created_at).desc()
    return session.scalars(
        select(SignIn)
        .where(SignIn.person_id == person.id, SignIn.ended_at.is_(None), SignIn.expires_at > now)
        .order_by(latest, SignIn.id.desc())
    ).all()


def end_sign_in(session: Session, person: Person, sign_in_id: int, *, now: datetime) -> bool:
    """End one of the person's own sign-ins. Only they may. False where there is none with this id."""
    found = session.scalar(select(SignIn).where(SignIn.id == sign_in_id, SignIn.person_id == person.id))
    if found is None:
        return False
    found.ended_at = found.ended_at or now
    session.flush()
    return True


def is_of_token(sign_in: SignIn, token: str) -> bool:
    """True for the sign-in of the browser with this token."""
    return sign_in.token_hash == _token_hash(token)


def end_sign_ins(session: Session, person: Person, *, now: datetime, kept: str = "") -> None:
    """End the person's sign-ins in every browser, but for the one with the token `kept`."""
    session.execute(
        update(SignIn)
        .where(SignIn.person_id == person.id, SignIn.ended_at.is_(None), SignIn.token_hash != _token_hash(kept))
        .values(ended_at=now)
        .execution_options(synchronize_session="fetch")
    )


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
