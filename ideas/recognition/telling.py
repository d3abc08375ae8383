"""Who is told of which badge: each badge and level once, whatever becomes of it. That it was told is a fact, so a row.

The worker reads the activity log on from where it was, and looks at the badges of those whom the acts may concern.
What a person hears of is one act of the product in the log, from which a notice follows.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CompoundSelect, ForeignKey, select, union
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.activity.activity import Activity, Verb, advance, read_on, record
from ideas.base import Base, choice, chunks
from ideas.contributions.comment import Comment
from ideas.contributions.idea import Idea
from ideas.people.person import Motivation, Person, is_here
from ideas.recognition.badge import Badge, Reached, badges_of

READER = "badges"
MAX_ACTIVITIES = 2_000
# Acts on these concern who did them and who wrote the idea. Any other act of a campaign, such as a debrief, may concern
# whoever wrote in it.
_OF_AN_IDEA = frozenset({Idea.__tablename__, Comment.__tablename__})


class BadgeTold(Base):
    """That a person was told of a badge and its level."""

    __tablename__ = "badge_told"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    badge: Mapped[Badge] = mapped_column(choice(Badge), primary_key=True)
    level: Mapped[int] = mapped_column(primary_key=True)
    told_at: Mapped[datetime]


def tell_badges(session: Session, *, now: datetime) -> int | None:
    """Tell the people of the badges that came with the next acts of the log. Returns how many people; None where the
    log is read to its end. For the worker.

    In the caller's transaction, with the place in the log: nothing is lost or told twice, whatever dies in between.
    """
    activities = read_on(session, READER, limit=MAX_ACTIVITIES)
    if not activities:
        return None
    told = sum(_tell(session, some, now) for some in chunks(sorted(_concerned(session, activities))))
    advance(session, READER, activities[-1].id)
    return told


def _concerned(session: Session, activities: Sequence[Activity]) -> set[int]:
    """The ids of those whose badges the acts may have changed."""
    found = {activity.actor_id for activity in activities if activity.actor_id is not None}
    ideas = {activity.object_id for activity in activities if activity.object_kind == Idea.__tablename__}
    comments = {activity.object_id for activity in activities if activity.object_kind == Comment.__tablename__}
    for some in chunks(sorted(comments)):
        ideas |= set(session.scalars(select(Comment.idea_id).where(Comment.id.in_(some))))
    for some in chunks(sorted(ideas)):
        together = Idea.id.in_(some) | Idea.merged_into_id.in_(some)
        found |= set(session.scalars(select(Idea.author_id).where(together, Idea.author_id.is_not(None))))
    campaigns = {activity.campaign_id for activity in activities if activity.object_kind not in _OF_AN_IDEA}
    for one in chunks(sorted(campaign_id for campaign_id in campaigns if campaign_id is not None)):
        here = Idea.campaign_id.in_(one)
        wrote: CompoundSelect[Any] = union(
            select(Idea.author_id).where(here, Idea.author_id.is_not(None)),
            select(Comment.author_id).join(Idea, Idea.id == Comment.idea_id).where(here),
        )
        found |= set(session.scalars(wrote))
    return found


def _tell(session: Session, people: Collection[int], now: datetime) -> int:
    """Tell a few hundred people of what they were not told yet, all of one person at once. Returns how many people."""
    wanting = session.scalars(
        select(Person.id).where(Person.id.in_(people), Person.motivation != Motivation.OFF, is_here())
    ).all()
    known: dict[int, set[tuple[Badge, int]]] = {}
    for row in session.scalars(select(BadgeTold).where(BadgeTold.person_id.in_(wanting))):
        known.setdefault(row.person_id, set()).add((row.badge, row.level))
    told = 0
    for person_id, reached in badges_of(session, wanting).items():
        fresh = [one for one in reached if (one.badge, one.level) not in known.get(person_id, ())]
        if fresh:
            _keep(session, person_id, fresh, known.get(person_id, set()), now)
            told += 1
    return told


def _keep(
    session: Session, person_id: int, fresh: Iterable[Reached], known: Collection[tuple[Badge, int]], now: datetime
) -> None:
    """Note what a person is told of, with the levels below, and record it as one act."""
    rows = [
        BadgeTold(person_id=person_id, badge=one.badge, level=level, told_at=now)
        for one in fresh
        for level in range(1, one.level + 1)
        if (one.badge, level) not in known
    ]
    session.add_all(rows)
    session.flush()
    after = {"badges": [[one.badge.value, one.level] for one in fresh]}
    record(session, Verb.GRANTED, rows[0], by=None, now=now, after=after)
