"""Whom a host speaks of: the token that it signs is a JSON Web Token (RFC 7519) with HMAC and SHA-256, or is refused.

    {"alg": "HS256"} . {"email": "rose@example.org", "iat": 1798761600, "exp": 1798761900}

Whatever the token says of its algorithm, the signature is checked with this one.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from itsdangerous import BadData, Signer
from itsdangerous.encoding import base64_decode
from sqlalchemy.orm import Session

from ideas.errors import DomainError, message_id
from ideas.outreach.hosts.host import Host, secrets_of
from ideas.people.person import Person, find_person

MAX_TOKEN_LENGTH = 2_000
# A token is made for the page that shows it: one that is copied is worth nothing soon.
MAX_LIFE = timedelta(minutes=10)
# How far the clock of the host may be ahead.
MAX_AHEAD = timedelta(minutes=1)
ALGORITHM = "HS256"


class TokenRefused(DomainError):
    message = message_id("The application’s token is not valid.")


def person_named_by(session: Session, host: Host, token: str, *, keys: Sequence[str], now: datetime) -> Person | None:
    """The member whose address the token holds, None where nobody has it. `keys`: those of the site.

    Whoever has the host's secret may ask. Raises TokenRefused.
    """
    email = _claims(host, token, keys=keys, now=now).get("email")
    if not isinstance(email, str):
        raise TokenRefused
    person = find_person(session, email)
    return person if person is not None and person.erased_at is None else None


def _claims(host: Host, token: str, *, keys: Sequence[str], now: datetime) -> dict[str, Any]:
    if len(token) > MAX_TOKEN_LENGTH or not token.isascii():
        raise TokenRefused
    # The value that this signs is the header and the claims, and the signature is the third part: that is the format.
    signer = Signer(secrets_of(host, keys=keys, now=now), sep=".", key_derivation="none", digest_method=hashlib.sha256)
    try:
        header, _, claims = signer.unsign(token).decode().partition(".")
        about, said = (json.loads(base64_decode(part)) for part in (header, claims))
    except (BadData, ValueError, RecursionError):
        raise TokenRefused from None
    if not isinstance(about, dict) or about.get("alg") != ALGORITHM or not isinstance(said, dict):
        raise TokenRefused
    _check_life(said, now)
    return said


def _check_life(said: dict[str, Any], now: datetime) -> None:
    """Raises TokenRefused unless the token says when it was made and ends, holds now, and for no longer than it may."""
    made, ends = _instant(said.get("iat")), _instant(said.get("exp"))
    instant = now.timestamp()
    if not made - MAX_AHEAD.total_seconds() <= instant < ends or ends - made > MAX_LIFE.total_seconds():
        raise TokenRefused


def _instant(value: Any) -> float:
    """The seconds that a claim holds. Raises TokenRefused for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenRefused
    return value
