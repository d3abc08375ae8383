"""Addresses of pages for mails."""

from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlsplit

from flask import current_app
from werkzeug.routing import Map, MapAdapter

from app.settings import Settings


def address_of(endpoint: str, *, _anchor: str = "", **values: Any) -> str:
    """The full address of a page for a mail: it starts as the settings say, whatever host a request named.

    `_anchor`: a place on the page, as `url_for` takes it.
    """
    settings: Settings = current_app.extensions["settings"]
    address = _pages(current_app.url_map, settings.base_url).build(endpoint, values, force_external=True)
    return f"{address}#{quote(_anchor)}" if _anchor else address


@lru_cache(4)  # a mail has ten addresses
def _pages(urls: Map, base_url: str) -> MapAdapter:
    base = urlsplit(base_url)
    return urls.bind(base.netloc, script_name=base.path or "/", url_scheme=base.scheme)
