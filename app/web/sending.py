"""Forms that a script sends, so that the page stays where no answer comes: see app/assets/js/send.js.

A script that follows a redirect would read the next page itself, and use up the message that it shows. So it is told
the address instead.
"""

from flask import Flask, request
from werkzeug.wrappers import Response


def init_app(app: Flask) -> None:
    app.after_request(_tell_address)


def _tell_address(response: Response) -> Response:
    """Answer a script with 204 and X-Location where a form of the page would be answered with a redirect."""
    if request.headers.get("X-Sent-By") == "script" and response.location and 300 <= response.status_code < 400:  # noqa: PLR2004 -- redirects
        response.headers["X-Location"] = response.headers.pop("Location")
        response.status_code = 204
        response.data = b""
    return response
