"""What should have been done by now, beside what is planned: debriefs, answers to themes and actions whose day is over.

Everybody sees that a debrief or a published action is late. By which day the team wants to answer a theme is its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ideas.answers.action import Action
from ideas.answers.assigned import unanswered_themes
from ideas.answers.decision import Decision
from ideas.campaigns.campaign import Campaign
from ideas.themes.theme import Theme


class LateKind(StrEnum):
    DEBRIEF = "debrief"
    ANSWERS = "answers"
    ACTIONS = "actions"


@dataclass(frozen=True, slots=True)
class Late:
    """How many of a campaign are late. `since`: the day by which the first of them was due."""

    since: date
    kind: LateKind
    count: int
    campaign: Campaign


def late_on_site(session: Session, *, now: datetime, zone: str) -> list[Late]:
    """What is late on the whole site, the longest first. Administrators may read it. Six queries."""
    campaigns = _announced(session)
    found = [*_debriefs(campaigns, now, zone), *_answers(session, campaigns, now, zone)]
    return _sorted([*found, *_actions(session, campaigns, now, zone)])


def late_in_space(session: Session, campaigns: Sequence[Campaign], *, now: datetime, zone: str) -> list[Late]:
    """The same of these campaigns of a space, as everybody may see it: without the days of the team. Two queries."""
    here = _announced(session, [campaign.id for campaign in campaigns])
    return _sorted([*_debriefs(here, now, zone), *_actions(session, here, now, zone)])


def _sorted(found: Sequence[Late]) -> list[Late]:
    return sorted(found, key=lambda one: (one.since, one.kind.value, one.campaign.id))


def _announced(session: Session, ids: Sequence[int] | None = None) -> dict[int, Campaign]:
    lives = Campaign.announced_at.is_not(None) & Campaign.deleted_at.is_(None)
    query = select(Campaign).where(lives)
    if ids is not None:
        query = query.where(Campaign.id.in_(ids))
    return {one.id: one for one in session.scalars(query)}


def _debriefs(campaigns: Mapping[int, Campaign], now: datetime, zone: str) -> list[Late]:
    return [
        Late(one.debrief_due_at.astimezone(ZoneInfo(zone)).date(), LateKind.DEBRIEF, 1, one)
        for one in campaigns.values()
        if one.debrief_due_at is not None and one.debrief_is_overdue(now)
    ]


def _answers(session: Session, campaigns: Mapping[int, Campaign], now: datetime, zone: str) -> list[Late]:
    """The themes without an answer whose day is over."""
    today = now.astimezone(ZoneInfo(zone)).date()
    days: dict[int, list[date]] = {}
    for work in unanswered_themes(session, list(campaigns)):
        if work.due_on is not None and work.is_late(today):
            days.setdefault(work.campaign_id, []).append(work.due_on)
    return [Late(min(some), LateKind.ANSWERS, len(some), campaigns[one]) for one, some in days.items()]


def _actions(session: Session, campaigns: Mapping[int, Campaign], now: datetime, zone: str) -> list[Late]:
    """The published actions that are neither done nor given up, and whose day is over."""
    is_open = Action.published_at.is_not(None) & Action.done_at.is_(None) & Action.abandoned_at.is_(None)
    is_over = Action.due_on < now.astimezone(ZoneInfo(zone)).date()
    rows = session.execute(
        select(Theme.campaign_id, func.count(), func.min(Action.due_on))
        .join(Decision, Decision.id == Action.decision_id)
        .join(Theme, Theme.id == Decision.theme_id)
        .where(is_open, is_over, Theme.campaign_id.in_(campaigns))
        .group_by(Theme.campaign_id)
    )
    return [Late(since, LateKind.ACTIONS, count, campaigns[one]) for one, count, since in rows]
