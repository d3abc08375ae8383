"""Delivery of mails: which are due, their texts, and what became of each."""

import contextlib
import quopri
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address, BaseHeader, HeaderRegistry
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP, EmailPolicy, Policy
from email.utils import parseaddr
from functools import cache, lru_cache
from logging import ERROR, WARNING
from smtplib import SMTPRecipientsRefused
from time import monotonic
from typing import Any, Self

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database.sqlite import reading
from app.extensions import database
from app.mail.invitation import never_address, write_invitation_letter
from app.mail.letters.account import write_account_letter
from app.mail.letters.digest import digest_unsubscribe_address, write_digest_letter
from app.mail.letters.imported import is_wanted, stop_address, write_imported_letter
from app.mail.letters.letter import Contents, Written, read_contents, write_letter
from app.mail.push.sending import push_sent
from app.mail.transport import ServerAway, Transport, reason_of, transport
from app.mail.unsubscribe import unsubscribe_address
from app.mail.wanted import unwanted_mails
from app.settings import Settings
from ideas.accounts.undeliverable import Undelivered, is_of_address, note_undeliverable
from ideas.campaigns.reminder import is_overtaken
from ideas.organisation.organisation import DEFAULT_NAME, the_organisation
from ideas.outreach.limits.budget import hold, put_off
from ideas.outreach.messages.delivery import (
    LEASE,
    delete_messages,
    due_ids,
    give_up_undeliverable,
    limited_messages,
    mark_refused,
    mark_sent,
    messages_to_send,
    release_messages,
    set_texts,
    take_messages,
)
from ideas.outreach.messages.message import Message
from ideas.outreach.newsletters.pace import hold_back, paused_among
from ideas.outreach.preference import OF_SPACES
from ideas.outreach.recipients.members import space_of
from ideas.spaces.invitation import InvitationState
from ideas.spaces.workshops.workshop import has_begun

# Mails that are taken together, and how long one turn of the worker delivers: other work of its queue comes between.
BATCH = 50
TURN_SECONDS = 3.0
# How many mails that come next are looked at together, whether they are late for the hour or the week of their person.
LOOK_AHEAD = 1_000
# After so many seconds it is asked again which mails that were taken are still there: a person may be erased meanwhile.
LOOK_AGAIN = 0.2


# Who a mail is to, where no sign of it has a meaning of its own in a header, and it fits on a line.
_PLAIN = re.compile(
    r"[A-Za-z0-9]+(?: [A-Za-z0-9]+)* <[A-Za-z0-9]+(?:[.-][A-Za-z0-9]+)*@[A-Za-z0-9]+(?:[.-][A-Za-z0-9]+)*>"
)
MAX_PLAIN_LENGTH = 65

# Headers that are the same in many mails.
_SAME = frozenset(
    (
        "From",
        "Subject",
        "Date",
        "Auto-Submitted",
        "List-Unsubscribe-Post",
        "MIME-Version",
        "Content-Type",
        "Content-Transfer-Encoding",
    )
)


# Between the parts of a mail. No text that is quoted-printable has these signs (RFC 2045, 6.7).
_BOUNDARY = "=_part"


class _FoldedOnce(BaseHeader):
    """A header that is folded into lines once, for `_Headers` gives it to many mails."""

    _lines = ""

    def fold(self, *, policy: Policy) -> str:
        self._lines = self._lines or super().fold(policy=policy)
        return self._lines


class _Headers(HeaderRegistry):
    """Classes of headers, and headers that many mails have, each made once: parsing takes half of a mail's time."""

    @cache  # noqa: B019 -- there is one registry, which lives as long as the process
    def __getitem__(self, name: str) -> Any:
        return super().__getitem__(name)

    def __call__(self, name: str, value: Any) -> Any:
        return self._same(name, value) if name in _SAME else super().__call__(name, value)

    @lru_cache(64)  # noqa: B019 -- as above
    def _same(self, name: str, value: Any) -> Any:
        return super().__call__(name, value)


_POLICY = SMTP.clone(header_factory=_Headers(_FoldedOnce))


def deliver_due(now: datetime) -> int:
    """Deliver the mails that are due, for a few seconds at most, and return how many were accepted.

    They are taken a few at a time. Each is marked and committed before the next, and no transaction is open while a
    server is waited for. A crash repeats one mail at most, with the same Message-ID, and delays those that were taken
    with it by LEASE. What fails is tried again later.
    """
    session = database()
    until = monotonic() + TURN_SECONDS
    delivered = 0
    on_time: set[int] = set()
    with transport(_settings()) as way, contextlib.suppress(ServerAway):
        while monotonic() < until:
            taken = take_messages(session, now=now, limit=BATCH)
            session.commit()
            if not taken:
                break
            delivered += _deliver_all(session, taken, way, now, until, on_time)
    return delivered


def _deliver_all(
    session: Session, taken: Sequence[int], way: Transport, now: datetime, until: float, on_time: set[int]
) -> int:
    """How many of these mails were accepted. Those that were not tried until the turn ends are due at once, also where
    it raises ServerAway.

    `on_time`: what this turn has looked at already; it is added to.
    """
    ended = give_up_undeliverable(session, taken)
    ended |= hold_back(session, taken, now=now)
    if unknown := [one for one in taken if one not in ended and one not in on_time]:
        coming = [*unknown, *due_ids(session, now=now, limit=LOOK_AHEAD)]
        ended |= put_off(session, limited_messages(session, coming), now=now)
        on_time.update(coming)
    session.commit()
    taken = [message_id for message_id in taken if message_id not in ended]
    untried = list(taken)
    delivered: list[int] = []
    looked, here = monotonic(), set(taken)
    try:
        _make_texts(session, taken, now)
        for message_id, mail in _composed(session, taken, now):
            if monotonic() > until and untried != taken:  # a slow server: one mail a turn at least
                break
            if monotonic() - looked > LOOK_AGAIN:
                looked, here = monotonic(), _still_there(session, untried)
            untried.remove(message_id)
            if message_id in here and _deliver(session, message_id, mail, way, now):
                delivered.append(message_id)
    finally:
        session.rollback()
        release_messages(session, untried, now=now, leased_until=now + LEASE)
        session.commit()
    _push(session, delivered, now)
    return len(delivered)


def _still_there(session: Session, ids: Sequence[int]) -> set[int]:
    """Those of these mails that were not deleted since. No transaction is open afterwards."""
    with reading(session):
        return set(session.scalars(select(Message.id).where(Message.id.in_(ids))))


def _push(session: Session, delivered: Sequence[int], now: datetime) -> None:
    """Show what these mails tell on devices. A fault in that harms no mail."""
    try:
        push_sent(session, delivered, now=now)
    except Exception:
        session.rollback()
        current_app.logger.exception("notifications could not be shown on devices")


def _make_texts(session: Session, taken: Sequence[int], now: datetime) -> None:
    """Make the texts of notices' mails at their first attempt, and keep them for the others and for administrators.

    Mails that nobody wants any more are deleted. A fault in one must not hold up the others.
    """
    with reading(session):
        found = messages_to_send(session, taken)
        messages = [message for message in found if message.notice is not None]
        overtaken = [each.id for each in found if _is_withdrawn(each, now) or _is_overtaken(session, each, now)]
        imported = [each for each in found if each.imported_id is not None]
        overtaken += [each.id for each in imported if not is_wanted(session, each)]
        unwanted = [*unwanted_mails(session, messages), *overtaken]
        to_write = {
            message.notice_id: message.id
            for message in messages
            if not message.is_written and message.id not in unwanted and message.notice_id is not None
        }
        digests = [each for each in found if each.digest is not None and not each.is_written]
        paused = paused_among(session, [one for each in digests for one in (each.digest or {}).get("held", ())])
        written = {each.id: _digest(session, each, now) for each in digests}
    contents = read_contents(session, to_write) if to_write else {}
    written |= {to_write[notice_id]: _written(to_write[notice_id], said) for notice_id, said in contents.items()}
    if unwanted or written:
        _keep_texts(session, written, unwanted, now)
        hold(session, paused, now=now)
        session.commit()


def _keep_texts(
    session: Session,
    written: Mapping[int, Written | Exception | None],
    unwanted: Sequence[int],
    now: datetime,
) -> None:
    """Keep these texts, delete the mails that nobody wants, and record the faults in making the others."""
    delete_messages(session, [*unwanted, *(one for one, letter in written.items() if letter is None)])
    letters = {one: letter for one, letter in written.items() if isinstance(letter, Written)}
    set_texts(session, {one: (letter.subject, letter.text, letter.html) for one, letter in letters.items()})
    faults = {one: fault for one, fault in written.items() if isinstance(fault, Exception)}
    for message in messages_to_send(session, faults) if faults else ():
        mark_refused(message, error=reason_of(faults[message.id]), now=now)


def _written(message_id: int, contents: Contents | Exception) -> Written | Exception:
    """The text of a mail, or the fault in reading or making it, which is logged."""
    fault = contents
    if isinstance(contents, Contents):
        try:
            return write_letter(contents)
        except Exception as error:  # noqa: BLE001 -- returned, and logged below
            fault = error
    assert isinstance(fault, Exception)  # noqa: S101 -- contents or a fault: nothing else comes
    current_app.logger.error("mail %d could not be written", message_id, exc_info=fault)
    return fault


def _digest(session: Session, message: Message, now: datetime) -> Written | Exception | None:
    """The text of a digest, None where it is not wanted any more, or the fault in making it, which is logged."""
    try:
        return write_digest_letter(session, message, now=now)
    except Exception as error:
        current_app.logger.exception("digest %d could not be written", message.id)
        return error


def _is_withdrawn(message: Message, now: datetime) -> bool:
    """True for the mail of an invitation that was withdrawn, used or has expired since."""
    return message.invitation is not None and message.invitation.state(now) is not InvitationState.WAITING


def _is_overtaken(session: Session, message: Message, now: datetime) -> bool:
    """True for a mail whose link is worth nothing any more (it was used, replaced by a newer one, or has expired), for
    a reminder of a date that is over or was changed, and for an invitation to a workshop that has started.
    """
    if message.link is not None:
        return not message.link.is_open(now)
    notice = message.notice
    if notice is None:
        return False
    if notice.campaign is not None:
        return is_overtaken(notice.activity, notice.campaign, now=now)
    return has_begun(session, notice.activity, now=now)


def _letter(session: Session, message: Message) -> Written | None:
    """The text of a mail that holds a secret and is never stored; None for any other."""
    if message.invitation is not None:
        return write_invitation_letter(session, message.invitation)
    if message.imported_id is not None:
        return write_imported_letter(session, message)
    return write_account_letter(session, message) if message.account_mail is not None else None


def _composed(session: Session, taken: Sequence[int], now: datetime) -> list[tuple[int, EmailMessage]]:
    """Those of these mails that have a text, as they are sent. No transaction is open afterwards."""
    ready: list[tuple[int, EmailMessage]] = []
    faults: dict[int, Exception] = {}
    with reading(session):
        sender = sender_of(the_organisation(session).name, _settings().mail_from)
        for message in messages_to_send(session, taken):
            made_now = message.invitation or message.imported_id or message.account_mail
            if not message.is_written and made_now is None:
                continue
            try:
                letter = _letter(session, message)
                ready.append((message.id, compose(message, sender=sender, letter=letter)))
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
    mark_sent(session, message_id, now=now)
    session.commit()
    return True


def _refuse(session: Session, message_id: int, error: Exception, now: datetime) -> None:
    """Record that a mail was not accepted; a fault of ours with its traceback. An address that is refused for good gets
    no other mail.
    """
    session.rollback()
    message, reason = session.get(Message, message_id), reason_of(error)
    if message is None:  # its person was erased meanwhile
        session.rollback()
        return
    for_good = isinstance(error, SMTPRecipientsRefused) and is_of_address(reason)
    mark_refused(message, error=reason, now=now, for_good=for_good)
    if for_good:
        note_undeliverable(session, message.address, why=Undelivered.BOUNCED, detail=reason, now=now)
    session.commit()
    expected = isinstance(error, OSError | MessageError | ValueError)
    current_app.logger.log(
        WARNING if expected else ERROR,
        "mail %d was not delivered: %s",
        message_id,
        reason_of(error),
        exc_info=None if expected else error,
    )


def sender_of(name: str, mail_from: str) -> str:
    """Whom mails come from: the organisation, once it is named, at the address that the settings give."""
    if name == DEFAULT_NAME:
        return mail_from
    return str(Address(name, addr_spec=parseaddr(mail_from)[1]))


def compose(message: Message, *, sender: str, letter: Written | None = None) -> EmailMessage:
    """The mail as it is sent, byte for byte the same in every attempt. Raises ValueError for an impossible header.

    `letter`: its text, where the message keeps none.
    """
    letter = letter or Written(message.subject, message.body, message.html)
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = sender
    mailbox, _, domain = message.address.rpartition("@")
    mail["To"] = _recipient(message.person.name if message.person else "", mailbox, domain.encode("idna").decode())
    mail["Subject"] = letter.subject
    mail["Date"] = message.created_at
    mail["Message-ID"] = _Unfolded("Message-ID", message.mail_id)
    mail["Auto-Submitted"] = "auto-generated"
    is_told = message.notice is not None or message.digest is not None
    is_outside = message.invitation is not None or message.imported_id is not None
    if is_outside or (is_told and message.person_id is not None):
        address = _way_out(message)
        mail["List-Unsubscribe"] = _Unfolded("List-Unsubscribe", f"<{address}>")
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail["MIME-Version"] = "1.0"
    if letter.html:
        mail["Content-Type"] = f'multipart/alternative; boundary="{_BOUNDARY}"'
        mail.set_payload(
            [_text_part(MIMEPart(_POLICY), "plain", letter.text), _text_part(MIMEPart(_POLICY), "html", letter.html)]
        )
    else:
        _text_part(mail, "plain", letter.text)
    return mail


def _text_part(part: MIMEPart, kind: str, text: str) -> MIMEPart:
    """The part of a mail with this text. The email package's own way encodes letter by letter, in Python."""
    part["Content-Type"] = f'text/{kind}; charset="utf-8"'
    part["Content-Transfer-Encoding"] = "quoted-printable"
    part.set_payload(quopri.encodestring(text.encode()).decode("ascii"))
    return part


def _way_out(message: Message) -> str:
    """The address that ends mails of this kind by one click of a mail program."""
    if message.invitation is not None:
        return never_address(message.invitation)
    if message.imported_id is not None:
        return stop_address(message)
    assert message.person_id is not None  # noqa: S101 -- the caller has asked
    notice = message.notice
    if notice is None:
        return digest_unsubscribe_address(message.person_id)
    space_id = space_of(notice.activity) if notice.kind in OF_SPACES else None
    return unsubscribe_address(message.person_id, notice.kind, space_id=space_id, object_id=notice.object_id)


def _recipient(name: str, mailbox: str, domain: str) -> "Address | _Recipient":
    """Whom a mail is to. A name and an address that stand in a header as they are need no parsing, which takes longer
    than all else that is done for a header.
    """
    written = f"{name} <{mailbox}@{domain}>"
    if len(written) <= MAX_PLAIN_LENGTH and _PLAIN.fullmatch(written):
        return _Recipient("To", written, Address(name, mailbox, domain))
    return Address(name, addr_spec=f"{mailbox}@{domain}")


class _Unfolded(str):  # noqa: SLOT000 -- its name is an attribute that the email package asks for
    """A header of ours on one line, which needs no parsing. The email package would encode an address that is longer
    than a line, and mail programs would not recognise it.
    """

    name: str

    def __new__(cls, name: str, value: str) -> Self:
        header = super().__new__(cls, value)
        header.name = name
        return header

    def fold(self, *, policy: EmailPolicy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


class _Recipient(_Unfolded):
    """Whom a mail is to, with the address as the transport asks for it."""

    addresses: tuple[Address, ...]

    def __new__(cls, name: str, value: str, address: Address) -> Self:
        header = super().__new__(cls, name, value)
        header.addresses = (address,)
        return header


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
