"""Questions to the team of a campaign: comments that their authors marked. A reply by the team answers one.

Whether a question is answered, and when, is computed from the comments: a reply that is withdrawn answers nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from statistics import median
from typing import Any

from sqlalchemy import ScalarSelect, Select, func, select
from sqlalchemy.orm import Session, aliased, joinedload

from ideas.campaigns.campaign import Campaign
from ideas.contributions.comment import Comment, is_shown
from ideas.contributions.idea import Idea, is_readable

MAX_LISTED = 100


@dataclass(frozen=True, slots=True)
class AskedQuestions:
    """The questions of a campaign. `waiting`: those without an answer, the longest wait first, 100 at most.

    `time_to_answer`: the median time between a question and its first answer; None where none is answered.
    """

    asked: int
    answered: int
    waiting: Sequence[Comment]
    time_to_answer: timedelta | None

    @property
    def unanswered(self) -> int:
        return self.asked - self.answered


def questions_in(session: Session, campaign: Campaign) -> AskedQuestions:
    """The questions that are shown in a campaign. Whoever manages it may read them. Two queries."""
    times: Sequence[Any] = session.execute(_asked_in(campaign, Comment.created_at, answered_at())).all()
    waits = sorted(answered - asked for asked, answered in times if answered is not None)
    waiting = session.scalars(
        select(Comment)
        .where(Comment.id.in_(_asked_in(campaign, Comment.id).where(answered_at().is_(None))))
        .options(joinedload(Comment.author), joinedload(Comment.idea).joinedload(Idea.merged_into))
        .order_by(Comment.id)
        .limit(MAX_LISTED)
    ).all()
    seconds = median(wait.total_seconds() for wait in waits) if waits else None
    return AskedQuestions(len(times), len(waits), waiting, timedelta(seconds=seconds) if seconds is not None else None)


def count_unanswered(session: Session, campaign: Campaign) -> int:
    """How many questions of the campaign wait for an answer. One query."""
    waiting = _asked_in(campaign, Comment.id).where(answered_at().is_(None))
    return session.scalar(select(func.count()).select_from(waiting.subquery())) or 0


def _asked_in(campaign: Campaign, *columns: Any) -> Select[Any]:
    """These columns of the campaign's questions that everyone may read."""
    here = (Idea.campaign_id == campaign.id) & is_readable()
    return (
        select(*columns)
        .select_from(Comment)
        .join(Idea, Idea.id == Comment.idea_id)
        .where(here, Comment.is_question, is_shown())
    )


@cache
def answered_at() -> ScalarSelect[Any]:
    """SQL: when somebody of the team first replied to the question, which is `Comment`; null where nobody did."""
    reply = aliased(Comment)
    return (
        select(func.min(reply.created_at))
        .where(reply.reply_to_id == Comment.id, reply.by_team, is_shown(reply))
        .correlate(Comment)
        .scalar_subquery()
    )
