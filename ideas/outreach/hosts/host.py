"""Hosts: applications of the organisation whose pages tell a member how many answers to their ideas wait here.

A host says who its user is with a token that it signs: see `identity`. The secret is computed from the site's key and
the salt of the host's row, as those of links are: a copy of the database signs nothing.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import String, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.activity.activity import Verb, record
from ideas.base import Base
from ideas.errors import DomainError, message_id
from ideas.organisation.organisation import lock_organisation
from ideas.people.person import Person
from ideas.text import clean_line, required

MAX_NAME_LENGTH = 80
MAX_ORIGIN_LENGTH = 255
MAX_WEBHOOK_LENGTH = 500
MAX_HOSTS = 20
# For how long the secret of before is still accepted: the application gets its new one meanwhile.
OLD_SECRET_KEPT = timedelta(days=1)
# Where a browser trusts what comes without encryption: on the machine of who tries the script.
_ON_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "[::1]"})
_DEFAULT_PORTS = {"https": 443, "http": 80}


class OriginInvalid(DomainError):
    message = message_id("Enter the beginning of the application’s addresses, such as https://app.example.org.")


class OriginTaken(DomainError):
    message = message_id("This application is already registered, as “%(name)s”.")


class TooManyHosts(DomainError):
    message = message_id("There are already %(most)s applications. Remove one first.")


class Host(Base):
    """`origin`: scheme, host and port, as browsers name it. Only pages of this origin are answered. `webhook`: where
    the host is told of events, if it wants any.
    """

    __tablename__ = "host"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(MAX_NAME_LENGTH))
    origin: Mapped[str] = mapped_column(String(MAX_ORIGIN_LENGTH), unique=True)
    salt: Mapped[str] = mapped_column(String(64))
    # That of the secret before it, or "".
    old_salt: Mapped[str] = mapped_column(String(64), default="", server_default=text("''"))
    created_at: Mapped[datetime]
    # When the present secret was made.
    secret_at: Mapped[datetime]
    webhook: Mapped[str] = mapped_column(String(MAX_WEBHOOK_LENGTH), default="", server_default=text("''"))
    webhook_since: Mapped[datetime | None]


def all_hosts(session: Session) -> Sequence[Host]:
    """The hosts by name. Administrators may read them."""
    return session.scalars(select(Host).order_by(func.lower(Host.name), Host.id)).all()


def add_host(session: Session, *, name: str, origin: str, by: Person, now: datetime) -> Host:
    """Register a host. Administrators may. Its secret is shown once: see `secret_of`.

    Raises EmptyText, TooLong, OriginInvalid, OriginTaken or TooManyHosts.
    """
    name, origin = required(clean_line(name), max_length=MAX_NAME_LENGTH), _origin(origin)
    lock_organisation(session)
    known = all_hosts(session)
    for other in known:
        if other.origin == origin:
            raise OriginTaken(name=other.name)
    if len(known) >= MAX_HOSTS:
        raise TooManyHosts(most=MAX_HOSTS)
    host = Host(name=name, origin=origin, salt=_new_salt(), created_at=now, secret_at=now)
    session.add(host)
    session.flush()
    record(session, Verb.ADDED, host, by=by, now=now, after=_facts(host))
    return host


def renew_secret(session: Session, host: Host, *, by: Person, now: datetime) -> None:
    """Give the host another secret. The present one is accepted for OLD_SECRET_KEPT more, unless the secret is renewed
    again: one alone is kept. Administrators may.
    """
    host.old_salt, host.salt, host.secret_at = host.salt, _new_salt(), now
    record(session, Verb.CHANGED, host, by=by, now=now, after=_facts(host) | {"secret": "new"})
    session.flush()


def remove_host(session: Session, host: Host, *, by: Person, now: datetime) -> None:
    """Answer the host no more, and end the links that it was given. Administrators may."""
    record(session, Verb.REMOVED, host, by=by, now=now, before=_facts(host))
    session.delete(host)
    session.flush()


def secret_of(host: Host, *, key: str) -> str:
    """What the host signs with. `key`: the secret key of the site."""
    return _secret(host.id, host.salt, key)


def secrets_of(host: Host, *, keys: Sequence[str], now: datetime) -> list[str]:
    """What the host may sign with: its secret, and the earlier one for a while. `keys`: those of the site."""
    salts = [host.salt]
    if host.old_salt and now < host.secret_at + OLD_SECRET_KEPT:
        salts.append(host.old_salt)
    return [_secret(host.id, salt, key) for salt in salts for key in keys]


def _secret(host_id: int, salt: str, key: str) -> str:
    digest = hmac.digest(key.encode(), f"host {host_id} {salt}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _new_salt() -> str:
    return secrets.token_hex(32)


def _facts(host: Host) -> dict[str, str]:
    return {"name": host.name, "origin": host.origin}


def _origin(given: str) -> str:
    """The origin of an address, as a browser writes it in its header. Raises OriginInvalid."""
    try:
        parts = urlsplit(clean_line(given))
        port = parts.port
        name = (parts.hostname or "").encode("idna").decode()
    except ValueError:  # UnicodeError too: a name that is none
        raise OriginInvalid from None
    name = f"[{name}]" if ":" in name else name
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and name in _ON_THIS_MACHINE)
    more = parts.path.rstrip("/") or parts.query or parts.fragment or "@" in parts.netloc
    if not name or not is_safe or more:
        raise OriginInvalid
    shown = "" if port in {None, _DEFAULT_PORTS[parts.scheme]} else f":{port}"
    origin = f"{parts.scheme}://{name}{shown}"
    if len(origin) > MAX_ORIGIN_LENGTH:
        raise OriginInvalid
    return origin
