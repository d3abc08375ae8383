"""The set-up of a new site, which is done once: its first administrator, its name, and who may create an account.

And administrators whom whoever runs the server names.
"""

from datetime import datetime
from typing import Unpack

from sqlalchemy.orm import Session

from ideas.accounts.identity import EmailTaken, NewAccount, accepted_password, change_password, sign_up
from ideas.accounts.second_factor import remove_second_factor
from ideas.accounts.sign_up import settle_sign_up
from ideas.accounts.verification import mark_verified
from ideas.errors import Conflict, DomainError, message_id
from ideas.organisation.organisation import MAX_NAME_LENGTH, SignUp, change_organisation, lock_organisation
from ideas.people.person import Person
from ideas.people.platform_role import PlatformRole, grant, has_admin
from ideas.people.sanction import sanction_in_force
from ideas.text import clean_line, required


class AlreadySetUp(Conflict):
    message = message_id("This site is already set up. Ask an administrator for what you need.")


class SanctionedMember(DomainError):
    message = message_id(
        "This member is suspended or banned. Ask another administrator to lift the sanction, or choose somebody else."
    )


class MemberExists(DomainError):
    message = message_id(
        "This address already has an account. Enter another address, or make this member administrator on the server:"
        " flask --app app admin create."
    )


def set_up(
    session: Session,
    *,
    site_name: str,
    mode: SignUp,
    domains: str,
    now: datetime,
    **account: Unpack[NewAccount],
) -> Person:
    """Create the first administrator, name the site and say who may create an account: all of it, or nothing.

    Whoever holds the code of the first administrator may, as long as there is no administrator; the caller has checked
    the code, which proves the address as well. Of two people at once, the second is refused.
    Raises AlreadySetUp, MemberExists, EmptyText or TooLong (a name), and as `sign_up` and `settle_sign_up`.
    """
    site_name = required(clean_line(site_name), max_length=MAX_NAME_LENGTH)
    try:
        person = sign_up(session, now=now, organisation=site_name, **account)
    except EmailTaken:
        raise MemberExists from None
    organisation = lock_organisation(session)  # hashing is over: from here on nobody else sets the site up
    if has_admin(session):
        raise AlreadySetUp
    mark_verified(session, person, now=now)
    grant(session, person, PlatformRole.ADMIN, by=person, now=now)
    settle_sign_up(session, mode=mode, domains=domains, by=person, now=now, seen=organisation.version)
    change_organisation(session, organisation, {"name": site_name}, by=person, now=now)
    return person


def needs_password(person: Person) -> bool:
    """True where nobody proved the address: whoever signed up with it may not be its owner, yet knows the password."""
    return person.verified_at is None


def make_admin(session: Session, person: Person, *, now: datetime, password: str | None = None) -> None:
    """Make a member an administrator whose address counts as proven. Whoever runs the server may.

    `password`: a new one, for whom `needs_password` is true; it ends every sign-in and takes the app for codes off.
    Raises SanctionedMember, PasswordWeak.
    """
    if sanction_in_force(session, person, None, now=now) is not None:
        raise SanctionedMember
    if password is not None:
        secret = accepted_password(password, email=person.email, name=person.name)
        change_password(session, person, secret=secret, now=now)
        remove_second_factor(session, person, by=None, now=now)
    mark_verified(session, person, now=now)
    grant(session, person, PlatformRole.ADMIN, by=None, now=now)
