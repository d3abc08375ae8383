"""Comments on an idea."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import ForeignKey, Select, Text, bindparam, func, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ideas.activity.activity import Verb, record
from ideas.base import Base
from ideas.campaigns.campaign import State
from ideas.contributions.idea import Idea
from ideas.errors import DomainError, NotAllowed, message_id
from ideas.people.limit import LimitedAct, spend
from ideas.people.person import Person
from ideas.text import required

MAX_BODY_LENGTH = 2_000


class CommentsClosed(DomainError):
    message = message_id("Comments are closed because the debrief is published.")


class Comment(Base):
    __tablename__ = "comment"

    id: Mapped[int] = mapped_column(primary_key=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]

    author: Mapped[Person] = relationship()
    idea: Mapped[Idea] = relationship()


def add_comment(session: Session, idea: Idea, *, author: Person, body: str, now: datetime) -> Comment:
    """Add a comment to an idea, from the opening to the debrief. Anyone signed in may.

    Raises EmptyText, TooLong, CommentsClosed, LimitReached, NotAllowed (the idea is not public).
    """
    if not idea.is_public:
        raise NotAllowed
    if idea.campaign.state(now) not in {State.OPEN, State.CLOSED, State.UNDER_REVIEW}:
        raise CommentsClosed
    body = required(body, max_length=MAX_BODY_LENGTH)
    spend(session, LimitedAct.COMMENT, by=author, now=now)
    comment = Comment(idea=idea, author=author, body=body, created_at=now)
    session.add(comment)
    record(session, Verb.ADDED, comment, by=author, campaign_id=idea.campaign_id, now=now)
    session.flush()
    return comment


def withdraw_comment(session: Session, comment: Comment, *, by: Person, now: datetime) -> None:
    """Withdraw a comment. Only its author may. A second time changes nothing. Raises NotAllowed."""
    if comment.author_id != by.id:
        raise NotAllowed
    if comment.withdrawn_at is None:
        comment.withdrawn_at = now
        record(session, Verb.WITHDRAWN, comment, by=by, campaign_id=comment.idea.campaign_id, now=now)


def comments_on(session: Session, idea: Idea) -> Sequence[Comment]:
    """The comments of an idea with their authors, oldest first."""
    return session.scalars(
        select(Comment)
        .where(Comment.idea_id == idea.id, Comment.withdrawn_at.is_(None))
        .options(joinedload(Comment.author))
        .order_by(Comment.id)
    ).all()


def comment_counts(session: Session, ideas: Sequence[Idea]) -> dict[int, int]:
    """How many comments each of these ideas has."""
    rows = session.execute(_counts_query(), {"ids": [idea.id for idea in ideas]})
    return dict(rows.all())


@cache  # building the query takes longer than running it
def _counts_query() -> Select[int, int]:
    return (
        select(Comment.idea_id, func.count())
        .where(Comment.idea_id.in_(bindparam("ids", expanding=True)), Comment.withdrawn_at.is_(None))
        .group_by(Comment.idea_id)
    )
