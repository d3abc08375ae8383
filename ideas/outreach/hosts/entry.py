"""What a host may show of a person, and the link that brings them here: it signs in once, within a few minutes.

Administrators and people whose sign-in asks for a code get a plain link: they sign in as ever.
"""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.accounts.second_factor import has_second_factor
from ideas.base import Base
from ideas.contributions.authors.people import people_of
from ideas.contributions.idea import Idea, is_readable
from ideas.errors import DomainError, message_id
from ideas.outreach.hosts.host import Host
from ideas.outreach.limits.budget import ABOUT_DECISIONS
from ideas.outreach.notice import Notice
from ideas.people.person import Person
from ideas.people.sanction import is_banned
from ideas.work.job import changed_rows

LASTS = timedelta(minutes=10)
KEPT = timedelta(days=1)


class EntryRefused(DomainError):
    message = message_id("This link has expired or was already used. Sign in to read the answers.")


class HostEntry(Base):
    """A link that was used: it is worth nothing a second time. Kept for longer than any link lasts."""

    __tablename__ = "host_entry"

    nonce: Mapped[str] = mapped_column(String(43), primary_key=True)
    host_id: Mapped[int] = mapped_column(ForeignKey("host.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]


def new_nonce() -> str:
    """What tells one link from any other."""
    return secrets.token_urlsafe(32)


def answers_waiting(session: Session, person: Person, *, now: datetime) -> int:
    """How many answers to their ideas the person has not read: decisions, debriefs and actions. One query.

    A host may ask, with the person's token. It learns the number and nothing else. Ideas without their author's name do
    not count: the number would tell the host who wrote them.
    """
    own = people_of(is_readable(), Idea.campaign_id, named=True).subquery()
    campaigns = select(own.c.campaign_id).where(own.c.person_id == person.id)
    unread = (Notice.person_id == person.id) & Notice.read_at.is_(None) & (Notice.not_before <= now)
    count = select(func.count()).select_from(Notice)
    count = count.where(unread, Notice.kind.in_(ABOUT_DECISIONS), Notice.campaign_id.in_(campaigns))
    return session.scalar(count) or 0


def may_enter(session: Session, person: Person, *, now: datetime) -> bool:
    """True for whoever a host's link may sign in: a member with a proven address, who is no administrator, gives no
    code at sign-ins and is not banned from the site.
    """
    if person.is_admin or person.erased_at is not None or person.verified_at is None:
        return False
    return not has_second_factor(session, person) and not session.scalar(select(is_banned(person.id, now=now)))


def use_entry(
    session: Session, *, host_id: int, person_id: int, nonce: str, expires_at: datetime, now: datetime
) -> Person:
    """Use a link up, in the transaction that signs its person in. Returns the person. Of two at once, one is refused.

    Raises EntryRefused, also where the host was removed or the person may no longer enter so.
    """
    person = enterer(session, host_id=host_id, person_id=person_id, nonce=nonce, expires_at=expires_at, now=now)
    try:
        with session.begin_nested():
            session.add(HostEntry(nonce=nonce, host_id=host_id, person_id=person_id, at=now))
    except IntegrityError:
        raise EntryRefused from None
    return person


def enterer(
    session: Session, *, host_id: int, person_id: int, nonce: str, expires_at: datetime, now: datetime
) -> Person:
    """The person whom a link would sign in; looking at its page uses nothing up. Raises EntryRefused."""
    host, person = session.get(Host, host_id), session.get(Person, person_id)
    if now >= expires_at or host is None or person is None or session.get(HostEntry, nonce) is not None:
        raise EntryRefused
    # A link that an earlier secret brought; the token of a link counts whole seconds.
    if expires_at < host.secret_at + LASTS - timedelta(seconds=1):
        raise EntryRefused
    if not may_enter(session, person, now=now):
        raise EntryRefused
    return person


def delete_old_entries(session: Session, *, now: datetime) -> int:
    """Forget links that were used a day ago and have long expired. Returns how many. For the worker."""
    deletion = delete(HostEntry).where(HostEntry.at < now - KEPT)
    return changed_rows(session, deletion.execution_options(synchronize_session=False))
