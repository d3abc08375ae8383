"""Place new ideas among the themes at once, by the ideas that are most like them; a full run follows when it is due."""

from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from app.clock import now
from app.database.sqlite import reading
from app.extensions import database
from app.worker.placement_cache import CachedPlacer, cached_placer
from app.worker.vector_store import kept_encoder
from clustering.text.cleaning import fold
from clustering.text.glossary import spell_out
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.themes.place_new_ideas import FoundPlace, Stamp, WaitingIdea, placing_base, record_places, waiting_ideas
from ideas.themes.runs.run import run_is_due
from ideas.work.job import Job, JobKind, enqueue

# How often the themes or the ideas may change while places are sought, before the job fails.
MAX_ATTEMPTS = 20


class ThemesKeepChanging(Exception):
    """The themes or the ideas changed at every attempt."""


def run(job: Job, *, report: Callable[[str, float], None]) -> dict[str, Any]:
    """Place the new ideas of the job's campaign. See app.worker.worker for the contract."""
    return {"placed": place_ideas(database(), job.of_campaign, report=report)}


def place_ideas(
    session: Session, campaign_id: int, *, report: Callable[[str, float], None] = lambda _stage, _share: None
) -> int:
    """Place the ideas that are not placed yet, and again those revised since, without committing; return how many.

    Nothing is placed before the first run. Where so much is new or changed that a run is due, it is asked for. The
    session has nothing to write yet. Raises ModelUnavailable, ThemesKeepChanging.
    """
    report("place", 0.0)
    placed = _place(session, campaign_id, report)
    campaign = session.get_one(Campaign, campaign_id)
    lock_campaign(session, campaign)
    if campaign.debriefed_at is None and run_is_due(session, campaign):
        enqueue(session, JobKind.FIND_THEMES, campaign_id=campaign.id, now=now())
    return placed


def _place(session: Session, campaign_id: int, report: Callable[[str, float], None]) -> int:
    """Find places without a lock, and write them if nothing changed meanwhile; else begin again."""
    places: dict[WaitingIdea, FoundPlace] = {}
    found_by: tuple[CachedPlacer, Stamp] | None = None
    for _ in range(MAX_ATTEMPTS):
        placer, waiting = _read(session, campaign_id)
        if placer is None:
            return 0
        if found_by != (placer, placer.stamp):
            places, found_by = {}, (placer, placer.stamp)
        places |= placer.find([idea for idea in waiting if idea not in places], kept_encoder())
        campaign = session.get_one(Campaign, campaign_id)
        lock_campaign(session, campaign)  # whoever submits from here on asks for another job
        base = placing_base(session, campaign)
        waiting = waiting_ideas(session, campaign, base) if base else []
        if base is not None and base.stamp == placer.stamp and all(idea in places for idea in waiting):
            found = {idea: places[idea] for idea in waiting}
            record_places(session, campaign, found, uses=partial(_uses, spell_out(placer.glossary)))
            return len(waiting)
        session.rollback()
        report("place", 0.0)
    raise ThemesKeepChanging


def _read(session: Session, campaign_id: int) -> tuple[CachedPlacer | None, list[WaitingIdea]]:
    """The ideas that wait, and what finds their places; nothing before the first run."""
    with reading(session):
        campaign = session.get_one(Campaign, campaign_id)
        base = placing_base(session, campaign)
        if base is None:
            return None, []
        waiting = waiting_ideas(session, campaign, base)
        revised = {idea.id for idea in waiting if idea.again}
        return cached_placer(session, campaign, base.stamp, revised), waiting


def _uses(spelled_out: Callable[[str], str], text: str, phrase: str) -> bool:
    return f" {fold(phrase)} " in f" {fold(spelled_out(text))} "
