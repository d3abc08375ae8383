"""The filter by space, of pages that list what several spaces have."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request
from sqlalchemy import ColumnElement

from app.access.roles import reader
from app.extensions import database
from ideas.campaigns.audience import is_of_space, spaces_of_campaigns
from ideas.spaces.space import Space


@dataclass(frozen=True, slots=True)
class SpaceFilter:
    """The spaces that the reader may filter by, and the one that the address asks for."""

    spaces: Sequence[Space]
    chosen: Space | None = None

    @property
    def asked(self) -> dict[str, int]:
        """What an address or a form says of it."""
        return {"space": self.chosen.id} if self.chosen is not None else {}

    @property
    def campaigns(self) -> ColumnElement[bool] | None:
        """SQL condition on Campaign, or None where nothing is chosen."""
        return is_of_space(self.chosen) if self.chosen is not None else None


def space_filter() -> SpaceFilter:
    """The filter that the address asks for. A space that the reader does not find filters nothing. One query."""
    person = reader()
    if person is None:
        return SpaceFilter(())
    spaces = spaces_of_campaigns(database(), person)
    asked = request.args.get("space", 0, type=int)
    return SpaceFilter(spaces, next((space for space in spaces if space.id == asked), None))
