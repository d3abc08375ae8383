"""Applying a run or a proposal: the campaign's themes become those that the pipeline found.

What people decided holds either way: a theme that people shaped is never dropped, an idea that a person placed is never
moved, and no idea goes where a person forbade it. Which themes and ideas those are: see `load_state`.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from clustering.types import FoundTheme, PlacedIdea
from ideas.activity.activity import Verb, record
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.contributions.idea import Idea, revised_since, submitted_ideas
from ideas.people.person import Person
from ideas.themes.edits.history import ThemeEdit
from ideas.themes.passage import (
    FoundPassages,
    add_passages,
    found_passages,
    load_passages,
    numbered,
    replace_passages,
)
from ideas.themes.place_new_ideas import place_waiting_ideas
from ideas.themes.placement import (
    PlacementRow,
    columns_in,
    delete_placements,
    following_columns,
    insert_placements,
    measured_columns,
    nearest_allowed,
    theme_columns,
    update_placements,
)
from ideas.themes.refresh import ask_for_refresh
from ideas.themes.runs.difference import differences
from ideas.themes.runs.proposal import ProposalStatus, close, discard, forget_measurements, make_proposal, open_proposal
from ideas.themes.runs.run import RunResult, ThemeRun, ThemeState, load_state, save_run
from ideas.themes.theme import Theme, mark_reshaped, raise_shape


def apply_or_propose(
    session: Session,
    campaign: Campaign,
    result: RunResult,
    *,
    now: datetime,
    keep: Iterable[int] = (),
    by: Person | None = None,
) -> ThemeRun:
    """Replace the campaign's themes by those of a complete run, or keep it as a proposal. In the caller's transaction.

    It becomes a proposal where there are themes and a person edited them or placed an idea, one of them has its answer
    (`keep`), or the debrief is published; unless it changes nothing that a reader would see. It replaces a proposal
    that is still open. For the worker, and for the owner and facilitators (`by`).
    """
    lock_campaign(session, campaign)
    state = load_state(session, campaign, keep=keep)
    waiting = open_proposal(session, campaign)
    if waiting is not None:
        close(session, waiting, ProposalStatus.OVERTAKEN, by=None, now=now)
    if _people_decide(session, campaign, state):
        proposal = make_proposal(session, campaign, result, now=now)
        state = _place_newcomers(session, campaign, result, state, now=now)
        if differences(session, proposal, state.themes):
            place_waiting_ideas(session, campaign, now=now)
            facts = {"ideas": proposal.run.ideas, "themes": proposal.run.themes}
            record(session, Verb.CREATED, proposal, by=by, now=now, campaign_id=campaign.id, after=facts)
            return proposal.run
        discard(session, proposal)
    return apply_run(session, campaign, result, state, by=by, now=now)


def _people_decide(session: Session, campaign: Campaign, state: ThemeState) -> bool:
    """True where a run becomes a proposal: see `apply_or_propose`."""
    if not state.themes:
        return False
    if state.kept or state.by_people or campaign.debriefed_at is not None:
        return True
    acts = select(ThemeEdit.id).where(ThemeEdit.campaign_id == campaign.id, ThemeEdit.undone_at.is_(None))
    return session.scalar(acts.limit(1)) is not None


def _place_newcomers(
    session: Session, campaign: Campaign, result: RunResult, state: ThemeState, *, now: datetime
) -> ThemeState:
    """Place ideas that are not placed yet as the run would, where that is a theme of today. Returns the new state.

    One that was revised since the run is left to be placed by its new words.
    """
    theme_ids = {
        facts.id: facts.id for facts in result.found.themes if facts.id in state.themes and result.is_known(facts.id)
    }
    revised = revised_since(session, campaign, result.read_at or now)
    rows: dict[int, dict[str, Any]] = {}
    ideas = result.ideas
    for idea_id, placed in ideas.items():
        if idea_id in state.placements or idea_id in revised:
            continue
        allowed = placed.theme in theme_ids and placed.theme not in state.forbidden.get(idea_id, ())
        target = placed.theme if allowed else None
        measured = {"idea_id": idea_id} | measured_columns(placed, theme_ids) | {"node": None}
        rows[idea_id] = columns_in(measured, target, found=placed.theme) | theme_columns(target, placed.leftover)
    insert_placements(session, campaign, rows.values())
    mains = {idea_id: row["theme_id"] for idea_id, row in rows.items()}
    found = passages_found({idea_id: ideas[idea_id] for idea_id in rows}, theme_ids)
    add_passages(session, found_passages(session, found, mains, state.forbidden, here={}))
    new = {
        idea_id: PlacementRow(idea_id, row["theme_id"], row["leftover"], None, None) for idea_id, row in rows.items()
    }
    return replace(state, placements=state.placements | new)


def apply_run(
    session: Session, campaign: Campaign, result: RunResult, state: ThemeState, *, by: Person | None, now: datetime
) -> ThemeRun:
    """Replace the campaign's themes by those of a complete run. The caller has locked the campaign and read `state`.

    A theme that the run found again keeps its row and the name a person gave it. One that it did not find is retired,
    unless it is kept (see `load_state`). An idea that a person placed is never moved, and no idea goes where a person
    forbade it. People may act while a run computes: a theme that they merged away meanwhile comes back only if ideas
    are left for it; an idea that came or was revised meanwhile keeps its placement.
    """
    forget_measurements(session, campaign)
    themes = _found_themes(session, campaign, result, state, now=now)
    theme_ids = {number: theme.id for number, theme in themes.items()}
    others = [theme for theme in state.themes.values() if theme not in themes.values()]
    for theme in others:
        mark_reshaped(theme)
        if theme.id not in state.kept:
            theme.retired_at = now
    active = {theme.id: theme for theme in (*themes.values(), *others) if theme.retired_at is None}
    relate(active.values(), result.found.themes, theme_ids)
    session.flush()
    revised = revised_since(session, campaign, result.read_at or now)
    ideas = {idea_id: placed for idea_id, placed in result.ideas.items() if idea_id not in revised}
    mains = _replace_placements(session, campaign, ideas, theme_ids, state, active)
    here = load_passages(session, campaign)
    found = found_passages(session, passages_found(ideas, theme_ids), mains, state.forbidden, here=here)
    staying = {idea_id: rows for idea_id, rows in here.items() if idea_id not in ideas}
    replace_passages(session, campaign, staying | found, here=here)
    run = save_run(session, campaign, result, now=now, theme_ids=theme_ids)
    mark_applied(session, campaign, run, themes=len(theme_ids), now=now)
    ask_for_refresh(session, campaign, active.values(), now=now)
    facts = {"ideas": run.ideas, "themes": run.themes, "granularity": run.granularity}
    record(session, Verb.GROUPED, run, by=by, now=now, campaign_id=campaign.id, after=facts)
    return run


def _found_themes(
    session: Session, campaign: Campaign, result: RunResult, state: ThemeState, *, now: datetime
) -> dict[int, Theme]:
    """The themes of the run by its numbers: those found again, and new rows for others that get an idea."""
    wanted = {
        placed.theme
        for idea_id, placed in result.ideas.items()
        if idea_id not in state.placements or state.placements[idea_id].placed_by_id is None
    }
    themes: dict[int, Theme] = {}
    for facts in result.found.themes:
        theme = state.themes.get(facts.id) if result.is_known(facts.id) else None
        if theme is None and facts.id not in wanted:
            continue
        if theme is None:
            theme = Theme(campaign_id=campaign.id, created_at=now)
            session.add(theme)
        describe(theme, facts)
        themes[facts.id] = theme
    session.flush()
    return themes


def _replace_placements(
    session: Session,
    campaign: Campaign,
    ideas: Mapping[int, PlacedIdea],
    theme_ids: Mapping[int, int],
    state: ThemeState,
    active: Mapping[int, Theme],
) -> dict[int, int | None]:
    """Write the placements of the run's ideas, and return the theme of each.

    Others stay in their themes; withdrawn ones lose their placement.
    """
    mains: dict[int, int | None] = {}
    new: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    for idea_id, placed in ideas.items():
        measured = {"idea_id": idea_id} | measured_columns(placed, theme_ids)
        today = state.placements.get(idea_id)
        target = found = theme_ids.get(placed.theme) if placed.theme is not None else None
        if today is not None and today.placed_by_id is not None:
            changed.append(columns_in(measured, today.theme_id, found=found))
            mains[idea_id] = today.theme_id
            continue
        forbidden = state.forbidden.get(idea_id, set())
        if target in forbidden:
            target = nearest_allowed(measured["nearest"], active.keys() - forbidden)
        row = columns_in(measured, target, found=found) | theme_columns(target, placed.leftover)
        (new if today is None else changed).append(row)
        mains[idea_id] = target
    others = [row for idea_id, row in state.placements.items() if idea_id not in ideas]
    submitted = set(session.scalars(submitted_ideas(campaign).with_only_columns(Idea.id))) if others else set()
    delete_placements(session, [row.idea_id for row in others if row.idea_id not in submitted])
    staying = [row for row in others if row.idea_id in submitted]
    nodes = {idea_id: placed.node for idea_id, placed in ideas.items()}
    update_placements(session, [*following_columns(session, staying, active, nodes), *changed])
    insert_placements(session, campaign, new)
    return mains


def passages_found(ideas: Mapping[int, PlacedIdea], theme_ids: Mapping[int, int]) -> dict[int, FoundPassages]:
    """The passages that a run found, with the ids of themes. `theme_ids`: by the run's numbers."""
    return {
        idea_id: FoundPassages(theme_ids.get(placed.theme or 0), numbered(placed.passages, theme_ids))
        for idea_id, placed in ideas.items()
        if len(placed.passages) > 1
    }


# Also where a proposal is accepted ----------


def describe(theme: Theme, facts: FoundTheme) -> None:
    """Store what a run found of a theme, except what refers to other themes: see `relate`."""
    raise_shape(theme)
    if not (theme.keeps_name and theme.found_name):
        theme.found_name, theme.other_names = facts.name, facts.other_names
    theme.phrases, theme.definition = list(facts.phrases), facts.definition
    theme.exemplars, theme.cohesion = list(facts.exemplars), facts.cohesion
    theme.x, theme.y = facts.x, facts.y
    theme.family, theme.parts = facts.family, list(facts.parts)
    theme.languages, theme.warnings = facts.languages, facts.warnings
    theme.measured = facts.measured


def relate(themes: Iterable[Theme], found: Collection[FoundTheme], theme_ids: Mapping[int, int]) -> None:
    """Store what separates each theme from the nearest one. A theme that is not in the run gets one of its families.

    `found`: the themes of the run. `theme_ids`: the ids of themes, by the run's numbers.
    """
    numbers = {theme_id: number for number, theme_id in theme_ids.items()}
    facts_of = {facts.id: facts for facts in found}
    for theme in themes:
        facts = facts_of.get(numbers.get(theme.id, 0))
        if facts is None:
            forget_run(theme, found)
        elif facts.apart is None or facts.apart.theme not in theme_ids:
            theme.apart = None
        else:
            theme.apart = replace(facts.apart, theme=theme_ids[facts.apart.theme])


def forget_run(theme: Theme, others: Iterable[Theme | FoundTheme]) -> None:
    """Clear the sub-themes of a theme that is not in the run; its family is that of the nearest of `others`."""
    theme.apart, theme.parts = None, []
    nearest = min(others, key=lambda other: (other.x - theme.x) ** 2 + (other.y - theme.y) ** 2, default=None)
    if nearest is not None:
        theme.family = nearest.family


def mark_applied(session: Session, campaign: Campaign, run: ThemeRun, *, themes: int, now: datetime) -> None:
    """Mark the campaign's themes as those of the run."""
    run.themes = themes
    run.applied_at = now
    campaign.grouped_at = run.created_at
    campaign.granularity = run.granularity
    session.flush()
    place_waiting_ideas(session, campaign, now=now)
