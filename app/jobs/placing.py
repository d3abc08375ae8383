"""Place new ideas among the themes at once, by the ideas that are most like them; a full run follows when it is due."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean
from typing import Any

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.clock import now
from app.extensions import database
from app.jobs.vectors import kept_encoder, said
from app.sqlite import reading
from clustering.embedding import Encoder
from clustering.placing import Place, Placer
from clustering.text import fold
from ideas.campaign import Campaign, hold
from ideas.idea import Idea, is_submitted
from ideas.job import Job, JobKind, enqueue
from ideas.theme import (
    Leftover,
    Placement,
    Theme,
    ThemeRun,
    active_themes,
    forbidden_in,
    latest_run,
    nearest_allowed,
    put,
    run_is_due,
)
from ideas.theme_history import ThemeEdit

# More new ideas than this are left to the run that is due after them.
ONE_BY_ONE_MOST = 1_000
# How many came since a desk was set up before it learns from them too: a share, and at least so many.
STALE_SHARE, STALE_FROM = 0.05, 20
DESKS_MOST = 3
DIGITS = 4

Stamp = tuple[int, datetime | None, int, int]


def run(job: Job, *, report: Callable[[str, float], None]) -> dict[str, Any]:
    """Place the new ideas of the job's campaign. See app.jobs.worker for the contract."""
    return {"placed": place_ideas(database(), job.campaign_id, report=report)}


def place_ideas(
    session: Session, campaign_id: int, *, report: Callable[[str, float], None] = lambda _stage, _share: None
) -> int:
    """Place the ideas that have no place yet, without committing, and return how many.

    Nothing is placed before the first run. What people did counts: the themes are those of today. Where so much is new
    or changed that a run is due, it is asked for. The session has nothing to write yet. Raises ModelUnavailable.
    """
    places: dict[int, Place] = {}
    while True:
        report("place", 0.0)
        desk, waiting = _look(session, campaign_id)
        if desk is not None:
            new = [idea for idea in waiting if idea.id not in places]
            places |= desk.find(new, kept_encoder())
        campaign = session.get_one(Campaign, campaign_id)
        hold(session, campaign)  # whoever submits from here on asks for another job
        waiting = _waiting(session, campaign)
        if desk is None or all(idea.id in places for idea in waiting):
            break
        session.rollback()
    if desk is not None:
        _write(session, campaign, desk, waiting, places)
    if campaign.debriefed_at is None and run_is_due(session, campaign):
        enqueue(session, JobKind.FIND_THEMES, campaign, now=now())
    return len(waiting) if desk is not None else 0


def _look(session: Session, campaign_id: int) -> tuple["_Desk | None", Sequence["_New"]]:
    """The ideas without a place, and the desk to find theirs; no desk where a run is to do so."""
    with reading(session):
        campaign = session.get_one(Campaign, campaign_id)
        themes_run, waiting = latest_run(session, campaign), _waiting(session, campaign)
        if themes_run is None or len(waiting) > ONE_BY_ONE_MOST:
            return None, waiting
        return _desk(session, campaign, themes_run), waiting


@dataclass(frozen=True, slots=True)
class _New:
    id: int
    text: str


@dataclass(frozen=True, slots=True)
class _Row:
    """An idea that has its place."""

    id: int
    text: str
    theme_id: int | None
    leaf: int | None
    x: float
    y: float


class _Desk:
    """Knows the ideas of a campaign that have their place, and what they mean."""

    def __init__(self, stamp: Stamp, rows: Sequence[_Row]) -> None:
        self.stamp, self.rows = stamp, rows
        self._placer: Placer | None = None

    def follow(self, stamp: Stamp, rows: Sequence[_Row]) -> bool:
        """Take note of where people put the ideas since, as `rows` tell. False where others are to be read first."""
        today = {row.id: row for row in rows}
        if len(rows) - len(self.rows) > _stale_from(self.rows):
            return False
        if any(row.id not in today or today[row.id].text != row.text for row in self.rows):
            return False
        self.stamp, self.rows = stamp, [today[row.id] for row in self.rows]
        if self._placer is not None:
            self._placer.label([row.theme_id for row in self.rows])
        return True

    def find(self, ideas: Sequence[_New], encoder: Encoder) -> dict[int, Place]:
        """Where each idea goes, by its id. Raises ModelUnavailable."""
        if not ideas:
            return {}
        if self._placer is None:
            texts = [row.text for row in self.rows]
            self._placer = Placer(_encode(texts, encoder), texts, [row.theme_id for row in self.rows])
        vectors = _encode([idea.text for idea in ideas], encoder)
        return {idea.id: self._placer.place(vector, idea.text) for idea, vector in zip(ideas, vectors, strict=True)}

    def neighbours(self, place: Place) -> list[_Row]:
        return [self.rows[row] for row in place.neighbours]


_desks: OrderedDict[int, _Desk] = OrderedDict()


def _desk(session: Session, campaign: Campaign, themes_run: ThemeRun) -> _Desk:
    """The campaign's desk: kept while nothing but a few new ideas has changed where ideas stand."""
    acts, undone = session.execute(
        select(func.count(), func.count(ThemeEdit.undone_at)).where(ThemeEdit.campaign_id == campaign.id)
    ).one()
    stamp = (themes_run.id, themes_run.applied_at, acts, undone)
    count = session.scalar(select(func.count()).where(Placement.campaign_id == campaign.id)) or 0
    desk = _desks.pop(campaign.id, None)
    if desk is None or desk.stamp != stamp or count - len(desk.rows) > _stale_from(desk.rows):
        rows = _rows(session, campaign)
        if desk is None or not desk.follow(stamp, rows):
            desk = _Desk(stamp, rows)
    _desks[campaign.id] = desk
    while len(_desks) > DESKS_MOST:
        _desks.popitem(last=False)
    return desk


def _stale_from(rows: Sequence[_Row]) -> float:
    return max(STALE_FROM, STALE_SHARE * len(rows))


def _rows(session: Session, campaign: Campaign) -> list[_Row]:
    found = session.execute(
        select(Idea.id, Idea.title, Idea.body, Placement.theme_id, Placement.leaf, Placement.x, Placement.y)
        .join(Placement, Placement.idea_id == Idea.id)
        .where(Placement.campaign_id == campaign.id, is_submitted())
        .order_by(Idea.id)
    )
    return [
        _Row(idea_id, Idea(title=title, body=body).text, theme_id, leaf, x, y)
        for idea_id, title, body, theme_id, leaf, x, y in found
    ]


def _waiting(session: Session, campaign: Campaign) -> list[_New]:
    """The submitted ideas that have no place yet."""
    found = session.execute(
        select(Idea.id, Idea.title, Idea.body)
        .outerjoin(Placement, Placement.idea_id == Idea.id)
        .where(Idea.campaign_id == campaign.id, is_submitted(), Placement.idea_id.is_(None))
        .order_by(Idea.id)
    )
    return [_New(idea_id, Idea(title=title, body=body).text) for idea_id, title, body in found]


def _encode(texts: Sequence[str], encoder: Encoder) -> np.ndarray[Any, np.dtype[np.float32]]:
    """One row for each text, zeros where it says nothing."""
    gists = [said(text) for text in texts]
    speaking = [row for row, words in enumerate(gists) if words]
    vectors = encoder.encode([gists[row] for row in speaking])
    result = np.zeros((len(texts), vectors.shape[1]), dtype=np.float32)
    result[speaking] = vectors
    return result


def _write(session: Session, campaign: Campaign, desk: _Desk, ideas: Sequence[_New], places: dict[int, Place]) -> None:
    themes = {theme.id: theme for theme in active_themes(session, campaign)}
    forbidden = forbidden_in(session, campaign)
    for idea in ideas:
        allowed = themes.keys() - forbidden.get(idea.id, set())
        session.add(_placement(campaign, desk, idea, places[idea.id], {number: themes[number] for number in allowed}))
    session.flush()


def _placement(campaign: Campaign, desk: _Desk, idea: _New, place: Place, allowed: dict[int, Theme]) -> Placement:
    """What the desk found, as far as people left it so since."""
    near = [one for one in place.nearest if one.theme in allowed]
    nearest = [{"theme": one.theme, "strength": one.strength} for one in near]
    target = place.theme if place.theme in allowed else nearest_allowed(nearest, allowed) if place.theme else None
    leftover = Leftover(place.leftover.value) if place.leftover else Leftover.ALONE
    neighbours = desk.neighbours(place)
    own = [row for row in neighbours if row.theme_id == target]
    placement = Placement(
        idea_id=idea.id,
        campaign_id=campaign.id,
        strength=next((one.strength for one in near if one.theme == target), place.strength),
        nearest=nearest,
        leaf=own[0].leaf if own and target is not None else None,
        neighbours=[row.id for row in neighbours],
        shared=_shared(allowed[target].phrases, idea.text) if target is not None else [],
    )
    put(placement, target, leftover)
    placement.x, placement.y = _spot(own, [allowed[one.theme] for one in near[:2]])
    return placement


def _spot(alike: Sequence[_Row], near: Sequence[Theme]) -> tuple[float, float]:
    """A place on the map: amid the ideas that are like it and stand with it, else amid the themes that are near."""
    around: Sequence[_Row | Theme] = alike or near
    if not around:
        return 0.5, 0.5
    return round(fmean(one.x for one in around), DIGITS), round(fmean(one.y for one in around), DIGITS)


def _shared(phrases: Sequence[str], text: str) -> list[str]:
    """The theme's phrases that the idea uses."""
    words = f" {fold(text)} "
    return [phrase for phrase in phrases if f" {fold(phrase)} " in words]
