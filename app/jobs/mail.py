"""Delivery of the outbox: to a mail server, or to files in a folder where none is set. And addresses for mails."""

import contextlib
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
from email.policy import SMTP
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from flask import current_app
from sqlalchemy.orm import Session

from app.extensions import database
from app.settings import Settings
from ideas.outreach.message import Message, due_messages, mark_refused, mark_sent, take_message

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
    if message is None:
        return False
    try:
        mail = compose(message, sender=_settings().mail_from)
        session.rollback()
        way.hand_over(mail, name=f"{message_id:06}")
    except (OSError, MessageError, ValueError) as error:
        mark_refused(message, error=_reason(error), now=now)
        session.commit()
        current_app.logger.warning("mail %d was not delivered: %s", message_id, _reason(error))
        if isinstance(error, ServerAway):
            raise
        return False
    mark_sent(message, now=now)
    session.commit()
    return True


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
    mail.set_content(message.body, cte="quoted-printable")
    return mail


def address_of(endpoint: str, **values: Any) -> str:
    """The full address of a page for a mail: it starts as the settings say, whatever host a request named."""
    base = urlsplit(_settings().base_url)
    urls = current_app.url_map.bind(base.netloc, script_name=base.path or "/", url_scheme=base.scheme)
    return urls.build(endpoint, values, force_external=True)


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
