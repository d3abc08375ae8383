"""Webhooks: a host is told what happens in campaigns that all members see, at an address of its own.

Rows follow from the activity log, read with a cursor of their own: nothing is lost, and nothing queued twice. A
delivery that fails is tried again, as a mail is. It names no person: the host learns what everyone here may read.
"""

import hashlib
import hmac
import json
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import ForeignKey, String, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ideas.activity.activity import Activity, Verb, advance, read_on, record
from ideas.base import Base
from ideas.campaigns.campaign import Campaign
from ideas.errors import Conflict, DomainError, message_id
from ideas.outreach.hosts.host import MAX_WEBHOOK_LENGTH, Host
from ideas.people.person import Person
from ideas.spaces.audience import ALL_MEMBERS, AudienceStage, has_begun
from ideas.text import clean_line
from ideas.work.job import changed_rows

READER = "webhooks"
MAX_ACTIVITIES = 2_000
# Pauses double from a minute: the last attempt comes after about 34 hours.
MAX_ATTEMPTS = 12
FIRST_PAUSE = timedelta(minutes=1)
MAX_ERROR_LENGTH = 200
LISTED = 30

# What a host is told: the acts, and what they are called.
EVENTS: dict[tuple[str, Verb], str] = {
    ("campaign", Verb.ANNOUNCED): "campaign.announced",
    ("campaign", Verb.OPENED): "campaign.opened",
    ("campaign", Verb.EXTENDED): "campaign.dates_changed",
    ("campaign", Verb.ENDED): "campaign.closed",
    ("campaign", Verb.CLOSED): "campaign.closed",
    ("debrief", Verb.PUBLISHED): "debrief.published",
}


class WebhookElsewhere(DomainError):
    message = message_id("Enter an address of the application itself: it begins with %(origin)s/.")


class AlreadyDelivered(Conflict):
    message = message_id("This event was delivered meanwhile.")


class WebhookDelivery(Base):
    """An event for a host. `next_attempt_at`: None once it was delivered or given up. `status`: of the last answer."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (UniqueConstraint("host_id", "activity_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    host_id: Mapped[int] = mapped_column(ForeignKey("host.id", ondelete="CASCADE"))
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"), index=True)
    created_at: Mapped[datetime]
    next_attempt_at: Mapped[datetime | None] = mapped_column(index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    delivered_at: Mapped[datetime | None]
    status: Mapped[int | None]
    error: Mapped[str] = mapped_column(String(MAX_ERROR_LENGTH), default="")

    host: Mapped[Host] = relationship()
    activity: Mapped[Activity] = relationship()

    @property
    def event(self) -> str:
        return EVENTS.get((self.activity.object_kind, self.activity.verb), "")

    @property
    def is_given_up(self) -> bool:
        return self.delivered_at is None and self.next_attempt_at is None


def set_webhook(session: Session, host: Host, address: str, *, by: Person, now: datetime) -> None:
    """Tell the host of events at this address from now on; without one, no more. Administrators may.

    Raises WebhookElsewhere: the address is one of the host's own origin, so that nobody makes this site call another.
    """
    address = clean_line(address)
    if address and not _is_of(host, address):
        raise WebhookElsewhere(origin=host.origin)
    if address == host.webhook:
        return
    before, host.webhook = host.webhook, address
    host.webhook_since = now if address else None
    record(session, Verb.CHANGED, host, by=by, now=now, before={"webhook": before}, after={"webhook": address})
    session.flush()


def queue_deliveries(session: Session, *, now: datetime) -> int | None:
    """Queue what the next acts of the log bring to each host that wants it. For the worker.

    Returns how many; None where there are no more acts.
    """
    hosts = session.scalars(select(Host).where(Host.webhook != "").order_by(Host.id)).all()
    activities = read_on(session, READER, limit=MAX_ACTIVITIES)
    if not activities:
        return None
    told = [activity for activity in activities if (activity.object_kind, activity.verb) in EVENTS] if hosts else []
    campaigns = _open_to_all(session, told)
    queued = 0
    for activity in told:
        for host in hosts:
            if activity.campaign_id in campaigns and host.webhook_since and activity.at >= host.webhook_since:
                about = {"host_id": host.id, "activity_id": activity.id}
                session.add(WebhookDelivery(**about, created_at=now, next_attempt_at=now))
                queued += 1
    advance(session, READER, activities[-1].id)
    session.flush()
    return queued


def next_delivery(session: Session, *, without: Collection[int], now: datetime) -> WebhookDelivery | None:
    """The delivery that has been due for longest, None where none is. `without`: hosts that are left out."""
    due = (WebhookDelivery.next_attempt_at <= now) & WebhookDelivery.host_id.not_in(without)
    order = WebhookDelivery.next_attempt_at, WebhookDelivery.id
    return session.scalar(select(WebhookDelivery).where(due).order_by(*order).limit(1))


def content_of(session: Session, delivery: WebhookDelivery, *, address: str) -> bytes | None:
    """What the host is told; None where not all members see the campaign any more. `address`: the campaign's."""
    campaign = _open_to_all(session, [delivery.activity]).get(delivery.activity.campaign_id or 0)
    if campaign is None or not delivery.host.webhook:
        return None
    said: dict[str, Any] = {
        "id": delivery.activity_id,
        "event": delivery.event,
        "at": delivery.activity.at.isoformat(),
        "campaign": {
            "id": campaign.id,
            "title": campaign.title,
            "url": address,
            "opens_at": campaign.opens_at.isoformat() if campaign.opens_at else None,
            "closes_at": campaign.closes_at.isoformat() if campaign.closes_at else None,
        },
    }
    return json.dumps(said, ensure_ascii=False).encode()


def signature(content: bytes, *, secrets: Sequence[str], now: datetime) -> str:
    """The header that proves the content: an instant, and for each secret an HMAC with SHA-256 of “instant.content”.

    A receiver refuses an old instant, so that what somebody copied is worth nothing.
    """
    instant = str(int(now.timestamp()))
    signed = f"{instant}.".encode() + content
    given = [hmac.digest(secret.encode(), signed, hashlib.sha256).hex() for secret in secrets]
    return ",".join([f"t={instant}", *(f"v1={one}" for one in given)])


def mark_delivered(session: Session, delivery: WebhookDelivery, *, status: int, now: datetime) -> None:
    delivery.attempts, delivery.status, delivery.error = delivery.attempts + 1, status, ""
    delivery.delivered_at, delivery.next_attempt_at = now, None
    session.flush()


def mark_failed(
    session: Session,
    delivery: WebhookDelivery,
    *,
    status: int | None,
    error: str,
    now: datetime,
    for_good: bool = False,
) -> None:
    """Try again later, unless it was the last attempt or `for_good`."""
    delivery.attempts, delivery.status = delivery.attempts + 1, status
    delivery.error = clean_line(error)[:MAX_ERROR_LENGTH]
    is_over = for_good or delivery.attempts >= MAX_ATTEMPTS
    delivery.next_attempt_at = None if is_over else now + FIRST_PAUSE * 2 ** (delivery.attempts - 1)
    session.flush()


def latest_deliveries(session: Session, host: Host) -> Sequence[WebhookDelivery]:
    """What the host was told last, latest first. Administrators may read it. One query."""
    found = select(WebhookDelivery).where(WebhookDelivery.host_id == host.id)
    found = found.options(joinedload(WebhookDelivery.activity), joinedload(WebhookDelivery.host))
    return session.scalars(found.order_by(WebhookDelivery.id.desc()).limit(LISTED)).all()


def deliver_again(session: Session, delivery: WebhookDelivery, *, by: Person, now: datetime) -> None:
    """Try a delivery again that was given up, with all its attempts before it. Administrators may.

    Raises AlreadyDelivered.
    """
    if delivery.delivered_at is not None:
        raise AlreadyDelivered
    delivery.attempts, delivery.next_attempt_at = 0, now
    record(session, Verb.RESTARTED, delivery, by=by, now=now, after={"host_id": delivery.host_id})
    session.flush()


def delete_old_deliveries(session: Session, *, now: datetime, kept: timedelta) -> int:
    """Delete what was delivered or given up this long ago. Returns how many. For the worker."""
    is_over = WebhookDelivery.next_attempt_at.is_(None) & (WebhookDelivery.created_at < now - kept)
    deletion = delete(WebhookDelivery).where(is_over)
    return changed_rows(session, deletion.execution_options(synchronize_session=False))


def _open_to_all(session: Session, activities: Sequence[Activity]) -> dict[int, Campaign]:
    """The campaigns of these acts that are announced and open to all members, by id."""
    ids = {activity.campaign_id for activity in activities if activity.campaign_id is not None}
    if not ids:
        return {}
    later = select(AudienceStage.campaign_id).where(AudienceStage.audience.in_(ALL_MEMBERS), has_begun())
    to_all = Campaign.audience.in_(ALL_MEMBERS) | Campaign.id.in_(later)
    shown = Campaign.announced_at.is_not(None) & Campaign.deleted_at.is_(None) & to_all
    return {one.id: one for one in session.scalars(select(Campaign).where(Campaign.id.in_(ids), shown))}


def _is_of(host: Host, address: str) -> bool:
    """True for an address of the host's own origin, without a name or a password in it."""
    parts = urlsplit(address)
    return (
        len(address) <= MAX_WEBHOOK_LENGTH
        and address.startswith(f"{host.origin}/")
        and address.isascii()
        and not parts.fragment
        and " " not in address
    )
