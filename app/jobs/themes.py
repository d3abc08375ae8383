"""Group a campaign's ideas: plain texts to the pipeline, its themes to the database."""

import logging
from collections.abc import Callable
from functools import cache
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from app.clock import now
from app.extensions import database
from app.settings import Settings
from app.sqlite import reading
from clustering.embedding import Encoder, load_encoder
from clustering.errors import ModelUnavailable
from clustering.pipeline import STAGES, find_themes
from clustering.types import Previous, ThemeMap
from ideas.campaign import Campaign, hold
from ideas.decision import decisions_in
from ideas.idea import submitted_ideas
from ideas.job import Job
from ideas.theme import Leftover, ThemeRun
from ideas.theme_run import IdeaPlaced, RunFound, Standing, ThemeFound, record_run, standing

log = logging.getLogger(__name__)

# What each stage takes of the whole, roughly, so that the bar moves evenly.
SHARES = dict(zip(STAGES, (0.02, 0.55, 0.3, 0.08, 0.05), strict=True))


def run(job: Job, *, report: Callable[[str, float], None]) -> dict[str, Any]:
    """Group the ideas of the job's campaign and record the run. See app.jobs.worker for the contract."""
    recorded = group_ideas(database(), job.campaign_id, report=report)
    return {"run": recorded.id, "ideas": recorded.ideas, "themes": recorded.themes}


def group_ideas(
    session: Session, campaign_id: int, *, report: Callable[[str, float], None] = lambda _stage, _share: None
) -> ThemeRun:
    """Find the campaign's themes and record them, without committing. The session must have nothing to write yet.

    No transaction is held while the pipeline computes: others may write meanwhile. A theme that has its answer is
    kept, so that no run takes an answer out of sight.
    Raises ModelUnavailable.
    """
    report("read", 0.0)
    with reading(session):
        campaign = session.get_one(Campaign, campaign_id)
        rows = session.scalars(submitted_ideas(campaign)).all()
        keys = [str(idea.id) for idea in rows]
        texts = [idea.text for idea in rows]
        langs = [idea.lang for idea in rows]
        question = f"{campaign.title} {campaign.challenge}"
        before = standing(session, campaign, keep=decisions_in(session, campaign))
    found = find_themes(
        texts,
        keys=keys,
        langs=langs,
        encoder=_encoder(_settings().embedding_model),
        question=question,
        previous=_previous(before),
        progress=lambda stage, share: report(stage, _whole(stage, share)),
    )
    campaign = session.get_one(Campaign, campaign_id)
    hold(session, campaign)
    answered = decisions_in(session, campaign)
    return record_run(session, campaign, _run_found(found, [int(key) for key in keys]), now=now(), keep=answered)


@cache
def _encoder(model: str) -> Encoder:
    return load_encoder(model)


def warm_up(model: str) -> None:
    """Load the model before the first job asks for it.

    One that can't be loaded is told to the log: mail still goes out.
    """
    try:
        _encoder(model)
    except ModelUnavailable as error:
        log.error("%s", error)  # noqa: TRY400 -- the sentence says it all


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings


def _whole(stage: str, share: float) -> float:
    """The share of the whole run, from the share of a stage."""
    before = sum(SHARES[earlier] for earlier in STAGES[: STAGES.index(stage)])
    return before + SHARES[stage] * share


def _previous(before: Standing) -> Previous:
    return Previous(
        theme_of={str(idea_id): theme_id for idea_id, theme_id in before.theme_of.items()},
        positions=before.positions,
        placed={str(idea_id): theme_id for idea_id, theme_id in before.placed.items()},
        kept=before.kept,
        next_id=before.next_id,
    )


def _run_found(found: ThemeMap, idea_ids: list[int]) -> RunFound:
    return RunFound(
        model=found.model,
        seconds=found.seconds,
        too_few=found.too_few,
        themes=[
            ThemeFound(
                id=theme.id,
                name=theme.name,
                phrases=theme.phrases,
                exemplars=[idea_ids[row] for row in theme.exemplars],
                cohesion=theme.cohesion,
                x=theme.x,
                y=theme.y,
            )
            for theme in found.themes
        ],
        ideas=[
            IdeaPlaced(
                idea_id=idea_id,
                theme=placed.theme,
                leftover=Leftover(placed.leftover.value) if placed.leftover else None,
                strength=placed.strength,
                nearest=[(near.theme, near.strength) for near in placed.nearest],
                x=placed.x,
                y=placed.y,
            )
            for idea_id, placed in zip(idea_ids, found.ideas, strict=True)
        ],
    )
