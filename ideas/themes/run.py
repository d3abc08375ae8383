"""What a run of the pipeline must know of the themes, and how they become those of the run."""

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clustering.types import Apart, Event, FoundTheme, Near, PlacedIdea, ThemeMap
from ideas.campaigns.campaign import Campaign, hold
from ideas.contributions.idea import Idea, is_submitted, revised_since
from ideas.themes.due import place_what_waits
from ideas.themes.placement import Stand, add_stands, change_stands, drop_stands, neighbours_of, stands
from ideas.themes.theme import (
    Theme,
    ThemeRun,
    active_themes,
    forbidden_in,
    mark_reshaped,
    nearest_allowed,
    place,
    unmeasured,
)

# What a run hands over ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RunResult:
    """A complete run, to be recorded or proposed.

    `found`: what the pipeline found, with ids of ideas in place of rows: see ThemeMap.with_ids. `idea_ids`: which ideas
    `found.ideas` are, in their order. `new_from`: theme numbers from there on are new, whatever themes people made
    meanwhile. `read_at`: when the run read the ideas.
    """

    found: ThemeMap
    idea_ids: Sequence[int]
    new_from: int | None = None
    read_at: datetime | None = None

    @property
    def ideas(self) -> dict[int, PlacedIdea]:
        """Where the run puts each idea, by its id."""
        return dict(zip(self.idea_ids, self.found.ideas, strict=True))

    def is_known(self, number: int) -> bool:
        """True if a theme's number names a theme that was there when the run began."""
        return self.new_from is None or number < self.new_from


@dataclass(frozen=True, slots=True)
class Standing:
    """What a new run must know of the last one and of people's acts.

    `theme_of`: idea -> theme; `placed`: those of them that a person placed; `alone`: ideas that a person left in no
    theme; `forbidden`: idea -> themes where it never goes; `kept`: themes that live on in any case.
    """

    theme_of: dict[int, int]
    placed: dict[int, int]
    outliers: frozenset[int]
    forbidden: dict[int, set[int]]
    kept: frozenset[int]
    positions: dict[int, tuple[float, float]]
    next_id: int


def standing(
    session: Session, campaign: Campaign, *, keep: Iterable[int] = (), here: Mapping[int, Stand] | None = None
) -> Standing:
    """Where every idea stands, what people said of it, and which themes live on: those that people touched, and `keep`.

    Kept are: a theme that a person named, merged or split; one that holds an idea that a person placed; one where a
    person forbade an idea. `here`: where the ideas stand, if the caller knows.
    """
    themes = active_themes(session, campaign)
    active = {theme.id for theme in themes}
    all_stands = (stands(session, campaign) if here is None else here).values()
    theme_of = {stand.idea_id: stand.theme_id for stand in all_stands if stand.theme_id is not None}
    by_hand = {stand.idea_id: stand.theme_id for stand in all_stands if stand.placed_by_id is not None}
    placed = {idea_id: theme_id for idea_id, theme_id in by_hand.items() if theme_id is not None}
    forbidden = {
        idea_id: theme_ids & active
        for idea_id, theme_ids in forbidden_in(session, campaign).items()
        if theme_ids & active
    }
    return Standing(
        theme_of=theme_of,
        placed=placed,
        outliers=frozenset(by_hand.keys() - placed.keys()),
        forbidden=forbidden,
        kept=frozenset(_touched(themes).union(placed.values(), *forbidden.values(), keep)),
        positions={theme.id: (theme.x, theme.y) for theme in themes},
        next_id=(session.scalar(select(func.max(Theme.id))) or 0) + 1,
    )


def _touched(themes: Iterable[Theme]) -> set[int]:
    return {theme.id for theme in themes if theme.touched or theme.given_name is not None}


def record_run(
    session: Session, campaign: Campaign, result: RunResult, *, now: datetime, keep: Iterable[int] = ()
) -> ThemeRun:
    """Replace the campaign's themes by those of a complete run, in the caller's transaction.

    A theme that lives on keeps its row and the name a person gave it; one that is gone is retired, unless people
    touched it (see `standing`), or its number is among those to `keep`. An idea that a person placed is never moved,
    and none goes where a person forbade it. People may act while a run computes: a theme that they merged away
    meanwhile comes back only if ideas are left for it; an idea that came or was revised meanwhile stays where it was
    put.
    """
    hold(session, campaign)
    before = standing(session, campaign, keep=keep)
    active = {theme.id: theme for theme in active_themes(session, campaign)}
    by_hand = before.placed.keys() | before.outliers
    wanted = {placed.theme for idea_id, placed in result.ideas.items() if idea_id not in by_hand}
    themes: dict[int, Theme] = {}
    for facts in result.found.themes:
        theme = active.pop(facts.id, None) if result.is_known(facts.id) else None
        if theme is None and facts.id not in wanted:
            continue
        if theme is None:
            theme = Theme(campaign_id=campaign.id, created_at=now)
            session.add(theme)
        describe(theme, facts)
        themes[facts.id] = theme
    session.flush()
    theme_ids = {number: theme.id for number, theme in themes.items()}
    for gone in active.values():
        mark_reshaped(gone)
        if gone.id not in before.kept:
            gone.retired_at = now
    relate(session, campaign, result.found.themes, theme_ids)
    revised = revised_since(session, campaign, result.read_at or now)
    ideas = {idea_id: placed for idea_id, placed in result.ideas.items() if idea_id not in revised}
    _replace_placements(session, campaign, ideas, theme_ids, before)
    run = keep_run(session, campaign, result, now=now, theme_ids=theme_ids)
    apply_run(session, campaign, run, themes=len(theme_ids), now=now)
    return run


def describe(theme: Theme, facts: FoundTheme) -> None:
    """Write on a theme what a run found of it, but for what names other themes: see `relate`."""
    theme.found_name, theme.phrases = facts.name, list(facts.phrases)
    theme.exemplars, theme.cohesion = list(facts.exemplars), facts.cohesion
    theme.x, theme.y = facts.x, facts.y
    theme.family, theme.parts = facts.family, list(facts.parts)
    theme.languages, theme.warnings = facts.languages, facts.warnings
    theme.measured = facts.measured


def relate(session: Session, campaign: Campaign, found: Sequence[FoundTheme], theme_ids: Mapping[int, int]) -> None:
    """Say what separates each theme from its nearest, and give a theme that the run does not know its family.

    `theme_ids`: the themes' rows by the run's numbers.
    """
    numbers = {theme_id: number for number, theme_id in theme_ids.items()}
    facts_of = {facts.id: facts for facts in found}
    for theme in active_themes(session, campaign):
        facts = facts_of.get(numbers.get(theme.id, 0))
        if facts is not None:
            theme.apart = _apart(facts.apart, theme_ids)
            continue
        forget_run(theme, found)
    session.flush()


def forget_run(theme: Theme, others: Iterable[Theme | FoundTheme]) -> None:
    """Let a theme that the run on the page does not know have no sub-themes, and the family of the nearest of these."""
    theme.apart, theme.parts = None, []
    nearest = min(others, key=lambda other: (other.x - theme.x) ** 2 + (other.y - theme.y) ** 2, default=None)
    if nearest is not None:
        theme.family = nearest.family


def _apart(apart: Apart | None, theme_ids: Mapping[int, int]) -> Apart | None:
    if apart is None or apart.theme not in theme_ids:
        return None
    return replace(apart, theme=theme_ids[apart.theme])


def keep_run(
    session: Session, campaign: Campaign, result: RunResult, *, now: datetime, theme_ids: Mapping[int, int]
) -> ThemeRun:
    """Keep what a run says of itself. `theme_ids`: the themes' rows by the run's numbers."""

    def told(number: int) -> bool:  # the number of a new theme that came to nothing may be another's row by now
        return number in theme_ids or result.is_known(number)

    found = result.found
    run = ThemeRun(
        campaign_id=campaign.id,
        model=found.model,
        created_at=result.read_at or now,
        ideas=len(found.ideas),
        themes=len(found.themes),
        too_few=found.too_few,
        seconds=dict(found.seconds),
        granularity=found.granularity,
        base=found.base,
        tree=found.tree,
        families=tuple(family.name for family in found.families),
        events=tuple(
            renumbered(replace(event, others=tuple(filter(told, event.others))), theme_ids)
            for event in found.events
            if told(event.theme)
        ),
    )
    session.add(run)
    session.flush()
    return run


def renumbered(event: Event, theme_ids: Mapping[int, int]) -> Event:
    """The event with the themes' rows in place of the run's numbers."""
    others = tuple(theme_ids.get(other, other) for other in event.others)
    return replace(event, theme=theme_ids.get(event.theme, event.theme), others=others)


def apply_run(session: Session, campaign: Campaign, run: ThemeRun, *, themes: int, now: datetime) -> None:
    """Mark the campaign's themes as those of the run."""
    run.themes = themes
    run.applied_at = now
    campaign.grouped_at = run.created_at
    campaign.granularity = run.granularity
    session.flush()
    place_what_waits(session, campaign, now=now)


def measures(facts: PlacedIdea, theme_ids: Mapping[int, int]) -> dict[str, Any]:
    """What a run measured of an idea, by the columns of MEASURED. `theme_ids`: themes' rows by the run's numbers."""
    return {
        "strength": facts.strength,
        "nearest": tuple(
            Near(theme_ids[near.theme], near.strength) for near in facts.nearest if near.theme in theme_ids
        ),
        "x": facts.x,
        "y": facts.y,
        "node": facts.node,
        "neighbours": list(facts.neighbours),
        "shared": list(facts.shared),
    }


def where_it_stands(measured: dict[str, Any], theme_id: int | None, *, found: int | None) -> dict[str, Any]:
    """What a run measured of an idea, where that stands in `theme_id`: the run may have put it in another, `found`."""
    return measured if theme_id == found else measured | unmeasured(theme_id, measured["nearest"])


def _replace_placements(
    session: Session,
    campaign: Campaign,
    ideas: Mapping[int, PlacedIdea],
    theme_ids: Mapping[int, int],
    before: Standing,
) -> None:
    active = {theme.id for theme in active_themes(session, campaign)}
    known = stands(session, campaign)
    new: list[dict[str, Any]] = []
    free: list[dict[str, Any]] = []
    by_hand: list[dict[str, Any]] = []
    for idea_id, facts in ideas.items():
        row = {"idea_id": idea_id} | measures(facts, theme_ids)
        stand = known.pop(idea_id, None)
        target = found = theme_ids.get(facts.theme) if facts.theme is not None else None
        if stand is not None and stand.placed_by_id is not None:
            by_hand.append(where_it_stands(row, stand.theme_id, found=found))
            continue
        forbidden = before.forbidden.get(idea_id, set())
        if target in forbidden:
            target = nearest_allowed(row["nearest"], active - forbidden)
        row = where_it_stands(row, target, found=found)
        (new if stand is None else free).append(row | place(target, facts.leftover))
    leaves = {idea_id: facts.node for idea_id, facts in ideas.items()}
    _settle(session, campaign, known.values(), active, leaves)
    change_stands(session, by_hand)
    change_stands(session, free)
    add_stands(session, campaign, new)


def _settle(
    session: Session,
    campaign: Campaign,
    others: Collection[Stand],
    active: Collection[int],
    leaves: Mapping[int, int | None],
) -> None:
    """Forget the places of ideas that were withdrawn; an idea that the run does not know keeps its own, or is alone."""
    if not others:
        return
    submitted = set(session.scalars(select(Idea.id).where(Idea.campaign_id == campaign.id, is_submitted())))
    drop_stands(session, [stand.idea_id for stand in others if stand.idea_id not in submitted])
    change_stands(session, follow(session, [stand for stand in others if stand.idea_id in submitted], active, leaves))


def follow(
    session: Session, others: Collection[Stand], active: Container[int], leaves: Mapping[int, int | None]
) -> list[dict[str, Any]]:
    """The columns for ideas that a run does not know: the finest group of the nearest idea that it knows.

    One whose theme is no more stands alone.
    """
    neighbours = neighbours_of(session, [stand.idea_id for stand in others])
    return [
        {
            "idea_id": stand.idea_id,
            "node": next((leaves[idea] for idea in neighbours[stand.idea_id] if idea in leaves), None),
        }
        | place(stand.theme_id if stand.theme_id in active else None, stand.leftover)
        for stand in others
    ]
