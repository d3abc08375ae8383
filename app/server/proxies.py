"""Who the caller is when proxies stand in front: their headers are believed, those of anyone else are not."""

import logging
from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

Network = IPv4Network | IPv6Network
Application = Callable[[dict[str, Any], Any], Iterable[bytes]]

FORWARDED = (
    "HTTP_FORWARDED",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_X_FORWARDED_PREFIX",
    "HTTP_X_FORWARDED_BY",
    "HTTP_X_REAL_IP",
)

log = logging.getLogger(__name__)


def is_loopback(name: str | None) -> bool:
    """True for a name of this machine, `localhost`, `127.0.0.1` or `[::1]`, with a port or without."""
    host = urlsplit(f"//{name or ''}").hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def init_app(app: Flask) -> None:
    """Believe as many proxies as the settings say, from their addresses alone."""
    settings = app.extensions["settings"]
    app.wsgi_app = TrustedProxies(  # type: ignore[method-assign]
        app.wsgi_app, count=settings.trusted_proxies, networks=settings.proxy_networks
    )


class TrustedProxies:
    """Middleware. Sets the caller's address, the scheme and the host from the headers of the nearest proxy.

    A request that comes from any other address loses these headers, and so does every request where `count` is 0.
    """

    def __init__(self, app: Application, *, count: int, networks: Sequence[Network]) -> None:
        self._app = app
        self._behind = ProxyFix(app, x_for=count, x_proto=count, x_host=count) if count else None
        self._networks = networks
        self._warned = False

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if self._behind is None or not self._is_proxy(environ.get("REMOTE_ADDR") or ""):
            self._forget(environ)
            return self._app(environ, start_response)
        given = environ.get("HTTP_X_FORWARDED_FOR")
        if given is not None:
            environ["HTTP_X_FORWARDED_FOR"] = ",".join(_bare(part) for part in given.split(","))
        return self._behind(environ, start_response)

    def _is_proxy(self, peer: str) -> bool:
        """True for a proxy, and for a Unix socket, which has no address."""
        if not peer:
            return True
        try:
            address = ip_address(peer.partition("%")[0])
        except ValueError:
            return False
        if isinstance(address, IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        return any(address in network for network in self._networks)

    def _forget(self, environ: dict[str, Any]) -> None:
        if "HTTP_X_FORWARDED_PROTO" in environ:
            environ["wsgi.url_scheme"] = "http"  # gunicorn has believed this header where it came from this machine
        for name in FORWARDED:
            if environ.pop(name, None) is not None and self._behind is not None and not self._warned:
                self._warned = True
                log.warning(
                    "%s sends proxy headers, and they are ignored: if it is your proxy, name it in PROXY_ADDRESSES",
                    environ.get("REMOTE_ADDR"),
                )


def _bare(part: str) -> str:
    """The address without a port, as some proxies write it; empty, which counts as unknown, where it is none."""
    text = part.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(ip_address(text.partition("%")[0]))
    except ValueError:
        return ""
