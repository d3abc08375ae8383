"""The built front-end files: named plainly in templates, served under names that contain a hash of the content."""

import json
import re
from functools import cache
from pathlib import Path
from wsgiref.headers import Headers

from flask import Flask
from whitenoise import WhiteNoise

from app.web.headers import common_headers

# Attributes that the scripts of `desk.js` look for: few pages have one. See app/assets/js/desk-later.js.
_OF_DESKS = re.compile(r"\sdata-(?:insert|keys|map|marks|push|rows|selection)\b")
STATIC = Path(__file__).parent.parent / "static"


def init_app(app: Flask) -> None:
    app.jinja_env.globals["asset"] = asset
    app.jinja_env.filters["needs_desk"] = needs_desk
    common = common_headers(https=app.extensions["settings"].https)

    def add_common(headers: Headers, _path: str, _url: str) -> None:
        for name, value in common.items():
            headers[name] = value

    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=STATIC,
        prefix="static/",
        immutable_file_test=lambda path, _url: path != "manifest.json",
        allow_all_origins=False,
        add_headers_function=add_common,
    )


def asset(name: str) -> str:
    """The address of a built file. Raises FileNotFoundError or KeyError, which say how to build it."""
    built = _manifest()
    if name not in built:
        raise KeyError(f"{name} is not among the built assets: run `make assets`")
    return f"/static/{built[name]}"


def needs_desk(html: str) -> bool:
    """Whether a page has something that `desk.js` works on."""
    return _OF_DESKS.search(html) is not None


@cache
def _manifest() -> dict[str, str]:
    path = STATIC / "manifest.json"
    if not path.exists():
        raise FileNotFoundError("The front-end assets are not built: run `make assets`.")
    manifest: dict[str, str] = json.loads(path.read_text())
    return manifest
