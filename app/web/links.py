"""Where to go next: only ever a page of this site."""

from urllib.parse import urlsplit

from flask import current_app, request


def local(given: str | None) -> str | None:
    """The address, if it is that of a page here: never another site, nor a way round one.

    Browsers read `/\\evil` as `//evil`, and drop tabs and line ends before they look.
    """
    if not given or not given.startswith("/") or "\\" in given or any(sign <= " " or sign == "\x7f" for sign in given):
        return None
    try:
        parts = urlsplit(given)
    except ValueError:
        return None
    if parts.scheme or parts.netloc or not parts.path.startswith("/") or parts.path.startswith("//"):
        return None
    routes = current_app.create_url_adapter(request)
    return given if routes is not None and routes.test(parts.path, method="GET") else None
