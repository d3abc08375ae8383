"""Delivery of the outbox: which mails are due, their texts, and what became of each."""

import contextlib
import hashlib
from collections.abc import Sequence
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.quoprimime import body_encode
from email.utils import format_datetime
from functools import cache, lru_cache
from logging import ERROR, WARNING
from time import monotonic
from typing import Any, Self

from flask import current_app
from sqlalchemy.orm import Session

from app.extensions import database
from app.mail.letter import Contents, Written, read_contents, unsubscribe_address, write_letter
from app.mail.transport import ServerAway, Transport, reason_of, transport
from app.settings import Settings
from app.sqlite import reading
from ideas.outreach.message import (
    LEASE,
    Message,
    mark_refused,
    mark_sent,
    messages_to_send,
    release_messages,
    set_text,
    take_messages,
)
from ideas.outreach.notice import NoticeKind
from ideas.outreach.preference import without_mail

# Mails that are taken together, and how long one turn of the worker delivers: other work of its queue comes between.
BATCH = 50
TURN_SECONDS = 3.0
# Accepted mails are recorded together: so many, or those of so many seconds. A crash repeats these at most.
MAX_UNRECORDED = 10
MAX_UNRECORDED_SECONDS = 0.2
# Seconds before the end of a lease from which no mail is tried any more.
LEASE_MARGIN = 60.0


class _Headers(HeaderRegistry):
    """The classes of headers, each made once: the email package makes one for every header of every mail."""

    @cache  # noqa: B019 -- there is one registry, which lives as long as the process
    def __getitem__(self, name: str) -> Any:
        return super().__getitem__(name)


_POLICY = SMTP.clone(header_factory=_Headers())


def deliver_due(now: datetime) -> int:
    """Deliver the mails that are due, for a few seconds at most, and return how many were accepted.

    They are taken a few at a time, and no transaction is open while a server is waited for. Those that were accepted
    are recorded a handful at a time, because each commit waits for the disk. A crash repeats MAX_UNRECORDED mails at
    most, with the same Message-IDs, and delays those that were taken with them by LEASE. What fails is tried again
    later.
    """
    session = database()
    until = monotonic() + TURN_SECONDS
    delivered = 0
    with transport(_settings()) as way, contextlib.suppress(ServerAway):
        while monotonic() < until:
            taken = take_messages(session, now=now, limit=BATCH)
            session.commit()
            if not taken:
                break
            delivered += _deliver_all(session, taken, way, now)
    return delivered


def _deliver_all(session: Session, taken: Sequence[int], way: Transport, now: datetime) -> int:
    """How many of these mails were accepted. Raises ServerAway: then those that were not tried are due at once."""
    patient_until = monotonic() + LEASE.total_seconds() - LEASE_MARGIN
    untried = list(taken)
    accepted = _Accepted(session, now)
    try:
        _make_texts(session, taken, now)
        for message_id, mail in _composed(session, taken, now):
            if monotonic() > patient_until:  # a slow server: another worker may soon take the rest
                break
            untried.remove(message_id)
            _deliver(session, message_id, mail, way, now, accepted)
    finally:
        session.rollback()
        accepted.record()
        release_messages(session, untried, now=now, leased_until=now + LEASE)
        session.commit()
    return accepted.total


class _Accepted:
    """The mails that the server accepted, recorded a handful at a time."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session, self._now = session, now
        self._unrecorded: list[int] = []
        self._since = 0.0
        self.total = 0

    def add(self, message_id: int) -> None:
        if not self._unrecorded:
            self._since = monotonic()
        self._unrecorded.append(message_id)
        self.total += 1
        if len(self._unrecorded) >= MAX_UNRECORDED or monotonic() - self._since >= MAX_UNRECORDED_SECONDS:
            self.record()

    def record(self) -> None:
        mark_sent(self._session, self._unrecorded, now=self._now)
        self._session.commit()
        self._unrecorded.clear()


def _make_texts(session: Session, taken: Sequence[int], now: datetime) -> None:
    """Make the texts of notices' mails at their first attempt, and keep them for the others and for administrators.

    Mails that nobody wants any more are deleted. A fault in one must not hold up the others.
    """
    with reading(session):
        messages = [message for message in messages_to_send(session, taken) if message.notice is not None]
        unwanted = _unwanted(session, messages)
        to_write = {
            message.id: message.notice_id
            for message in messages
            if not message.is_written and message.id not in unwanted and message.notice_id is not None
        }
    contents = read_contents(session, to_write.values()) if to_write else {}
    written = {message_id: _written(message_id, contents[notice_id]) for message_id, notice_id in to_write.items()}
    if not unwanted and not written:
        return
    for message in messages_to_send(session, [*unwanted, *written]):
        letter = written.get(message.id)
        if letter is None:
            session.delete(message)
        elif isinstance(letter, Exception):
            mark_refused(message, error=reason_of(letter), now=now)
        else:
            set_text(message, subject=letter.subject, body=letter.text, html=letter.html)
    session.commit()


def _written(message_id: int, contents: Contents | Exception) -> Written | Exception:
    """The text of a mail, or the fault that prevents it, which is logged."""
    try:
        found = contents if isinstance(contents, Exception) else write_letter(contents)
    except Exception as error:  # noqa: BLE001 -- logged below
        found = error
    if isinstance(found, Exception):
        current_app.logger.error("mail %d could not be written", message_id, exc_info=found)
    return found


def _unwanted(session: Session, messages: Sequence[Message]) -> list[int]:
    """The ids of those of these mails whose kind the person has switched off since they were queued."""
    people: dict[NoticeKind, list[int]] = {}
    for message in messages:
        if message.notice is not None:
            people.setdefault(message.notice.kind, []).append(message.person_id)
    without = {(kind, person) for kind, some in people.items() for person in without_mail(session, kind, some)}
    return [each.id for each in messages if each.notice is not None and (each.notice.kind, each.person_id) in without]


def _composed(session: Session, taken: Sequence[int], now: datetime) -> list[tuple[int, EmailMessage]]:
    """Those of these mails that have a text, as they are sent. No transaction is open afterwards."""
    ready: list[tuple[int, EmailMessage]] = []
    faults: dict[int, Exception] = {}
    sender = _settings().mail_from
    with reading(session):
        for message in messages_to_send(session, taken):
            if not message.is_written:
                continue
            try:
                ready.append((message.id, compose(message, sender=sender)))
            except Exception as error:  # noqa: BLE001 -- recorded and logged below, when nothing is read any more
                faults[message.id] = error
    for message_id, fault in faults.items():
        _refuse(session, message_id, fault, now)
    return ready


def _deliver(
    session: Session, message_id: int, mail: EmailMessage, way: Transport, now: datetime, accepted: _Accepted
) -> None:
    """Send a mail, or record why it was not accepted. Raises ServerAway, after recording the failure."""
    try:
        way.hand_over(mail, name=f"{message_id:06}")
    except Exception as error:
        _refuse(session, message_id, error, now)
        if isinstance(error, ServerAway):
            raise
    else:
        accepted.add(message_id)


def _refuse(session: Session, message_id: int, error: Exception, now: datetime) -> None:
    """Record that a mail was not accepted; a fault of ours with its traceback."""
    session.rollback()
    mark_refused(session.get_one(Message, message_id), error=reason_of(error), now=now)
    session.commit()
    expected = isinstance(error, OSError | MessageError | ValueError)
    current_app.logger.log(
        WARNING if expected else ERROR,
        "mail %d was not delivered: %s",
        message_id,
        reason_of(error),
        exc_info=None if expected else error,
    )


def compose(message: Message, *, sender: str) -> EmailMessage:
    """The mail as it is sent, byte for byte the same in every attempt. Raises ValueError for an impossible header."""
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = _sender(sender)
    mailbox, _, domain = message.address.rpartition("@")
    mail["To"] = Address(message.person.name, addr_spec=f"{mailbox}@{domain.encode('idna').decode()}")
    mail["Subject"] = message.subject
    _add(mail, "Date", format_datetime(message.created_at))
    _add(mail, "Message-ID", message.mail_id)
    _add(mail, "Auto-Submitted", "auto-generated")
    if message.notice is not None:
        _add(mail, "List-Unsubscribe", f"<{unsubscribe_address(message.person_id, message.notice.kind)}>")
        _add(mail, "List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
    _add(mail, "MIME-Version", "1.0")
    if not message.html:
        _set_text(mail, "plain", message.body)
        return mail
    # A boundary by chance would differ from one attempt to the next.
    boundary = hashlib.sha256(message.mail_id.encode()).hexdigest()[:24]
    _add(mail, "Content-Type", f'multipart/alternative; boundary="{boundary}"')
    for subtype, text in (("plain", message.body), ("html", message.html)):
        part = EmailMessage(policy=_POLICY)
        _set_text(part, subtype, text)
        mail.attach(part)
    return mail


@lru_cache(maxsize=8)
def _sender(sender: str) -> Any:
    """The header From, which is the same in every mail."""
    return _POLICY.header_factory("From", sender)


def _set_text(part: EmailMessage, subtype: str, text: str) -> None:
    """As set_content of the email package, which would parse each header anew three times."""
    _add(part, "Content-Type", f'text/{subtype}; charset="utf-8"')
    _add(part, "Content-Transfer-Encoding", "quoted-printable")
    lines = b"".join(line + b"\n" for line in text.encode().splitlines())
    part.set_payload(body_encode(lines.decode("latin-1")))


def _add(mail: EmailMessage, name: str, value: str) -> None:
    """Add a header that is written by us, in ASCII. Raises ValueError for a line break."""
    if not value.isascii() or not value.isprintable():
        raise ValueError(f"{name} has characters that no header may have.")
    mail[name] = _Unfolded(name, value)


class _Unfolded(str):  # noqa: SLOT000 -- its name is an attribute that the email package asks for
    """A header on one line, as it is: the email package would encode an address that is longer than a line, and mail
    programs would not recognise it. Nor is it parsed, which takes most of the time that a mail needs."""

    name: str

    def __new__(cls, name: str, value: str) -> Self:
        header = super().__new__(cls, value)
        header.name = name
        return header

    def fold(self, *, policy: EmailPolicy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
