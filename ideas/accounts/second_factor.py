"""A second proof at the sign-in: a code of an app (TOTP, RFC 6238), or one of ten recovery codes."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime
from operator import xor

from sqlalchemy import ForeignKey, String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.accounts.verification import check_verified
from ideas.activity.activity import Verb, record
from ideas.base import Base
from ideas.errors import DomainError, message_id
from ideas.people.person import Person

SECONDS = 30
# Codes of the half minute before and after are taken too: clocks differ.
STEPS = (0, -1, 1)
RECOVERY_CODES = 10
_KEY_BYTES = 20
_RECOVERY_BYTES = 10  # 80 bits: too many to try, even with the hashes


class WrongSecondFactor(DomainError):
    message = message_id("This code is wrong or was already used. Wait for the next code of your app, then try again.")


class SecondFactorOn(DomainError):
    message = message_id("Signing in already asks for a code. Switch it off first to use another app.")


class SecondFactor(Base):
    """The person's app. Its key is computed from the site's key and `salt`: a copy of the database has no key.

    `sealed`: that key, encrypted with a later key of the site. The app keeps the one that it was set up with.
    `last_step`: the half minute of the code that was taken last; that one, and earlier ones, are worth nothing.
    """

    __tablename__ = "second_factor"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    salt: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    # When the first code of the app was typed: none is asked for at the sign-in before.
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(default=0)
    sealed: Mapped[str | None] = mapped_column(String(64))


class RecoveryCode(Base):
    """Stands in once for a code of the app, of a phone that is lost. Only its hash is stored."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None]


def has_second_factor(session: Session, person: Person) -> bool:
    """True where the person's sign-in asks for a code."""
    factor = session.get(SecondFactor, person.id)
    return factor is not None and factor.confirmed_at is not None


def new_salt() -> str:
    """What makes the key of one app another one than that of any other. Kept by the browser until the app is set up."""
    return secrets.token_hex(32)


def app_key(person: Person, salt: str, *, key: str) -> str:
    """What the app computes its codes from, as letters and digits. `key`: the secret key of the site."""
    digest = hmac.digest(key.encode(), f"totp {person.id} {salt}".encode(), hashlib.sha256)
    return base64.b32encode(digest[:_KEY_BYTES]).decode()


def app_address(person: Person, salt: str, *, key: str, site: str) -> str:
    """What the QR code says: apps read the key, the account and the site from it."""
    import pyotp

    codes = pyotp.TOTP(app_key(person, salt, key=key), name=person.email, issuer=site.replace(":", " "))
    return str(codes.provisioning_uri())


def confirm_second_factor(
    session: Session, person: Person, code: str, *, salt: str, keys: Sequence[str], now: datetime
) -> list[str]:
    """Ask for codes from the next sign-in on. Returns the recovery codes, which are shown this once. Only they may.

    `keys`: those of the site, as for `check_second_factor`.

    Raises NotVerified, WrongSecondFactor, SecondFactorOn.
    """
    check_verified(person)
    if _locked(session, person) is not None:
        raise SecondFactorOn
    factor = SecondFactor(person_id=person.id, salt=salt, created_at=now, confirmed_at=now, last_step=0)
    _take_code(factor, person, code, keys, now)
    session.add(factor)
    session.flush()
    record(session, Verb.ADDED, factor, by=person, now=now)
    return renew_recovery_codes(session, person)


def check_second_factor(session: Session, person: Person, code: str, *, keys: Sequence[str], now: datetime) -> None:
    """Take a code of the app, or a recovery code, once. Raises WrongSecondFactor.

    `keys`: those of the site, the present one first. Where the app goes by an earlier one, what it needs is sealed with
    the present one, so that the earlier one may go.
    """
    factor = _locked(session, person)
    if factor is None or factor.confirmed_at is None:
        raise WrongSecondFactor
    typed = _letters(code)
    recovery = select(RecoveryCode).where(
        RecoveryCode.person_id == person.id,
        RecoveryCode.code_hash == _hash(person, typed),
        RecoveryCode.used_at.is_(None),
    )
    found = session.scalar(recovery)
    if found is not None:
        found.used_at = now
        return
    _take_code(factor, person, typed, keys, now)


def renew_recovery_codes(session: Session, person: Person) -> list[str]:
    """Ten new recovery codes; the earlier ones are worth nothing. Returned this once. Only the person may."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    codes = [base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode() for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(person_id=person.id, code_hash=_hash(person, code)) for code in codes)
    session.flush()
    return ["-".join(code[start : start + 4] for start in range(0, len(code), 4)) for code in codes]


def count_recovery_codes(session: Session, person: Person) -> int:
    """How many of the person's recovery codes are left."""
    unused = (RecoveryCode.person_id == person.id) & RecoveryCode.used_at.is_(None)
    return session.scalar(select(func.count()).select_from(RecoveryCode).where(unused)) or 0


def remove_second_factor(session: Session, person: Person, *, by: Person | None, now: datetime) -> bool:
    """Ask for no code any more. The person may, once their password is checked; `by` is None for whoever runs the
    server. False where none was asked for.
    """
    factor = _locked(session, person)
    if factor is None or factor.confirmed_at is None:
        return False
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    record(session, Verb.REMOVED, factor, by=by, now=now)
    session.delete(factor)
    session.flush()
    return True


def _locked(session: Session, person: Person) -> SecondFactor | None:
    """The person's app, locked until the commit: of two requests with one code, the second is refused."""
    return session.get(SecondFactor, person.id, with_for_update=True, populate_existing=True)


def _take_code(factor: SecondFactor, person: Person, code: str, keys: Sequence[str], now: datetime) -> None:
    import pyotp

    present, typed = int(now.timestamp()) // SECONDS, _letters(code).encode()
    for place, key in enumerate(keys):
        app = app_key(person, factor.salt, key=key) if factor.sealed is None else _unsealed(factor, person, key)
        codes = pyotp.TOTP(app)
        for step in (present + offset for offset in STEPS):
            if step > factor.last_step and hmac.compare_digest(codes.generate_otp(step).encode(), typed):
                factor.last_step = step
                if place:
                    factor.sealed = _with_pad(app, factor, person, keys[0])
                return
    raise WrongSecondFactor


def _unsealed(factor: SecondFactor, person: Person, key: str) -> str:
    return _with_pad(factor.sealed or "", factor, person, key)


def _with_pad(letters: str, factor: SecondFactor, person: Person, key: str) -> str:
    """Encrypt the key of an app, or decrypt it: a pad of its length, which the site's key gives for nothing else."""
    pad = hmac.digest(key.encode(), f"sealed totp {person.id} {factor.salt}".encode(), hashlib.sha256)[:_KEY_BYTES]
    return base64.b32encode(bytes(map(xor, base64.b32decode(letters), pad))).decode()


def _letters(code: str) -> str:
    return "".join(sign for sign in code.upper() if sign.isascii() and sign.isalnum())


def _hash(person: Person, code: str) -> str:
    return hashlib.sha256(f"{person.id} {_letters(code)}".encode()).hexdigest()
