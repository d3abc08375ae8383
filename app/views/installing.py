"""The site as an application on a phone: its manifest, its icons, and the page that is shown without a connection."""

import json

from flask import Blueprint, Response, current_app, render_template, url_for

from app.access.needs import Platform, requires
from app.extensions import limiter
from app.pictures.app_icon import app_icon
from app.signing.caller import caller_address
from app.web.pages.site import site
from app.web.static_files import STATIC, asset

# In seconds: the name of the site may change.
MANIFEST_AGE, WORKER_AGE, ICON_AGE = 3_600, 3_600, 7 * 24 * 3_600
# Each is drawn once by a process, then kept.
MAX_ASKED = "60 per minute"
PAPER, INK = "#faf6ee", "#0b6066"
MAX_SHORT_NAME = 12

views = Blueprint("installing", __name__)


@views.get("/app.webmanifest")
@requires(Platform.EVERYONE)
def manifest() -> Response:
    """What a browser needs to install the site: https://www.w3.org/TR/appmanifest/."""
    name = site().name
    icons = [
        {"src": url_for(f"installing.{icon}"), "sizes": f"{side}x{side}", "type": "image/png", "purpose": purpose}
        for icon, side, purpose in (
            ("icon", 192, "any"),
            ("large_icon", 512, "any"),
            ("maskable_icon", 512, "maskable"),
        )
    ]
    said = {
        "id": "/",
        "name": name,
        "start_url": url_for("campaign.index"),
        "scope": "/",
        "display": "standalone",
        "background_color": PAPER,
        "theme_color": INK,
        "icons": icons,
    }
    if len(name) <= MAX_SHORT_NAME:
        said["short_name"] = name
    text = json.dumps(said, ensure_ascii=False)
    return _public(current_app.response_class(text, mimetype="application/manifest+json"), MANIFEST_AGE)


@views.get("/icon-192.png")
@limiter.limit(MAX_ASKED, key_func=caller_address)
@requires(Platform.EVERYONE)
def icon() -> Response:
    return _icon(192)


@views.get("/icon-512.png")
@limiter.limit(MAX_ASKED, key_func=caller_address)
@requires(Platform.EVERYONE)
def large_icon() -> Response:
    return _icon(512)


@views.get("/icon-maskable.png")
@limiter.limit(MAX_ASKED, key_func=caller_address)
@requires(Platform.EVERYONE)
def maskable_icon() -> Response:
    return _icon(512, maskable=True)


@views.get("/apple-touch-icon.png")
@limiter.limit(MAX_ASKED, key_func=caller_address)
@requires(Platform.EVERYONE)
def touch_icon() -> Response:
    return _icon(180)


@views.get("/offline")
@requires(Platform.EVERYONE)
def offline() -> str:
    """Kept by the browser and shown without a connection: it names nobody, and lists texts kept on the device."""
    return render_template("home/offline.html")


@views.get("/worker.js")
@requires(Platform.EVERYONE)
def worker() -> Response:
    """The script that answers for the site where no connection is. Its list of files changes with each build."""
    files = [url_for("installing.offline"), *map(asset, ("app.css", "theme.js", "offline.js", "favicon.svg"))]
    content = (STATIC / asset("worker.js").rpartition("/")[2]).read_text(encoding="utf-8")
    text = f"self.FILES = {json.dumps(files)};\n{content}"
    return _public(current_app.response_class(text, mimetype="text/javascript"), WORKER_AGE)


def _icon(side: int, *, maskable: bool = False) -> Response:
    drawn = current_app.response_class(app_icon(side, maskable=maskable), mimetype="image/png")
    return _public(drawn, ICON_AGE)


def _public(answer: Response, seconds: int) -> Response:
    answer.headers["Cache-Control"] = f"public, max-age={seconds}"
    return answer
