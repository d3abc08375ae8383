"""Headers of answers: those of security, no caching unless a view asks for it, and the address that a script is told.

A form that a script sends (app/assets/js/send.js) stays on its page where no answer comes. A script that follows a
redirect would read the next page itself, and use up the message that it shows. So it is told the address instead.
"""

from flask import Flask, Response, current_app, request

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


# Of every answer, pages and built files alike.
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
# Pictures that other sites show: they say what everyone reads here without an account. And the script for hosts.
_EMBEDDED = frozenset({"delivered.badge", "delivered.badge_of_all", "host.script"})
# A browser that came by https comes by https for two years.
_HTTPS_ONLY = "max-age=63072000"


def init_app(app: Flask) -> None:
    app.after_request(_add_headers)
    app.after_request(_tell_address)


def common_headers(*, https: bool) -> dict[str, str]:
    """What each answer of the site carries."""
    return _ALWAYS | {"Strict-Transport-Security": _HTTPS_ONLY} if https else dict(_ALWAYS)


def _add_headers(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    response.headers.update(_ALWAYS)
    if request.endpoint in _EMBEDDED:
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if current_app.extensions["settings"].https:
        response.headers["Strict-Transport-Security"] = _HTTPS_ONLY
    response.headers.setdefault("Cache-Control", "private, no-store")
    return response


def _tell_address(response: Response) -> Response:
    """Answer a script with 204 and X-Location where a form of the page would be answered with a redirect."""
    if request.headers.get("X-Sent-By") == "script" and response.location and 300 <= response.status_code < 400:  # noqa: PLR2004 -- redirects
        response.headers["X-Location"] = response.headers.pop("Location")
        response.status_code = 204
        response.data = b""
    return response
