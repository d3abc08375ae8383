"""Place new ideas among the themes at once, by the ideas that are most like them; a full run follows when it is due."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.clock import now
from app.extensions import database
from app.jobs.placement_cache import Desk, Row, Stamp, Waiting, desk_of
from app.jobs.vector_store import kept_encoder
from app.sqlite import reading
from clustering.text.cleaning import fold
from clustering.tracking.placing import Place
from ideas.campaigns.campaign import Campaign, hold
from ideas.contributions.idea import Idea
from ideas.themes.due import LATE, run_is_due, waits_for_place
from ideas.themes.history import ThemeEdit
from ideas.themes.placement import add_stands, change_stands
from ideas.themes.theme import (
    Placement,
    Theme,
    active_themes,
    forbidden_in,
    latest_run,
    nearest_allowed,
    place,
    unmeasured,
)
from ideas.work.job import Job, JobKind, JobStatus, enqueue

# More new ideas than this are left to the run that is due after them.
MAX_PLACED_ONE_BY_ONE = 1_000
# How often the themes or the ideas may change while places are sought, before the search is given up.
MAX_LOOKS = 20
DIGITS = 4


def run(job: Job, *, report: Callable[[str, float], None]) -> dict[str, Any]:
    """Place the new ideas of the job's campaign. See app.jobs.worker for the contract."""
    return {"placed": place_ideas(database(), job.campaign_id, report=report)}


def place_ideas(
    session: Session, campaign_id: int, *, report: Callable[[str, float], None] = lambda _stage, _share: None
) -> int:
    """Place the ideas that have no place yet, and anew those revised since, without committing; return how many.

    Nothing is placed before the first run. What people did counts: the themes are those of today. Where so much is new
    or changed that a run is due, it is asked for. The session has nothing to write yet. Raises ModelUnavailable, and
    NoPeace where what is known changed at every look.
    """
    report("place", 0.0)
    placed = _place(session, campaign_id, report)
    campaign = session.get_one(Campaign, campaign_id)
    hold(session, campaign)
    if campaign.debriefed_at is None and run_is_due(session, campaign):
        enqueue(session, JobKind.FIND_THEMES, campaign, now=now())
    return placed


class NoPeace(Exception):
    """The themes or the ideas changed at every look."""


def _place(session: Session, campaign_id: int, report: Callable[[str, float], None]) -> int:
    """Look for places while nobody is held up, and write them where all is still as it was."""
    places: dict[Waiting, Place] = {}
    found_by: tuple[Desk, Stamp] | None = None
    for _ in range(MAX_LOOKS):
        desk, waiting = _look(session, campaign_id)
        if desk is None:
            return 0
        if found_by != (desk, desk.stamp):
            places, found_by = {}, (desk, desk.stamp)
        places |= desk.find([idea for idea in waiting if idea not in places], kept_encoder())
        campaign = session.get_one(Campaign, campaign_id)
        hold(session, campaign)  # whoever submits from here on asks for another job
        today = _today(session, campaign)
        waiting = _waiting(session, campaign, today) if today else []
        if today is not None and today.stamp == desk.stamp and all(idea in places for idea in waiting):
            _write(session, campaign, desk, {idea: places[idea] for idea in waiting})
            return len(waiting)
        session.rollback()
        report("place", 0.0)
    raise NoPeace


def _look(session: Session, campaign_id: int) -> tuple["Desk | None", Sequence["Waiting"]]:
    """The ideas that wait for a place, and the desk to find theirs; no desk before the first run."""
    with reading(session):
        campaign = session.get_one(Campaign, campaign_id)
        today = _today(session, campaign)
        if today is None:
            return None, []
        waiting = _waiting(session, campaign, today)
        return desk_of(session, campaign, today.stamp, {idea.id for idea in waiting if idea.again}), waiting


@dataclass(frozen=True, slots=True)
class _Today:
    """`stamp`: other themes, or others in them, make it another one. `since`: who was revised later is placed anew."""

    stamp: Stamp
    since: datetime


def _today(session: Session, campaign: Campaign) -> _Today | None:
    """What the themes are now. None before the first run."""
    themes_run = latest_run(session, campaign)
    if themes_run is None:
        return None
    acts, undone, *shaped = session.execute(
        select(
            func.count(), func.count(ThemeEdit.undone_at), func.max(ThemeEdit.created_at), func.max(ThemeEdit.undone_at)
        ).where(ThemeEdit.campaign_id == campaign.id)
    ).one()
    stamp = (themes_run.id, themes_run.applied_at, acts, undone)
    placed_at = session.scalar(
        select(Job.started_at)
        .where(Job.campaign_id == campaign.id, Job.kind == JobKind.PLACE_IDEAS, Job.status == JobStatus.DONE)
        .order_by(Job.id.desc())
        .limit(1)
    )
    # A run, or an undone act, brings back what was said of older words.
    spoke_of_old_words = [instant for instant in (themes_run.applied_at, *shaped) if instant is not None]
    if placed_at is None or placed_at <= max(spoke_of_old_words) + LATE:
        return _Today(stamp, themes_run.created_at - LATE)
    return _Today(stamp, max(themes_run.created_at, placed_at) - LATE)


def _waiting(session: Session, campaign: Campaign, today: _Today) -> list[Waiting]:
    """The ideas without a place, unless they are so many that a run is to place them, and those revised since."""
    found = [
        Waiting(idea_id, Idea(title=title, body=body).text, again=again, kept=person is not None, theme_id=theme_id)
        for idea_id, title, body, again, theme_id, person in session.execute(
            select(
                Idea.id,
                Idea.title,
                Idea.body,
                Placement.idea_id.is_not(None),
                Placement.theme_id,
                Placement.placed_by_id,
            )
            .outerjoin(Placement, Placement.idea_id == Idea.id)
            .where(Idea.campaign_id == campaign.id, waits_for_place(today.since))
            .order_by(Idea.id)
        )
    ]
    too_many = sum(not idea.again for idea in found) > MAX_PLACED_ONE_BY_ONE
    return [idea for idea in found if idea.again] if too_many else found


def _write(session: Session, campaign: Campaign, desk: Desk, places: Mapping[Waiting, Place]) -> None:
    themes = {theme.id: theme for theme in active_themes(session, campaign)}
    forbidden = forbidden_in(session, campaign)
    new: list[dict[str, Any]] = []
    again: list[dict[str, Any]] = []
    kept: list[dict[str, Any]] = []
    for idea, found in places.items():
        allowed = {number: themes[number] for number in themes.keys() - forbidden.get(idea.id, set())}
        if idea.kept:
            kept.append(_measured(desk, idea, found, themes, idea.theme_id))
        else:
            (again if idea.again else new).append(_placed(desk, idea, found, allowed))
    add_stands(session, campaign, new)
    change_stands(session, again)
    change_stands(session, kept)


def _placed(desk: Desk, idea: Waiting, found: Place, allowed: Mapping[int, Theme]) -> dict[str, Any]:
    """The columns of a placement, as the desk found them and as far as people left it so since."""
    near = [one for one in found.nearest if one.theme in allowed]
    target = found.theme if found.theme in allowed else nearest_allowed(near, allowed) if found.theme else None
    x, y = _spot(desk.beside(found, target), [allowed[one.theme] for one in near[:2]])
    return _measured(desk, idea, found, allowed, target) | place(target, found.leftover) | {"x": x, "y": y}


def _measured(
    desk: Desk, idea: Waiting, found: Place, themes: Mapping[int, Theme], theme_id: int | None
) -> dict[str, Any]:
    """The columns that say how an idea belongs where it stands, in `theme_id` or in none."""
    nearest = tuple(near for near in found.nearest if near.theme in themes)
    theme = themes.get(theme_id) if theme_id else None
    beside = desk.beside(found, theme_id)
    measured = unmeasured(theme_id, nearest) | {
        "idea_id": idea.id,
        "nearest": nearest,
        "node": beside[0].node if beside and theme else None,
        "neighbours": [row.id for row in desk.neighbours(found)],
        "shared": _shared(theme.phrases, idea.text) if theme else [],
    }
    return measured | ({"strength": found.strength} if theme and theme_id == found.theme else {})


def _spot(alike: Sequence[Row], near: Sequence[Theme]) -> tuple[float, float]:
    """A place on the map: amid the ideas that are like it and stand with it, else amid the themes that are near."""
    around: Sequence[Row | Theme] = alike or near
    if not around:
        return 0.5, 0.5
    return round(fmean(one.x for one in around), DIGITS), round(fmean(one.y for one in around), DIGITS)


def _shared(phrases: Sequence[str], text: str) -> list[str]:
    """The theme's phrases that the idea uses."""
    words = f" {fold(text)} "
    return [phrase for phrase in phrases if f" {fold(phrase)} " in words]
