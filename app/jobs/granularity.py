"""Cut the themes of another granularity from the hierarchy of the last run.

It answers within a request: nothing here loads NumPy.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from clustering.grouping.granularity import count_at, count_leaves, cut, leaves_under
from clustering.quality.warnings import warnings_of
from clustering.tracking.lineage import trace
from clustering.types import MAX_GRANULARITY, MIN_GRANULARITY, Node
from ideas.answers.assigned import kept_themes
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.people.person import Person
from ideas.themes.runs.apply import apply_or_propose
from ideas.themes.runs.granularity import (
    Cut,
    Level,
    NoHierarchy,
    cut_result,
    load_members,
    names_and_sizes,
    with_warnings,
)
from ideas.themes.runs.run import RunResult, ThemeRun, ThemeState, latest_run, load_state


def levels(run: ThemeRun) -> list[Level]:
    """All that may be chosen, the coarsest first; nothing where the run left no hierarchy."""
    if not run.tree:
        return []
    leaves = count_leaves(run.tree)
    return [Level(level, count_at(run.base, level, leaves)) for level in range(MIN_GRANULARITY, MAX_GRANULARITY + 1)]


def preview(session: Session, campaign: Campaign, level: int) -> list[tuple[str, int]]:
    """The names and sizes of the themes that this level would make, the largest first. People's names hold."""
    run = latest_run(session, campaign)
    if run is None or not run.tree:
        return []
    state = load_state(session, campaign, keep=kept_themes(session, campaign))
    return names_and_sizes(_cut(session, campaign, run, state, level, explained=False), state.themes)


def apply(session: Session, campaign: Campaign, level: int, *, now: datetime, by: Person | None = None) -> ThemeRun:
    """Make the themes this fine, or propose to, as `apply_or_propose` does; later runs keep to it.

    The owner and facilitators may. Raises NoHierarchy.
    """
    lock_campaign(session, campaign)
    run = latest_run(session, campaign)
    if run is None or not run.tree:
        raise NoHierarchy
    keep = kept_themes(session, campaign)
    result = _cut(session, campaign, run, load_state(session, campaign, keep=keep), level)
    return apply_or_propose(session, campaign, result, now=now, keep=keep, by=by)


def _cut(
    session: Session, campaign: Campaign, run: ThemeRun, state: ThemeState, level: int, *, explained: bool = True
) -> RunResult:
    tree = run.tree
    leaves = count_leaves(tree)
    members = load_members(session, campaign, leaves=leaves, explained=explained)
    node_of = cut(tree, count_at(run.base, level, leaves))
    groups = [None if member.theme_id is None or member.node is None else node_of[member.node] for member in members]
    traced = trace([str(member.idea_id) for member in members], groups, state.previous())
    result = cut_result(
        run,
        members,
        Cut(level, groups, traced.theme_of, traced.ids, traced.events, _parts(tree, run.base)),
        state,
    )
    measured = [theme for theme in result.found.themes if theme.measured]
    warnings = warnings_of([theme.size for theme in measured], [theme.cohesion for theme in measured])
    return with_warnings(result, {theme.id: found for theme, found in zip(measured, warnings, strict=True)})


def _parts(tree: Sequence[Node], base: int) -> list[list[int]]:
    """The sub-themes of each node: the themes that the ideas suggest, or below these the finest groups."""
    usual = cut(tree, base)
    found = []
    for leaves in leaves_under(tree):
        inside = sorted({usual[leaf] for leaf in leaves})
        found.append(inside if len(inside) > 1 else leaves if len(leaves) > 1 else [])
    return found
