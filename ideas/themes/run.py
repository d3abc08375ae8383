"""What a run of the pipeline must know of the themes, and how they become those of the run."""

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ideas.campaigns.campaign import Campaign, hold
from ideas.contributions.idea import Idea, is_submitted, revised_since
from ideas.themes.due import place_what_waits
from ideas.themes.placement import Stand, add_stands, change_stands, drop_stands, neighbours_of, stands
from ideas.themes.theme import (
    Leftover,
    Theme,
    ThemeRun,
    ThemeWarning,
    active_themes,
    forbidden_in,
    mark_reshaped,
    nearest_allowed,
    place,
    unmeasured,
)

# What a run hands over ------------------------------------------------------------------------------------------------


class Change(StrEnum):
    """What became of a theme since the earlier run. The last two are said of a proposal only."""

    BORN = "born"
    GROWN = "grown"
    SHRUNK = "shrunk"
    MERGED = "merged"
    SPLIT = "split"
    GONE = "gone"
    EXCHANGED = "exchanged"  # as large as before, with other ideas
    RENAMED = "renamed"  # the same ideas, another name


@dataclass(frozen=True, slots=True)
class Apart:
    """What separates a theme from the one that is nearest to it: phrases that only one of the two uses."""

    theme: int
    likeness: float
    here: Sequence[str]
    there: Sequence[str]


@dataclass(frozen=True, slots=True)
class ThemeFound:
    """A theme of a run. `id` is an active theme's, where it lives on; any other number stands for a new one.

    `family`: its place in the run's families; `parts`: places of its sub-themes in the run's tree. `measured`: False
    for one that is as people shaped it: see Theme.
    """

    id: int
    name: str
    phrases: Sequence[str]
    exemplars: Sequence[int]
    cohesion: float
    x: float
    y: float
    family: int = 0
    parts: Sequence[int] = ()
    languages: Sequence[tuple[str, float]] = ()
    apart: Apart | None = None
    warnings: Sequence[ThemeWarning] = ()
    measured: bool = True


@dataclass(frozen=True, slots=True)
class IdeaPlaced:
    """Where a run puts an idea: `theme` is a ThemeFound's id. `neighbours`: ids of ideas, nearest first."""

    idea_id: int
    theme: int | None
    leftover: Leftover | None
    strength: float
    nearest: Sequence[tuple[int, float]]
    x: float
    y: float
    node: int | None = None
    neighbours: Sequence[int] = ()
    shared: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class NodeFound:
    """A group of the hierarchy; `exemplars` are ids of ideas. The rest as the pipeline says it."""

    parent: int | None
    height: float
    size: int
    name: str
    phrases: Sequence[str]
    cohesion: float
    exemplars: Sequence[int]


@dataclass(frozen=True, slots=True)
class EventFound:
    """What became of an earlier theme. `others`: those that it took in, or that came out of it."""

    change: Change
    theme: int
    others: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class RunFound:
    """A complete run. `new_from`: theme numbers from there on are new, whatever themes people made meanwhile.

    `families`: their names. `base`: how many themes granularity 0 makes. `read_at`: when it read the ideas.
    """

    model: str
    seconds: Mapping[str, float]
    too_few: bool
    themes: Sequence[ThemeFound]
    ideas: Sequence[IdeaPlaced]
    families: Sequence[str] = ()
    tree: Sequence[NodeFound] = ()
    events: Sequence[EventFound] = ()
    granularity: int = 0
    base: int = 0
    new_from: int | None = None
    read_at: datetime | None = None


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
    session: Session, campaign: Campaign, found: RunFound, *, now: datetime, keep: Iterable[int] = ()
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
    wanted = {facts.theme for facts in found.ideas if facts.idea_id not in by_hand}
    themes: dict[int, Theme] = {}
    for facts in found.themes:
        theme = active.pop(facts.id, None) if is_known(facts.id, found) else None
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
    relate(session, campaign, found.themes, theme_ids)
    revised = revised_since(session, campaign, found.read_at or now)
    ideas = [facts for facts in found.ideas if facts.idea_id not in revised]
    _replace_placements(session, campaign, ideas, theme_ids, before)
    run = keep_run(session, campaign, found, now=now, theme_ids=theme_ids)
    apply_run(session, campaign, run, themes=len(theme_ids), now=now)
    return run


def is_known(number: int, found: RunFound) -> bool:
    """True if a theme's number names a theme that was there when the run began."""
    return found.new_from is None or number < found.new_from


def describe(theme: Theme, facts: ThemeFound) -> None:
    """Write on a theme what a run found of it, but for what names other themes: see `relate`."""
    theme.found_name, theme.phrases = facts.name, list(facts.phrases)
    theme.exemplars, theme.cohesion = list(facts.exemplars), facts.cohesion
    theme.x, theme.y = facts.x, facts.y
    theme.family, theme.parts = facts.family, list(facts.parts)
    theme.languages = [[code, share] for code, share in facts.languages]
    theme.warnings = [warning.value for warning in facts.warnings]
    theme.measured = facts.measured


def relate(session: Session, campaign: Campaign, found: Sequence[ThemeFound], theme_ids: Mapping[int, int]) -> None:
    """Say what separates each theme from its nearest, and give a theme that the run does not know its family.

    `theme_ids`: the themes' rows by the run's numbers.
    """
    numbers = {theme_id: number for number, theme_id in theme_ids.items()}
    facts_of = {facts.id: facts for facts in found}
    for theme in active_themes(session, campaign):
        facts = facts_of.get(numbers.get(theme.id, 0))
        if facts is not None:
            theme.apart = _apart_state(facts.apart, theme_ids)
            continue
        forget_run(theme, found)
    session.flush()


def forget_run(theme: Theme, others: Iterable[Theme | ThemeFound]) -> None:
    """Let a theme that the run on the page does not know have no sub-themes, and the family of the nearest of these."""
    theme.apart, theme.parts = None, []
    nearest = min(others, key=lambda other: (other.x - theme.x) ** 2 + (other.y - theme.y) ** 2, default=None)
    if nearest is not None:
        theme.family = nearest.family


def _apart_state(apart: Apart | None, theme_ids: Mapping[int, int]) -> dict[str, Any] | None:
    if apart is None or apart.theme not in theme_ids:
        return None
    return asdict(apart) | {"theme": theme_ids[apart.theme]}


def keep_run(
    session: Session, campaign: Campaign, found: RunFound, *, now: datetime, theme_ids: Mapping[int, int]
) -> ThemeRun:
    """Keep what a run says of itself. `theme_ids`: the themes' rows by the run's numbers."""

    def told(number: int) -> bool:  # the number of a new theme that came to nothing may be another's row by now
        return number in theme_ids or is_known(number, found)

    run = ThemeRun(
        campaign_id=campaign.id,
        model=found.model,
        created_at=found.read_at or now,
        ideas=len(found.ideas),
        themes=len(found.themes),
        too_few=found.too_few,
        seconds=dict(found.seconds),
        granularity=found.granularity,
        base=found.base,
        tree=[asdict(node) for node in found.tree],
        families=[{"name": name} for name in found.families],
        events=[
            {
                "change": event.change.value,
                "theme": theme_ids.get(event.theme, event.theme),
                "others": [theme_ids.get(other, other) for other in event.others if told(other)],
            }
            for event in found.events
            if told(event.theme)
        ],
    )
    session.add(run)
    session.flush()
    return run


def apply_run(session: Session, campaign: Campaign, run: ThemeRun, *, themes: int, now: datetime) -> None:
    """Mark the campaign's themes as those of the run."""
    run.themes = themes
    run.applied_at = now
    campaign.grouped_at = run.created_at
    campaign.granularity = run.granularity
    session.flush()
    place_what_waits(session, campaign, now=now)


def measures(facts: IdeaPlaced, theme_ids: Mapping[int, int]) -> dict[str, Any]:
    """What a run measured of an idea, by the columns of MEASURED. `theme_ids`: themes' rows by the run's numbers."""
    return {
        "strength": facts.strength,
        "nearest": [
            {"theme": theme_ids[near], "strength": strength} for near, strength in facts.nearest if near in theme_ids
        ],
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
    ideas: Sequence[IdeaPlaced],
    theme_ids: Mapping[int, int],
    before: Standing,
) -> None:
    active = {theme.id for theme in active_themes(session, campaign)}
    known = stands(session, campaign)
    new: list[dict[str, Any]] = []
    free: list[dict[str, Any]] = []
    by_hand: list[dict[str, Any]] = []
    for facts in ideas:
        row = {"idea_id": facts.idea_id} | measures(facts, theme_ids)
        stand = known.pop(facts.idea_id, None)
        target = found = theme_ids.get(facts.theme) if facts.theme is not None else None
        if stand is not None and stand.placed_by_id is not None:
            by_hand.append(where_it_stands(row, stand.theme_id, found=found))
            continue
        forbidden = before.forbidden.get(facts.idea_id, set())
        if target in forbidden:
            target = nearest_allowed(row["nearest"], active - forbidden)
        row = where_it_stands(row, target, found=found)
        (new if stand is None else free).append(row | place(target, facts.leftover))
    leaves = {facts.idea_id: facts.node for facts in ideas}
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
