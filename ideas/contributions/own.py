"""What a person gave to ideas of others, for their own page."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import campaign_visible_to
from ideas.contributions.comment import Comment
from ideas.contributions.idea import Idea, idea_visible_to
from ideas.contributions.vote import Vote
from ideas.people.person import Person


@dataclass(frozen=True, slots=True)
class Given:
    """The latest of a person's comments, and of the ideas that they support, with how many there are."""

    comments: Sequence[Comment]
    comment_count: int
    supported: Sequence[Idea]
    support_count: int


def given_by(session: Session, person: Person, *, limit: int = 10) -> Given:
    """What the person commented, on ideas and debriefs, and supports, where they may read it. Only they may. Four
    queries.
    """
    seen = idea_visible_to(person)
    debriefs = select(Campaign.id).where(campaign_visible_to(person))
    own = (Comment.author_id == person.id) & Comment.withdrawn_at.is_(None)
    comments = select(Comment).outerjoin(Idea, Idea.id == Comment.idea_id)
    comments = comments.where(own, Comment.debrief_id.in_(debriefs) | (Comment.idea_id.is_not(None) & seen))
    supported = select(Idea).join(Vote, Vote.idea_id == Idea.id).where(Vote.person_id == person.id, seen)
    return Given(
        session.scalars(
            comments.options(joinedload(Comment.idea).joinedload(Idea.campaign), joinedload(Comment.debriefed))
            .order_by(Comment.id.desc())
            .limit(limit)
        ).all(),
        session.scalar(select(func.count()).select_from(comments.subquery())) or 0,
        session.scalars(
            supported.options(joinedload(Idea.campaign)).order_by(Vote.created_at.desc(), Idea.id.desc()).limit(limit)
        ).all(),
        session.scalar(select(func.count()).select_from(supported.subquery())) or 0,
    )
