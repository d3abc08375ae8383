"""How delivery goes: what waits, what was refused."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import (
    ColumnElement,
    func,
    select,
)
from sqlalchemy.orm import Session

from ideas.outreach.messages.delivery import NOT_TRIED, pause_after
from ideas.outreach.messages.message import Message

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

# The health check looks at no more mails than that.
_LOOKED_AT = 1_000


def oldest_due_mail(session: Session, *, now: datetime) -> datetime | None:
    """Since when the mail has been due that has waited longest, or None where none waits. Reads the index alone."""
    waits = Message.sent_at.is_(None) & Message.next_attempt_at.between(_LONG_AGO, now)
    return session.scalar(select(Message.next_attempt_at).where(waits).order_by(Message.next_attempt_at).limit(1))


@dataclass(frozen=True, slots=True, kw_only=True)
class MailState:
    """How delivery goes. `failing`: mails that were refused and are tried again; `given_up`: those that are not.

    `error`: why the latest of both was refused; `sent_at`: when a mail was accepted last.
    """

    failing: int
    given_up: int
    error: str
    sent_at: datetime | None


def is_mail_refused(session: Session, *, now: datetime) -> bool:
    """True where mails were refused, are tried again, and none was accepted since the latest refusal.

    So an address that does not exist is no failure of delivery. For whoever watches the site: two queries at most, that
    read the mails that wait and the newest ones, not those of years.
    """
    refused = session.execute(
        select(Message.attempts, Message.next_attempt_at, Message.created_at)
        .where(_waits(), Message.error != "")
        .order_by(Message.next_attempt_at.desc())
        .limit(_LOOKED_AT)
    ).all()
    if not refused:
        return False
    latest = max(_refused_at(attempts, at, written, now=now) for attempts, at, written in refused if at is not None)
    newest = select(func.max(Message.id) - _LOOKED_AT).scalar_subquery()
    accepted = select(Message.id).where(Message.id > newest, Message.sent_at > latest).limit(1)
    return session.scalar(accepted) is None


def _refused_at(attempts: int, next_attempt_at: datetime, created_at: datetime, *, now: datetime) -> datetime:
    """When a mail was refused last. One that is just tried again, or waits for hours of its person, does not tell."""
    at = next_attempt_at - pause_after(attempts)
    return at if at <= now else created_at


def count_waiting(session: Session) -> int:
    """How many mails are not delivered yet and not given up, for whoever watches the site."""
    return session.scalar(select(func.count()).select_from(Message).where(_waits())) or 0


def _waits() -> ColumnElement[bool]:
    """An instant long ago, instead of IS NOT NULL: so the index is used, and not every mail is read."""
    return Message.sent_at.is_(None) & (Message.next_attempt_at > _LONG_AGO)


def mail_state(session: Session) -> MailState:
    """How delivery goes, for administrators. Two queries."""
    refused = Message.sent_at.is_(None) & Message.error.not_in(["", NOT_TRIED])
    given_up = refused & Message.next_attempt_at.is_(None)
    failing, lost, sent_at = session.execute(
        select(
            func.count().filter(refused & Message.next_attempt_at.is_not(None)),
            func.count().filter(given_up),
            func.max(Message.sent_at),
        )
    ).one()
    error = session.scalar(select(Message.error).where(refused).order_by(Message.id.desc()).limit(1))
    return MailState(failing=failing, given_up=lost, error=error or "", sent_at=sent_at)
