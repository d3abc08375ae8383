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


class UndeclaredNeedError(Exception):
    """Some routes do not declare what they require. The message names them and the remedy."""


def requires(need: Need) -> Callable[[View], View]:
    """Declare what a route requires, as a decorator of its view. Other decorators may come before or after it."""

    def declare(view: View) -> View:
        setattr(view, _ATTRIBUTE, need)
        return view

    return declare


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
