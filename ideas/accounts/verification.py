"""Proof that people read the mails of their address: nothing of theirs is public before."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from ideas.accounts.link import MAX_PAGE_LENGTH, Link, LinkPurpose, new_link, replace_links, spend_link
from ideas.activity.activity import Verb, record
from ideas.errors import DomainError, NotAllowed, message_id
from ideas.people.person import Person


class NotVerified(NotAllowed):
    message = message_id(
        "Confirm your email address first: open the link that we sent to you. Until then, your drafts are kept."
    )


class AlreadyVerified(DomainError):
    message = message_id("Your email address is already confirmed.")


def check_verified(person: Person) -> None:
    """Before anything of this person becomes public. Raises NotVerified."""
    if person.verified_at is None:
        raise NotVerified


def ask_to_verify(session: Session, person: Person, *, now: datetime, page: str = "") -> Link:
    """A new link by which the person proves their address; it replaces the earlier ones. They may, and their sign-up.

    `page`: where to go on afterwards. Raises AlreadyVerified.
    """
    if person.verified_at is not None:
        raise AlreadyVerified
    return new_link(session, LinkPurpose.VERIFY, person=person, now=now, page=page)


def go_on_to(session: Session, person: Person, *, page: str) -> None:
    """Let the link that was sent last lead to this page: what the person was writing meanwhile."""
    if len(page) <= MAX_PAGE_LENGTH:
        session.execute(
            update(Link)
            .where(Link.person_id == person.id, Link.purpose == LinkPurpose.VERIFY, Link.spent_at.is_(None))
            .values(page=page)
            .execution_options(synchronize_session="fetch")
        )


def verify(session: Session, link: Link, *, now: datetime) -> Person:
    """Spend the link and store that its person has proven their address. Whoever holds the link may, once signed in.

    The caller checks that they are this person: somebody else may have signed up with their address.
    Raises as `find_link`.
    """
    spend_link(session, link, now=now)
    mark_verified(session, link.person, now=now)
    return link.person


def mark_verified(session: Session, person: Person, *, now: datetime) -> None:
    """Store that the person has proven their address, with whatever link; a second time changes nothing."""
    if person.verified_at is not None:
        return
    person.verified_at = now
    replace_links(session, LinkPurpose.VERIFY, person=person, now=now)
    record(session, Verb.CONFIRMED, person, by=person, now=now)
