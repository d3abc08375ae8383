"""Security headers, and no caching unless a view asks for it."""

from flask import Flask, Response, current_app

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


# Of every answer, pages and built files alike.
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
# A browser that came by https comes by https for two years.
_HTTPS_ONLY = "max-age=63072000"


def init_app(app: Flask) -> None:
    app.after_request(_add_headers)


def common_headers(*, https: bool) -> dict[str, str]:
    """What each answer of the site carries."""
    return _ALWAYS | {"Strict-Transport-Security": _HTTPS_ONLY} if https else dict(_ALWAYS)


def _add_headers(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    response.headers.update(_ALWAYS)
    if current_app.extensions["settings"].https:
        response.headers["Strict-Transport-Security"] = _HTTPS_ONLY
    response.headers.setdefault("Cache-Control", "private, no-store")
    return response
