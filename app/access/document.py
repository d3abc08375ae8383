"""docs/access.md: every route and who may use it, written from the routes themselves."""

import re

from flask import Flask
from werkzeug.routing import Rule

from app.access.needs import Need

_INTRODUCTION = """\
# Who may do what

This page is written from the code: each view declares what it requires with `@requires(Need.…)`, and a test compares.
After a change, regenerate it with `.venv/bin/flask --app app access > docs/access.md`.

*The team* of a campaign are its owner, facilitators, moderators, jury and observers; administrators count as team in
every campaign. *Members* are people who are signed in.

Who is not signed in, and would have to be, is sent to the sign-in page. Who may not is answered with 403. What does not
exist for a person is answered with 404: a campaign before its announcement, themes before the debrief, someone else's
draft, an object of another campaign. Rules about the object itself are in `ideas/`: only its author edits an idea.
"""
_CONVERTER = re.compile(r"<\w+:")


def access_document(app: Flask) -> str:
    """The text of docs/access.md for this application."""
    needs: dict[str, Need] = app.extensions["needs"]
    rules = sorted(app.url_map.iter_rules(), key=lambda rule: (_address(rule), _methods(rule)))
    rows = [_row(rule, needs[rule.endpoint]) for rule in rules]
    table = ["| address | method | endpoint | who may |", "|---|---|---|---|", *rows]
    return "\n".join([_INTRODUCTION, *table, ""])


def _row(rule: Rule, need: Need) -> str:
    return f"| `{_address(rule)}` | {_methods(rule)} | {rule.endpoint} | {need.value} |"


def _address(rule: Rule) -> str:
    """The address without the types of its parts: `/campaigns/<campaign_id>`."""
    return _CONVERTER.sub("<", rule.rule)


def _methods(rule: Rule) -> str:
    return ", ".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
