"""Show a notification on the devices of who was just sent a mail, where they asked for it.

It is sent once, after the mail: so it keeps the budget, the hours and the choices of the person, and what it could not
show is in the mail. Only the browser can read it. No other address is followed, and no answer is read.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from email.utils import parseaddr
from http.client import HTTPException
from time import monotonic
from typing import IO, Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database.sqlite import reading
from app.mail.address import address_of
from app.mail.push.keys import signed
from app.settings import Settings
from app.text.notices.notice import target
from ideas.outreach.detail import details
from ideas.outreach.messages.delivery import messages_to_send
from ideas.outreach.messages.message import Message
from ideas.outreach.push.device import PushDevice, decoded, is_allowed, note_reached

REQUEST_SECONDS = 5
# Of the mails that were taken together: other mails wait meanwhile.
BATCH_SECONDS = 10.0
# A service keeps it that long for a device that is switched off.
KEPT_SECONDS = 24 * 3_600
CLAIM_LASTS = timedelta(hours=12)
MAX_BODY_LENGTH = 300
GONE = frozenset({404, 410})


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> Request | None:
        """Another address may be anyone's: the status is the answer."""


def push_sent(session: Session, message_ids: Sequence[int], *, now: datetime) -> int:
    """Show what these mails, which were just accepted, tell. Returns how many devices were reached.

    One query where nobody has a device. No transaction is open while a service is waited for.
    """
    if not message_ids:
        return 0
    with reading(session):
        queued = _queued(session, message_ids)
    reached = 0
    until = monotonic() + BATCH_SECONDS
    for device_id, endpoint, public, secret, content in queued:
        if monotonic() > until:
            break
        status = _send(endpoint, _encrypted(content, public, secret), now)
        is_reached = status is not None and status // 100 == 2  # noqa: PLR2004 -- accepted
        note_reached(session, device_id, is_reached=is_reached, is_gone=status in GONE)
        session.commit()
        reached += is_reached
    return reached


def _queued(session: Session, message_ids: Sequence[int]) -> list[tuple[int, str, str, str, bytes]]:
    """For each device: its number, where to, its keys, and what it shows."""
    readers = select(Message.person_id).where(Message.id.in_(message_ids), Message.notice_id.is_not(None))
    people: dict[int, list[PushDevice]] = {}
    for device in session.scalars(select(PushDevice).where(PushDevice.person_id.in_(readers)).order_by(PushDevice.id)):
        people.setdefault(device.person_id, []).append(device)
    found: list[tuple[int, str, str, str, bytes]] = []
    if not people:
        return found
    for message in messages_to_send(session, message_ids):
        if message.notice is None or message.person_id not in people:
            continue
        (detail,) = details(session, [message.notice])
        endpoint, values = target(detail)
        said = {"title": message.subject[:MAX_BODY_LENGTH], "url": address_of(endpoint, **values)}
        content = json.dumps(said, ensure_ascii=False).encode()
        found += [
            (one.id, one.endpoint, one.public_key, one.secret, content)
            for one in people[message.person_id]
            if is_allowed(one.endpoint, _settings().push_services)
        ]
    return found


def _encrypted(content: bytes, public_key: str, secret: str) -> bytes:
    """For the browser alone (RFC 8291), with a key that is used once."""
    import http_ece
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

    once = generate_private_key(SECP256R1())
    found: bytes = http_ece.encrypt(
        content, private_key=once, dh=decoded(public_key), auth_secret=decoded(secret), version="aes128gcm"
    )
    return found


def _send(endpoint: str, content: bytes, now: datetime) -> int | None:
    """The status that the service answered; None where none came."""
    parts, settings = urlsplit(endpoint), _settings()
    claims = {
        "sub": f"mailto:{parseaddr(settings.mail_from)[1]}",
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int((now + CLAIM_LASTS).timestamp()),
    }
    headers = {"Content-Encoding": "aes128gcm", "Content-Type": "application/octet-stream", "TTL": str(KEPT_SECONDS)}
    request = Request(endpoint, data=content, headers=headers | signed(settings, claims), method="POST")  # noqa: S310 -- of a known service
    try:
        with build_opener(_NoRedirect).open(request, timeout=REQUEST_SECONDS) as answer:
            status: int = answer.status
            return status
    except HTTPError as error:
        error.close()
        return error.code
    except (OSError, HTTPException, ValueError) as error:
        current_app.logger.warning("a push service was not reached: %s", type(error).__name__)
        return None


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
