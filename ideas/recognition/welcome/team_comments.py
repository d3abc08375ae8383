"""How present a team is in its campaign: on how many ideas it commented, and how long the first comment took."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from statistics import median
from typing import Any

from sqlalchemy import BindParameter, bindparam, func, select, union
from sqlalchemy.orm import Session, aliased

from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import TEAM_ROLES, TeamMember
from ideas.contributions.comment import Comment, is_shown
from ideas.contributions.idea import Idea, is_readable, is_submitted
from ideas.recognition.welcome.first_idea import MIN_SHOWN


@dataclass(frozen=True, slots=True)
class TeamComments:
    """`ideas`: that everyone reads; `answered`: those with a comment of the team; half of these had the first one
    within `median`.
    """

    ideas: int
    answered: int
    median: timedelta | None

    @property
    def is_shown(self) -> bool:
        """True where it may be read: of fewer ideas it would say little."""
        return self.ideas >= MIN_SHOWN

    @property
    def share(self) -> float:
        return self.answered / self.ideas if self.ideas else 0.0


def team_comments(session: Session, campaign: Campaign, *, ideas: int) -> TeamComments:
    """How many public ideas of the campaign, `ideas` in all, have a comment of its team. Everyone may read it if
    `is_shown`. One query.

    Whoever is or was of the team counts, not with comments on an idea of their own. A comment on an idea that was
    merged is one on the idea that it was merged into.
    """
    rows: Sequence[Any] = session.execute(_first_comments(), {"campaign_id": campaign.id}).all()
    took = [max(timedelta(), first - sent_at) for sent_at, first in rows]
    return TeamComments(ideas, len(took), median(took) if took else None)


@cache  # building the query takes longer than running it
def _first_comments() -> Any:
    """When each commented idea of the campaign of the parameter `campaign_id` was sent, and first commented."""
    kept = aliased(Idea)
    here: BindParameter[int] = bindparam("campaign_id")
    team = union(
        select(TeamMember.person_id).where(TeamMember.campaign_id == here, TeamMember.role.in_(TEAM_ROLES)),
        select(Campaign.owner_id).where(Campaign.id == here),
    )
    return (
        select(kept.submitted_at, func.min(Comment.created_at))
        .join(Idea, Idea.id == Comment.idea_id)
        .join(kept, kept.id == func.coalesce(Idea.merged_into_id, Idea.id))
        .where(
            Idea.campaign_id == here,
            is_readable(),
            is_submitted(kept),
            is_shown(),
            Comment.author_id.in_(team),
            Idea.author_id.is_distinct_from(Comment.author_id),
        )
        .group_by(kept.id, kept.submitted_at)
    )
