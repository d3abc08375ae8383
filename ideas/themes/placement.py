"""Where all ideas of a campaign stand, read and written many at once: a run holds the database for a moment only."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from clustering.types import Leftover
from ideas.base import chunks
from ideas.campaigns.campaign import Campaign
from ideas.themes.theme import PlacedHow, Placement

# The columns that a run measures of an idea, wherever it stands. The others say where it stands, and by whom.
MEASURED = ("strength", "nearest", "x", "y", "node", "neighbours", "shared")


class Stand(NamedTuple):
    """Where an idea stands and by whom: a placement without what was measured of it."""

    idea_id: int
    theme_id: int | None
    leftover: Leftover | None
    placed_by_id: int | None
    placed_how: PlacedHow | None


def stands(session: Session, campaign: Campaign) -> dict[int, Stand]:
    """Where each idea of the campaign stands, by its id."""
    columns = [getattr(Placement, name) for name in Stand._fields]
    rows = session.execute(select(*columns).where(Placement.campaign_id == campaign.id).order_by(Placement.idea_id))
    return {row.idea_id: Stand(*row) for row in rows}


def neighbours_of(session: Session, idea_ids: Sequence[int]) -> dict[int, list[int]]:
    """The ids of the ideas that are most like each of these, nearest first."""
    found: dict[int, list[int]] = {}
    for some in chunks(idea_ids):
        rows = session.execute(select(Placement.idea_id, Placement.neighbours).where(Placement.idea_id.in_(some)))
        found.update((idea_id, neighbours) for idea_id, neighbours in rows)
    return found


def add_stands(session: Session, campaign: Campaign, rows: Iterable[Mapping[str, Any]]) -> None:
    """Give ideas that have none their place. Every row has an `idea_id` and the same columns of Placement."""
    made = [{"campaign_id": campaign.id, **row} for row in rows]
    if made:
        session.execute(insert(Placement), made)


def change_stands(session: Session, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write on the placements of ideas. Every row has an `idea_id` and the same columns of Placement."""
    changed = [{"of" if name == "idea_id" else name: value for name, value in row.items()} for row in rows]
    if changed:
        session.flush()
        # Past the session's own bookkeeping, which takes longer than the writing itself.
        session.connection().execute(update(Placement).where(Placement.idea_id == bindparam("of")), changed)
        read_anew(session)


def drop_stands(session: Session, idea_ids: Sequence[int]) -> None:
    """Forget where these ideas stood."""
    for some in chunks(idea_ids):
        session.execute(delete(Placement).where(Placement.idea_id.in_(some)))


def read_anew(session: Session) -> None:
    """What the session remembers of placements is out of date."""
    for instance in session.identity_map.values():
        if isinstance(instance, Placement):
            session.expire(instance)
