"""The comment of the month of a campaign, which whoever manages it pins, and its best comments."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, Select, func, select
from sqlalchemy.orm import Mapped, Session, aliased, contains_eager, joinedload, mapped_column, relationship

from ideas.activity.activity import Verb, record
from ideas.base import Base
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.contributions.comment import Comment, is_shown
from ideas.contributions.idea import Idea, is_readable
from ideas.errors import DomainError, message_id
from ideas.people.person import Person

MAX_DISCUSSED = 10
# Other people who replied to a comment, for it to be among the most discussed.
MIN_REPLIERS = 2


class NothingToPin(DomainError):
    message = message_id("This comment is no longer shown. Choose another one.")


class PinnedComment(Base):
    """The comment of one month in a campaign. `month`: its first day."""

    __tablename__ = "pinned_comment"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), index=True)
    pinned_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    pinned_at: Mapped[datetime]

    comment: Mapped[Comment] = relationship()


@dataclass(frozen=True, slots=True)
class Discussed:
    """A comment, and how many other people replied to it."""

    comment: Comment
    people: int


def pin_comment(session: Session, campaign: Campaign, comment: Comment, *, by: Person, now: datetime) -> date:
    """Make a comment of this campaign the one of this month, in place of another one. Whoever manages it may.

    The same again changes nothing. Returns the month. Raises NothingToPin.
    """
    lock_campaign(session, campaign)
    session.refresh(comment)
    if comment.idea is None or not (comment.is_shown and comment.is_readable):
        raise NothingToPin
    month = now.astimezone(ZoneInfo(by.timezone)).date().replace(day=1)
    pinned = session.get(PinnedComment, (campaign.id, month), populate_existing=True)
    if pinned is not None and pinned.comment_id == comment.id:
        return month
    if pinned is None:
        pinned = PinnedComment(campaign_id=campaign.id, month=month)
        session.add(pinned)
    pinned.comment_id, pinned.pinned_by_id, pinned.pinned_at = comment.id, by.id, now
    record(session, Verb.PINNED, comment, by=by, campaign_id=campaign.id, now=now, after={"month": month.isoformat()})
    session.flush()
    return month


def unpin_comment(session: Session, campaign: Campaign, comment: Comment, *, by: Person, now: datetime) -> None:
    """The comment is the one of no month any more. Whoever manages the campaign may. Twice changes nothing."""
    lock_campaign(session, campaign)
    here = (PinnedComment.campaign_id == campaign.id) & (PinnedComment.comment_id == comment.id)
    for pinned in session.scalars(select(PinnedComment).where(here)).all():
        before = {"month": pinned.month.isoformat()}
        record(session, Verb.UNPINNED, comment, by=by, campaign_id=campaign.id, now=now, before=before)
        session.delete(pinned)
    session.flush()


def comment_of_month(session: Session, campaign: Campaign) -> PinnedComment | None:
    """The latest one that is still shown, with its author and idea. Whoever reads the campaign may read it."""
    return session.scalar(_pinned_in(campaign).limit(1))


def pinned_in(session: Session, campaign: Campaign) -> Sequence[PinnedComment]:
    """Those of every month that are still shown, latest first, with their authors and ideas."""
    return session.scalars(_pinned_in(campaign)).all()


def months_of(session: Session, comment_ids: Collection[int]) -> dict[int, date]:
    """The latest month of which each of these comments is the one, by comment. One query."""
    asked = select(PinnedComment.comment_id, func.max(PinnedComment.month)).where(
        PinnedComment.comment_id.in_(comment_ids)
    )
    return dict(session.execute(asked.group_by(PinnedComment.comment_id)).all())


def most_discussed(session: Session, campaign: Campaign) -> list[Discussed]:
    """The comments to which most other people replied, two at least: ten at most. One query."""
    reply = aliased(Comment)
    repliers = (
        select(Comment.id.label("comment_id"), func.count(func.distinct(reply.author_id)).label("people"))
        .select_from(Comment)
        .join(Idea, Idea.id == Comment.idea_id)
        .join(reply, reply.reply_to_id == Comment.id)
        .where(Idea.campaign_id == campaign.id, is_readable(), is_shown(), is_shown(reply))
        .where(reply.author_id != Comment.author_id)
        .group_by(Comment.id)
        .having(func.count(func.distinct(reply.author_id)) >= MIN_REPLIERS)
        .order_by(func.count(func.distinct(reply.author_id)).desc(), Comment.id.desc())
        .limit(MAX_DISCUSSED)
        .subquery()
    )
    rows = session.execute(
        select(Comment, repliers.c.people)
        .join(repliers, repliers.c.comment_id == Comment.id)
        .options(joinedload(Comment.author), joinedload(Comment.idea).joinedload(Idea.merged_into))
        .order_by(repliers.c.people.desc(), Comment.id.desc())
    )
    return [Discussed(comment, people) for comment, people in rows]


def _pinned_in(campaign: Campaign) -> Select[PinnedComment]:
    return (
        select(PinnedComment)
        .join(PinnedComment.comment)
        .join(Comment.idea)
        .where(PinnedComment.campaign_id == campaign.id, is_shown(), is_readable())
        .options(
            contains_eager(PinnedComment.comment).options(
                joinedload(Comment.author), contains_eager(Comment.idea).joinedload(Idea.merged_into)
            )
        )
        .order_by(PinnedComment.month.desc())
    )
