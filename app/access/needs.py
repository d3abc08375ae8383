"""What each route requires of whoever calls it: declared beside the route, and checked when the application starts.

A route of a campaign names an act: who may do it is in `ideas.campaigns.people.team.ACTS`. Any other route names a
right on the platform.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from flask import Flask

from ideas.campaigns.people.team import Act

View = TypeVar("View", bound=Callable[..., Any])

_ATTRIBUTE = "need"
_POWER = "power"
# What an address names of a campaign: the loaders find the reader's role in it.
OF_A_CAMPAIGN = frozenset({"campaign_id", "file_id"})


class Platform(StrEnum):
    """Who may use a route outside of campaigns. The values are the words of docs/access.md."""

    EVERYONE = "everyone"
    MEMBER = "members"
    CAMPAIGN_AUTHOR = "campaign authors and administrators"
    SPACE_MODERATOR = "moderators of the space and administrators"
    ADMIN = "administrators"


Need = Act | Platform


class Power(StrEnum):
    """Acts of power: what a browser that was left open must not allow. The values are the words of docs/access.md.

    Whoever does one gives their password again, or a code of their app, unless they did so a few minutes ago.
    """

    ROLES = "roles of the platform"
    LEAD = "the lead of a campaign"
    DELETION = "deleting a campaign"
    EXPORT = "taking data out"
    SIGN_IN = "how people sign in"
    RETENTION = "how long data is kept"
    APPLICATIONS = "other applications: secrets and events"
    CODE = "setting up codes"
    OWN_ACCOUNT = "own password, address, codes, data"
    ERASURE = "erasing an account"


# Their forms ask for the password beside what is typed, each time.
ASKED_IN_FORM = frozenset({Power.OWN_ACCOUNT, Power.ERASURE})


class UndeclaredNeedError(Exception):
    """Some routes do not declare what they require. The message names them and the remedy."""


def requires(need: Need, power: Power | None = None) -> Callable[[View], View]:
    """Declare what a route requires, as a decorator of its view. Other decorators may come before or after it.

    `power`: its act is one of power. On a route that also has a GET, this is about the POST alone.
    """

    def declare(view: View) -> View:
        setattr(view, _ATTRIBUTE, need)
        setattr(view, _POWER, power)
        return view

    return declare


def declared_powers(app: Flask) -> dict[str, Power]:
    """The endpoints of acts of power."""
    found = {endpoint: getattr(view, _POWER, None) for endpoint, view in app.view_functions.items()}
    return {endpoint: power for endpoint, power in found.items() if power is not None}


def declared_needs(app: Flask) -> dict[str, Need]:
    """The need of every endpoint of the application.

    Raises UndeclaredNeedError where a view has none, or where an address that names a campaign, or a file of one, has
    no act in it.
    """
    needs = {endpoint: getattr(view, _ATTRIBUTE, None) for endpoint, view in app.view_functions.items()}
    undeclared = sorted(endpoint for endpoint, need in needs.items() if need is None)
    if undeclared:
        raise UndeclaredNeedError(f"Decorate these views with @requires(…): {', '.join(undeclared)}")
    misplaced = sorted(
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if isinstance(needs[rule.endpoint], Act) != bool(OF_A_CAMPAIGN & rule.arguments)
    )
    if misplaced:
        raise UndeclaredNeedError(f"An Act is for addresses of a campaign, and only for these: {', '.join(misplaced)}")
    return {endpoint: need for endpoint, need in needs.items() if need is not None}
