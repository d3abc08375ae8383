"""Addresses to redirect to: only pages of this site."""

import re
from urllib.parse import urlsplit

from flask import current_app, request

# Browsers read `/\evil` as `//evil`, and ignore tabs and line ends in an address.
_UNSAFE = re.compile(r"[\\\x00-\x20\x7f]")


def local_address(address: str | None) -> str | None:
    """The address if it is that of a page of this site, or None."""
    if not address or not address.startswith("/") or _UNSAFE.search(address):
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    if parts.scheme or parts.netloc or not parts.path.startswith("/") or parts.path.startswith("//"):
        return None
    routes = current_app.create_url_adapter(request)
    return address if routes is not None and routes.test(parts.path, method="GET") else None
