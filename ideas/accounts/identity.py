"""How people prove who they are. Today by an address and a password; a person may have no such identity."""

import hashlib
import secrets
from datetime import datetime
from enum import StrEnum
from typing import NotRequired, TypedDict, Unpack

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ideas.accounts.link import Link, LinkPurpose, is_kept_for_another, replace_links, spend_link
from ideas.accounts.password import check_password
from ideas.accounts.sign_in import end_sign_ins
from ideas.accounts.sign_up import check_may_be_invited
from ideas.accounts.verification import mark_verified
from ideas.activity.activity import Verb, record
from ideas.base import Base, choice
from ideas.errors import DomainError, message_id
from ideas.organisation.consent import consent_to_present_rules
from ideas.organisation.organisation import the_organisation
from ideas.people.person import MAX_EMAIL_LENGTH, MAX_NAME_LENGTH, Person, check_name, normal_email
from ideas.text import clean_line, required

_hasher = PasswordHasher()


class EmailTaken(DomainError):
    message = message_id("This email address already has an account. Sign in instead.")


class RulesNotAccepted(DomainError):
    message = message_id("Accept the rules of the community to create your account.")


class WrongCredentials(DomainError):
    message = message_id("The email address or password is incorrect. Try again.")


class WrongPassword(DomainError):
    message = message_id("This is not your present password. Try again, or ask for a new password by email.")


class IdentityKind(StrEnum):
    PASSWORD = "password"  # noqa: S105 -- a kind, not a secret


class Identity(Base):
    """One way in which a person signs in. By password: the subject is their address, the secret is its hash."""

    __tablename__ = "identity"
    __table_args__ = (UniqueConstraint("kind", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    kind: Mapped[IdentityKind] = mapped_column(choice(IdentityKind))
    subject: Mapped[str] = mapped_column(String(MAX_EMAIL_LENGTH))
    secret: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]

    person: Mapped[Person] = relationship()


class NewAccount(TypedDict):
    """What somebody who creates an account says of themself."""

    email: str
    name: str
    password: str
    rules_accepted: bool
    locale: NotRequired[str]
    timezone: NotRequired[str]


def sign_up(
    session: Session,
    *,
    email: str,
    name: str,
    password: str,
    rules_accepted: bool,
    now: datetime,
    locale: str = "fr",
    timezone: str = "Europe/Paris",
    organisation: str = "",
) -> Person:
    """Create an account that signs in by password. Anyone may. Its address is yet to be proven: see `verification`.

    `organisation`: its name, which is no password. Hashing comes before the first query, so that it holds no lock and
    takes as long where the address is taken.
    Raises EmailInvalid, EmailTaken, PasswordWeak, RulesNotAccepted; EmptyText, TooLong or NameReserved (the name).
    """
    email = normal_email(email)
    name = required(clean_line(name), max_length=MAX_NAME_LENGTH)
    if not rules_accepted:
        raise RulesNotAccepted
    secret = accepted_password(password, email=email, name=name, organisation=organisation)
    check_name(session, name)
    if is_kept_for_another(session, email, of=None, now=now):
        raise EmailTaken
    person = Person(email=email, name=name, locale=locale, timezone=timezone, created_at=now)
    try:
        with session.begin_nested():
            session.add(person)
            session.flush()
            session.add(password_identity(person, secret=secret, now=now))
    except IntegrityError:  # also when somebody takes the address at the same moment
        raise EmailTaken from None
    consent_to_present_rules(session, person, now=now)
    record(session, Verb.SIGNED_UP, person, by=person, now=now)
    return person


def sign_up_by_invitation(
    session: Session, *, now: datetime, organisation: str = "", **account: Unpack[NewAccount]
) -> Person:
    """Create the account of somebody who opened the link that was sent to this address: it is proven by that.

    The caller has checked the invitation. Raises as `sign_up`, and SignUpClosed.
    """
    check_may_be_invited(the_organisation(session))
    person = sign_up(session, now=now, organisation=organisation, **account)
    mark_verified(session, person, now=now)
    return person


def password_identity(person: Person, *, secret: str, now: datetime) -> Identity:
    """A new identity by which the person signs in with their address. `secret`: from `hash_password`."""
    return Identity(person=person, kind=IdentityKind.PASSWORD, subject=person.email, secret=secret, created_at=now)


def check_credentials(session: Session, *, email: str, password: str) -> Person:
    """The person with this address and password. Anyone may call it. Raises WrongCredentials.

    It writes nothing, because hashing takes about 0.3 seconds and an open transaction would block others meanwhile.
    An unknown address, and that of a person without a password, take as long as a wrong password, so that the time
    does not show who has an account.
    """
    found = session.execute(
        select(Person, Identity.secret)
        .join(Identity, Identity.person_id == Person.id)
        .where(Identity.kind == IdentityKind.PASSWORD, Identity.subject == clean_line(email).lower())
    ).one_or_none()
    if not _matches(found.secret if found is not None else _dummy_hash(), password) or found is None:
        raise WrongCredentials
    person: Person = found.Person
    return person


def check_present_password(session: Session, person: Person, password: str) -> None:
    """Before something that a browser left open must not allow. It writes nothing: see `check_credentials`.

    Raises WrongPassword, also where the person has no password.
    """
    identity = _password_of(session, person)
    if identity is None or not _matches(identity.secret, password):
        raise WrongPassword


def has_password(session: Session, person: Person) -> bool:
    """False for whoever never set a password: an email lets them set one."""
    return _password_of(session, person) is not None


def accepted_password(password: str, *, email: str, name: str, organisation: str = "") -> str:
    """The hash of a password that this person may have, for the functions below. It takes a third of a second.

    Raises PasswordWeak.
    """
    check_password(password, email=email, name=name, organisation=organisation)
    return hash_password(password)


def change_password(
    session: Session, person: Person, *, secret: str, now: datetime, kept: str = "", end_others: bool = True
) -> None:
    """Change the person's password and end their sign-ins, but for the one with the token `kept`. Only they may.

    The caller has checked the present one (`check_present_password`). `secret`: from `accepted_password`.
    """
    _set_password(session, person, secret, now)
    replace_links(session, LinkPurpose.RESET, person=person, now=now)
    if end_others:
        end_sign_ins(session, person, now=now, kept=kept)


def reset_password(session: Session, link: Link, *, secret: str, now: datetime) -> Person:
    """Set a new password with a link of a mail, and end every sign-in. Whoever holds the link may.

    The link proves the address as well: nothing else that was sent to it is waited for.
    `secret`: from `accepted_password`. Raises as `spend_link`.
    """
    person = link.person
    spend_link(session, link, now=now)
    _set_password(session, person, secret, now)
    mark_verified(session, person, now=now)
    end_sign_ins(session, person, now=now)
    return person


def password_mark(session: Session, person: Person) -> str:
    """A mark of the person's password that tells nothing of it, and is another one after each change."""
    identity = _password_of(session, person)
    return hashlib.sha256(identity.secret.encode()).hexdigest()[:16] if identity is not None else ""


def _set_password(session: Session, person: Person, secret: str, now: datetime) -> None:
    identity = _password_of(session, person)
    if identity is None:
        identity = password_identity(person, secret=secret, now=now)
        session.add(identity)
    identity.secret = secret
    session.flush()
    record(session, Verb.CHANGED, identity, by=person, now=now)


def _password_of(session: Session, person: Person) -> Identity | None:
    of_person = (Identity.person_id == person.id) & (Identity.kind == IdentityKind.PASSWORD)
    return session.scalar(select(Identity).where(of_person))


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def is_password_of(secret: str, password: str) -> bool:
    """True where this hash is of this password. It takes a third of a second."""
    return _matches(secret, password)


def _matches(secret: str, password: str) -> bool:
    try:
        return _hasher.verify(secret, password)
    except (VerificationError, InvalidHashError):
        return False


_dummy_hashes: list[str] = []


def _dummy_hash() -> str:
    """A hash to compare with when the address is unknown."""
    if not _dummy_hashes:
        _dummy_hashes.append(hash_password(secrets.token_urlsafe(32)))
    return _dummy_hashes[0]
