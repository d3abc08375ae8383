"""The network address of a caller, as limits count it: a keyed hash, which tells nobody the address."""

import hmac
from hashlib import sha256
from ipaddress import IPv6Address, ip_address

from flask import current_app, request

# A household or a server has at least this much of IPv6 to itself, and could take a new address for each request.
IPV6_PREFIX = 64


def caller_address() -> str:
    """A hash of the caller's network address, for `spend_from`. It is kept for two days at most."""
    key = str(current_app.config["SECRET_KEY"]).encode()
    return f"address {hmac.new(key, _network(request.remote_addr or '').encode(), sha256).hexdigest()[:40]}"


def _network(address: str) -> str:
    """The address; of IPv6 only the part that names the network."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped or int(found) >> (128 - IPV6_PREFIX))
