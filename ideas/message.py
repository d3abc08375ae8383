"""The outbox: a mail is a row first, written with the act that causes it, then delivered by the worker."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from email.utils import make_msgid

from sqlalchemy import ForeignKey, String, Text, func, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ideas.base import Base
from ideas.person import EMAIL_MOST, Person

ATTEMPTS_MOST = 8
FIRST_PAUSE = timedelta(minutes=1)


class Message(Base):
    __tablename__ = "message"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    address: Mapped[str] = mapped_column(String(EMAIL_MOST))
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    # Names the reason to write: the same reason never writes twice to a person.
    key: Mapped[str] = mapped_column(String(120), unique=True)
    # The same in every attempt, so that a mail server that saw it before can tell.
    mail_id: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    next_attempt_at: Mapped[datetime | None] = mapped_column(index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(Text, default="")

    person: Mapped[Person] = relationship()


def write_message(
    session: Session, *, to: Person, subject: str, body: str, reason: str, domain: str, now: datetime
) -> Message:
    """Put a mail into the outbox. The same reason and person again return what was written first."""
    key = f"{reason}:{to.id}"
    written = session.scalar(select(Message).where(Message.key == key))
    if written is not None:
        return written
    message = Message(
        person=to,
        address=to.email,
        subject=" ".join(subject.split())[:200],
        body=body,
        key=key,
        mail_id=make_msgid(domain=domain),
        created_at=now,
        next_attempt_at=now,
    )
    session.add(message)
    session.flush()
    return message


def due_messages(session: Session, *, now: datetime, most: int = 20) -> Sequence[Message]:
    """Unsent mails whose turn has come, oldest first."""
    return session.scalars(
        select(Message)
        .where(Message.sent_at.is_(None), Message.next_attempt_at <= now)
        .order_by(Message.next_attempt_at, Message.id)
        .limit(most)
    ).all()


def mark_sent(message: Message, *, now: datetime) -> None:
    """The mail was handed over."""
    message.sent_at = now
    message.next_attempt_at = None
    message.attempts += 1
    message.error = ""


def mark_refused(message: Message, *, error: str, now: datetime) -> None:
    """The mail could not be handed over: try later, each time twice as late, then give up."""
    message.attempts += 1
    message.error = error[:500]
    given_up = message.attempts >= ATTEMPTS_MOST
    message.next_attempt_at = None if given_up else now + FIRST_PAUSE * 2 ** (message.attempts - 1)


def latest_messages(session: Session, *, number: int, size: int = 50) -> tuple[Sequence[Message], int]:
    """A page of the outbox, newest first, and how many mails there are."""
    total = session.scalar(select(func.count()).select_from(Message)) or 0
    found = session.scalars(
        select(Message)
        .options(joinedload(Message.person))
        .order_by(Message.id.desc())
        .limit(size)
        .offset((max(1, number) - 1) * size)
    ).all()
    return found, total
