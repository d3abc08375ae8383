"""A member's first idea is answered by a person within a day: which wait, and how long it took.

First of all campaigns, of those sent with a name by who is not of the team. An answer is a comment by somebody else.
Anonymous ideas are left out: that one is the first would tell something of its author. So are imported ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from statistics import median
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, ScalarSelect, Select, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from ideas.campaigns.campaign import Campaign, State
from ideas.contributions.comment import Comment, is_shown
from ideas.contributions.idea import Idea, is_readable
from ideas.recognition.facts import Scope, not_of_team

ANSWERED_WITHIN = timedelta(days=1)
# The latest of a campaign, so that its page costs the same whatever it holds.
MAX_COUNTED = 500
MAX_WAITING = 100
# Fewer say nothing in public.
MIN_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Waiting:
    """A first idea that nobody has answered. `due_at`: a day after it was sent."""

    idea: Idea
    due_at: datetime

    def is_late(self, now: datetime) -> bool:
        return now > self.due_at


@dataclass(frozen=True, slots=True)
class FirstAnswers:
    """Of the latest first ideas: how many were answered, how many of them within a day, half of them within `median`.

    `people`: how many first ideas, without those that have been there for less than a day and still wait.
    """

    people: int
    answered: int
    in_time: int
    median: timedelta | None

    @property
    def is_shown(self) -> bool:
        """True where everyone may read it."""
        return self.people >= MIN_SHOWN


def is_first_idea(idea: Any) -> ColumnElement[bool]:
    """SQL condition: no other public idea of its author was sent before, in whichever campaign."""
    other = aliased(Idea)
    before = exists().where(
        other.author_id == idea.author_id,
        is_readable(other),
        or_(other.submitted_at < idea.submitted_at, and_(other.submitted_at == idea.submitted_at, other.id < idea.id)),
    )
    by_hand = idea.import_id.is_(None) & idea.import_key.is_(None) & idea.written_by_id.is_(None)
    found: ColumnElement[bool] = is_readable(idea) & idea.author_id.is_not(None) & by_hand & ~before
    return found


def waiting_first_ideas(session: Session, campaign: Campaign, *, now: datetime) -> list[Waiting]:
    """The first ideas of a campaign that nobody has answered, oldest first. Its team may read them. One query.

    None once its comments are closed.
    """
    if not _may_be_answered(campaign, now):
        return []
    found = session.scalars(_waiting(), {"campaign_id": campaign.id})
    return [Waiting(idea, (idea.submitted_at or now) + ANSWERED_WITHIN) for idea in found]


def count_waiting(session: Session, campaign: Campaign, *, now: datetime) -> int:
    """How many first ideas of a campaign wait for an answer."""
    if not _may_be_answered(campaign, now):
        return 0
    return session.scalar(_waiting_number(), {"campaign_id": campaign.id}) or 0


def first_answers(session: Session, campaign: Campaign, *, now: datetime) -> FirstAnswers:
    """How long the first ideas of a campaign waited for an answer. Its team may read it, and everyone if `is_shown`."""
    return _summed(session.execute(_latest(), {"campaign_id": campaign.id}).all(), now)


def _summed(rows: Sequence[Any], now: datetime) -> FirstAnswers:
    took = [answered_at - sent_at for sent_at, answered_at in rows if answered_at is not None]
    overdue = sum(answered_at is None and now - sent_at > ANSWERED_WITHIN for sent_at, answered_at in rows)
    in_time = sum(one <= ANSWERED_WITHIN for one in took)
    return FirstAnswers(len(took) + overdue, len(took), in_time, median(took) if took else None)


@cache  # building a query takes longer than running it
def _waiting() -> Select[Idea]:
    waiting = _first(Idea).where(_answered_at().is_(None)).options(joinedload(Idea.author))
    return waiting.order_by(Idea.submitted_at, Idea.id).limit(MAX_WAITING)


@cache
def _waiting_number() -> Select[int]:
    return _first(func.count()).where(_answered_at().is_(None))


@cache
def _latest() -> Select[Any]:
    latest = _first(Idea.submitted_at, _answered_at().label("answered_at"))
    return latest.order_by(Idea.submitted_at.desc(), Idea.id.desc()).limit(MAX_COUNTED)


def _first(*columns: Any) -> Select[Any]:
    """These columns of the first ideas in the campaign of the parameter `campaign_id`."""
    here: BindParameter[int] = bindparam("campaign_id")
    by_member = not_of_team(Scope(here), Idea.campaign_id, Idea.author_id)
    return select(*columns).where(Idea.campaign_id == here, is_first_idea(Idea), by_member)


def _answered_at() -> ScalarSelect[Any]:
    """When somebody else first commented on the idea, or on the one that it is merged into."""
    on = func.coalesce(Idea.merged_into_id, Idea.id)
    first = select(func.min(Comment.created_at)).where(
        Comment.idea_id.in_([Idea.id, on]),
        Comment.author_id != Idea.author_id,
        Comment.created_at >= Idea.submitted_at,  # on the one that it is merged into, others came before
        is_shown(),
    )
    return first.correlate(Idea).scalar_subquery()


def _may_be_answered(campaign: Campaign, now: datetime) -> bool:
    return campaign.state(now) in {State.OPEN, State.CLOSED, State.UNDER_REVIEW}
