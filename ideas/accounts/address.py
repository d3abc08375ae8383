"""Changing the email address of an account: proven at the new one first, told to the former one, which may object."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ideas.accounts.identity import EmailTaken, Identity, IdentityKind
from ideas.accounts.link import Link, LinkPurpose, is_kept_for_another, new_link, replace_links, spend_link
from ideas.accounts.sign_in import end_sign_ins
from ideas.accounts.verification import mark_verified
from ideas.activity.activity import Verb, record
from ideas.errors import DomainError, message_id
from ideas.people.person import Person, find_person, normal_email


class SameAddress(DomainError):
    message = message_id("This is already your email address. Enter another one.")


def ask_to_change_address(session: Session, person: Person, *, email: str, now: datetime) -> tuple[Link | None, Link]:
    """The link to prove the new address with, and the one by which the present address objects. Only the person may.

    The first is None where the new address is somebody else's: the caller answers as otherwise, and tells its owner.
    Raises EmailInvalid, SameAddress.
    """
    email = normal_email(email)
    if email == person.email:
        raise SameAddress
    objection = new_link(session, LinkPurpose.KEEP_ADDRESS, person=person, now=now)
    if _is_taken(session, email, of=person, now=now):
        replace_links(session, LinkPurpose.CHANGE_ADDRESS, person=person, now=now)
        return None, objection
    return new_link(session, LinkPurpose.CHANGE_ADDRESS, person=person, email=email, now=now), objection


def change_address(session: Session, link: Link, *, now: datetime) -> Link:
    """Give the person of the link the address that it proves. Returns the link by which the former one objects.

    Links that were sent to the former address are worth nothing from here on, but for objections.
    Raises as `spend_link`; EmailTaken where somebody else took the address meanwhile.
    """
    person, former = link.person, link.person.email
    spend_link(session, link, now=now)
    _set_address(session, person, link.email, now)
    mark_verified(session, person, now=now)
    open_one = select(Link).where(
        Link.person_id == person.id, Link.purpose == LinkPurpose.KEEP_ADDRESS, Link.email == former
    )
    objections = session.scalars(open_one.order_by(Link.id.desc())).all()
    still_open = [each for each in objections if each.is_open(now)]
    return (
        still_open[0]
        if still_open
        else new_link(session, LinkPurpose.KEEP_ADDRESS, person=person, email=former, now=now)
    )


def keep_address(session: Session, link: Link, *, now: datetime) -> Link:
    """Object to a change: the account has this address again, or keeps it, and every browser is signed out.

    Whoever holds the link may. Returns a link by which they choose a new password: somebody else may know theirs.
    Objections of later addresses are worth nothing any more. Raises as `spend_link`, EmailTaken.
    """
    person = link.person
    spend_link(session, link, now=now)
    replace_links(session, LinkPurpose.CHANGE_ADDRESS, person=person, now=now)
    session.execute(
        update(Link)
        .where(
            Link.person_id == person.id,
            Link.purpose == LinkPurpose.KEEP_ADDRESS,
            Link.id > link.id,
            Link.spent_at.is_(None),
        )
        .values(replaced_at=now)
        .execution_options(synchronize_session="fetch")
    )
    if person.email != link.email:
        _set_address(session, person, link.email, now)
    end_sign_ins(session, person, now=now)
    return new_link(session, LinkPurpose.RESET, person=person, now=now)


def _set_address(session: Session, person: Person, email: str, now: datetime) -> None:
    if _is_taken(session, email, of=person, now=now):
        raise EmailTaken
    by_password = (Identity.person_id == person.id) & (Identity.kind == IdentityKind.PASSWORD)
    identity = session.scalar(select(Identity).where(by_password))
    try:
        with session.begin_nested():
            person.email = email
            if identity is not None:
                identity.subject = email
            session.flush()
    except IntegrityError:  # somebody took it at the same moment
        raise EmailTaken from None
    for purpose in (LinkPurpose.RESET, LinkPurpose.VERIFY):
        replace_links(session, purpose, person=person, now=now)
    # Neither address is written into the log, which is never erased.
    record(session, Verb.CHANGED, person, by=person, now=now, after={"changed": "email"})


def _is_taken(session: Session, email: str, *, of: Person, now: datetime) -> bool:
    owner = find_person(session, email)
    return (owner is not None and owner.id != of.id) or is_kept_for_another(session, email, of=of, now=now)
