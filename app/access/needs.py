"""What each route requires of whoever calls it: declared beside the route, and checked when the application starts."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from flask import Flask

View = TypeVar("View", bound=Callable[..., Any])

_ATTRIBUTE = "need"


class Need(StrEnum):
    """What a route requires. The values are the words of docs/access.md."""

    ANYONE = "everyone"
    SIGNED_IN = "members"
    ADMIN = "administrators"
    READER = "everyone; only the team before the announcement"
    PARTICIPANT = "members; only the team before the announcement"
    THEME_READER = "the team; everyone once the debrief is public"
    MANAGER = "the owner, facilitators and administrators"
    OWNER = "the owner"


class UndeclaredNeedError(Exception):
    """Some routes do not declare what they require. The message names them and the remedy."""


def requires(need: Need) -> Callable[[View], View]:
    """Declare what a route requires, as a decorator of its view. Other decorators may come before or after it."""

    def declare(view: View) -> View:
        setattr(view, _ATTRIBUTE, need)
        return view

    return declare


def declared_needs(app: Flask) -> dict[str, Need]:
    """The need of every endpoint of the application. Raises UndeclaredNeedError where a view has none."""
    needs = {endpoint: getattr(view, _ATTRIBUTE, None) for endpoint, view in app.view_functions.items()}
    undeclared = sorted(endpoint for endpoint, need in needs.items() if need is None)
    if undeclared:
        raise UndeclaredNeedError(f"Decorate these views with @requires(Need.…): {', '.join(undeclared)}")
    return {endpoint: need for endpoint, need in needs.items() if need is not None}
