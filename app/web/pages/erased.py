"""After an erasure, no process goes on showing pieces of pages that it kept.

The worker notes each erasure in the time of an empty file, which every request looks at.
"""

import os
from pathlib import Path

from flask import Flask

from app.exports import document
from app.settings import Settings
from app.text import differences, peoples_text
from app.web.pages import rendering

_seen: dict[Path, float] = {}


def init_app(app: Flask) -> None:
    settings: Settings = app.extensions["settings"]
    app.before_request(lambda: forget_if_erased(settings))


def note_erasure(settings: Settings) -> None:
    """Note that somebody was erased just now. For the worker, after the commit."""
    path = _file(settings)
    path.touch(mode=0o600)
    os.utime(path)


def forget_if_erased(settings: Settings) -> None:
    """Forget every text and every piece of a page that this process keeps, if somebody was erased since it looked."""
    path = _file(settings)
    try:
        noted = path.stat().st_mtime
    except OSError:
        return
    if _seen.get(path) == noted:
        return
    _seen[path] = noted
    rendering.forget_pieces()
    peoples_text.forget()
    differences.forget()
    document.forget()


def _file(settings: Settings) -> Path:
    return settings.instance / "erased"
