"""Placing new and revised ideas among the themes, one by one, between two runs."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import fmean
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clustering.types import DIGITS, Place
from ideas.base import chunks
from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea, ask_for_places, is_submitted
from ideas.themes.edits.history import ThemeEdit
from ideas.themes.passage import (
    FoundPassages,
    add_passages,
    drop_stray_passages,
    found_passages,
    replace_passages_of,
)
from ideas.themes.placement import (
    Placement,
    insert_placements,
    load_forbidden,
    nearest_allowed,
    theme_columns,
    unmeasured_columns,
    update_placements,
    waits_for_placement,
)
from ideas.themes.runs.run import latest_run
from ideas.themes.theme import Theme, active_themes
from ideas.work.job import Job, JobKind, JobStatus

# A change may be committed so long after its timestamp, so ideas revised this shortly before a run are placed again.
MAX_COMMIT_DELAY = timedelta(seconds=10)
# More new ideas than this are left to the run that is due after them.
MAX_PLACED_ONE_BY_ONE = 1_000

Stamp = tuple[int, datetime | None, int, int]


@dataclass(frozen=True, slots=True)
class PlacingBase:
    """What ideas are placed among. `stamp` changes whenever themes change, or people place ideas.

    `since`: ideas that were revised later are to be placed again.
    """

    stamp: Stamp
    since: datetime


@dataclass(frozen=True, slots=True)
class WaitingIdea:
    """An idea to be placed: a new one, or `again` one that was revised since it was placed.

    `kept`: a person placed it, in the theme `theme_id` or in none, so that it stays there and is only measured again.
    `forbidden`: the themes where it never goes.
    """

    id: int
    text: str
    lang: str | None = field(compare=False)
    again: bool = field(compare=False)
    kept: bool = field(compare=False)
    theme_id: int | None = field(compare=False)
    forbidden: frozenset[int] = field(compare=False)


@dataclass(frozen=True, slots=True)
class PlacedNeighbour:
    """An idea that is placed, by which others are. `same_as`: see Placement."""

    id: int
    text: str
    lang: str | None
    same_as: int | None
    theme_id: int | None
    node: int | None
    x: float
    y: float


# Ideas to place -------------------------------------------------------------------------------------------------------


def place_waiting_ideas(session: Session, campaign: Campaign, *, now: datetime) -> None:
    """Have the worker place the ideas that came while a run computed, and again those that were revised meanwhile.

    Called after the result of a run was stored or restored.
    """
    run = latest_run(session, campaign)
    if run is None:
        return
    waiting = (
        select(Idea.id)
        .outerjoin(Placement, Placement.idea_id == Idea.id)
        .where(Idea.campaign_id == campaign.id, waits_for_placement(run.created_at - MAX_COMMIT_DELAY))
    )
    if session.scalar(waiting.limit(1)) is not None:
        ask_for_places(session, campaign, now=now)


def placing_base(session: Session, campaign: Campaign) -> PlacingBase | None:
    """What ideas are placed among now. None before the first run."""
    run = latest_run(session, campaign)
    if run is None:
        return None
    acts, undone, *shaped = session.execute(
        select(
            func.count(), func.count(ThemeEdit.undone_at), func.max(ThemeEdit.created_at), func.max(ThemeEdit.undone_at)
        ).where(ThemeEdit.campaign_id == campaign.id)
    ).one()
    stamp = (run.id, run.applied_at, acts, undone)
    placed_at = session.scalar(
        select(Job.started_at)
        .where(Job.campaign_id == campaign.id, Job.kind == JobKind.PLACE_IDEAS, Job.status == JobStatus.DONE)
        .order_by(Job.id.desc())
        .limit(1)
    )
    # A run, or an act that was undone, restores what was measured of earlier words.
    restored = [instant for instant in (run.applied_at, *shaped) if instant is not None]
    if placed_at is None or placed_at <= max(restored) + MAX_COMMIT_DELAY:
        return PlacingBase(stamp, run.created_at - MAX_COMMIT_DELAY)
    return PlacingBase(stamp, max(run.created_at, placed_at) - MAX_COMMIT_DELAY)


def waiting_ideas(session: Session, campaign: Campaign, base: PlacingBase) -> list[WaitingIdea]:
    """The new ideas, unless they are so many that a run is to place them, and those revised since."""
    forbidden = load_forbidden(session, campaign)
    found = [
        WaitingIdea(
            idea_id,
            Idea(title=title, body=body).text,
            lang=lang,
            again=again,
            kept=person is not None,
            theme_id=theme_id,
            forbidden=frozenset(forbidden.get(idea_id, ())),
        )
        for idea_id, title, body, lang, again, theme_id, person in session.execute(
            select(
                Idea.id,
                Idea.title,
                Idea.body,
                Idea.lang,
                Placement.idea_id.is_not(None),
                Placement.theme_id,
                Placement.placed_by_id,
            )
            .outerjoin(Placement, Placement.idea_id == Idea.id)
            .where(Idea.campaign_id == campaign.id, waits_for_placement(base.since))
            .order_by(Idea.id)
        )
    ]
    too_many = sum(not idea.again for idea in found) > MAX_PLACED_ONE_BY_ONE
    return [idea for idea in found if idea.again] if too_many else found


def placed_neighbours(session: Session, campaign: Campaign) -> list[PlacedNeighbour]:
    """The submitted ideas that are placed, oldest first."""
    measured = (Placement.same_as, Placement.theme_id, Placement.node, Placement.x, Placement.y)
    found = session.execute(
        select(Idea.id, Idea.title, Idea.body, Idea.lang, *measured)
        .join(Placement, Placement.idea_id == Idea.id)
        .where(Placement.campaign_id == campaign.id, is_submitted())
        .order_by(Idea.id)
    )
    return [
        PlacedNeighbour(idea_id, Idea(title=title, body=body).text, lang, same_as, theme_id, node, x, y)
        for idea_id, title, body, lang, same_as, theme_id, node, x, y in found
    ]


def count_placements(session: Session, campaign: Campaign) -> int:
    """How many of the campaign's ideas are placed, withdrawn ones too."""
    return session.scalar(select(func.count()).where(Placement.campaign_id == campaign.id)) or 0


# What was found -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """What was found for one waiting idea. `neighbours`: the ideas of `place.neighbours`, in their order.

    `same_as`: the idea that it says the same as, None where it says something of its own.
    """

    place: Place
    neighbours: Sequence[PlacedNeighbour]
    same_as: int | None

    def inside(self, theme_id: int | None) -> list[PlacedNeighbour]:
        """The neighbours that are in this theme; for None, those that are in no theme."""
        return [one for one in self.neighbours if one.theme_id == theme_id]


def record_places(
    session: Session,
    campaign: Campaign,
    places: Mapping[WaitingIdea, FoundPlace],
    *,
    uses: Callable[[str, str], bool],
) -> None:
    """Write what was found, as far as people's acts allow. `uses`: whether a text uses a phrase.

    Passages are stored as those of a run are. Of the ideas that say the same as one that was revised, the oldest stands
    for the others from now on.
    """
    themes = {theme.id: theme for theme in active_themes(session, campaign)}
    _stand_in(session, campaign, {idea.id for idea in places if idea.again})
    standing = _standing(session, {found.same_as for found in places.values() if found.same_as})
    new: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    for idea, found in places.items():
        allowed = {number: themes[number] for number in themes.keys() - idea.forbidden}
        columns = (
            _measured(idea, found, themes, idea.theme_id, uses) if idea.kept else _placed(idea, found, allowed, uses)
        )
        same_as = standing.get(found.same_as) if found.same_as else None
        (changed if idea.again else new).append(columns | {"same_as": same_as})
    insert_placements(session, campaign, new)
    update_placements(session, changed)
    mains = {row["idea_id"]: row["theme_id"] for row in new + changed if "theme_id" in row}
    mains |= {idea.id: idea.theme_id for idea in places if idea.kept}
    passages = {idea.id: FoundPassages(mains[idea.id], found.place.passages) for idea, found in places.items()}
    stored = found_passages(session, passages, mains, {idea.id: idea.forbidden for idea in places}, here={})
    replace_passages_of(session, [idea.id for idea in places if idea.again], {})
    add_passages(session, stored)
    drop_stray_passages(session, campaign)


def _stand_in(session: Session, campaign: Campaign, revised: Collection[int]) -> None:
    """Have another idea stand for those that say the same as a revised one: the oldest of them."""
    said = select(Placement.same_as, Placement.idea_id).where(Placement.campaign_id == campaign.id)
    standing: dict[int, int] = {}
    changed: list[dict[str, Any]] = []
    for some in chunks(sorted(revised)):
        copies = said.where(Placement.same_as.in_(some), Placement.idea_id.not_in(some))
        for original, copy in session.execute(copies.order_by(Placement.idea_id)):
            first = standing.setdefault(original or 0, copy)
            changed.append({"idea_id": copy, "same_as": first if first != copy else None})
    update_placements(session, changed)


def _standing(session: Session, idea_ids: Collection[int]) -> dict[int, int]:
    """For each of these ideas the one that stands for all that say the same: itself, or another one."""
    found: dict[int, int] = {}
    for some in chunks(sorted(idea_ids)):
        rows = session.execute(select(Placement.idea_id, Placement.same_as).where(Placement.idea_id.in_(some)))
        found.update((idea_id, same_as or idea_id) for idea_id, same_as in rows)
    return found


def _placed(
    idea: WaitingIdea, found: FoundPlace, allowed: Mapping[int, Theme], uses: Callable[[str, str], bool]
) -> dict[str, Any]:
    """The columns of a placement in the theme that was found, or in the nearest one that is allowed."""
    place = found.place
    near = [one for one in place.nearest if one.theme in allowed]
    target = place.theme if place.theme in allowed else nearest_allowed(near, allowed) if place.theme else None
    x, y = _position(found.inside(target), [allowed[one.theme] for one in near[:2]])
    measured = _measured(idea, found, allowed, target, uses)
    return measured | theme_columns(target, place.leftover) | {"x": x, "y": y}


def _measured(
    idea: WaitingIdea,
    found: FoundPlace,
    themes: Mapping[int, Theme],
    theme_id: int | None,
    uses: Callable[[str, str], bool],
) -> dict[str, Any]:
    """The columns that say how an idea belongs to the theme `theme_id`, or to none."""
    nearest = tuple(near for near in found.place.nearest if near.theme in themes)
    theme = themes.get(theme_id) if theme_id else None
    inside = found.inside(theme_id)
    measured = unmeasured_columns(theme_id, nearest) | {
        "idea_id": idea.id,
        "nearest": nearest,
        "node": inside[0].node if inside and theme else None,
        "neighbours": [one.id for one in found.neighbours],
        "shared": [phrase for phrase in theme.phrases if uses(idea.text, phrase)] if theme else [],
    }
    return measured | ({"strength": found.place.strength} if theme and theme_id == found.place.theme else {})


def _position(alike: Sequence[PlacedNeighbour], near: Sequence[Theme]) -> tuple[float, float]:
    """A position on the map: amid the neighbours in the same theme, else amid the nearest themes."""
    around: Sequence[PlacedNeighbour | Theme] = alike or near
    if not around:
        return 0.5, 0.5
    return round(fmean(one.x for one in around), DIGITS), round(fmean(one.y for one in around), DIGITS)
