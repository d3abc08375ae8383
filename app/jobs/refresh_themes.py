"""Measure again the themes whose ideas people or a run changed: their words, typical ideas, cohesion, warnings."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.database.sqlite import reading
from app.extensions import database
from app.worker.vector_store import kept_encoder
from clustering.measuring import measure_themes
from clustering.quality.warnings import warnings_of
from clustering.types import MeasuredTheme
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.campaigns.term import glossary_of
from ideas.themes.placement import theme_sizes
from ideas.themes.refresh import Reshaped, is_outdated, load_reshaped, record_measures
from ideas.themes.theme import active_themes
from ideas.work.job import Job

# How often the themes may change while they are measured, before the job fails.
MAX_ATTEMPTS = 20


class ThemesKeepChanging(Exception):
    """The themes changed at every attempt."""


def run(job: Job, *, report: Callable[[str, float], None]) -> dict[str, Any]:
    """Measure the reshaped themes of the job's campaign. See app.worker.worker for the contract."""
    return {"themes": refresh_themes(database(), job.of_campaign, report=report)}


def refresh_themes(
    session: Session, campaign_id: int, *, report: Callable[[str, float], None] = lambda _stage, _share: None
) -> int:
    """Measure the themes that wait for it, without committing; return how many. The session has nothing to write yet.

    No transaction is held while it computes. Where an edit comes meanwhile, all is read again, so that the job takes
    the themes of that edit too; one that comes later finds this job done, and asks for another.
    Raises ModelUnavailable, ThemesKeepChanging.
    """
    for _ in range(MAX_ATTEMPTS):
        report("read", 0.0)
        with reading(session):
            campaign = session.get_one(Campaign, campaign_id)
            question = f"{campaign.title} {campaign.challenge}"
            glossary = glossary_of(session, campaign_id)
            reshaped = load_reshaped(session, campaign)
        measured = _measure(reshaped, question, glossary, report) if reshaped.shapes else {}
        campaign = session.get_one(Campaign, campaign_id)
        lock_campaign(session, campaign)
        if not is_outdated(session, campaign, reshaped):
            return record_measures(session, campaign, reshaped, measured, _warnings(session, campaign, measured))
        session.rollback()
    raise ThemesKeepChanging


def _measure(
    reshaped: Reshaped, question: str, glossary: Mapping[str, str], report: Callable[[str, float], None]
) -> dict[int, MeasuredTheme]:
    groups = reshaped.groups()
    found = measure_themes(
        [idea.text for idea in reshaped.ideas],
        list(groups.values()),
        langs=[idea.lang for idea in reshaped.ideas],
        encoder=kept_encoder(),
        question=question,
        glossary=glossary,
        progress=lambda share: report("embed", share),
    )
    ids = [idea.id for idea in reshaped.ideas]
    return {
        theme_id: MeasuredTheme(one.phrases, tuple(ids[row] for row in one.exemplars), one.cohesion, one.languages)
        for theme_id, one in zip(groups, found, strict=True)
    }


def _warnings(session: Session, campaign: Campaign, measured: dict[int, MeasuredTheme]) -> dict[int, Any]:
    """The warnings about themes, which depend on the cohesion of all those that are measured."""
    sizes = theme_sizes(session, campaign)
    cohesions = {theme.id: theme.cohesion for theme in active_themes(session, campaign) if theme.measured}
    cohesions |= {theme_id: found.cohesion for theme_id, found in measured.items()}
    found = warnings_of([sizes.get(theme_id, 0) for theme_id in cohesions], list(cohesions.values()))
    return dict(zip(cohesions, found, strict=True))
