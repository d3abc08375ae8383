"""docs/access.md: what each role may do, and what each route requires, written from the code."""

import re

from flask import Flask
from werkzeug.routing import Rule

from app.access.needs import ASKED_IN_FORM, Need, Power
from ideas.campaigns.people.team import ACTS, ADMIN_ACTS, Act, Role

_INTRODUCTION = """\
# Who may do what

This page is written from the code, and a test compares. After a change, regenerate it with
`.venv/bin/flask --app app access > docs/access.md`.
"""
_ROLES = """\
## Acts and roles

The table is `ACTS` in `ideas/campaigns/people/team.py`. The last column is what an administrator may do in every
campaign, beside what their role there allows. Why it is so: [decision 22](decisions/0022-acts-and-roles.md).
"""
_ROUTES = """\
## Routes

Each view declares what it requires with `@requires(…)`: an act in the campaign that the address names, or else a right
on the platform. *Members* are people who are signed in.

Who is not signed in, and would have to be, is sent to the sign-in page. Who may not is answered with 403. What does not
exist for a person is answered with 404: before the announcement a campaign for whoever is not in its team, before the
debrief the themes for whoever may not read them, someone else's draft, an object of another campaign. Once the debrief
is public, whoever reads the campaign reads its themes. Rules about the object itself are in `ideas/`: only its author
edits an idea.
"""
_POWERS = """\
## Acts of power

Whoever does one of these gives their password again, or a code of their app, unless they did so in the last ten minutes
in the same browser. A page asks for it; then the act goes on. It is declared beside the route, as
`@requires(…, power=Power.…)`. Where a route also has a GET, only its POST is meant. *Each time*: the form asks for the
password beside what is typed, whenever the last one was given. Why it is so:
[decision 104](decisions/0104-acts-of-power-are-confirmed.md).
"""
_CONVERTER = re.compile(r"<\w+:")


def access_document(app: Flask) -> str:
    """The text of docs/access.md for this application."""
    powers = [_POWERS, *_power_table(app), ""]
    return "\n".join([_INTRODUCTION, _ROLES, *_role_table(), "", *powers, _ROUTES, *_route_table(app), ""])


def _role_table() -> list[str]:
    head = ["act", *(role.value for role in Role), "administrator"]
    rows = [[_words(act), *(_mark(act in ACTS[role]) for role in Role), _mark(act in ADMIN_ACTS)] for act in Act]
    return [_line(head), _line(["---"] * len(head)), *map(_line, rows)]


def _power_table(app: Flask) -> list[str]:
    powers: dict[str, Power] = app.extensions["powers"]
    rows = []
    for power in Power:
        endpoints = ", ".join(sorted(endpoint for endpoint, found in powers.items() if found is power))
        rows.append([power.value, endpoints, "each time" if power in ASKED_IN_FORM else "after ten minutes"])
    return [_line(["act", "endpoints", "asked"]), _line(["---"] * 3), *map(_line, rows)]


def _route_table(app: Flask) -> list[str]:
    needs: dict[str, Need] = app.extensions["needs"]
    rules = sorted(app.url_map.iter_rules(), key=lambda rule: (_address(rule), _methods(rule)))
    rows = [[f"`{_address(rule)}`", _methods(rule), rule.endpoint, _words(needs[rule.endpoint])] for rule in rules]
    return [_line(["address", "method", "endpoint", "requires"]), _line(["---"] * 4), *map(_line, rows)]


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _mark(allowed: bool) -> str:
    return "yes" if allowed else "–"


def _words(need: Need) -> str:
    return need.value.replace("_", " ")


def _address(rule: Rule) -> str:
    """The address without the types of its parts: `/campaigns/<campaign_id>`."""
    return _CONVERTER.sub("<", rule.rule)


def _methods(rule: Rule) -> str:
    return ", ".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
