"""The placement of each idea: in a theme, or left over and why, by a run or by a person.

Many are read and written at once, so that a run locks the database for a moment only.
"""

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from clustering.types import MIN_STRENGTH_TO_JOIN, Leftover, Near, PlacedIdea
from ideas.base import Base, choice, chunks
from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea, is_submitted
from ideas.people.person import Person
from ideas.themes.stored import NEAREST, Forbidding
from ideas.themes.theme import Theme

# The columns that a run measures of an idea. The others say which theme it is in, and who placed it there.
MEASURED = ("strength", "nearest", "x", "y", "node", "neighbours", "shared", "same_as")
# Those of them that say how an idea belongs to its theme, or to the nearest one where it is left over.
BELONGING = ("strength", "shared")


class PlacedHow(StrEnum):
    """The act by which a person placed an idea."""

    MOVED = "moved"
    PINNED = "pinned"
    MERGED = "merged"
    SPLIT = "split"
    SET_ASIDE = "set_aside"


class Placement(Base):
    """The theme of an idea, or why it is left over. `placed_by_id`: the person who placed it, None for a run.

    `strength`: how much it belongs to its theme, or to the nearest one where it is left over; 0 where that is not
    known. `nearest`: at most three themes, strongest first. `node`: its finest group, a place in the tree of the latest
    run. `neighbours`: the ids of the most similar ideas, nearest first. `shared`: the phrases that it has in common
    with its theme. `same_as`: the id of the idea that says the same, with the same words or nearly so, and stands for
    all that do; None for that one and for any other. It may be gone: those that say the same still belong together.
    """

    __tablename__ = "placement"
    __table_args__ = (
        CheckConstraint("(theme_id IS NULL) <> (leftover IS NULL)", name="theme_or_leftover"),
        CheckConstraint("strength BETWEEN 0 AND 1", name="strength"),
        CheckConstraint("(placed_by_id IS NULL) = (placed_how IS NULL)", name="placed_by_and_how"),
        Index("ix_placement_campaign_id_same_as", "campaign_id", "same_as"),
    )

    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    theme_id: Mapped[int | None] = mapped_column(ForeignKey("theme.id"), index=True)
    leftover: Mapped[Leftover | None] = mapped_column(choice(Leftover))
    strength: Mapped[float] = mapped_column(default=0.0)
    nearest: Mapped[tuple[Near, ...]] = mapped_column(NEAREST, default=())
    x: Mapped[float] = mapped_column(default=0.5)
    y: Mapped[float] = mapped_column(default=0.5)
    node: Mapped[int | None]
    neighbours: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    shared: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    same_as: Mapped[int | None]
    placed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    placed_how: Mapped[PlacedHow | None] = mapped_column(choice(PlacedHow))

    idea: Mapped[Idea] = relationship()
    placed_by: Mapped[Person | None] = relationship(foreign_keys=placed_by_id)


class Forbidden(Base):
    """A person's decision that an idea is never in a theme. No run places it there (cannot-link)."""

    __tablename__ = "forbidden"

    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), primary_key=True)
    theme_id: Mapped[int] = mapped_column(ForeignKey("theme.id", ondelete="CASCADE"), primary_key=True, index=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]

    theme: Mapped[Theme] = relationship()
    person: Mapped[Person] = relationship()


Pairs = dict[tuple[int, int], Forbidden]  # by idea id and theme id


def move(placement: Placement, theme_id: int | None, leftover: Leftover | None = None) -> None:
    """Place an idea in a theme, or in none, where it was not measured: what was measured in another no longer holds."""
    columns = theme_columns(theme_id, leftover)
    if theme_id != placement.theme_id:
        columns |= unmeasured_columns(theme_id, placement.nearest)
    for name, value in columns.items():
        setattr(placement, name, value)


def theme_columns(theme_id: int | None, leftover: Leftover | None = None) -> dict[str, Any]:
    """The columns of an idea in this theme, or of one that is left over: as an outlier, unless said otherwise."""
    return {"theme_id": theme_id, "leftover": (leftover or Leftover.OUTLIER) if theme_id is None else None}


def unmeasured_columns(theme_id: int | None, nearest: Iterable[Near]) -> dict[str, Any]:
    """What is known of how an idea belongs to a theme, or to none, that it was not measured in: see BELONGING.

    Its strength is known of its nearest themes alone; what it shares with another is not.
    """
    strength = next((near.strength for near in nearest if theme_id in {None, near.theme}), 0.0)
    return {"strength": strength, "shared": []}


def measured_columns(placed: PlacedIdea, theme_ids: Mapping[int, int]) -> dict[str, Any]:
    """What a run measured of an idea: see MEASURED. `theme_ids`: the ids of themes, by the run's numbers."""
    return {
        "strength": placed.strength,
        "nearest": tuple(
            Near(theme_ids[near.theme], near.strength) for near in placed.nearest if near.theme in theme_ids
        ),
        "x": placed.x,
        "y": placed.y,
        "node": placed.node,
        "neighbours": list(placed.neighbours),
        "shared": list(placed.shared),
        "same_as": placed.same_as,
    }


def columns_in(measured: dict[str, Any], theme_id: int | None, *, found: int | None) -> dict[str, Any]:
    """What a run measured of an idea that is in the theme `theme_id`, while the run had put it in `found`."""
    return measured if theme_id == found else measured | unmeasured_columns(theme_id, measured["nearest"])


def nearest_allowed(nearest: Iterable[Near], allowed: Container[int]) -> int | None:
    """The nearest of an idea's themes that is allowed, where the idea is near enough to belong to it."""
    return next(
        (near.theme for near in nearest if near.theme in allowed and near.strength >= MIN_STRENGTH_TO_JOIN), None
    )


# Many at once ---------------------------------------------------------------------------------------------------------


class PlacementRow(NamedTuple):
    """A placement without what was measured of the idea."""

    idea_id: int
    theme_id: int | None
    leftover: Leftover | None
    placed_by_id: int | None
    placed_how: PlacedHow | None


class MemberRow(NamedTuple):
    """A placement in a theme, with how the idea belongs there, its nearest themes, and where it is on the map."""

    idea_id: int
    theme_id: int | None
    leftover: Leftover | None
    placed_by_id: int | None
    placed_how: PlacedHow | None
    strength: float
    shared: list[Any]
    nearest: tuple[Near, ...]
    x: float
    y: float


def load_members(session: Session, theme_ids: Collection[int], *, submitted: bool = False) -> list[MemberRow]:
    """The placements in these themes, strongest first; withdrawn ideas too, unless those `submitted` are asked for.

    Plain rows: a theme may have thousands, and loading each as an object would take most of the time of an edit.
    """
    columns = [getattr(Placement, name) for name in MemberRow._fields]
    found = select(*columns).where(Placement.theme_id.in_(theme_ids))
    if submitted:
        found = found.join(Idea, Idea.id == Placement.idea_id).where(is_submitted())
    rows = session.execute(found.order_by(Placement.strength.desc(), Placement.idea_id))
    return [MemberRow._make(row) for row in rows]


def place_members(
    session: Session, members: Iterable[MemberRow], theme_id: int, *, by: Person, how: PlacedHow
) -> list[MemberRow]:
    """Place ideas in a theme as a person does, many at once. Returns their placements as they are then."""
    rows, changes = [], []
    for member in members:
        columns: dict[str, Any] = {"placed_by_id": by.id, "placed_how": how}
        if member.theme_id != theme_id:
            columns |= theme_columns(theme_id) | unmeasured_columns(theme_id, member.nearest)
        rows.append(member._replace(**columns))
        changes.append({"idea_id": member.idea_id} | columns)
    update_placements(session, changes)
    return rows


def load_placements(session: Session, campaign: Campaign) -> dict[int, PlacementRow]:
    """The placements of the campaign's ideas, by the idea's id."""
    columns = [getattr(Placement, name) for name in PlacementRow._fields]
    rows = session.execute(select(*columns).where(Placement.campaign_id == campaign.id).order_by(Placement.idea_id))
    return {row.idea_id: PlacementRow(*row) for row in rows}


def load_forbidden(session: Session, campaign: Campaign) -> dict[int, set[int]]:
    """For each idea that has any, the themes where it never goes."""
    found: dict[int, set[int]] = {}
    for idea_id, theme_id in session.execute(
        select(Forbidden.idea_id, Forbidden.theme_id).where(Forbidden.campaign_id == campaign.id)
    ):
        found.setdefault(idea_id, set()).add(theme_id)
    return found


def forbidden_in(session: Session, themes: Iterable[Theme]) -> Pairs:
    """What is forbidden in these themes."""
    found = session.scalars(select(Forbidden).where(Forbidden.theme_id.in_([theme.id for theme in themes])))
    return {(row.idea_id, row.theme_id): row for row in found}


def add_forbidden(session: Session, campaign_id: int, pairs: Mapping[tuple[int, int], Forbidding]) -> Pairs:
    """Forbid ideas in themes: for each pair of idea id and theme id, who forbids it and when."""
    rows = {
        (idea_id, theme_id): Forbidden(
            idea_id=idea_id, theme_id=theme_id, campaign_id=campaign_id, person_id=person_id, created_at=created_at
        )
        for (idea_id, theme_id), (person_id, created_at) in pairs.items()
    }
    session.add_all(rows.values())
    session.flush()
    return rows


def insert_placements(session: Session, campaign: Campaign, rows: Iterable[Mapping[str, Any]]) -> None:
    """Place ideas that have no placement yet. Every row has an `idea_id` and the same columns of Placement."""
    made = [{"campaign_id": campaign.id, **row} for row in rows]
    if made:
        session.execute(insert(Placement), made)


def update_placements(session: Session, rows: Iterable[Mapping[str, Any]]) -> None:
    """Change the placements of ideas. Every row has an `idea_id` and any columns of Placement: one statement a set."""
    changed: dict[frozenset[str], list[dict[str, Any]]] = {}
    for row in rows:
        values = {"of" if name == "idea_id" else name: value for name, value in row.items()}
        changed.setdefault(frozenset(row), []).append(values)
    if changed:
        session.flush()
        for some in changed.values():
            # Not through the session, whose own bookkeeping takes longer than the writing itself.
            session.connection().execute(update(Placement).where(Placement.idea_id == bindparam("of")), some)
        expire_placements(session)


def delete_placements(session: Session, idea_ids: Sequence[int]) -> None:
    """Delete the placements of these ideas."""
    for some in chunks(idea_ids):
        session.execute(delete(Placement).where(Placement.idea_id.in_(some)))


def expire_placements(session: Session) -> None:
    """Expire the placements in the session: they were changed in the database, not through it."""
    for instance in session.identity_map.values():
        if isinstance(instance, Placement):
            session.expire(instance)


def following_columns(
    session: Session, others: Iterable[PlacementRow], active: Container[int], nodes: Mapping[int, int | None]
) -> list[dict[str, Any]]:
    """The columns of ideas that are not in a run. `nodes`: the finest groups of the ideas that are in it.

    Each gets the finest group of the nearest idea in the run. One whose theme is not active becomes an outlier.
    """
    rows = list(others)
    neighbours: dict[int, list[int]] = {}
    for some in chunks([row.idea_id for row in rows]):
        found = session.execute(select(Placement.idea_id, Placement.neighbours).where(Placement.idea_id.in_(some)))
        neighbours.update((idea_id, near) for idea_id, near in found)
    return [
        {"idea_id": row.idea_id, "node": next((nodes[idea] for idea in neighbours[row.idea_id] if idea in nodes), None)}
        | theme_columns(row.theme_id if row.theme_id in active else None, row.leftover)
        for row in rows
    ]


def count_submitted(session: Session, *conditions: ColumnElement[bool]) -> int:
    """How many submitted ideas have a placement like this."""
    found = select(func.count()).select_from(Placement).join(Idea, Idea.id == Placement.idea_id)
    return session.scalar(found.where(is_submitted(), *conditions)) or 0


def theme_sizes(session: Session, campaign: Campaign) -> dict[int, int]:
    """How many submitted ideas each theme has."""
    rows = session.execute(
        select(Placement.theme_id, func.count())
        .join(Idea, Idea.id == Placement.idea_id)
        .where(Placement.campaign_id == campaign.id, Placement.theme_id.is_not(None), is_submitted())
        .group_by(Placement.theme_id)
    )
    return {theme_id: count for theme_id, count in rows if theme_id is not None}


# What is due ---------------------------------------------------------------------------------------------------------


def count_unplaced(session: Session, campaign: Campaign) -> int:
    """How many ideas have no placement yet."""
    return session.scalar(_unplaced_query(), {"campaign_id": campaign.id}) or 0


@cache  # building the query takes longer than running it
def _unplaced_query() -> Select[int]:
    return (
        select(func.count(Idea.id))
        .outerjoin(Placement, Placement.idea_id == Idea.id)
        .where(Idea.campaign_id == bindparam("campaign_id"), is_submitted(), Placement.idea_id.is_(None))
    )


def waits_for_placement(since: datetime) -> ColumnElement[bool]:
    """The SQL condition for an idea to be placed: it has no placement yet, or was revised after `since`.

    The query joins Idea with Placement (outer). A withdrawn idea that was revised counts too: it may be restored.
    """
    new = Placement.idea_id.is_(None) & is_submitted()
    return new | Placement.idea_id.is_not(None) & (Idea.updated_at > since) & (Idea.updated_at > Idea.submitted_at)
