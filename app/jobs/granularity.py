"""Fewer, larger themes or more, finer ones: cut from the hierarchy that the last run left, at once.

It answers within a request: nothing here loads NumPy.
"""

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import fmean
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.jobs.adapters import events_found, previous_of, warnings_found
from clustering.grouping.granularity import count_at, count_leaves, cut, leaves_under
from clustering.quality.warnings import warnings_of
from clustering.tracking.lineage import trace
from ideas.answers.decision import decisions_in
from ideas.campaigns.campaign import COARSEST, FINEST, Campaign, hold
from ideas.contributions.idea import Idea, is_submitted
from ideas.errors import DomainError, message_id
from ideas.themes.handover import hand_over
from ideas.themes.run import Apart, IdeaPlaced, NodeFound, RunFound, ThemeFound, standing
from ideas.themes.theme import Leftover, Placement, Theme, ThemeRun, active_themes, languages_together, latest_run

TORN_BETWEEN = 2


class NoHierarchy(DomainError):
    message = message_id("Group the ideas again first. Then you can choose how many themes you want.")


@dataclass(frozen=True, slots=True)
class Level:
    """A granularity that may be chosen, and how many themes the machine would make there."""

    level: int
    themes: int


def levels(run: ThemeRun) -> list[Level]:
    """All that may be chosen, the coarsest first; nothing where the run left no hierarchy."""
    if not run.tree:
        return []
    leaves = count_leaves([NodeFound(**node) for node in run.tree])
    return [Level(level, count_at(run.base, level, leaves)) for level in range(COARSEST, FINEST + 1)]


def preview(session: Session, campaign: Campaign, level: int) -> list[tuple[str, int]]:
    """The names and sizes of the themes that this level would make, the largest first. People's names hold."""
    run = latest_run(session, campaign)
    if run is None or not run.tree:
        return []
    found = _cut(session, campaign, run, level, whole=False)
    given = {theme.id: theme.given_name for theme in active_themes(session, campaign)}
    sizes = Counter(facts.theme for facts in found.ideas if facts.theme is not None)
    named = [(given.get(theme.id) or theme.name, sizes[theme.id]) for theme in found.themes]
    return sorted(named, key=lambda theme: (-theme[1], theme[0]))


def apply(session: Session, campaign: Campaign, level: int, *, now: datetime) -> ThemeRun:
    """Make the themes this fine, or propose to, as `hand_over` does; later runs keep to it.

    The owner and facilitators may. Raises NoHierarchy.
    """
    hold(session, campaign)
    run = latest_run(session, campaign)
    if run is None or not run.tree:
        raise NoHierarchy
    found = _cut(session, campaign, run, level)
    return hand_over(session, campaign, found, now=now, keep=decisions_in(session, campaign))


@dataclass(frozen=True, slots=True)
class _Member:
    """An idea where it stands today."""

    idea_id: int
    theme_id: int | None
    leftover: Leftover | None
    node: int | None
    strength: float
    x: float
    y: float
    nearest: Sequence[Any] = ()
    neighbours: Sequence[Any] = ()
    shared: Sequence[Any] = ()


_TOLD = ("nearest", "neighbours", "shared")


def _cut(session: Session, campaign: Campaign, run: ThemeRun, level: int, *, whole: bool = True) -> RunFound:
    """The themes of this level, as a run would find them; less than `whole`, without what is told of each idea."""
    before = standing(session, campaign, keep=decisions_in(session, campaign))
    tree = [NodeFound(**node) for node in run.tree]
    leaves = count_leaves(tree)
    members = [_in_tree(member, leaves) for member in _members(session, campaign, whole=whole)]
    themes = {theme.id: theme for theme in active_themes(session, campaign)}
    node_of = cut(tree, count_at(run.base, level, leaves))
    groups = [None if member.theme_id is None or member.node is None else node_of[member.node] for member in members]
    traced = trace([str(member.idea_id) for member in members], groups, previous_of(before))
    heirs = _heirs(members, traced.theme_of)
    placed = [_placed(member, theme, heirs) for member, theme in zip(members, traced.theme_of, strict=True)]
    return RunFound(
        model=run.model,
        seconds=run.seconds,
        too_few=run.too_few,
        themes=_themes(traced.ids, members, groups, placed, themes, tree, _parts(tree, run.base)),
        ideas=placed,
        families=[family["name"] for family in run.families],
        tree=tree,
        events=events_found(traced.events),
        granularity=level,
        base=run.base,
        new_from=before.next_id,
        read_at=run.created_at,
    )


def _members(session: Session, campaign: Campaign, *, whole: bool) -> list[_Member]:
    columns = [getattr(Placement, name) for name in _Member.__slots__ if whole or name not in _TOLD]
    rows = session.execute(
        select(*columns)
        .join(Idea, Idea.id == Placement.idea_id)
        .where(Placement.campaign_id == campaign.id, is_submitted())
        .order_by(Placement.idea_id)
    )
    return [_Member(*row) for row in rows]


def _in_tree(member: _Member, leaves: int) -> _Member:
    """The idea, without a finest group that the tree does not have: one of another tree says nothing here."""
    return member if member.node is None or member.node < leaves else replace(member, node=None)


def _heirs(members: Sequence[_Member], theme_of: Sequence[int | None]) -> dict[int, int]:
    """For each theme of today, the one where most of its ideas go."""
    flows: dict[int, Counter[int]] = {}
    for member, theme in zip(members, theme_of, strict=True):
        if member.theme_id is not None and theme is not None:
            flows.setdefault(member.theme_id, Counter())[theme] += 1
    return {theme_id: max(flow.items(), key=lambda item: (item[1], -item[0]))[0] for theme_id, flow in flows.items()}


def _placed(member: _Member, theme: int | None, heirs: Mapping[int, int]) -> IdeaPlaced:
    """Where the idea goes: one that came since the run and has no finest group follows the theme where it is."""
    if theme is None and member.node is None and member.theme_id is not None:
        theme = heirs.get(member.theme_id)
    nearest: dict[int, float] = {}
    for near in member.nearest:
        heir = heirs.get(near["theme"], near["theme"])
        nearest[heir] = max(nearest.get(heir, 0.0), near["strength"])
    torn = member.leftover is Leftover.AMBIGUOUS and len(nearest) >= TORN_BETWEEN
    return IdeaPlaced(
        idea_id=member.idea_id,
        theme=theme,
        leftover=None if theme is not None else Leftover.AMBIGUOUS if torn else Leftover.OUTLIER,
        strength=member.strength,
        nearest=list(nearest.items()),
        x=member.x,
        y=member.y,
        node=member.node,
        neighbours=member.neighbours,
        shared=member.shared,
    )


def _themes(
    numbers: Iterable[int],
    members: Sequence[_Member],
    groups: Sequence[int | None],
    placed: Sequence[IdeaPlaced],
    themes: Mapping[int, Theme],
    tree: Sequence[NodeFound],
    parts: Sequence[Sequence[int]],
) -> list[ThemeFound]:
    inside: dict[int, list[int]] = {number: [] for number in numbers}
    for row, facts in enumerate(placed):
        if facts.theme is not None:
            inside.setdefault(facts.theme, []).append(row)
    stood = Counter(member.theme_id for member in members)
    found: list[ThemeFound] = []
    stay: set[int] = set()
    for number, rows in inside.items():
        here = [members[row] for row in rows]
        same = len(rows) == stood[number] and all(member.theme_id == number for member in here)
        nodes = Counter(groups[row] for row in rows)
        node = max(nodes, key=lambda place: (nodes[place], -(place or 0))) if nodes else None
        if number in themes and (same or node is None):
            found.append(_as_it_was(themes[number], same=same))
        elif node is not None:
            found.append(_of_node(number, tree[node], here, themes, parts[node], stood))
        if same:
            stay.add(number)
    return _told_together(found, {number: len(rows) for number, rows in inside.items()}, stay)


def _told_together(found: Sequence[ThemeFound], sizes: Mapping[int, int], stay: Container[int]) -> list[ThemeFound]:
    """The themes, with the warnings about each beside the others, set apart only from those that stay as they were."""
    measured = [theme for theme in found if theme.measured]
    warned = warnings_of([sizes[theme.id] for theme in measured], [theme.cohesion for theme in measured])
    warnings_by_theme = {theme.id: warnings_found(why) for theme, why in zip(measured, warned, strict=True)}
    return [
        replace(
            theme,
            warnings=warnings_by_theme.get(theme.id, ()),
            apart=theme.apart if theme.apart is not None and theme.apart.theme in stay else None,
        )
        for theme in found
    ]


def _parts(tree: Sequence[NodeFound], base: int) -> list[list[int]]:
    """The sub-themes of each node: the themes that the ideas suggest, or below these the finest groups."""
    usual = cut(tree, base)
    found = []
    for leaves in leaves_under(tree):
        inside = sorted({usual[leaf] for leaf in leaves})
        found.append(inside if len(inside) > 1 else leaves if len(leaves) > 1 else [])
    return found


def _as_it_was(theme: Theme, *, same: bool) -> ThemeFound:
    """A theme that the hierarchy does not make anew, with the `same` ideas as today or with others."""
    return ThemeFound(
        id=theme.id,
        name=theme.found_name,
        phrases=theme.phrases,
        exemplars=theme.exemplars,
        cohesion=theme.cohesion,
        x=theme.x,
        y=theme.y,
        family=theme.family,
        parts=theme.parts,
        languages=[(code, share) for code, share in theme.languages],
        apart=Apart(**theme.apart) if theme.apart and same else None,
        measured=theme.measured and same,
    )


def _of_node(
    number: int,
    facts: NodeFound,
    members: Sequence[_Member],
    themes: Mapping[int, Theme],
    parts: Sequence[int],
    stood: Mapping[int | None, int],
) -> ThemeFound:
    """A theme that is a group of the hierarchy; its island lies where its ideas are."""
    origins = Counter(member.theme_id for member in members if member.theme_id is not None)
    origin = themes[max(origins, key=lambda theme_id: origins[theme_id])] if origins else None
    return ThemeFound(
        id=number,
        name=facts.name,
        phrases=facts.phrases,
        exemplars=facts.exemplars,
        cohesion=facts.cohesion,
        x=round(fmean(member.x for member in members), 4),
        y=round(fmean(member.y for member in members), 4),
        family=origin.family if origin else 0,
        parts=parts,
        languages=languages_together(origins, themes, stood),
    )
