"""How the worker takes mails that are due, and what is recorded of each attempt."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Update,
    bindparam,
    delete,
    select,
    update,
)
from sqlalchemy.orm import Session, joinedload

from ideas.accounts.undeliverable import undeliverable
from ideas.base import Base
from ideas.outreach.messages.message import Message, one_line, texts_at_the_end
from ideas.outreach.notice import Notice
from ideas.spaces.invitation import Invitation

# Pauses double from one minute to two hours, so the last attempt comes after about 34 hours: a mail server may be down
# for a day, and what waited is delivered within two hours of its return.
MAX_ATTEMPTS = 24
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=2)

# After this time another worker may try the same mails again.
LEASE = timedelta(minutes=5)

# The error of a mail that was not tried, because its address takes none.
NOT_TRIED = "not tried"


def set_texts(session: Session, texts: Mapping[int, tuple[str, str, str]]) -> None:
    """Keep the texts of these mails, by id their subject, text and HTML, so that every attempt sends the same.

    Objects that this session already loaded are not refreshed.
    """
    given = [
        {"message_id": message_id, "given_subject": one_line(subject), "given_body": body, "given_html": html}
        for message_id, (subject, body, html) in texts.items()
    ]
    if given:
        session.connection().execute(_with_text(), given)


def delete_messages(session: Session, ids: Collection[int]) -> None:
    """Delete these mails, which nobody wants any more."""
    if ids:
        session.execute(delete(Message).where(Message.id.in_(ids)).execution_options(synchronize_session=False))


def due_messages(session: Session, *, now: datetime, limit: int = 20) -> Sequence[Message]:
    """Unsent mails that are due, oldest first."""
    return session.scalars(
        select(Message).where(*_is_due(now)).order_by(Message.next_attempt_at, Message.id).limit(limit)
    ).all()


def due_ids(session: Session, *, now: datetime, limit: int) -> Sequence[int]:
    """The ids of the mails that are due first, oldest first."""
    return session.scalars(
        select(Message.id).where(*_is_due(now)).order_by(Message.next_attempt_at, Message.id).limit(limit)
    ).all()


def take_messages(session: Session, *, now: datetime, limit: int) -> list[int]:
    """Lease the mails that are due first to this worker. Returns their ids, oldest first. The caller commits at once.

    If the worker dies, they are due again after LEASE. What another worker has is left to it.
    """
    asked = due_ids(session, now=now, limit=limit)
    if not asked:
        return []
    taken = session.scalars(
        update(Message)
        .where(Message.id.in_(asked), *_is_due(now))
        .values(next_attempt_at=now + LEASE)
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    )
    return sorted(taken, key=asked.index)


def messages_to_send(session: Session, ids: Collection[int]) -> Sequence[Message]:
    """These mails, with their persons, notices, invitations and links, in one query."""
    loaded = [
        joinedload(Message.person),
        joinedload(Message.notice).options(joinedload(Notice.activity), joinedload(Notice.campaign)),
        joinedload(Message.invitation).joinedload(Invitation.created_by),
        joinedload(Message.link),
    ]
    return session.scalars(select(Message).where(Message.id.in_(ids)).order_by(Message.id).options(*loaded)).all()


def limited_messages(session: Session, ids: Collection[int]) -> Sequence[Message]:
    """Those of these mails that wait for hours of their people, or count in a budget."""
    limited = Message.in_hours | Message.budgeted_at.is_not(None)
    return session.scalars(select(Message).where(Message.id.in_(ids), limited).order_by(Message.id)).all()


def give_up_undeliverable(session: Session, ids: Collection[int]) -> set[int]:
    """Give up those of these mails whose address takes none. Returns their ids. Two queries.

    Mails that a person needs to use their account are tried all the same.
    """
    found = session.execute(
        select(Message.id, Message.address).where(Message.id.in_(ids), Message.account_mail.is_(None))
    )
    addresses = dict(found.all())
    silent = undeliverable(session, set(addresses.values())) if addresses else set()
    given_up = {message_id for message_id, address in addresses.items() if address in silent}
    if given_up:
        session.execute(
            update(Message)
            .where(Message.id.in_(given_up))
            .values(next_attempt_at=None, budgeted_at=None, error=NOT_TRIED, **texts_at_the_end())
            .execution_options(synchronize_session=False)
        )
    return given_up


def release_messages(session: Session, ids: Collection[int], *, now: datetime, leased_until: datetime) -> None:
    """Give back mails that were taken and not tried: they are due at once. What is no longer leased stays as it is."""
    if ids:
        session.execute(
            update(Message)
            .where(Message.id.in_(ids), Message.sent_at.is_(None), Message.next_attempt_at == leased_until)
            .values(next_attempt_at=now)
            .execution_options(synchronize_session=False)
        )


def _is_due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Message.sent_at.is_(None), Message.next_attempt_at <= now


def mark_sent(session: Session, message_id: int, *, now: datetime) -> None:
    """Record that the mail server accepted the mail, in one statement: there are thousands.

    Objects that this session already loaded are not refreshed.
    """
    session.connection().execute(_sent(), {"message_id": message_id, "now": now})


@cache
def _with_text() -> Update:
    table = Base.metadata.tables[Message.__tablename__]
    given: dict[str, Any] = {name: bindparam(f"given_{name}") for name in ("subject", "body", "html")}
    return update(table).where(table.c.id == bindparam("message_id")).values(**given)


@cache  # building it takes longer than running it
def _sent() -> Update:
    table = Base.metadata.tables[Message.__tablename__]
    sent = {"sent_at": bindparam("now"), "next_attempt_at": None, "attempts": table.c.attempts + 1, "error": ""}
    return update(table).where(table.c.id == bindparam("message_id")).values(**sent, **texts_at_the_end())


def pause_after(attempts: int) -> timedelta:
    """How long a mail waits that was refused so often: twice as long as the last time, within bounds."""
    return min(FIRST_PAUSE * 2.0 ** (attempts - 1), LONGEST_PAUSE)


def mark_refused(message: Message, *, error: str, now: datetime, for_good: bool = False) -> None:
    """Record that the mail was not accepted. See `pause_after`; after MAX_ATTEMPTS it is given up.

    `for_good`: it is given up at once.
    """
    message.attempts += 1
    message.error = error[:500]
    given_up = for_good or message.attempts >= MAX_ATTEMPTS
    message.next_attempt_at = None if given_up else now + pause_after(message.attempts)
    if given_up and message.is_private:
        message.body = message.html = ""
