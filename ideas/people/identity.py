"""How people prove who they are. Today by an address and a password; a person may have no such identity."""

import secrets
from datetime import datetime
from enum import StrEnum

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ideas.activity.activity import Verb, record
from ideas.base import Base, choice
from ideas.errors import DomainError, message_id
from ideas.people.consent import consent_to_present_rules
from ideas.people.person import MAX_EMAIL_LENGTH, MAX_NAME_LENGTH, Person, check_name, normal_email
from ideas.text import clean_line, required

MIN_PASSWORD_LENGTH = 10
MAX_PASSWORD_LENGTH = 200

_hasher = PasswordHasher()


class EmailTaken(DomainError):
    message = message_id("This email address already has an account. Sign in instead.")


class PasswordWeak(DomainError):
    message = message_id(
        "Choose a password of at least %(least)s characters that is not your name or your email address."
    )


class RulesNotAccepted(DomainError):
    message = message_id("Accept the rules of the community to create your account.")


class WrongCredentials(DomainError):
    message = message_id("The email address or password is incorrect. Try again.")


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
) -> Person:
    """Create an account that signs in by password. Anyone may.

    Raises EmailInvalid, EmailTaken, PasswordWeak, RulesNotAccepted; EmptyText, TooLong or NameReserved (the name).
    """
    email = normal_email(email)
    name = required(clean_line(name), max_length=MAX_NAME_LENGTH)
    check_name(session, name)
    _check_password(password, email=email, name=name)
    if not rules_accepted:
        raise RulesNotAccepted
    person = Person(email=email, name=name, locale=locale, timezone=timezone, rules_accepted_at=now, created_at=now)
    secret = hash_password(password)
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


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def _check_password(password: str, *, email: str, name: str) -> None:
    too_plain = password.lower() in {email, email.partition("@")[0], name.lower()} or len(set(password)) < 4  # noqa: PLR2004 -- "aaaaaaaaaa" is no password
    if not MIN_PASSWORD_LENGTH <= len(password) <= MAX_PASSWORD_LENGTH or too_plain:
        raise PasswordWeak(least=MIN_PASSWORD_LENGTH)


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
