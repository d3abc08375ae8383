"""Accounts and sign-ins."""

import hashlib
import re
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import ForeignKey, String, Text, column, func, select, table
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ideas.base import Base
from ideas.errors import DomainError, message_id
from ideas.text import clean_line, optional, required

MAX_NAME_LENGTH = 80
MAX_HEADLINE_LENGTH = 160
MAX_EMAIL_LENGTH = 254
MIN_PASSWORD_LENGTH = 10
MAX_PASSWORD_LENGTH = 200
SIGN_IN_LASTS = timedelta(days=30)

_EMAIL = re.compile(r"[^@\s\"(),:;<>\[\\\]]+@[^@\s.]+(\.[^@\s.]+)+")
_hasher = PasswordHasher()
# Outreach is above people, so its table is named here without its model.
_notice = table("notice", column("person_id"), column("read_at"))


class EmailTaken(DomainError):
    message = message_id("This email address already has an account. Sign in instead.")


class EmailInvalid(DomainError):
    message = message_id("Enter an email address such as name@example.org.")


class PasswordWeak(DomainError):
    message = message_id(
        "Choose a password of at least %(least)s characters that is not your name or your email address."
    )


class RulesNotAccepted(DomainError):
    message = message_id("Accept the rules of the community to create your account.")


class WrongCredentials(DomainError):
    message = message_id("The email address or password is incorrect. Try again.")


class Person(Base):
    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(MAX_EMAIL_LENGTH), unique=True)
    name: Mapped[str] = mapped_column(String(MAX_NAME_LENGTH))
    headline: Mapped[str] = mapped_column(String(MAX_HEADLINE_LENGTH), default="")
    password_hash: Mapped[str] = mapped_column(Text)
    locale: Mapped[str] = mapped_column(String(5), default="fr")
    timezone: Mapped[str] = mapped_column(String(64), default="Europe/Paris")
    is_admin: Mapped[bool] = mapped_column(default=False)
    rules_accepted_at: Mapped[datetime]
    created_at: Mapped[datetime]

    # Flask-Login reads these.
    is_authenticated = True
    is_active = True
    is_anonymous = False
    # For the bell of every page: counted in the query that loads the person, so that no page asks a second time.
    unread_notices = 0

    def get_id(self) -> str:
        return str(self.id)


class SignIn(Base):
    """A browser in which a person is signed in. Once it has ended, every copy of its cookie is refused."""

    __tablename__ = "sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

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
    """Create an account. Anyone may.

    Raises EmailInvalid, EmailTaken, PasswordWeak, RulesNotAccepted, EmptyText or TooLong (the name).
    """
    email = normal_email(email)
    name = required(clean_line(name), max_length=MAX_NAME_LENGTH)
    _check_password(password, email=email, name=name)
    if not rules_accepted:
        raise RulesNotAccepted
    person = Person(
        email=email,
        name=name,
        password_hash=hash_password(password),
        locale=locale,
        timezone=timezone,
        rules_accepted_at=now,
        created_at=now,
    )
    try:
        with session.begin_nested():
            session.add(person)
    except IntegrityError:  # also when somebody takes the address at the same moment
        raise EmailTaken from None
    return person


def revise_profile(person: Person, *, name: str, headline: str, locale: str, timezone: str) -> None:
    """Change the person's name, headline, language and time zone. Only they may.

    Raises EmptyText (the name) or TooLong.
    """
    person.name = required(clean_line(name), max_length=MAX_NAME_LENGTH)
    person.headline = optional(clean_line(headline), max_length=MAX_HEADLINE_LENGTH)
    person.locale = locale
    person.timezone = timezone


def check_credentials(session: Session, *, email: str, password: str) -> Person:
    """The person with this address and password. Anyone may call it. Raises WrongCredentials.

    It writes nothing, because hashing takes about 0.3 seconds and an open transaction would block others meanwhile.
    An unknown address takes as long as a wrong password, so that the time does not show who has an account.
    """
    person = find_person(session, email)
    known_hash = person.password_hash if person is not None else _dummy_hash()
    if not _matches(known_hash, password) or person is None:
        raise WrongCredentials
    return person


def open_sign_in(session: Session, person: Person, *, now: datetime) -> str:
    """Store a new sign-in of the person. Returns its secret token, which is stored as a hash only."""
    token = secrets.token_urlsafe(32)
    session.add(
        SignIn(person_id=person.id, token_hash=_token_hash(token), created_at=now, expires_at=now + SIGN_IN_LASTS)
    )
    session.flush()
    return token


def signed_in_person(session: Session, token: str, *, now: datetime) -> Person | None:
    """The person who signed in with this token, or None if the sign-in has ended or expired."""
    unread = (
        select(func.count())
        .select_from(_notice)
        .where(_notice.c.person_id == Person.id, _notice.c.read_at.is_(None))
        .correlate(Person)
        .scalar_subquery()
    )
    found = session.execute(
        select(Person, unread)
        .join(SignIn, SignIn.person_id == Person.id)
        .where(SignIn.token_hash == _token_hash(token), SignIn.ended_at.is_(None), SignIn.expires_at > now)
    ).one_or_none()
    if found is None:
        return None
    person: Person = found[0]
    person.unread_notices = found[1]
    return person


def sign_out(session: Session, token: str, *, now: datetime) -> None:
    """End the sign-in: every copy of its cookie stops working."""
    found = session.scalar(select(SignIn).where(SignIn.token_hash == _token_hash(token)))
    if found is not None and found.ended_at is None:
        found.ended_at = now


def find_person(session: Session, email: str) -> Person | None:
    """The person with this address, in upper or lower case."""
    return session.scalar(select(Person).where(Person.email == clean_line(email).lower()))


def ids_matching(session: Session, words: str, *, limit: int) -> Sequence[int]:
    """The ids of at most `limit` people whose name or address contains these words. Administrators may."""
    words = clean_line(words)[:MAX_EMAIL_LENGTH]
    found = Person.name.icontains(words, autoescape=True) | Person.email.icontains(words, autoescape=True)
    return session.scalars(select(Person.id).where(found).order_by(Person.id).limit(limit)).all()


def names_of(session: Session, ids: Collection[int]) -> dict[int, str]:
    """The names of these people by id."""
    return dict(session.execute(select(Person.id, Person.name).where(Person.id.in_(ids))).all())


def normal_email(email: str) -> str:
    """The address as it is stored: trimmed, in lower case. Raises EmailInvalid."""
    email = clean_line(email).lower()
    if len(email) > MAX_EMAIL_LENGTH or not _EMAIL.fullmatch(email):
        raise EmailInvalid
    return email


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def _check_password(password: str, *, email: str, name: str) -> None:
    too_plain = password.lower() in {email, email.partition("@")[0], name.lower()} or len(set(password)) < 4  # noqa: PLR2004 -- "aaaaaaaaaa" is no password
    if not MIN_PASSWORD_LENGTH <= len(password) <= MAX_PASSWORD_LENGTH or too_plain:
        raise PasswordWeak(least=MIN_PASSWORD_LENGTH)


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


_dummy_hashes: list[str] = []


def _dummy_hash() -> str:
    """A hash to compare with when the address is unknown."""
    if not _dummy_hashes:
        _dummy_hashes.append(hash_password(secrets.token_urlsafe(32)))
    return _dummy_hashes[0]


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
