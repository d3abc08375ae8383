"""Who calls, as limits count it and as the log of refused requests names it: an account, or a keyed hash of a network
address, which tells nobody the address.
"""

import hmac
import logging
from hashlib import sha256
from ipaddress import IPv6Address, ip_address

from flask import Flask, current_app, g, request
from werkzeug.wrappers import Response

from app.clock import now
from app.extensions import database, limiter
from app.signing.keys import secret_key
from ideas.people.limit import LimitedAct, LimitReached, spend_from
from ideas.text import clean_line

# A household or a server has at least this much of IPv6 to itself, and could take a new address for each request.
IPV6_PREFIX = 64
_TOO_MANY = 429


def init_app(app: Flask) -> None:
    app.after_request(_log_limit)
    # At INFO it would log what it counts by: network addresses, and addresses that people type.
    limiter.logger.setLevel(logging.WARNING)


def note_limit(error: LimitReached) -> None:
    """Remember which limit this request met, for the log."""
    g.limit_reached = str(error.act)


def _log_limit(response: Response) -> Response:
    """Log each request that a limit refuses, of the database or in memory: what it asked for, who, which limit."""
    if response.status_code == _TOO_MANY:
        reached = g.get("limit_reached") or _limit_in_memory()
        current_app.logger.warning("429: %s %s by %s, limit: %s", request.method, request.endpoint, _caller(), reached)
    return response


def _limit_in_memory() -> str:
    found = limiter.current_limit
    return str(found.limit) if found is not None else "unknown"


def _caller() -> str:
    """The account, without asking the database: Flask-Login has it where the request needed it."""
    person = g.get("_login_user")
    number = person.get_id() if person is not None else None
    return f"person {number}" if number else caller_address()


def caller_address() -> str:
    """A hash of the caller's network address, for `spend_from`. It is kept for two days at most."""
    key = secret_key().encode()
    return f"address {hmac.new(key, _network(request.remote_addr or '').encode(), sha256).hexdigest()[:40]}"


def account_typed(email: str) -> str:
    """A keyed hash of an address that somebody typed, for `spend_from`, whether an account has it or not."""
    key = secret_key().encode()
    return hmac.new(key, clean_line(email).lower().encode(errors="replace"), sha256).hexdigest()[:32]


def count_account_mail(email: str) -> None:
    """Count a mail that is asked for with an address, whoever has it, and commit. Raises LimitReached."""
    spend_from(database(), LimitedAct.ACCOUNT_MAIL_FROM, subject=caller_address(), now=now())
    spend_from(database(), LimitedAct.ACCOUNT_MAIL, subject=account_typed(email), now=now())
    database().commit()


def _network(address: str) -> str:
    """The address; of IPv6 only the part that names the network."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped or int(found) >> (128 - IPV6_PREFIX))
