"""One module per word. Each holds a blueprint of that name."""

from importlib import import_module

from flask import Flask

WORDS = (
    "home",
    "person",
    "campaign",
    "idea",
    "vote",
    "comment",
    "importing",
    "theme",
    "theme_edit",
    "proposal",
    "granularity",
    "decision",
    "action",
    "debrief",
    "message",
    "design",
)


def init_app(app: Flask) -> None:
    for word in WORDS:
        app.register_blueprint(import_module(f"app.views.{word}").views)
