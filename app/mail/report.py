"""What a mail server reports of a mail of ours: that it came back (RFC 3464), or that its reader complained (RFC 5965).

A report names the mail by its Message-ID, which nobody can guess. Only the address of that mail is noted: what a
report says of other addresses is not believed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message as Mail
from email.parser import HeaderParser
from email.policy import compat32

from itsdangerous import BadData
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.signing.keys import signer
from ideas.accounts.undeliverable import Undelivered, is_of_address, note_undeliverable
from ideas.outreach.messages.message import Message
from ideas.text import clean_line

# A signature for this purpose is worth nothing for another.
_PURPOSE = "mail-reports"
_SIGNED = "reports"
MAX_DETAIL = 200


@dataclass(frozen=True, slots=True)
class Report:
    """`mail_id`: the Message-ID of the mail that it is about. `detail`: what the server said."""

    why: Undelivered
    mail_id: str
    detail: str


def report_token() -> str:
    """The token of the address to which a mail server posts its reports."""
    return str(signer(_PURPOSE).dumps(_SIGNED))


def is_report_token(token: str) -> bool:
    try:
        return bool(signer(_PURPOSE).loads(token) == _SIGNED)
    except BadData:
        return False


def read_report(content: bytes) -> Report | None:
    """What this mail reports. None for any other mail, and for one that came back for now or not for its address."""
    try:
        mail = message_from_bytes(content, policy=compat32)
        parts = {part.get_content_type(): part for part in mail.walk()}
        mail_id = _original_id(parts)
        if not mail_id:
            return None
        if (status := parts.get("message/delivery-status")) is not None:
            for facts in _facts(status):
                said = f"550 {clean_line(str(facts.get('Status', '')))}"
                if str(facts.get("Action", "")).strip().lower() == "failed" and is_of_address(said):
                    detail = clean_line(str(facts.get("Diagnostic-Code") or said))[:MAX_DETAIL]
                    return Report(Undelivered.BOUNCED, mail_id, detail)
        if (feedback := parts.get("message/feedback-report")) is not None:
            for facts in _facts(feedback):
                if (kind := str(facts.get("Feedback-Type", "")).strip().lower()) in {"abuse", "fraud", "opt-out"}:
                    return Report(Undelivered.COMPLAINED, mail_id, f"Feedback-Type: {kind}")
    except (MessageError, ValueError, LookupError):
        return None
    return None


def note_report(session: Session, content: bytes, *, now: datetime) -> bool:
    """Send nothing any more to the address of the mail that the report is about. False where that is none of ours."""
    report = read_report(content)
    sent = select(Message.address).where(Message.mail_id == report.mail_id) if report is not None else None
    address = session.scalar(sent.limit(1)) if sent is not None else None
    if report is None or address is None:
        return False
    note_undeliverable(session, address, why=report.why, detail=report.detail, now=now)
    return True


def _original_id(parts: dict[str, Mail]) -> str:
    """The Message-ID of the mail that comes with the report, whole or as its headers alone."""
    if (whole := parts.get("message/rfc822")) is not None:
        inner = whole.get_payload()
        headers = inner[0] if isinstance(inner, list) and inner else None
    elif (part := parts.get("text/rfc822-headers")) is not None:
        decoded = part.get_payload(decode=True)
        headers = HeaderParser().parsestr(decoded.decode(errors="replace")) if isinstance(decoded, bytes) else None
    else:
        headers = None
    return str(headers.get("Message-ID", "")).strip() if isinstance(headers, Mail) else ""


def _facts(part: Mail) -> Iterator[Mail]:
    """The groups of fields of a report."""
    found = part.get_payload()
    if isinstance(found, list):
        yield from (one for one in found if isinstance(one, Mail))
    else:
        yield HeaderParser().parsestr(str(found))
