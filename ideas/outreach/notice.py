"""Notices: what a person is told about, in the product and by mail. Made from the activity log by the worker.

A notice holds facts only. Its sentence is made when it is shown or sent, in the reader's language and time zone.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, ForeignKey, Index, String, func, insert, select, update
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ideas.activity.activity import Activity
from ideas.base import Base, choice
from ideas.campaigns.campaign import Campaign
from ideas.page import Page, page_at
from ideas.people.person import Person


class NoticeKind(StrEnum):
    """What a notice is about: people choose by kind what is also sent by mail."""

    DEBRIEF_PUBLISHED = "debrief_published"
    ANSWER_CHANGED = "answer_changed"
    ACTION_DONE = "action_done"
    ACTION_ABANDONED = "action_abandoned"
    ACTION_CHANGED = "action_changed"
    PROMISE_CHANGED = "promise_changed"
    IDEA_MOVED = "idea_moved"
    ROLE_CHANGED = "role_changed"
    JOB_FAILED = "job_failed"
    IDEAS_GROUPED = "ideas_grouped"
    SPACE_REQUEST = "space_request"
    SPACE_PLACE = "space_place"
    TEXT_MODERATED = "text_moderated"
    REPORT_ANSWERED = "report_answered"
    SANCTION_CHANGED = "sanction_changed"
    APPEAL_TO_ANSWER = "appeal_to_answer"
    IDEA_MERGED = "idea_merged"
    MODERATION_WAITING = "moderation_waiting"
    EXPORT_READY = "export_ready"
    CAMPAIGN_EXPORTED = "campaign_exported"
    MENTIONED = "mentioned"
    COMMENT_REPLY = "comment_reply"
    QUESTION_ASKED = "question_asked"
    COMMENT_PINNED = "comment_pinned"
    IDEA_COMMENTED = "idea_commented"
    FOLLOWED_IDEA = "followed_idea"
    FOLLOWED_CAMPAIGN = "followed_campaign"
    FOLLOWED_SPACE = "followed_space"
    BADGE_REACHED = "badge_reached"
    DRAFT_WAITING = "draft_waiting"
    CO_AUTHORED = "co_authored"
    JURY_WORK = "jury_work"
    CONTEST_RESULT = "contest_result"
    THEME_ASSIGNED = "theme_assigned"
    OBJECTION = "objection"
    PIONEER = "pioneer"
    BUDDY = "buddy"
    CLARIFICATION = "clarification"
    DEBRIEF_DUE = "debrief_due"
    PUBLICATION_REFUSED = "publication_refused"
    NEWCOMER = "newcomer"
    WORKSHOP = "workshop"
    NEWSLETTER = "newsletter"
    NEWSLETTER_WORK = "newsletter_work"


ABOUT_COMMENTS = frozenset(
    {
        NoticeKind.MENTIONED,
        NoticeKind.COMMENT_REPLY,
        NoticeKind.QUESTION_ASKED,
        NoticeKind.COMMENT_PINNED,
        NoticeKind.IDEA_COMMENTED,
        NoticeKind.FOLLOWED_IDEA,
    }
)
# About an answer that is given or changed, or an action, after the debrief.
LATER_ANSWERS = frozenset(
    {NoticeKind.ANSWER_CHANGED, NoticeKind.ACTION_DONE, NoticeKind.ACTION_ABANDONED, NoticeKind.ACTION_CHANGED}
)
# Their mails hold what the reader wrote or did, also what they supported: nobody else reads these.
TELLS_OWN = LATER_ANSWERS | {NoticeKind.DEBRIEF_PUBLISHED}
# What is told in the product alone: no mail is sent, so none can be chosen.
IN_PRODUCT_ONLY = frozenset({NoticeKind.BADGE_REACHED})
BY_MAIL = tuple(kind for kind in NoticeKind if kind not in IN_PRODUCT_ONLY)


class Notice(Base):
    __tablename__ = "notice"
    __table_args__ = (
        # The bell counts by these two; the page lists by the first.
        Index("ix_notice_person_id_read_at", "person_id", "read_at"),
        Index("ix_notice_activity_id", "activity_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[NoticeKind] = mapped_column(choice(NoticeKind))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    object_kind: Mapped[str] = mapped_column(String(30))
    object_id: Mapped[int]
    created_at: Mapped[datetime]
    # Neither shown nor sent earlier.
    not_before: Mapped[datetime]
    read_at: Mapped[datetime | None]
    # When its mail exceeded the person's budget; None again once a digest has it. See ideas.outreach.limits.budget.
    held_at: Mapped[datetime | None]
    # The act and the person: nobody is told twice of the same act.
    key: Mapped[str] = mapped_column(String(80), unique=True)

    person: Mapped[Person] = relationship()
    activity: Mapped[Activity] = relationship()
    campaign: Mapped[Campaign | None] = relationship()


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticePage(Page):
    """`unread` and `newest`, an id: of all pages together."""

    notices: Sequence[Notice]
    unread: int
    newest: int


def told_of(session: Session, activity_id: int) -> set[int]:
    """The people who have a notice of this act already."""
    return set(session.scalars(select(Notice.person_id).where(Notice.activity_id == activity_id)))


def write_notices(
    session: Session,
    activity: Activity,
    kind: NoticeKind,
    people: Sequence[int],
    *,
    now: datetime,
    not_before: datetime | None = None,
) -> dict[int, int]:
    """Write one notice for each of these people, who have none of this act. Returns its id by the person's id.

    `not_before`: where it is later than now, the notice is shown then.

    For the worker, with a few hundred people at a time. A second worker that writes the same fails by the unique key.
    """
    if not people:
        return {}
    written = session.execute(
        insert(Notice).returning(Notice.person_id, Notice.id),
        [
            {
                "kind": kind,
                "person_id": person_id,
                "activity_id": activity.id,
                "campaign_id": activity.campaign_id,
                "object_kind": activity.object_kind,
                "object_id": activity.object_id,
                "created_at": activity.at,
                "not_before": not_before or now,
                "key": f"{activity.id}:{person_id}",
            }
            for person_id in people
        ],
    )
    return {person_id: notice_id for person_id, notice_id in written}  # noqa: C416 -- dict() would take rows by their keys


def notice_page(session: Session, person: Person, *, number: int, now: datetime, size: int = 30) -> NoticePage:
    """A page of the person's notices, newest first. A number beyond the end returns the last page."""
    due = _due(person, now)
    unread_only = func.count().filter(Notice.read_at.is_(None))
    total, unread, newest = session.execute(select(func.count(), unread_only, func.max(Notice.id)).where(due)).one()
    page = page_at(number, size=size, total=total)
    found = session.scalars(
        select(Notice)
        .where(due)
        .options(joinedload(Notice.activity), joinedload(Notice.campaign).joinedload(Campaign.owner))
        .order_by(Notice.id.desc())
        .limit(size)
        .offset((page.number - 1) * size)
    ).all()
    return NoticePage(notices=found, unread=unread, newest=newest or 0, **asdict(page))


def mark_read(
    session: Session, person: Person, *, now: datetime, only: int | None = None, until: int | None = None
) -> None:
    """Mark the person's own notices as read: the one with the id `only`, or all up to the id `until`.

    `until` is the newest that the page showed, so that one that came since stays unread.
    """
    marked = Notice.id == only if until is None else Notice.id <= until
    session.execute(
        update(Notice)
        .where(_due(person, now), marked, Notice.read_at.is_(None))
        .values(read_at=now)
        .execution_options(synchronize_session=False)
    )


def _due(person: Person, now: datetime) -> ColumnElement[bool]:
    """SQL condition: the person's notices that may be shown by now."""
    return (Notice.person_id == person.id) & (Notice.not_before <= now)
