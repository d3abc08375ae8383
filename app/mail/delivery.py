"""Delivery of the outbox: to a mail server, or to files in a folder where none is set."""

import contextlib
import hashlib
import os
import smtplib
import ssl
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from logging import ERROR, WARNING
from pathlib import Path
from time import monotonic
from typing import Any, Protocol, Self
from urllib.parse import unquote, urlsplit

from flask import current_app
from sqlalchemy.orm import Session

from app.extensions import database
from app.mail.letter import Written, unsubscribe_address, write_letter
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
from ideas.outreach.preference import wants_mail

PATIENCE = 10.0
# Mails that are taken together, and how long one turn of the worker delivers: other work of its queue comes between.
BATCH = 20
TURN_SECONDS = 3.0
# Seconds before the end of a lease from which no mail is tried any more.
LEASE_MARGIN = 60.0
# A connection that nothing was sent over for so long is closed.
IDLE_SECONDS = 20.0
_LOCAL = {"localhost", "127.0.0.1", "::1"}


class Transport(Protocol):
    """Sends a mail or stores it. Raises OSError where that fails; the errors of smtplib are such."""

    def hand_over(self, mail: EmailMessage, *, name: str) -> None: ...


class ServerAway(OSError):
    """The mail server can't be reached: it is no use to try other mails now."""


def deliver_due(now: datetime) -> int:
    """Deliver the mails that are due, for a few seconds at most, and return how many were accepted.

    They are taken a few at a time. Each is marked and committed before the next, and no transaction is open while a
    server is waited for. A crash repeats one mail at most, with the same Message-ID, and delays those that were taken
    with it by LEASE. What fails is tried again later.
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
    delivered = 0
    try:
        _make_texts(session, taken, now)
        for message_id, mail in _composed(session, taken, now):
            if monotonic() > patient_until:  # a slow server: another worker may soon take the rest
                break
            untried.remove(message_id)
            delivered += _deliver(session, message_id, mail, way, now)
    finally:
        session.rollback()
        release_messages(session, untried, now=now, leased_until=now + LEASE)
        session.commit()
    return delivered


def _make_texts(session: Session, taken: Sequence[int], now: datetime) -> None:
    """Make the texts of notices' mails at their first attempt, and keep them for the others and for administrators.

    Mails that nobody wants any more are deleted. A fault in one must not hold up the others.
    """
    with reading(session):
        messages = [message for message in messages_to_send(session, taken) if message.notice is not None]
        unwanted = [
            message.id
            for message in messages
            if message.notice is not None and not wants_mail(session, message.person, message.notice.kind)
        ]
        to_write = {message.id: message.notice_id for message in messages if not message.is_written}
    written: dict[int, Written | Exception] = {}
    for message_id, notice_id in to_write.items():
        if message_id in unwanted or notice_id is None:
            continue
        try:
            written[message_id] = write_letter(session, notice_id)
        except Exception as error:
            session.rollback()
            written[message_id] = error
            current_app.logger.exception("mail %d could not be written", message_id)
    if not unwanted and not written:
        return
    for message in messages_to_send(session, [*unwanted, *written]):
        letter = written.get(message.id)
        if letter is None:
            session.delete(message)
        elif isinstance(letter, Exception):
            mark_refused(message, error=_reason(letter), now=now)
        else:
            set_text(message, subject=letter.subject, body=letter.text, html=letter.html)
    session.commit()


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


def _deliver(session: Session, message_id: int, mail: EmailMessage, way: Transport, now: datetime) -> bool:
    """True if the mail was accepted. Raises ServerAway, after recording the failure."""
    try:
        way.hand_over(mail, name=f"{message_id:06}")
    except Exception as error:
        _refuse(session, message_id, error, now)
        if isinstance(error, ServerAway):
            raise
        return False
    mark_sent(session.get_one(Message, message_id), now=now)
    session.commit()
    return True


def _refuse(session: Session, message_id: int, error: Exception, now: datetime) -> None:
    """Record that a mail was not accepted; a fault of ours with its traceback."""
    session.rollback()
    mark_refused(session.get_one(Message, message_id), error=_reason(error), now=now)
    session.commit()
    expected = isinstance(error, OSError | MessageError | ValueError)
    current_app.logger.log(
        WARNING if expected else ERROR,
        "mail %d was not delivered: %s",
        message_id,
        _reason(error),
        exc_info=None if expected else error,
    )


def _reason(error: Exception) -> str:
    """The reason on one line, for the page of mails: the server's own reply where there is one."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "; ".join(f"{code} {_said(text)}" for code, text in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_said(error.smtp_error)}"
    return " ".join(str(error).split()) or type(error).__name__


def _said(text: bytes | str) -> str:
    return " ".join((text.decode(errors="replace") if isinstance(text, bytes) else text).split())


def compose(message: Message, *, sender: str) -> EmailMessage:
    """The mail as it is sent, byte for byte the same in every attempt. Raises ValueError for an impossible header."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mailbox, _, domain = message.address.rpartition("@")
    mail["To"] = Address(message.person.name, addr_spec=f"{mailbox}@{domain.encode('idna').decode()}")
    mail["Subject"] = message.subject
    mail["Date"] = message.created_at
    mail["Message-ID"] = message.mail_id
    mail["Auto-Submitted"] = "auto-generated"
    if message.notice is not None:
        address = unsubscribe_address(message.person_id, message.notice.kind)
        mail["List-Unsubscribe"] = _Unfolded("List-Unsubscribe", f"<{address}>")
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(message.body, cte="quoted-printable")
    if message.html:
        mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
        # A boundary by chance would differ from one attempt to the next.
        mail.set_boundary(hashlib.sha256(message.mail_id.encode()).hexdigest()[:32])
    return mail


class _Unfolded(str):  # noqa: SLOT000 -- its name is an attribute that the email package asks for
    """A header on one line: the email package would encode an address that is longer than a line, and mail programs
    would not recognise it."""

    name: str

    def __new__(cls, name: str, value: str) -> Self:
        header = super().__new__(cls, value)
        header.name = name
        return header

    def fold(self, *, policy: EmailPolicy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


def transport(settings: Settings) -> AbstractContextManager[Transport]:
    """The way out that the settings choose."""
    if settings.smtp_url:
        return _connected(settings.smtp_url)
    return contextlib.nullcontext(MailFolder(settings.mail_folder))


class MailFolder:
    """Keeps each mail as a file: nothing leaves the machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def hand_over(self, mail: EmailMessage, *, name: str) -> None:
        """Write the file as a whole: a reader never finds half of it."""
        self._folder.mkdir(parents=True, exist_ok=True)
        handle, half = tempfile.mkstemp(dir=self._folder, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(mail.as_bytes())
            Path(half).replace(self._folder / f"{name}.eml")
        except BaseException:
            Path(half).unlink(missing_ok=True)
            raise


_kept = threading.local()


@contextmanager
def kept_connection() -> Iterator[None]:
    """In this thread, inside the block, `deliver_due` keeps its connection from one turn to the next."""
    _kept.servers = {}
    try:
        yield
    finally:
        for server in _kept.servers.values():
            server.close()
        del _kept.servers


@contextmanager
def _connected(url: str) -> Iterator[Transport]:
    servers: dict[str, MailServer] | None = getattr(_kept, "servers", None)
    if servers is None:
        server = MailServer(url)
        try:
            yield server
        finally:
            server.close()
        return
    server = servers.setdefault(url, MailServer(url))
    server.close_if_idle()
    yield server


class _Line:
    """What a connection adds to those of smtplib: whether the server may have got the text of the latest mail."""

    text_is_sent = False

    def data(self, message: Any) -> tuple[int, bytes]:
        self.text_is_sent = True
        return super().data(message)  # type: ignore[misc,no-any-return]  # of smtplib.SMTP, beside this class


class _Plain(_Line, smtplib.SMTP):
    pass


class _Encrypted(_Line, smtplib.SMTP_SSL):
    pass


class MailServer:
    """A mail server, by SMTP: one connection for all mails, opened with the first and again where it ends."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)
        self._smtp: _Plain | _Encrypted | None = None
        self._used_at = monotonic()

    def hand_over(self, mail: EmailMessage, *, name: str) -> None:  # noqa: ARG002 -- a server keeps no names
        """Raises ServerAway where the server can't be reached or hangs up, SMTPException where it refuses the mail.

        Servers end a connection after a number of mails, or a while. What was refused for that reason, before the text
        was sent, is sent over a new one.
        """
        if self._smtp is not None and self._is_sent_over(self._smtp, mail):
            return
        self._smtp = self._connect()
        self._send(self._smtp, mail)

    def _is_sent_over(self, smtp: _Plain | _Encrypted, mail: EmailMessage) -> bool:
        """Send over the connection that is there. False where the server had ended it before it got the text."""
        try:
            self._send(smtp, mail)
        except OSError as error:
            if smtp.text_is_sent or not (isinstance(error, ServerAway) or _is_a_limit(error)):
                raise
            self.close()
            return False
        return True

    def _send(self, smtp: _Plain | _Encrypted, mail: EmailMessage) -> None:
        smtp.text_is_sent = False
        self._used_at = monotonic()
        try:
            smtp.send_message(mail)
        except OSError as error:
            if smtp.sock is None or not isinstance(error, smtplib.SMTPException):
                self._smtp = None
                smtp.close()
                raise ServerAway(_reason(error)) from error
            raise

    def close(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            with contextlib.suppress(OSError):
                smtp.quit()

    def close_if_idle(self) -> None:
        if monotonic() - self._used_at > IDLE_SECONDS:
            self.close()

    def _connect(self) -> _Plain | _Encrypted:
        try:
            smtp = self._open()
            try:
                self._sign_in(smtp)
            except OSError:
                smtp.close()
                raise
        except OSError as error:
            raise ServerAway(_reason(error)) from error
        return smtp

    def _open(self) -> _Plain | _Encrypted:
        host, port = self._url.hostname or "", self._url.port or 0
        if self._url.scheme == "smtps":
            return _Encrypted(host, port, timeout=PATIENCE, context=ssl.create_default_context())
        return _Plain(host, port, timeout=PATIENCE)

    def _sign_in(self, smtp: smtplib.SMTP) -> None:
        """Encrypted where the server offers it; with the user of the address, if any.

        A password is never sent unencrypted to another machine.
        """
        smtp.ehlo_or_helo_if_needed()
        if smtp.has_extn("starttls"):
            smtp.starttls(context=ssl.create_default_context())
        if not self._url.username:
            return
        if not isinstance(smtp.sock, ssl.SSLSocket) and self._url.hostname not in _LOCAL:
            raise smtplib.SMTPException("The server offers no encryption, so the password was not sent: use smtps://.")
        smtp.login(unquote(self._url.username), unquote(self._url.password or ""))


def _is_a_limit(error: OSError) -> bool:
    """True where a server refuses any further mail of this connection for now."""
    return isinstance(error, smtplib.SMTPSenderRefused) and 400 <= error.smtp_code < 500  # noqa: PLR2004 -- "try again"


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
