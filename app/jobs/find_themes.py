"""Group a campaign's ideas: plain texts to the pipeline, its themes to the database."""

from collections.abc import Callable
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from app.clock import now
from app.database.sqlite import reading
from app.extensions import database
from app.settings import Settings
from app.text.peoples_text import language_of
from app.worker.vector_store import forget_unused, kept_encoder
from clustering.naming.llm import ChatNamer, Namer
from clustering.pipeline import STAGES, find_themes
from clustering.text.language import MIN_CHARACTERS, detect_languages
from ideas.answers.assigned import kept_themes
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.campaigns.term import glossary_of
from ideas.contributions.idea import submitted_ideas
from ideas.themes.runs.apply import apply_or_propose
from ideas.themes.runs.run import RunResult, ThemeRun, load_state
from ideas.work.job import Job

# The share of the run that each stage takes, roughly, so that the progress bar moves evenly.
SHARES = dict(zip(STAGES, (0.02, 0.55, 0.3, 0.08, 0.05), strict=True))


def run(job: Job, *, report: Callable[[str, float], None]) -> dict[str, Any]:
    """Group the ideas of the job's campaign and record the run. See app.worker.worker for the contract."""
    recorded = group_ideas(database(), job.of_campaign, report=report)
    return {"run": recorded.id, "ideas": recorded.ideas, "themes": recorded.themes}


def group_ideas(
    session: Session, campaign_id: int, *, report: Callable[[str, float], None] = lambda _stage, _share: None
) -> ThemeRun:
    """Find the campaign's themes and record or propose them, without committing. The session has nothing to write yet.

    No transaction is held while the pipeline computes: others may write meanwhile. A theme that has its answer is
    kept, so that no run takes an answer out of sight.
    Raises ModelUnavailable.
    """
    report("read", 0.0)
    with reading(session):
        read_at = now()
        campaign = session.get_one(Campaign, campaign_id)
        rows = session.scalars(submitted_ideas(campaign)).all()
        idea_ids = [idea.id for idea in rows]
        texts = [idea.text for idea in rows]
        langs = [idea.lang for idea in rows]
        question = f"{campaign.title} {campaign.challenge}"
        lang = _language(campaign)
        granularity, glossary = campaign.granularity, glossary_of(session, campaign_id)
        state = load_state(session, campaign, keep=kept_themes(session, campaign))
        previous = state.previous()  # plain values: a look at a row from here on would open a transaction
    encoder = kept_encoder()
    found = find_themes(
        texts,
        keys=[str(idea_id) for idea_id in idea_ids],
        langs=langs,
        encoder=encoder,
        question=question,
        lang=lang,
        glossary=glossary,
        previous=previous,
        granularity=granularity,
        namer=_namer(),
        progress=lambda stage, share: report(stage, _whole(stage, share)),
    )
    namer = current_app.extensions["settings"].namer_model if found.renamed else ""
    result = RunResult(found.with_ids(idea_ids), idea_ids, new_from=state.next_id, read_at=read_at, namer=namer)
    forget_unused(encoder.name)
    campaign = session.get_one(Campaign, campaign_id)
    lock_campaign(session, campaign)
    return apply_or_propose(session, campaign, result, now=now(), keep=kept_themes(session, campaign))


def _language(campaign: Campaign) -> str | None:
    """ISO 639-1: what people said, else the language of the question. None where that is too short to tell."""
    question = f"{campaign.challenge} {campaign.brief}".strip()
    known = campaign.lang or language_of(campaign) or None
    return detect_languages([question])[0] if known is None and len(question) >= MIN_CHARACTERS else known


def _namer() -> Namer | None:
    """The large language model of the settings; None unless an address is set."""
    settings: Settings = current_app.extensions["settings"]
    return ChatNamer(settings.namer_url, settings.namer_model, settings.namer_key) if settings.namer_url else None


def _whole(stage: str, share: float) -> float:
    """The share of the whole run, from the share of a stage."""
    before = sum(SHARES[earlier] for earlier in STAGES[: STAGES.index(stage)])
    return before + SHARES[stage] * share
