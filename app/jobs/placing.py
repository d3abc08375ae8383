"""Place new ideas among the themes at once, by the ideas that are most like them; a full run follows when it is due."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta
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
from ideas.job import Job, JobKind, JobStatus, enqueue
from ideas.stand import add_stands, change_stands
from ideas.theme import (
    Leftover,
    Placement,
    Theme,
    active_themes,
    forbidden_in,
    latest_run,
    nearest_allowed,
    place,
    run_is_due,
    unmeasured,
)
from ideas.theme_history import ThemeEdit

# More new ideas than this are left to the run that is due after them.
ONE_BY_ONE_MOST = 1_000
# How many came since a desk was set up before it learns from them too: a share, and at least so many.
STALE_SHARE, STALE_FROM = 0.05, 20
DESKS_MOST = 3
# How often the themes or the ideas may change while places are sought, before the search is given up.
LOOKS_MOST = 20
# A change may be committed so long after the instant that it bears: what bears a later one is looked at once more.
LATE = timedelta(seconds=10)
DIGITS = 4

Stamp = tuple[int, datetime | None, int, int]


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
    places: dict[_Waiting, Place] = {}
    found_by: tuple[_Desk, Stamp] | None = None
    for _ in range(LOOKS_MOST):
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


def _look(session: Session, campaign_id: int) -> tuple["_Desk | None", Sequence["_Waiting"]]:
    """The ideas that wait for a place, and the desk to find theirs; no desk before the first run."""
    with reading(session):
        campaign = session.get_one(Campaign, campaign_id)
        today = _today(session, campaign)
        if today is None:
            return None, []
        waiting = _waiting(session, campaign, today)
        return _desk(session, campaign, today.stamp, {idea.id for idea in waiting if idea.again}), waiting


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
    if placed_at is None or placed_at <= max(spoke_of_old_words):
        return _Today(stamp, themes_run.created_at)
    return _Today(stamp, max(themes_run.created_at, placed_at - LATE))


@dataclass(frozen=True, slots=True)
class _Waiting:
    """An idea to be placed: it came, or was revised since it was placed, which makes it wait `again`.

    `kept`: a person placed it, in the theme `theme_id` or in none, so it stays; what is measured of it is not.
    """

    id: int
    text: str
    again: bool = field(compare=False)
    kept: bool = field(compare=False)
    theme_id: int | None = field(compare=False)


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
        self._place_of = {row.id: place for place, row in enumerate(rows)}
        self._gone: set[int] = set()
        self._placer: Placer | None = None

    def is_stale(self, placed: int, again: AbstractSet[int]) -> bool:
        """True where too many of the ideas that have a place now came, or were revised, since the desk was set up."""
        return placed - len(self.rows) + len(self._gone | self._known(again)) > _stale_from(self.rows)

    def _known(self, ideas: AbstractSet[int]) -> AbstractSet[int]:
        return ideas & self._place_of.keys()

    def follow(self, stamp: Stamp, rows: Sequence[_Row]) -> bool:
        """Take note of where people put the ideas since, as `rows` tell. False where others are to be read first."""
        today = {row.id: row for row in rows}
        gone = {row.id for row in self.rows if row.id not in today or today[row.id].text != row.text}
        if len(today.keys() - self._place_of.keys()) + len(gone) > _stale_from(self.rows):
            return False
        self.stamp, self._gone = stamp, gone
        self.rows = [row if row.id in gone else today[row.id] for row in self.rows]
        if self._placer is not None:
            self._placer.label([row.theme_id for row in self.rows])
        return True

    def leave_out(self, ideas: AbstractSet[int]) -> None:
        """Go no longer by these ideas, which were revised."""
        self._gone |= self._known(ideas)

    def find(self, ideas: Sequence[_Waiting], encoder: Encoder) -> dict[_Waiting, Place]:
        """Where each idea goes. Raises ModelUnavailable."""
        if not ideas:
            return {}
        if self._placer is None:
            texts = [row.text for row in self.rows]
            self._placer = Placer(_encode(texts, encoder), texts, [row.theme_id for row in self.rows])
        gone = frozenset(self._place_of[idea_id] for idea_id in self._gone)
        vectors = _encode([idea.text for idea in ideas], encoder)
        return {
            idea: self._placer.place(vector, idea.text, without=gone)
            for idea, vector in zip(ideas, vectors, strict=True)
        }

    def neighbours(self, found: Place) -> list[_Row]:
        return [self.rows[row] for row in found.neighbours]

    def beside(self, found: Place, theme_id: int | None) -> list[_Row]:
        """Those of the neighbours that stand in this theme, or in none as well."""
        return [row for row in self.neighbours(found) if row.theme_id == theme_id]


_desks: OrderedDict[int, _Desk] = OrderedDict()


def _desk(session: Session, campaign: Campaign, stamp: Stamp, again: AbstractSet[int]) -> _Desk:
    """The campaign's desk: kept while nothing but a few ideas, new or revised, has changed where ideas stand.

    `again`: the ideas that are to be placed anew, by which nobody is to go.
    """
    count = session.scalar(select(func.count()).where(Placement.campaign_id == campaign.id)) or 0
    desk = _desks.pop(campaign.id, None)
    if desk is None or desk.stamp != stamp or desk.is_stale(count, again):
        rows = _rows(session, campaign)
        if desk is None or not desk.follow(stamp, rows):
            desk = _Desk(stamp, [row for row in rows if row.id not in again])
    desk.leave_out(again)
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


def _waiting(session: Session, campaign: Campaign, today: _Today) -> list[_Waiting]:
    """The ideas that have no place yet, unless they are so many that a run is to place them; and those revised since.

    One that is withdrawn keeps its place, and may come back to it with other words.
    """
    new = Placement.idea_id.is_(None) & is_submitted()
    revised = Placement.idea_id.is_not(None) & (Idea.updated_at > today.since) & (Idea.updated_at > Idea.submitted_at)
    found = [
        _Waiting(idea_id, Idea(title=title, body=body).text, again=again, kept=person is not None, theme_id=theme_id)
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
            .where(Idea.campaign_id == campaign.id, new | revised)
            .order_by(Idea.id)
        )
    ]
    too_many = sum(not idea.again for idea in found) > ONE_BY_ONE_MOST
    return [idea for idea in found if idea.again] if too_many else found


def _encode(texts: Sequence[str], encoder: Encoder) -> np.ndarray[Any, np.dtype[np.float32]]:
    """One row for each text, zeros where it says nothing."""
    gists = [said(text) for text in texts]
    speaking = [row for row, words in enumerate(gists) if words]
    vectors = encoder.encode([gists[row] for row in speaking])
    result = np.zeros((len(texts), vectors.shape[1]), dtype=np.float32)
    result[speaking] = vectors
    return result


def _write(session: Session, campaign: Campaign, desk: _Desk, places: Mapping[_Waiting, Place]) -> None:
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


def _placed(desk: _Desk, idea: _Waiting, found: Place, allowed: Mapping[int, Theme]) -> dict[str, Any]:
    """The columns of a placement, as the desk found them and as far as people left it so since."""
    near = [one for one in found.nearest if one.theme in allowed]
    nearest = [{"theme": one.theme, "strength": one.strength} for one in near]
    target = found.theme if found.theme in allowed else nearest_allowed(nearest, allowed) if found.theme else None
    leftover = Leftover(found.leftover.value) if found.leftover else Leftover.ALONE
    x, y = _spot(desk.beside(found, target), [allowed[one.theme] for one in near[:2]])
    return _measured(desk, idea, found, allowed, target) | place(target, leftover) | {"x": x, "y": y}


def _measured(
    desk: _Desk, idea: _Waiting, found: Place, themes: Mapping[int, Theme], theme_id: int | None
) -> dict[str, Any]:
    """The columns that say how an idea belongs where it stands, in `theme_id` or in none."""
    nearest = [{"theme": one.theme, "strength": one.strength} for one in found.nearest if one.theme in themes]
    theme = themes.get(theme_id) if theme_id else None
    beside = desk.beside(found, theme_id)
    measured = unmeasured(theme_id, nearest) | {
        "idea_id": idea.id,
        "nearest": nearest,
        "leaf": beside[0].leaf if beside and theme else None,
        "neighbours": [row.id for row in desk.neighbours(found)],
        "shared": _shared(theme.phrases, idea.text) if theme else [],
    }
    return measured | ({"strength": found.strength} if theme and theme_id == found.theme else {})


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
