"""Delivery of the outbox: to a mail server, or to files in a folder where none is set."""

import contextlib
import hashlib
import os
import smtplib
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from pathlib import Path
from typing import Protocol, Self
from urllib.parse import unquote, urlsplit

from flask import current_app
from sqlalchemy.orm import Session

from app.extensions import database
from app.mail.letter import unsubscribe_address, write_letter
from app.settings import Settings
from ideas.outreach.message import Message, due_messages, mark_refused, mark_sent, set_text, take_message
from ideas.outreach.preference import wants_mail

PATIENCE = 10.0
_LOCAL = {"localhost", "127.0.0.1", "::1"}


class Transport(Protocol):
    """Sends a mail or stores it. Raises OSError where that fails; the errors of smtplib are such."""

    def hand_over(self, mail: EmailMessage, *, name: str) -> None: ...


class ServerAway(OSError):
    """The mail server can't be reached: it is no use to try other mails now."""


def deliver_due(now: datetime) -> int:
    """Deliver the mails that are due, and return how many were accepted.

    Each is marked and committed before the next, and no transaction is open while a server is waited for. A crash
    repeats one mail at most, with the same Message-ID. What fails is tried again later.
    """
    session = database()
    due = [message.id for message in due_messages(session, now=now)]
    session.rollback()
    delivered = 0
    with transport(_settings()) as way, contextlib.suppress(ServerAway):
        for message_id in due:
            delivered += _deliver(session, message_id, way, now)
    return delivered


def _deliver(session: Session, message_id: int, way: Transport, now: datetime) -> bool:
    """True if the mail was accepted. Raises ServerAway, after recording the failure."""
    message = take_message(session, message_id, now=now)
    session.commit()
    if message is None or _is_unwanted(session, message):
        return False
    try:
        _make_text(session, message)
        mail = compose(message, sender=_settings().mail_from)
        session.rollback()
        way.hand_over(mail, name=f"{message_id:06}")
    except (OSError, MessageError, ValueError) as error:
        _refuse(session, message, error, now)
        current_app.logger.warning("mail %d was not delivered: %s", message_id, _reason(error))
        if isinstance(error, ServerAway):
            raise
        return False
    except Exception as error:
        # A fault in one mail, of its text for example, must not hold up the others.
        _refuse(session, message, error, now)
        current_app.logger.exception("mail %d could not be written", message_id)
        return False
    mark_sent(message, now=now)
    session.commit()
    return True


def _is_unwanted(session: Session, message: Message) -> bool:
    """True if the person has switched off this kind of mail since it was queued: it is deleted."""
    notice = message.notice
    if notice is None or wants_mail(session, message.person, notice.kind):
        return False
    session.delete(message)
    session.commit()
    return True


def _make_text(session: Session, message: Message) -> None:
    """Make the text of a notice's mail at its first attempt, and keep it for the others and for the administrators."""
    if message.is_written or message.notice_id is None:
        return
    letter = write_letter(session, message.notice_id)
    set_text(message, subject=letter.subject, body=letter.text, html=letter.html)
    session.commit()


def _refuse(session: Session, message: Message, error: Exception, now: datetime) -> None:
    session.rollback()
    mark_refused(message, error=_reason(error), now=now)
    session.commit()


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


@contextmanager
def _connected(url: str) -> Iterator[Transport]:
    server = MailServer(url)
    try:
        yield server
    finally:
        server.close()


class MailServer:
    """A mail server, by SMTP: one connection for all the mails of a turn, opened with the first."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)
        self._smtp: smtplib.SMTP | None = None

    def hand_over(self, mail: EmailMessage, *, name: str) -> None:  # noqa: ARG002 -- a server keeps no names
        """Raises ServerAway where the server can't be reached or hangs up, SMTPException where it refuses the mail."""
        smtp = self._smtp = self._smtp or self._connect()
        try:
            smtp.send_message(mail)
        except OSError as error:
            if smtp.sock is None or not isinstance(error, smtplib.SMTPException):
                self._smtp = None
                smtp.close()
                raise ServerAway(_reason(error)) from error
            raise

    def close(self) -> None:
        if self._smtp is not None:
            with contextlib.suppress(OSError):
                self._smtp.quit()

    def _connect(self) -> smtplib.SMTP:
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

    def _open(self) -> smtplib.SMTP:
        host, port = self._url.hostname or "", self._url.port or 0
        if self._url.scheme == "smtps":
            return smtplib.SMTP_SSL(host, port, timeout=PATIENCE, context=ssl.create_default_context())
        return smtplib.SMTP(host, port, timeout=PATIENCE)

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


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
