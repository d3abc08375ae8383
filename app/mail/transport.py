"""The way out of a mail: to a mail server, or to a file in a folder where none is set."""

import contextlib
import os
import re
import smtplib
import ssl
import tempfile
import threading
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from time import monotonic
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from app.settings import Settings

PATIENCE = 10.0
# A connection that nothing was sent over for so long is closed.
IDLE_SECONDS = 20.0
# What servers answer: the command is carried out, the recipient taken, the text awaited, the connection closed.
_DONE, _TAKEN, _GO_ON, _CLOSING = 250, {250, 251}, 354, 421
# In a text, a line that begins with a full stop: alone, it would be the end.
_FULL_STOP = re.compile(rb"^\.", re.MULTILINE)
_LOCAL = {"localhost", "127.0.0.1", "::1"}


class Transport(Protocol):
    """Sends a mail or stores it. Raises OSError where that fails; the errors of smtplib are such."""

    def hand_over(self, mail: EmailMessage, *, name: str) -> None: ...


class ServerAway(OSError):
    """The mail server can't be reached: it is no use to try other mails now."""


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


def delete_mails(folder: Path, naming: re.Pattern[str], mail_ids: Collection[str] = ()) -> int:
    """Delete the mails of the folder that name somebody, in a header or in the text, and those with these Message-IDs.

    Returns how many.
    """
    deleted = 0
    for path in sorted(folder.glob("*.eml")) if folder.is_dir() else ():
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        said = [*map(str, mail.values())]
        said += [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
        if str(mail["Message-ID"]).strip() in mail_ids or any(naming.search(words) for words in said):
            path.unlink(missing_ok=True)
            deleted += 1
    return deleted


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


class _Line(smtplib.SMTP):
    """What a connection adds to those of smtplib: fewer answers to wait for, where the server offers it (RFC 2920), and
    whether the server may have got the text of the latest mail.
    """

    text_is_sent = False
    # What the server answered to the text of the latest mail.
    answered = ""

    def send_to_one(self, sender: str, recipient: str, text: bytes) -> None:
        """As `sendmail` for one recipient, with its errors."""
        self.text_is_sent = False
        if not self.has_extn("pipelining"):
            self.sendmail(sender, recipient, text)
            return
        size = f" size={len(text)}" if self.has_extn("size") else ""
        commands = [f"mail FROM:<{sender}>{size}", f"rcpt TO:<{recipient}>", "data"]
        if any("\r" in one or "\n" in one for one in commands):
            raise ValueError("An address has a line break.")
        self.send("".join(f"{one}\r\n" for one in commands))
        self._read_answers(sender, recipient)
        code, reply = self._send_text(text)
        if code != _DONE:
            self._start_anew(code)
            raise smtplib.SMTPDataError(code, reply)

    def _read_answers(self, sender: str, recipient: str) -> None:
        """Read the answers to three commands. Where one is refused, the server waits for the next mail afterwards."""
        sent = self.getreply()
        if sent[0] == _CLOSING:
            self.close()
            raise smtplib.SMTPSenderRefused(*sent, sender)
        taken, ready = self.getreply(), self.getreply()
        is_taken = sent[0] == _DONE and taken[0] in _TAKEN
        if is_taken and ready[0] == _GO_ON:
            return
        if ready[0] == _GO_ON:  # it waits for the text of a mail to nobody
            self.send(".\r\n")
            self.getreply()
        self._start_anew(taken[0])
        if sent[0] != _DONE:
            raise smtplib.SMTPSenderRefused(*sent, sender)
        if not is_taken:
            raise smtplib.SMTPRecipientsRefused({recipient: taken})
        raise smtplib.SMTPDataError(*ready)

    def _send_text(self, text: bytes) -> tuple[int, bytes]:
        self.text_is_sent = True
        self.send(_FULL_STOP.sub(b"..", text) + b".\r\n")
        code, reply = self.getreply()
        self.answered = f"{code} {_said(reply)}"
        return code, reply

    def _start_anew(self, code: int) -> None:
        if code == _CLOSING:
            self.close()
        else:
            with contextlib.suppress(smtplib.SMTPServerDisconnected):
                self.rset()

    def data(self, message: Any) -> tuple[int, bytes]:
        self.text_is_sent = True
        code, text = super().data(message)
        self.answered = f"{code} {_said(text)}"
        return code, text


class _Plain(_Line):
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
        self._used_at = monotonic()
        try:
            smtp.send_to_one(_address(mail["From"]), _address(mail["To"]), mail.as_bytes())
        except OSError as error:
            if smtp.sock is None or not isinstance(error, smtplib.SMTPException):
                self._smtp = None
                smtp.close()
                raise ServerAway(reason_of(error)) from error
            raise

    @property
    def answered(self) -> str:
        """What the server answered to the text of the latest mail."""
        return self._smtp.answered if self._smtp is not None else ""

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
            raise ServerAway(reason_of(error)) from error
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


def _address(header: Any) -> str:
    """The one address of this header, as SMTP has it."""
    address: str = header.addresses[0].addr_spec
    return address


def _is_a_limit(error: OSError) -> bool:
    """True where a server refuses any further mail of this connection for now."""
    return isinstance(error, smtplib.SMTPSenderRefused) and 400 <= error.smtp_code < 500  # noqa: PLR2004 -- "try again"


def reason_of(error: Exception) -> str:
    """The reason on one line, for the page of mails: the server's own reply where there is one."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "; ".join(f"{code} {_said(text)}" for code, text in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_said(error.smtp_error)}"
    return " ".join(str(error).split()) or type(error).__name__


def _said(text: bytes | str) -> str:
    return " ".join((text.decode(errors="replace") if isinstance(text, bytes) else text).split())
