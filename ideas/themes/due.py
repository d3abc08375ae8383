"""What waits to be placed among the themes, and when a new run is due."""

from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import ColumnElement, Select, bindparam, func, select
from sqlalchemy.orm import Session

from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea, ask_for_places, is_submitted
from ideas.themes.theme import Placement, ThemeRun, latest_run

# A change may be committed so long after the instant that it bears: what bears a later one is looked at once more.
LATE = timedelta(seconds=10)
# A new run is due once so many ideas, and this share of those of the last one, are new or changed.
DUE_FROM, DUE_SHARE = 20, 0.1


def count_unplaced(session: Session, campaign: Campaign) -> int:
    """How many ideas have no place yet."""
    return session.scalar(_unplaced_query(), {"campaign_id": campaign.id}) or 0


@cache  # building the query takes longer than running it
def _unplaced_query() -> Select[int]:
    return (
        select(func.count(Idea.id))
        .outerjoin(Placement, Placement.idea_id == Idea.id)
        .where(Idea.campaign_id == bindparam("campaign_id"), is_submitted(), Placement.idea_id.is_(None))
    )


def count_changed_since(session: Session, campaign: Campaign, run: ThemeRun) -> int:
    """How many ideas are new since the run, or were changed or withdrawn."""
    read_at = run.created_at
    new = (Idea.submitted_at > read_at) & Idea.withdrawn_at.is_(None)
    other = (Idea.submitted_at <= read_at) & ((Idea.updated_at > read_at) | (Idea.withdrawn_at > read_at))
    return session.scalar(select(func.count(Idea.id)).where(Idea.campaign_id == campaign.id, new | other)) or 0


def waits_for_place(since: datetime) -> ColumnElement[bool]:
    """The condition, beside Placement, under which an idea is to be placed: it has no place, or was revised `since`.

    One that is withdrawn keeps its place, and may come back to it with other words.
    """
    new = Placement.idea_id.is_(None) & is_submitted()
    return new | Placement.idea_id.is_not(None) & (Idea.updated_at > since) & (Idea.updated_at > Idea.submitted_at)


def place_what_waits(session: Session, campaign: Campaign, *, now: datetime) -> None:
    """Let ideas be placed that came while a run computed, and anew those of which it knew other words.

    It is for whoever writes, or writes again, what a run found.
    """
    run = latest_run(session, campaign)
    if run is None:
        return
    waiting = (
        select(Idea.id)
        .outerjoin(Placement, Placement.idea_id == Idea.id)
        .where(Idea.campaign_id == campaign.id, waits_for_place(run.created_at - LATE))
    )
    if session.scalar(waiting.limit(1)) is not None:
        ask_for_places(session, campaign, now=now)


def newest_run(session: Session, campaign: Campaign) -> ThemeRun | None:
    """The last pass over the campaign's ideas, also where it still waits as a proposal."""
    return session.scalar(
        select(ThemeRun)
        .where(ThemeRun.campaign_id == campaign.id)
        .order_by(ThemeRun.created_at.desc(), ThemeRun.id.desc())
        .limit(1)
    )


def run_is_due(session: Session, campaign: Campaign) -> bool:
    """True once so much changed since the last pass that placing ideas one by one no longer does."""
    run = newest_run(session, campaign)
    if run is None:
        return False
    return count_changed_since(session, campaign, run) >= max(DUE_FROM, round(DUE_SHARE * run.ideas))
