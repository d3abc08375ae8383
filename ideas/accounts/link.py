"""Links in account mails: each proves once, within its time, that somebody reads the mails of an address.

No secret is stored. That of a link is computed from the site's key and the random salt of its row, so that a mail can
be written when it is sent, and a copy of the database opens nothing.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import CursorResult, ForeignKey, String, column, delete, exists, select, table, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ideas.accounts.undeliverable import prove_deliverable
from ideas.base import MAX_ID, Base, choice
from ideas.errors import DomainError, message_id
from ideas.people.person import MAX_EMAIL_LENGTH, Person

MAX_PAGE_LENGTH = 2_000
# Outreach is above accounts, so its table is named here without its model.
_message = table("message", column("link_id"), column("sent_at"), column("next_attempt_at"))
# A link is kept for this long once it is over: whoever opens it late is told why it does nothing.
LINK_KEPT = timedelta(days=30)


class LinkPurpose(StrEnum):
    VERIFY = "verify"
    RESET = "reset"
    CHANGE_ADDRESS = "change_address"
    KEEP_ADDRESS = "keep_address"


LASTS = {
    LinkPurpose.VERIFY: timedelta(days=3),
    LinkPurpose.RESET: timedelta(hours=1),
    LinkPurpose.CHANGE_ADDRESS: timedelta(days=1),
    # Whoever reads the former address rarely may still object.
    LinkPurpose.KEEP_ADDRESS: timedelta(days=14),
}


class LinkRefused(DomainError):
    """A link that does nothing. `purpose`: what it was for, so that the person can ask for another one."""

    def __init__(self, purpose: LinkPurpose) -> None:
        self.purpose = purpose
        super().__init__()


class LinkUnknown(LinkRefused):
    message = message_id("This link is not complete. Open it again from the email, or ask for a new one.")


class LinkSpent(LinkRefused):
    message = message_id("This link was already used. If you still need one, ask for a new one.")


class LinkReplaced(LinkRefused):
    message = message_id("A newer link has replaced this one. Open the latest email, or ask for a new link.")


class LinkExpired(LinkRefused):
    message = message_id("This link has expired. Ask for a new one.")


class Link(Base):
    """`email`: the address that the link proves. `page`: where its person was going, on this site."""

    __tablename__ = "link"

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[LinkPurpose] = mapped_column(choice(LinkPurpose))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    email: Mapped[str] = mapped_column(String(MAX_EMAIL_LENGTH), index=True)
    salt: Mapped[str] = mapped_column(String(64))
    page: Mapped[str] = mapped_column(String(MAX_PAGE_LENGTH), default="")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    spent_at: Mapped[datetime | None]
    replaced_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()

    def is_open(self, now: datetime) -> bool:
        return self.spent_at is None and self.replaced_at is None and now < self.expires_at


def new_link(
    session: Session, purpose: LinkPurpose, *, person: Person, now: datetime, email: str = "", page: str = ""
) -> Link:
    """Store a link for this person. Earlier ones for the same purpose are worth nothing from here on.

    But for objections: whoever changes an address twice must not take away the objection of the first one.
    `email`: the person's own address unless it is another one that is to be proven.
    """
    if purpose is not LinkPurpose.KEEP_ADDRESS:
        replace_links(session, purpose, person=person, now=now)
    link = Link(
        purpose=purpose,
        person=person,
        email=email or person.email,
        salt=secrets.token_hex(32),
        page=page if len(page) <= MAX_PAGE_LENGTH else "",
        created_at=now,
        expires_at=now + LASTS[purpose],
    )
    session.add(link)
    session.flush()
    return link


def replace_links(session: Session, purpose: LinkPurpose, *, person: Person, now: datetime) -> None:
    """Make the person's links for this purpose worthless."""
    session.execute(
        update(Link)
        .where(
            Link.person_id == person.id,
            Link.purpose == purpose,
            Link.spent_at.is_(None),
            Link.replaced_at.is_(None),
        )
        .values(replaced_at=now)
        .execution_options(synchronize_session="fetch")
    )


def is_kept_for_another(session: Session, email: str, *, of: Person | None, now: datetime) -> bool:
    """True for the former address of an account, as long as it may still object to the change: nobody else takes it."""
    kept = select(Link.id).where(
        Link.purpose == LinkPurpose.KEEP_ADDRESS,
        Link.email == email,
        Link.spent_at.is_(None),
        Link.replaced_at.is_(None),
        Link.expires_at > now,
    )
    if of is not None:
        kept = kept.where(Link.person_id != of.id)
    return session.scalar(kept.limit(1)) is not None


def token_of(link: Link, *, key: str) -> str:
    """What the address of the link ends with. `key`: the secret key of the site."""
    return f"{link.id}.{_secret(link, key)}"


def find_link(session: Session, purpose: LinkPurpose, token: str, *, keys: Sequence[str], now: datetime) -> Link:
    """The link with this token, which stays as it is: looking at a page spends nothing. Anyone may.

    `keys`: those of the site that may have made it. Raises LinkUnknown, LinkSpent, LinkReplaced, LinkExpired.
    """
    number, _, secret = token.partition(".")
    link = session.get(Link, int(number)) if _is_id(number) else None
    if link is None or link.purpose is not purpose or not any(_fits(link, secret, key) for key in keys):
        raise LinkUnknown(purpose)
    _check_open(link, now)
    return link


def spend_link(session: Session, link: Link, *, now: datetime) -> None:
    """Use the link up: mail reaches its address. Of two who press its button at once, the second is refused.

    Raises as `find_link`.
    """
    session.refresh(link, with_for_update={"of": Link})
    _check_open(link, now)
    link.spent_at = now
    prove_deliverable(session, link.email, by=link.person, now=now)
    session.flush()


def delete_old_links(session: Session, *, now: datetime) -> int:
    """Delete links that expired a month ago, whatever became of them. Their mails stay; one that still waits keeps its
    link, to be written. Returns how many. For the worker.
    """
    waiting = (_message.c.link_id == Link.id) & _message.c.sent_at.is_(None) & _message.c.next_attempt_at.is_not(None)
    is_old = (Link.expires_at < now - LINK_KEPT) & ~exists().where(waiting)
    session.execute(update(_message).where(_message.c.link_id.in_(select(Link.id).where(is_old))).values(link_id=None))
    deletion = delete(Link).where(is_old)
    deleted = session.execute(deletion.execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", deleted).rowcount


def _check_open(link: Link, now: datetime) -> None:
    if link.spent_at is not None:
        raise LinkSpent(link.purpose)
    if link.replaced_at is not None:
        raise LinkReplaced(link.purpose)
    if now >= link.expires_at:
        raise LinkExpired(link.purpose)


def _is_id(number: str) -> bool:
    return number.isascii() and number.isdecimal() and len(number) <= len(str(MAX_ID)) and int(number) <= MAX_ID


def _fits(link: Link, secret: str, key: str) -> bool:
    return hmac.compare_digest(_secret(link, key).encode(), secret.encode(errors="replace"))


def _secret(link: Link, key: str) -> str:
    digest = hmac.digest(key.encode(), f"link {link.purpose} {link.id} {link.salt}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
