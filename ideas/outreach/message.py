"""The outbox: a mail is stored in the transaction of its cause, then sent by the worker.

The mail of a notice is stored without its text, which is made at the first attempt to send it. That of a debrief is
for its person alone: nobody else reads it, and it is kept until the mail is sent or given up.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from email.utils import make_msgid
from enum import StrEnum
from functools import cache
from secrets import token_hex
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    ForeignKey,
    String,
    Text,
    Update,
    bindparam,
    case,
    delete,
    false,
    func,
    insert,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ideas.accounts.link import Link
from ideas.accounts.undeliverable import undeliverable
from ideas.base import Base, choice
from ideas.organisation.organisation import record_download
from ideas.outreach.notice import Notice, NoticeKind
from ideas.page import Page, page_at
from ideas.people.person import MAX_EMAIL_LENGTH, Person
from ideas.spaces.invitation import Invitation
from ideas.work.job import changed_rows

# Pauses double from one minute, so the last attempt comes after about 34 hours: a mail server may be down for a day.
MAX_ATTEMPTS = 12
FIRST_PAUSE = timedelta(minutes=1)
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
# The health check looks at no more mails than that.
_LOOKED_AT = 1_000
# After this time another worker may try the same mails again.
LEASE = timedelta(minutes=5)
MAX_SUBJECT_LENGTH = 200

# The error of a mail that was not tried, because its address takes none.
NOT_TRIED = "not tried"


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
    # None where the address may have no account: then it is that of the invitation.
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    # What the mail is about; None for one that no notice is behind.
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id", ondelete="CASCADE"), index=True)
    # What an account mail says, and the link in it. Its text holds the secret of the link: it is made when it is sent.
    account_mail: Mapped[AccountMail | None] = mapped_column(choice(AccountMail))
    link_id: Mapped[int | None] = mapped_column(ForeignKey("link.id", ondelete="CASCADE"), index=True)
    # Its text holds the secret link of the invitation: it is made at each attempt, and never stored.
    invitation_id: Mapped[int | None] = mapped_column(ForeignKey("invitation.id", ondelete="CASCADE"), index=True)
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

    @property
    def is_written(self) -> bool:
        """False until the first attempt to send the mail of a notice."""
        return bool(self.body)

    @property
    def is_private(self) -> bool:
        """True where the text says what the person supported or reacted to, which nobody else is told."""
        return self.notice is not None and self.notice.kind is NoticeKind.DEBRIEF_PUBLISHED

    @property
    def is_given_up(self) -> bool:
        return self.sent_at is None and self.next_attempt_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePage(Page):
    messages: Sequence[Message]


def write_message(
    session: Session, *, to: Person, subject: str, body: str, reason: str, domain: str, now: datetime
) -> Message:
    """Put a mail into the outbox. Returns the earlier mail if there is one for the same reason and person."""
    key = f"{reason}:{to.id}"
    written = session.scalar(select(Message).where(Message.key == key))
    if written is not None:
        return written
    message = Message(
        person=to,
        address=to.email,
        subject=_one_line(subject),
        body=body,
        key=key,
        mail_id=make_msgid(domain=domain),
        created_at=now,
        next_attempt_at=now,
    )
    session.add(message)
    session.flush()
    return message


def was_queued(session: Session, mail: AccountMail, *, to: Person, since: datetime) -> bool:
    """True where the person was sent such a mail since then, or is about to be."""
    queued = select(Message.id).where(
        Message.person_id == to.id, Message.account_mail == mail, Message.created_at > since
    )
    return session.scalar(queued.limit(1)) is not None


def queue_account_mail(
    session: Session,
    mail: AccountMail,
    *,
    to: Person,
    domain: str,
    now: datetime,
    link: Link | None = None,
    address: str = "",
) -> None:
    """Put a mail about the person's account into the outbox, in the transaction of its cause, without its text.

    `address`: where to, if it is not the person's own.
    """
    session.add(
        Message(
            person=to,
            account_mail=mail,
            link=link,
            address=address or to.email,
            subject="",
            body="",
            key=f"account:{token_hex(16)}",
            mail_id=make_msgid(domain=domain),
            created_at=now,
            next_attempt_at=now,
        )
    )
    session.flush()


def queue_mails(
    session: Session,
    notices: Mapping[int, int],
    *,
    reason: str,
    domain: str,
    now: datetime,
    not_before: datetime | None = None,
    planned: Mapping[int, datetime] | None = None,
    in_hours: bool = False,
) -> None:
    """Put the mails of these notices into the outbox, without text: `notices` are ids by the person's id.

    `not_before`: where it is later than now, they are sent then. `planned`: when each of them goes out and counts in
    the budget of its person; None for what is outside the budget. `in_hours`: only in the hours of its person.

    For the worker, with a few hundred people at a time. Where there is a mail for the same reason and person, none is
    added.
    """
    keys = {person_id: f"{reason}:{person_id}" for person_id in notices}
    written = set(session.scalars(select(Message.key).where(Message.key.in_(keys.values()))))
    addresses = session.execute(select(Person.id, Person.email).where(Person.id.in_(notices))).all()
    rows = [
        {
            "person_id": person_id,
            "notice_id": notices[person_id],
            "address": address,
            "subject": "",
            "body": "",
            "key": keys[person_id],
            "mail_id": make_msgid(domain=domain),
            "created_at": now,
            "budgeted_at": planned[person_id] if planned is not None else None,
            "in_hours": in_hours,
            "next_attempt_at": planned[person_id] if planned is not None else not_before or now,
        }
        for person_id, address in addresses
        if keys[person_id] not in written
    ]
    if rows:
        session.execute(insert(Message), rows)


def queue_invitations(
    session: Session, invitations: Sequence[Invitation], *, planned: Mapping[str, datetime], domain: str, now: datetime
) -> None:
    """Put the mails of these invitations to addresses into the outbox, in the transaction that wrote them.

    `planned`: when each address gets its mail: see `ideas.outreach.limits.budget.invite_by_mail`, which others call.
    """
    rows = [
        {
            "invitation_id": invitation.id,
            "address": invitation.email,
            "subject": "",
            "body": "",
            "key": f"invitation:{invitation.id}:{invitation.times_sent}",
            "mail_id": make_msgid(domain=domain),
            "created_at": now,
            "budgeted_at": planned[invitation.email or ""],
            "next_attempt_at": planned[invitation.email or ""],
        }
        for invitation in invitations
    ]
    if rows:
        session.execute(insert(Message), rows)


def queue_digests(
    session: Session,
    digests: Mapping[int, dict[str, Any]],
    *,
    planned: Mapping[int, datetime],
    counts: bool,
    reason: str,
    domain: str,
    now: datetime,
) -> None:
    """Put these digests into the outbox, without text, for at most a thousand people, each at the `planned` instant.

    `counts`: they count in the budget of their people. Where there is one for the same reason and person, none is
    added.
    """
    keys = {person_id: f"{reason}:{person_id}" for person_id in digests}
    written = set(session.scalars(select(Message.key).where(Message.key.in_(keys.values()))))
    addresses = session.execute(select(Person.id, Person.email).where(Person.id.in_(digests))).all()
    rows = [
        {
            "person_id": person_id,
            "digest": digests[person_id],
            "address": address,
            "subject": "",
            "body": "",
            "key": keys[person_id],
            "mail_id": make_msgid(domain=domain),
            "created_at": now,
            "budgeted_at": planned[person_id] if counts else None,
            "in_hours": True,
            "next_attempt_at": planned[person_id],
        }
        for person_id, address in addresses
        if keys[person_id] not in written
    ]
    if rows:
        session.execute(insert(Message), rows)


def set_text(message: Message, *, subject: str, body: str, html: str) -> None:
    """Keep the text of a mail, so that every attempt sends the same."""
    message.subject, message.body, message.html = _one_line(subject), body, html


def due_messages(session: Session, *, now: datetime, limit: int = 20) -> Sequence[Message]:
    """Unsent mails that are due, oldest first."""
    return session.scalars(
        select(Message).where(*_is_due(now)).order_by(Message.next_attempt_at, Message.id).limit(limit)
    ).all()


def oldest_due_mail(session: Session, *, now: datetime) -> datetime | None:
    """Since when the mail has been due that has waited longest, or None where none waits. Reads the index alone."""
    waits = Message.sent_at.is_(None) & Message.next_attempt_at.between(_LONG_AGO, now)
    return session.scalar(select(Message.next_attempt_at).where(waits).order_by(Message.next_attempt_at).limit(1))


def take_messages(session: Session, *, now: datetime, limit: int) -> list[int]:
    """Lease the mails that are due first to this worker. Returns their ids, oldest first. The caller commits at once.

    If the worker dies, they are due again after LEASE. What another worker has is left to it.
    """
    due = select(Message.id).where(*_is_due(now)).order_by(Message.next_attempt_at, Message.id).limit(limit)
    asked = session.scalars(due).all()
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
            .values(next_attempt_at=None, budgeted_at=None, error=NOT_TRIED, **_texts_at_the_end())
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

    Whoever has read the mail in this session reads it again to see it.
    """
    session.connection().execute(_sent(), {"message_id": message_id, "now": now})


@cache  # building it takes longer than running it
def _sent() -> Update:
    table = Base.metadata.tables[Message.__tablename__]
    sent = {"sent_at": bindparam("now"), "next_attempt_at": None, "attempts": table.c.attempts + 1, "error": ""}
    return update(table).where(table.c.id == bindparam("message_id")).values(**sent, **_texts_at_the_end())


def _texts_at_the_end() -> dict[str, Any]:
    """The texts of a mail that is tried no more, for an update: those of a private one are not kept."""
    message, notice = (Base.metadata.tables[one.__tablename__] for one in (Message, Notice))
    is_private = (
        select(notice.c.id)
        .where(notice.c.id == message.c.notice_id, notice.c.kind == NoticeKind.DEBRIEF_PUBLISHED)
        .correlate(message)
        .exists()
    )
    return {name: case((is_private, ""), else_=message.c[name]) for name in ("body", "html")}


def mark_refused(message: Message, *, error: str, now: datetime, for_good: bool = False) -> None:
    """Record that the mail was not accepted. Each pause is twice the one before; after MAX_ATTEMPTS it is given up.

    `for_good`: it is given up at once.
    """
    message.attempts += 1
    message.error = error[:500]
    given_up = for_good or message.attempts >= MAX_ATTEMPTS
    message.next_attempt_at = None if given_up else now + FIRST_PAUSE * 2 ** (message.attempts - 1)
    if given_up and message.is_private:
        message.body = message.html = ""


def empty_private_texts(session: Session) -> int:
    """Empty the private texts of mails that are sent or given up. Returns how many. For the worker.

    Of those that an earlier version of the product kept.
    """
    private = select(Notice.id).where(Notice.kind == NoticeKind.DEBRIEF_PUBLISHED)
    kept = (Message.body != "") & _has_ended() & Message.notice_id.in_(private)
    emptied = update(Message).where(kept).values(body="", html="")
    return changed_rows(session, emptied.execution_options(synchronize_session=False))


def message_page(session: Session, *, number: int, to: str = "", size: int = 50) -> MessagePage:
    """A page of the outbox, newest first, for administrators. A number beyond the end returns the last page.

    `to`: a part of the address, or nothing.
    """
    total = session.scalar(select(func.count()).select_from(Message).where(_sent_to(to))) or 0
    page = page_at(number, size=size, total=total)
    found = session.scalars(
        select(Message)
        .where(_sent_to(to))
        .options(joinedload(Message.person), joinedload(Message.notice))
        .order_by(Message.id.desc())
        .limit(size)
        .offset((page.number - 1) * size)
    ).all()
    return MessagePage(messages=found, **asdict(page))


def export_messages(session: Session, *, to: str, limit: int, by: Person, now: datetime) -> Sequence[Message]:
    """The latest mails to addresses with this part. Administrators may; the activity log says who did, and how many."""
    found = session.scalars(select(Message).where(_sent_to(to)).order_by(Message.id.desc()).limit(limit)).all()
    record_download(session, "messages", len(found), by=by, now=now)
    return found


def _sent_to(part: str) -> ColumnElement[bool]:
    return Message.address.icontains(part, autoescape=True) if part else true()


def delete_old_messages(session: Session, *, now: datetime, kept: timedelta) -> int:
    """Delete mails that were written this long ago and are sent or given up. Returns how many. For the worker.

    Their notices stay, so nobody is told again.
    """
    deletion = delete(Message).where(Message.created_at < now - kept, _has_ended())
    return changed_rows(session, deletion.execution_options(synchronize_session=False))


def _has_ended() -> ColumnElement[bool]:
    return or_(Message.sent_at.is_not(None), Message.next_attempt_at.is_(None))


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
    at = next_attempt_at - FIRST_PAUSE * 2 ** (attempts - 1)
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


def _one_line(subject: str) -> str:
    return " ".join(subject.split())[:MAX_SUBJECT_LENGTH]
