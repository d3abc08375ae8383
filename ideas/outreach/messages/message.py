"""Mails: each is stored in the transaction of its cause, then sent by the worker.

The mail of a notice is stored without its text, which is made at the first attempt to send it. That of a debrief, an
answer or an action is for its person alone: nobody else reads it, and it is kept until the mail is sent or given up.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    ForeignKey,
    String,
    Text,
    case,
    false,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ideas.accounts.link import Link
from ideas.activity.activity import Activity
from ideas.base import Base, choice
from ideas.outreach.notice import TELLS_OWN, Notice
from ideas.people.person import MAX_EMAIL_LENGTH, Person
from ideas.spaces.invitation import Invitation

MAX_SUBJECT_LENGTH = 200


class AccountMail(StrEnum):
    """Mails about the account itself. No preference switches them off, and their text is never stored."""

    VERIFY = "verify"
    ACCOUNT_EXISTS = "account_exists"
    RESET = "reset"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 -- a kind, not a secret
    CHANGE_ADDRESS = "change_address"
    ADDRESS_CHANGING = "address_changing"
    ADDRESS_CHANGED = "address_changed"
    ADDRESS_KEPT = "address_kept"
    TOTP_ON = "totp_on"
    TOTP_OFF = "totp_off"
    ERASURE_ASKED = "erasure_asked"
    ERASURE_TAKEN_BACK = "erasure_taken_back"
    ERASURE_REFUSED = "erasure_refused"


class Message(Base):
    __tablename__ = "message"

    id: Mapped[int] = mapped_column(primary_key=True)
    # None where the address may have no account: then it is that of the invitation, or came with an imported idea.
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    # What the mail is about; None for one that no notice is behind.
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id", ondelete="CASCADE"), index=True)
    # What an account mail says, and the link in it. Its text holds the secret of the link: it is made when it is sent.
    account_mail: Mapped[AccountMail | None] = mapped_column(choice(AccountMail))
    link_id: Mapped[int | None] = mapped_column(ForeignKey("link.id", ondelete="CASCADE"), index=True)
    # Its text holds the secret link of the invitation: it is made at each attempt, and never stored.
    invitation_id: Mapped[int | None] = mapped_column(ForeignKey("invitation.id", ondelete="CASCADE"), index=True)
    # One of the imported ideas whose author, without an account, is told what became of them. Its text is made at each
    # attempt, and never stored.
    imported_id: Mapped[int | None] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True)
    # The act that such a mail tells of; None where it tells of the debrief.
    activity_id: Mapped[int | None] = mapped_column(ForeignKey("activity.id"))
    # What a digest tells, by ids: see ideas.outreach.digest. None for another mail.
    digest: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    address: Mapped[str] = mapped_column(String(MAX_EMAIL_LENGTH))
    subject: Mapped[str] = mapped_column(String(MAX_SUBJECT_LENGTH))
    body: Mapped[str] = mapped_column(Text)
    # The same as HTML; empty in a mail that is text only.
    html: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    # The reason and the person: nobody gets two mails for the same reason.
    key: Mapped[str] = mapped_column(String(120), unique=True)
    # The Message-ID, the same in every attempt, so that a mail server can recognise a repeat.
    mail_id: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    # The instant for which it counts in a week's budget; None outside it. See ideas.outreach.limits.budget.
    budgeted_at: Mapped[datetime | None]
    # It is only sent in the hours of its person: see ideas.outreach.limits.hours.
    in_hours: Mapped[bool] = mapped_column(default=False, server_default=false())
    next_attempt_at: Mapped[datetime | None] = mapped_column(index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(Text, default="")

    person: Mapped[Person | None] = relationship()
    notice: Mapped[Notice | None] = relationship()
    link: Mapped[Link | None] = relationship()
    invitation: Mapped[Invitation | None] = relationship()
    activity: Mapped[Activity | None] = relationship()

    @property
    def is_written(self) -> bool:
        """False until the first attempt to send the mail of a notice."""
        return bool(self.body)

    @property
    def is_private(self) -> bool:
        """True where the text says what the person supported or reacted to, which nobody else is told."""
        return self.notice is not None and self.notice.kind in TELLS_OWN

    @property
    def is_given_up(self) -> bool:
        return self.sent_at is None and self.next_attempt_at is None


def texts_at_the_end() -> dict[str, Any]:
    """The texts of a mail that is tried no more, for an update: those of a private one are not kept."""
    message, notice = (Base.metadata.tables[one.__tablename__] for one in (Message, Notice))
    is_private = (
        select(notice.c.id)
        .where(notice.c.id == message.c.notice_id, notice.c.kind.in_(TELLS_OWN))
        .correlate(message)
        .exists()
    )
    return {name: case((is_private, ""), else_=message.c[name]) for name in ("body", "html")}


def has_ended() -> ColumnElement[bool]:
    return or_(Message.sent_at.is_not(None), Message.next_attempt_at.is_(None))


def one_line(subject: str) -> str:
    return " ".join(subject.split())[:MAX_SUBJECT_LENGTH]
