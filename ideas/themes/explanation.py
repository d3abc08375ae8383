"""Explanations: why an idea is in its theme, what a theme is made of, and what sets it apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import JSON, case, func, select, type_coerce
from sqlalchemy.orm import Session, joinedload

from clustering.types import Node
from ideas.contributions.idea import Idea, is_submitted
from ideas.themes.passage import counted
from ideas.themes.placement import Forbidden, PlacedHow, Placement, count_submitted
from ideas.themes.runs.run import ThemeRun
from ideas.themes.stored import names_theme
from ideas.themes.theme import Theme

PART_VERBATIMS = 2
MAX_NEAREST = 3  # of Placement.nearest
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
    """A sub-theme: a group of a theme's ideas that are closer still. `place`: in the tree of the run.

    `nodes`: the finest groups that it is made of, and `size` how many of the theme's ideas they hold.
    """

    place: int
    name: str
    phrases: Sequence[str]
    size: int = 0
    nodes: list[int] = field(default_factory=list)
    verbatims: list[Idea] = field(default_factory=list)


def parts_of(session: Session, theme: Theme, run: ThemeRun | None) -> list[Part]:
    """The theme's sub-themes as its ideas of today fill them, largest first; none where there are fewer than two.

    The database counts the ideas. Their typical ones are read by `add_verbatims`, for those that are shown.
    """
    if run is None or len(theme.parts) < 2:  # noqa: PLR2004 -- one part is the theme itself
        return []
    parts = {
        place: Part(place, run.tree[place].name, run.tree[place].phrases)
        for place in theme.parts
        if place < len(run.tree)
    }
    counts = session.execute(
        select(Placement.node, func.count())
        .join(Idea, Idea.id == Placement.idea_id)
        .where(Placement.theme_id == theme.id, Placement.node.is_not(None), is_submitted())
        .group_by(Placement.node)
        .order_by(Placement.node)
    )
    for node, count in counts:
        place = _above(run.tree, node, parts)
        if node is not None and place is not None:
            parts[place].nodes.append(node)
            parts[place].size += count
    filled = sorted((part for part in parts.values() if part.size), key=lambda part: -part.size)
    return filled if len(filled) > 1 else []


def _above(tree: Sequence[Node], node: int | None, parts: Mapping[int, Part]) -> int | None:
    """The part that a finest group lies in."""
    place = node if node is not None and node < len(tree) else None
    while place is not None and place not in parts:
        place = tree[place].parent
    return place


def add_verbatims(session: Session, theme: Theme, run: ThemeRun, parts: Sequence[Part]) -> None:
    """Read the typical ideas of these parts that are still in the theme, in one query."""
    wanted = {idea_id for part in parts for idea_id in run.tree[part.place].exemplars}
    ideas = {
        idea.id: idea
        for idea in session.scalars(
            select(Idea)
            .join(Placement, Placement.idea_id == Idea.id)
            .where(Idea.id.in_(wanted), Placement.theme_id == theme.id, is_submitted())
            .options(joinedload(Idea.author))
        )
    }
    for part in parts:
        here = [ideas[idea_id] for idea_id in run.tree[part.place].exemplars if idea_id in ideas]
        part.verbatims = here[:PART_VERBATIMS]


def ideas_in_part(session: Session, theme: Theme, part: Part) -> Sequence[int]:
    """The ids of the part's ideas."""
    return session.scalars(
        select(Placement.idea_id)
        .join(Idea, Idea.id == Placement.idea_id)
        .where(Placement.theme_id == theme.id, Placement.node.in_(part.nodes), is_submitted())
    ).all()


def ideas_near(session: Session, theme: Theme, *, limit: int) -> list[tuple[Placement, float]]:
    """Ideas that do not count in this theme but are near it, with the strength, nearest first: at most `limit`."""
    pairs = counted(theme_id=theme.id).subquery()
    near = [type_coerce(Placement.nearest, JSON)[place] for place in range(MAX_NEAREST)]
    strength = case(*((one["theme"].as_integer() == theme.id, one["strength"].as_float()) for one in near))
    rows = session.execute(
        select(Placement, strength)
        .join(Idea, Idea.id == Placement.idea_id)
        .where(
            Placement.campaign_id == theme.campaign_id,
            Placement.idea_id.not_in(select(pairs.c.idea_id)),
            names_theme(Placement.nearest, theme.id),
            is_submitted(),
        )
        .options(joinedload(Placement.idea).joinedload(Idea.author))
        .order_by(strength.desc(), Placement.idea_id)
        .limit(limit)
    )
    return [(placement, share) for placement, share in rows]


def count_placed_by_people(session: Session, theme: Theme) -> int:
    """How many of the theme's ideas a person moved or kept there, one by one."""
    return count_submitted(session, Placement.theme_id == theme.id, Placement.placed_how.in_(ONE_BY_ONE))
