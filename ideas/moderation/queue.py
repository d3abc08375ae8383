"""The moderators' queue: what waits, what was dealt with, in one campaign or, for administrators, in all of them."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import ColumnElement, column, func, or_, select, table, true
from sqlalchemy.orm import Session, joinedload

from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea, is_submitted
from ideas.contributions.withheld import ObjectKind, Outcome, Review
from ideas.moderation.report import Report
from ideas.page import Page, page_at
from ideas.people.person import Person
from ideas.people.sanction import MAX_QUOTE_LENGTH, Reason
from ideas.text import clean_line

MAX_ALIKE = 50
# Themes stand beside moderation: the table of near-copies is named here without its model.
_placement = table("placement", column("idea_id"), column("campaign_id"), column("same_as"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What a list of the queue asks for; None is not asked for. `is_open`: what waits, or what was dealt with."""

    campaign: Campaign | None = None
    is_open: bool | None = True
    kind: ObjectKind | None = None
    reason: Reason | None = None
    assignee: Person | None = None
    containing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePage(Page):
    """`reports`: how many there are on each, by the id of the review."""

    reviews: Sequence[Review]
    reports: dict[int, int]


def queue_page(session: Session, asked: Filter, *, number: int, size: int = 30) -> QueuePage:
    """A page of the queue: what waits longest first, or what was dealt with last first. Three queries."""
    matching = _meets(asked)
    page = page_at(number, size=size, total=session.scalar(select(func.count(Review.id)).where(matching)) or 0)
    order = (Review.opened_at, Review.id) if asked.is_open else (Review.opened_at.desc(), Review.id.desc())
    reviews = session.scalars(
        select(Review)
        .where(matching)
        .order_by(*order)
        .limit(size)
        .offset((page.number - 1) * size)
        .options(joinedload(Review.author), joinedload(Review.assignee), joinedload(Review.campaign))
    ).all()
    counts = select(Report.review_id, func.count()).where(Report.review_id.in_([review.id for review in reviews]))
    reports = dict(session.execute(counts.group_by(Report.review_id)).all())
    return QueuePage(reviews=reviews, reports=reports, **asdict(page))


def next_in_queue(session: Session, campaign: Campaign, *, after: Review) -> Review | None:
    """What waits longest in the campaign, beside this one; None where nothing else waits."""
    waiting = select(Review).where(Review.campaign_id == campaign.id, Review.is_open, Review.id != after.id)
    later = (Review.opened_at > after.opened_at) | ((Review.opened_at == after.opened_at) & (Review.id > after.id))
    order = (later.desc(), Review.opened_at, Review.id)
    return session.scalar(waiting.order_by(*order).limit(1))


def count_waiting(session: Session, campaign: Campaign | None = None) -> int:
    """How many objects wait for a moderator, in the campaign or in all."""
    here = Review.campaign_id == campaign.id if campaign is not None else true()
    return session.scalar(select(func.count(Review.id)).where(here, Review.is_open)) or 0


def reviews_of(session: Session, kind: ObjectKind, ids: Collection[int]) -> dict[int, Review]:
    """The reviews of these ideas or comments, by the object's id: for their authors and the team."""
    if not ids:
        return {}
    found = session.scalars(select(Review).where(Review.object_kind == kind, Review.object_id.in_(ids)))
    return {review.object_id: review for review in found}


def look_alikes(session: Session, review: Review) -> Sequence[Idea]:
    """Other public ideas that say the same: near-copies of the last grouping, and those with the same text.

    At most MAX_ALIKE, oldest first. Moderators deal with them together.
    """
    idea = session.get(Idea, review.object_id) if review.object_kind is ObjectKind.IDEA else None
    if idea is None:
        return ()
    original = select(func.coalesce(_placement.c.same_as, _placement.c.idea_id)).where(_placement.c.idea_id == idea.id)
    group = original.scalar_subquery()
    copies = select(_placement.c.idea_id).where(or_(_placement.c.same_as == group, _placement.c.idea_id == group))
    same_text = (func.lower(Idea.body) == idea.body.lower()) & (func.lower(Idea.title) == idea.title.lower())
    return session.scalars(
        select(Idea)
        .where(
            Idea.campaign_id == idea.campaign_id,
            Idea.id != idea.id,
            is_submitted(),
            Idea.id.in_(copies) | same_text,
        )
        .options(joinedload(Idea.author))
        .order_by(Idea.id)
        .limit(MAX_ALIKE)
    ).all()


def last_broken_text(session: Session, campaign: Campaign | None, person: Person) -> str:
    """The text of the person that moderators hid, reworded or sent back last, to be quoted in a sanction."""
    here = Review.campaign_id == campaign.id if campaign is not None else true()
    acted = Review.outcome.in_([Outcome.HIDDEN, Outcome.CHANGE_ASKED, Outcome.REWORDED, Outcome.FILE_TAKEN_OFF])
    found = (
        select(Review.text)
        .where(here, acted, Review.author_id == person.id, Review.object_kind != ObjectKind.PERSON)
        .order_by(Review.acted_at.desc())
        .limit(1)
    )
    return (session.scalar(found) or "")[:MAX_QUOTE_LENGTH]


def _meets(asked: Filter) -> ColumnElement[bool]:
    found: ColumnElement[bool] = true()
    if asked.campaign is not None:
        found &= Review.campaign_id == asked.campaign.id
    if asked.is_open is not None:
        found &= Review.is_open.is_(asked.is_open)
    if asked.kind is not None:
        found &= Review.object_kind == asked.kind
    if asked.reason is not None:
        said = select(Report.review_id).where(Report.reason == asked.reason)
        found &= (Review.reason == asked.reason) | Review.id.in_(said)
    if asked.assignee is not None:
        found &= Review.assignee_id == asked.assignee.id
    if words := clean_line(asked.containing):
        writer = select(Person.id).where(Person.name.icontains(words, autoescape=True))
        found &= Review.text.icontains(words, autoescape=True) | Review.author_id.in_(writer)
    return found
