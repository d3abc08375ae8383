"""Why an idea is where it is, what a theme is made of, and what a run changed: what people ask before they trust it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session, joinedload

from ideas.contributions.idea import Idea, is_submitted
from ideas.themes.run import Change
from ideas.themes.theme import Forbidden, PlacedHow, Placement, Theme, ThemeRun, names_theme

PART_VERBATIMS = 2
# The acts by which a person placed one idea for itself; a merge or a split places many at once.
ONE_BY_ONE = (PlacedHow.MOVED, PlacedHow.PINNED)


@dataclass(frozen=True, slots=True)
class Why:
    """Why an idea stands where it does. `others`: further themes that it is near to, with the strength, nearest first.

    `shared`: the phrases that it uses of those that tell its theme today. `neighbours`: the ideas most like it.
    `forbidden`: where a person said that it never goes.
    """

    placement: Placement
    theme: Theme | None
    others: list[tuple[Theme, float]]
    shared: list[str]
    neighbours: list[Placement]
    forbidden: Sequence[Forbidden]


def why_here(session: Session, idea: Idea) -> Why | None:
    """The reasons for the place of an idea, or None where it has none yet: a constant number of queries."""
    placement = session.scalar(
        select(Placement).where(Placement.idea_id == idea.id).options(joinedload(Placement.placed_by))
    )
    if placement is None:
        return None
    concerned = {placement.theme_id, *(near["theme"] for near in placement.nearest)}
    themes = {
        theme.id: theme
        for theme in session.scalars(select(Theme).where(Theme.id.in_(concerned), Theme.retired_at.is_(None)))
    }
    forbidden = session.scalars(
        select(Forbidden)
        .join(Theme, Theme.id == Forbidden.theme_id)
        .where(Forbidden.idea_id == idea.id, Theme.retired_at.is_(None))
        .options(joinedload(Forbidden.theme), joinedload(Forbidden.person))
        .order_by(Forbidden.created_at, Forbidden.theme_id)
    ).all()
    theme = themes.get(placement.theme_id or 0)
    return Why(
        placement=placement,
        theme=theme,
        others=[
            (themes[near["theme"]], near["strength"])
            for near in placement.nearest
            if near["theme"] in themes and near["theme"] != placement.theme_id
        ],
        shared=[phrase for phrase in placement.shared if theme is not None and phrase in theme.phrases],
        neighbours=_neighbours(session, placement),
        forbidden=forbidden,
    )


def _neighbours(session: Session, placement: Placement) -> list[Placement]:
    """The ideas most like this one that people can still read, nearest first."""
    found = {
        other.idea_id: other
        for other in session.scalars(
            select(Placement)
            .join(Idea, Idea.id == Placement.idea_id)
            .where(Placement.idea_id.in_(placement.neighbours), is_submitted())
            .options(joinedload(Placement.idea).joinedload(Idea.author))
        )
    }
    return [found[idea_id] for idea_id in placement.neighbours if idea_id in found]


def apart_of(theme: Theme, themes: Iterable[Theme]) -> Mapping[str, Any] | None:
    """What separates a theme from its nearest among `themes`, where both are still as a run measured them."""
    apart = theme.apart
    measured = {other.id for other in themes if other.measured}
    return apart if apart is not None and theme.measured and apart["theme"] in measured else None


@dataclass(slots=True)
class Part:
    """A sub-theme: a group of a theme's ideas that are closer still. `place`: in the tree of the run."""

    place: int
    name: str
    phrases: list[str]
    idea_ids: list[int] = field(default_factory=list)
    verbatims: list[Idea] = field(default_factory=list)

    @property
    def size(self) -> int:
        return len(self.idea_ids)


def parts_of(session: Session, theme: Theme, run: ThemeRun | None) -> list[Part]:
    """The theme's sub-themes as its ideas stand today, largest first; none where there are fewer than two."""
    if run is None or len(theme.parts) < 2:  # noqa: PLR2004 -- one part is the theme itself
        return []
    parts = {
        place: Part(place, run.tree[place]["name"], run.tree[place]["phrases"])
        for place in theme.parts
        if place < len(run.tree)
    }
    members = session.execute(
        select(Placement.idea_id, Placement.node)
        .join(Idea, Idea.id == Placement.idea_id)
        .where(Placement.theme_id == theme.id, Placement.node.is_not(None), is_submitted())
        .order_by(Placement.idea_id)
    )
    for idea_id, leaf in members:
        part = _above(run.tree, leaf, parts)
        if part is not None:
            parts[part].idea_ids.append(idea_id)
    _add_verbatims(session, theme, run, parts)
    filled = sorted((part for part in parts.values() if part.size), key=lambda part: -part.size)
    return filled if len(filled) > 1 else []


def _above(tree: Sequence[Mapping[str, Any]], node: int | None, parts: Mapping[int, Part]) -> int | None:
    """The part that a finest group lies in."""
    place = node if node is not None and node < len(tree) else None
    while place is not None and place not in parts:
        place = tree[place]["parent"]
    return place


def _add_verbatims(session: Session, theme: Theme, run: ThemeRun, parts: Mapping[int, Part]) -> None:
    wanted = {idea_id for place in parts for idea_id in run.tree[place]["exemplars"]}
    ideas = {
        idea.id: idea
        for idea in session.scalars(
            select(Idea)
            .join(Placement, Placement.idea_id == Idea.id)
            .where(Idea.id.in_(wanted), Placement.theme_id == theme.id, is_submitted())
            .options(joinedload(Idea.author))
        )
    }
    for place, part in parts.items():
        here = [ideas[idea_id] for idea_id in run.tree[place]["exemplars"] if idea_id in ideas]
        part.verbatims = here[:PART_VERBATIMS]


def ideas_near(session: Session, theme: Theme, *, limit: int) -> list[tuple[Placement, float]]:
    """Ideas that stand elsewhere and are near this theme too, with the strength, nearest first."""
    rows = session.execute(
        select(Placement.idea_id, Placement.nearest)
        .join(Idea, Idea.id == Placement.idea_id)
        .where(
            Placement.campaign_id == theme.campaign_id,
            Placement.theme_id.is_distinct_from(theme.id),
            names_theme(Placement.nearest, theme.id),
            is_submitted(),
        )
    )
    strengths = {
        idea_id: near["strength"] for idea_id, nearest in rows for near in nearest if near["theme"] == theme.id
    }
    nearest = sorted(strengths, key=lambda idea_id: (-strengths[idea_id], idea_id))[:limit]
    placements = {
        placement.idea_id: placement
        for placement in session.scalars(
            select(Placement)
            .where(Placement.idea_id.in_(nearest))
            .options(joinedload(Placement.idea).joinedload(Idea.author))
        )
    }
    return [(placements[idea_id], strengths[idea_id]) for idea_id in nearest]


def count_by_hand(session: Session, theme: Theme) -> int:
    """How many of the theme's ideas a person put or kept there, one by one."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Placement)
            .join(Idea, Idea.id == Placement.idea_id)
            .where(Placement.theme_id == theme.id, Placement.placed_how.in_(ONE_BY_ONE), is_submitted())
        )
        or 0
    )


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a theme in a run. `others`: those that it took in, or that came out of it."""

    change: Change
    theme: Theme
    others: list[Theme]


def told_events(session: Session, run: ThemeRun) -> list[Told]:
    """What a run changed, in the order in which it tells it; nothing of a first run, where every theme is new."""
    if all(event["change"] == Change.BORN for event in run.events):
        return []
    numbers = {number for event in run.events for number in (event["theme"], *event["others"])}
    themes = {
        theme.id: theme
        for theme in session.scalars(select(Theme).where(Theme.campaign_id == run.campaign_id, Theme.id.in_(numbers)))
    }
    return [
        Told(
            Change(event["change"]),
            themes[event["theme"]],
            [themes[other] for other in event["others"] if other in themes],
        )
        for event in run.events
        if event["theme"] in themes
    ]


def count_placed_since(session: Session, run: ThemeRun) -> int:
    """How many ideas came after the run and were given a place at once."""
    return session.scalar(_placed_since_query(), {"campaign_id": run.campaign_id, "since": run.created_at}) or 0


@cache  # building the query takes longer than running it
def _placed_since_query() -> Select[int]:
    return (
        select(func.count())
        .select_from(Placement)
        .join(Idea, Idea.id == Placement.idea_id)
        .where(
            Placement.campaign_id == bindparam("campaign_id"), is_submitted(), Idea.submitted_at > bindparam("since")
        )
    )
