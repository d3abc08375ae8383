"""Reports: a person says that an idea, a comment or a person breaks a rule. Only moderators know who reported."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, Text, UniqueConstraint, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ideas.activity.activity import Verb, record
from ideas.base import Base, choice
from ideas.campaigns.campaign import Campaign
from ideas.contributions.comment import Comment
from ideas.contributions.idea import Idea, is_by
from ideas.contributions.withheld import Cause, ObjectKind, Outcome, Review, open_review
from ideas.errors import DomainError, message_id
from ideas.people.limit import LimitedAct, spend
from ideas.people.person import Person
from ideas.people.sanction import Reason
from ideas.text import optional

MAX_NOTE_LENGTH = 500

Reported = Idea | Comment | Person


class OwnText(DomainError):
    message = message_id("This is your own. Someone else has to report it or decide about it.")


class AlreadyReported(DomainError):
    message = message_id("You have already reported this. You will be told what became of it.")


class NoteNeeded(DomainError):
    message = message_id("Say in a few words what is wrong.")


class Report(Base):
    """A person reports an object once. `outcome`: what became of it, once moderators have dealt with it."""

    __tablename__ = "report"
    __table_args__ = (UniqueConstraint("review_id", "reporter_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id", ondelete="CASCADE"))
    reporter_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    reason: Mapped[Reason] = mapped_column(choice(Reason))
    note: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[Outcome | None] = mapped_column(choice(Outcome))

    review: Mapped[Review] = relationship()
    reporter: Mapped[Person] = relationship()


def kind_of(row: Reported) -> ObjectKind:
    return ObjectKind(row.__tablename__)


def author_of(row: Reported) -> int | None:
    """The id of who wrote it; of a person, their own."""
    return row.id if isinstance(row, Person) else row.author_id


def text_of(row: Reported) -> str:
    """What moderators read of it in their lists; of a person, the name and how they present themselves."""
    if isinstance(row, Person):
        return f"{row.name}. {row.headline}" if row.headline else row.name
    return row.text if isinstance(row, Idea) else row.body


def report(
    session: Session, campaign: Campaign, row: Reported, *, reason: Reason, note: str, by: Person, now: datetime
) -> Report:
    """Report an idea, a comment or a person in this campaign. Anyone signed in who may read it may, once.

    The caller has checked that `by` may read it. Raises OwnText, AlreadyReported, NoteNeeded (for the reason “other”),
    TooLong or LimitReached.
    """
    if author_of(row) == by.id or (isinstance(row, Idea) and is_by(row, by)):
        raise OwnText
    note = optional(note, max_length=MAX_NOTE_LENGTH)
    if reason is Reason.OTHER and not note:
        raise NoteNeeded
    if reported_by(session, campaign, row, by=by):
        raise AlreadyReported
    spend(session, LimitedAct.REPORT, by=by, now=now)
    review = open_review(
        session, kind_of(row), row.id, campaign_id=campaign.id, cause=Cause.REPORTED, now=now,
        reason=reason, author_id=author_of(row), text=text_of(row),
    )  # fmt: skip
    made = Report(review=review, reporter=by, reason=reason, note=note, created_at=now)
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError as error:  # the same form was sent twice at once
        raise AlreadyReported from error
    record(session, Verb.REPORTED, review, by=by, campaign_id=campaign.id, now=now, after={"reason": reason})
    session.flush()
    return made


def reported_by(session: Session, campaign: Campaign, row: Reported, *, by: Person) -> bool:
    """True once this person has reported this object in this campaign."""
    found = (
        select(Report.id)
        .join(Report.review)
        .where(
            Report.reporter_id == by.id,
            Review.object_kind == kind_of(row),
            Review.object_id == row.id,
            Review.campaign_id == campaign.id,
        )
    )
    return session.scalar(found) is not None


def reports_on(session: Session, review: Review) -> Sequence[Report]:
    """The reports on an object with who made them, latest first. Moderators may read them."""
    return session.scalars(
        select(Report)
        .where(Report.review_id == review.id)
        .options(joinedload(Report.reporter))
        .order_by(Report.id.desc())
    ).all()


def close_reports(session: Session, review: Review, *, outcome: Outcome, by: Person, now: datetime) -> None:
    """Close what is reported and not yet dealt with: from the activity log, each reporter is told."""
    for one in session.scalars(select(Report).where(Report.review_id == review.id, Report.closed_at.is_(None))):
        one.closed_at, one.outcome = now, outcome
        record(
            session, Verb.COMPLETED, one,
            by=by, campaign_id=review.campaign_id, now=now, after={"outcome": outcome, "kind": review.object_kind},
        )  # fmt: skip
