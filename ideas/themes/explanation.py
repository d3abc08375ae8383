"""Explanations: why an idea is in its theme, what a theme is made of, and what sets it apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from clustering.types import Node
from ideas.contributions.idea import Idea, is_submitted
from ideas.themes.placement import Forbidden, PlacedHow, Placement
from ideas.themes.run import ThemeRun
from ideas.themes.stored import names_theme
from ideas.themes.theme import Theme

PART_VERBATIMS = 2
# The acts by which a person placed one idea for itself; a merge or a split places many at once.
ONE_BY_ONE = (PlacedHow.MOVED, PlacedHow.PINNED)


@dataclass(frozen=True, slots=True)
class Why:
    """The reasons for an idea's placement.

    `others`: further themes that it is near to, with the strength, nearest first. `shared`: the phrases that it uses of
    those of its theme today. `neighbours`: the ideas most like it. `forbidden`: the themes where a person forbade it.
    """

    placement: Placement
    theme: Theme | None
    others: list[tuple[Theme, float]]
    shared: list[str]
    neighbours: list[Placement]
    forbidden: Sequence[Forbidden]


def why_here(session: Session, idea: Idea) -> Why | None:
    """The reasons for an idea's placement, or None before it is placed: a constant number of queries."""
    placement = session.scalar(
        select(Placement).where(Placement.idea_id == idea.id).options(joinedload(Placement.placed_by))
    )
    if placement is None:
        return None
    concerned = {placement.theme_id, *(near.theme for near in placement.nearest)}
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
            (themes[near.theme], near.strength)
            for near in placement.nearest
            if near.theme in themes and near.theme != placement.theme_id
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


@dataclass(slots=True)
class Part:
    """A sub-theme: a group of a theme's ideas that are closer still. `place`: in the tree of the run."""

    place: int
    name: str
    phrases: Sequence[str]
    idea_ids: list[int] = field(default_factory=list)
    verbatims: list[Idea] = field(default_factory=list)

    @property
    def size(self) -> int:
        return len(self.idea_ids)


def parts_of(session: Session, theme: Theme, run: ThemeRun | None) -> list[Part]:
    """The theme's sub-themes with its ideas of today, largest first; none where there are fewer than two."""
    if run is None or len(theme.parts) < 2:  # noqa: PLR2004 -- one part is the theme itself
        return []
    parts = {
        place: Part(place, run.tree[place].name, run.tree[place].phrases)
        for place in theme.parts
        if place < len(run.tree)
    }
    members = session.execute(
        select(Placement.idea_id, Placement.node)
        .join(Idea, Idea.id == Placement.idea_id)
        .where(Placement.theme_id == theme.id, Placement.node.is_not(None), is_submitted())
        .order_by(Placement.idea_id)
    )
    for idea_id, node in members:
        part = _above(run.tree, node, parts)
        if part is not None:
            parts[part].idea_ids.append(idea_id)
    _add_verbatims(session, theme, run, parts)
    filled = sorted((part for part in parts.values() if part.size), key=lambda part: -part.size)
    return filled if len(filled) > 1 else []


def _above(tree: Sequence[Node], node: int | None, parts: Mapping[int, Part]) -> int | None:
    """The part that a finest group lies in."""
    place = node if node is not None and node < len(tree) else None
    while place is not None and place not in parts:
        place = tree[place].parent
    return place


def _add_verbatims(session: Session, theme: Theme, run: ThemeRun, parts: Mapping[int, Part]) -> None:
    wanted = {idea_id for place in parts for idea_id in run.tree[place].exemplars}
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
        here = [ideas[idea_id] for idea_id in run.tree[place].exemplars if idea_id in ideas]
        part.verbatims = here[:PART_VERBATIMS]


def ideas_near(session: Session, theme: Theme, *, limit: int) -> list[tuple[Placement, float]]:
    """Ideas in other themes or none that are near this one too, with the strength, nearest first."""
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
    strengths = {idea_id: near.strength for idea_id, nearest in rows for near in nearest if near.theme == theme.id}
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


def count_placed_by_people(session: Session, theme: Theme) -> int:
    """How many of the theme's ideas a person moved or kept there, one by one."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Placement)
            .join(Idea, Idea.id == Placement.idea_id)
            .where(Placement.theme_id == theme.id, Placement.placed_how.in_(ONE_BY_ONE), is_submitted())
        )
        or 0
    )
