"""A browser of a person that shows them notifications (Web Push): they come with their mails, and count with them.

The address of a device is one of a service of its maker, which browsers give. Others are refused, so that nobody makes
this site call an address of theirs.
"""

import base64
import binascii
from collections.abc import Collection, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.base import Base
from ideas.errors import DomainError, message_id
from ideas.people.person import Person
from ideas.text import clean_line

# The services of the makers of browsers, and the ends of the names of others.
SERVICES = frozenset({"fcm.googleapis.com", "updates.push.services.mozilla.com", "web.push.apple.com"})
ENDS = (".push.services.mozilla.com", ".push.apple.com", ".notify.windows.com")
MAX_ENDPOINT_LENGTH = 1_000
MAX_KEY_LENGTH = 120
MAX_NAME_LENGTH = 80
# Of one person: the one that was added first gives way.
MAX_DEVICES = 10
# A device that was not reached so often in a row is forgotten.
MAX_FAILURES = 10
_HTTPS = 443
_PUBLIC_KEY_BYTES, _SECRET_BYTES = 65, 16


class DeviceUnusable(DomainError):
    message = message_id("This browser gave an address that we can’t use. Nothing was changed.")


class PushDevice(Base):
    """`endpoint`: where notifications for it are sent. `public_key`, `secret`: of the browser, which alone reads them.

    `failures`: how often in a row it was not reached.
    """

    __tablename__ = "push_device"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    endpoint: Mapped[str] = mapped_column(String(MAX_ENDPOINT_LENGTH), unique=True)
    public_key: Mapped[str] = mapped_column(String(MAX_KEY_LENGTH))
    secret: Mapped[str] = mapped_column(String(MAX_KEY_LENGTH))
    name: Mapped[str] = mapped_column(String(MAX_NAME_LENGTH))
    added_at: Mapped[datetime]
    failures: Mapped[int] = mapped_column(default=0)


def add_device(
    session: Session,
    person: Person,
    *,
    endpoint: str,
    public_key: str,
    secret: str,
    name: str,
    origins: Collection[str] = (),
    now: datetime,
) -> PushDevice:
    """Show this person their notifications in this browser, and nobody else's. Only they may, in that browser.

    `origins`: of further services that the operator allows. Raises DeviceUnusable.
    """
    if not is_allowed(endpoint, origins) or not _are_keys(public_key, secret):
        raise DeviceUnusable
    session.execute(delete(PushDevice).where(PushDevice.endpoint == endpoint))
    device = PushDevice(
        person_id=person.id, endpoint=endpoint, public_key=public_key, secret=secret,
        name=clean_line(name)[:MAX_NAME_LENGTH], added_at=now,
    )  # fmt: skip
    session.add(device)
    session.flush()
    newest = select(PushDevice.id).where(PushDevice.person_id == person.id).order_by(PushDevice.id.desc())
    kept = session.scalars(newest.limit(MAX_DEVICES)).all()
    session.execute(delete(PushDevice).where(PushDevice.person_id == person.id, PushDevice.id.not_in(kept)))
    return device


def remove_device(session: Session, person: Person, device_id: int) -> None:
    """Show nothing more on this device of the person. Only they may; one that is none of theirs stays."""
    session.execute(delete(PushDevice).where(PushDevice.id == device_id, PushDevice.person_id == person.id))


def devices_of(session: Session, people: Collection[int]) -> Sequence[PushDevice]:
    """The devices of these people, oldest first. One query."""
    return session.scalars(select(PushDevice).where(PushDevice.person_id.in_(people)).order_by(PushDevice.id)).all()


def note_reached(session: Session, device_id: int, *, is_reached: bool, is_gone: bool = False) -> None:
    """Record how a device was reached. One that is gone, or was not reached for long, is deleted."""
    device = session.get(PushDevice, device_id)
    if device is None:
        return
    device.failures = 0 if is_reached else device.failures + 1
    if is_gone or device.failures >= MAX_FAILURES:
        session.delete(device)
    session.flush()


def is_allowed(endpoint: str, origins: Collection[str] = ()) -> bool:
    """True for an address of a service that browsers use, or of one of these origins."""
    if len(endpoint) > MAX_ENDPOINT_LENGTH or not endpoint.isascii() or not endpoint.isprintable() or " " in endpoint:
        return False
    try:
        parts = urlsplit(endpoint)
        port = parts.port
    except ValueError:
        return False
    if "@" in parts.netloc or "\\" in endpoint:
        return False
    if f"{parts.scheme}://{parts.netloc}" in origins:
        return True
    host = parts.hostname or ""
    return parts.scheme == "https" and port in {None, _HTTPS} and (host in SERVICES or host.endswith(ENDS))


def decoded(value: str) -> bytes:
    """What a browser writes in the alphabet of addresses. Raises ValueError."""
    return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))


def _are_keys(public_key: str, secret: str) -> bool:
    """True for a point of P-256 and a secret, as browsers write them."""
    if max(len(public_key), len(secret)) > MAX_KEY_LENGTH:
        return False
    try:
        point, given = decoded(public_key), decoded(secret)
    except (binascii.Error, ValueError):
        return False
    return len(point) == _PUBLIC_KEY_BYTES and point[:1] == b"\x04" and len(given) == _SECRET_BYTES
