"""Who is told of which badge: each badge and level once, whatever becomes of it. That it was told is a fact, so a row.

The worker reads the activity log on from where it was, and looks at the badges of those whom the acts may concern.
What a person hears of is one act of the product in the log, from which a notice follows.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, ForeignKey, Select, select, union
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.activity.activity import Activity, Cursor, Verb, advance, read_on, record
from ideas.answers.debriefs.debrief import Debrief
from ideas.answers.decision import Decision
from ideas.base import Base, choice, chunks
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import TeamMember
from ideas.contributions.comment import Comment
from ideas.contributions.idea import Idea
from ideas.contributions.merged import IdeaMerge
from ideas.contributions.vote import Vote
from ideas.contributions.withheld import ObjectKind, Review
from ideas.people.person import Motivation, Person, is_here
from ideas.recognition.badge import Badge, Reached, badges_of
from ideas.themes.edits.history import ThemeEdit
from ideas.themes.runs.proposal import Proposal

READER = "badges"
MAX_ACTIVITIES = 2_000
# Nobody has a badge for these.
_IDLE = frozenset({Verb.FOLLOWED, Verb.UNFOLLOWED, Verb.REACTED, Verb.REPORTED, Verb.RENAMED})
# Once the debrief is published, these change which ideas are adopted or in several themes: badges of their authors.
_OF_THEMES = frozenset(model.__tablename__ for model in (Debrief, Decision, ThemeEdit, Proposal))


class BadgeTold(Base):
    """That a person was told of a badge and its level."""

    __tablename__ = "badge_told"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    badge: Mapped[Badge] = mapped_column(choice(Badge), primary_key=True)
    level: Mapped[int] = mapped_column(primary_key=True)
    told_at: Mapped[datetime]


# Badges to tell, and each badge and level that comes with them.
_Fresh = tuple[Sequence[Reached], Sequence[tuple[Badge, int]]]


@dataclass(frozen=True, slots=True)
class Unread:
    """What the next acts of the log brought, by person. `before`, `last`: the acts between which they are."""

    before: int
    last: int
    fresh: Mapping[int, _Fresh]


def tell_badges(session: Session, *, now: datetime) -> int | None:
    """Tell the people of the badges that came with the next acts of the log. Returns how many people; None where the
    log is read to its end.

    In the caller's transaction. The worker reads and writes in two: see `unread_badges` and `write_badges`.
    """
    found = unread_badges(session)
    return write_badges(session, found, now=now) if found is not None else None


def unread_badges(session: Session) -> Unread | None:
    """The badges that came with the next acts of the log; None where it is read to its end. Writes nothing."""
    before = _place(session)
    activities = read_on(session, READER, limit=MAX_ACTIVITIES)
    if not activities:
        return None
    fresh: dict[int, _Fresh] = {}
    for some in chunks(sorted(_concerned(session, activities))):
        fresh |= _fresh(session, some)
    return Unread(before, activities[-1].id, fresh)


def write_badges(session: Session, found: Unread, *, now: datetime) -> int:
    """Note and record what these people are told of, with the place in the log. Returns how many people.

    Nothing is lost or told twice, whatever dies in between: nothing is written where another has read on meanwhile.
    """
    if _place(session, lock=True) != found.before:
        return 0
    told = 0
    for some in chunks(sorted(found.fresh)):
        for person_id in session.scalars(_wanting(some)).all():  # one may have left meanwhile
            reached, levels = found.fresh[person_id]
            _keep(session, person_id, reached, levels, now)
            told += 1
    advance(session, READER, found.last)
    session.flush()
    return told


def _place(session: Session, *, lock: bool = False) -> int:
    """How far the log is read."""
    asked = select(Cursor.activity_id).where(Cursor.reader == READER)
    return session.scalar(asked.with_for_update() if lock else asked) or 0


def _wanting(people: Collection[int]) -> Select[int]:
    """Those of these people who want to hear of badges."""
    return select(Person.id).where(Person.id.in_(people), Person.motivation != Motivation.OFF, is_here())


def _concerned(session: Session, activities: Sequence[Activity]) -> set[int]:
    """The ids of those whose badges the acts may have changed."""
    acts = [activity for activity in activities if activity.verb not in _IDLE]
    found = {activity.actor_id for activity in acts if activity.actor_id is not None}
    found |= _of_roles(session, acts)
    reviews = _ids(acts, Review)
    ideas = _ids(acts, Idea) | _reviewed(session, reviews, ObjectKind.IDEA)
    for some in chunks(sorted(_ids(acts, Comment) | _reviewed(session, reviews, ObjectKind.COMMENT))):
        for idea_id, author_id in session.execute(
            select(Comment.idea_id, Comment.author_id).where(Comment.id.in_(some))
        ):
            ideas |= {idea_id} if idea_id is not None else set()  # else it is on a debrief
            found.add(author_id)
    for some in chunks(sorted(ideas)):
        found |= set(session.scalars(_authors(Idea.id.in_(some) | Idea.merged_into_id.in_(some))))
    for some in chunks(sorted(_regained(acts) | _reviewed(session, reviews, ObjectKind.IDEA))):
        found |= set(session.scalars(_gave(Idea.id.in_(some) | Idea.merged_into_id.in_(some))))
    return found | _of_campaigns(session, acts)


def _of_campaigns(session: Session, acts: Sequence[Activity]) -> set[int]:
    """The authors of all ideas of a campaign whose themes or answers changed what they have badges for."""
    found: set[int] = set()
    themes = {act.campaign_id for act in acts if act.object_kind in _OF_THEMES}
    announced = {act.campaign_id for act in acts if act.verb is Verb.ANNOUNCED}
    public = Campaign.debriefed_at.is_not(None) | Campaign.id.in_(announced)
    for some in chunks(sorted(one for one in themes | announced if one is not None)):
        here = select(Campaign.id).where(Campaign.id.in_(some), public)
        found |= set(session.scalars(_authors(Idea.campaign_id.in_(here))))
    return found


def _of_roles(session: Session, acts: Sequence[Activity]) -> set[int]:
    """Whose place in a team changed: what its members do there counts for nobody."""
    found: set[int] = set()
    for some in chunks(sorted(_ids(acts, TeamMember))):
        found |= set(session.scalars(select(TeamMember.person_id).where(TeamMember.id.in_(some))))
    for act in acts:
        if act.object_kind == TeamMember.__tablename__ or act.verb is Verb.HANDED_OVER:
            values = [
                (facts or {}).get(name) for facts in (act.before, act.after) for name in ("person_id", "owner_id")
            ]
            found |= {value for value in values if isinstance(value, int)}
    return found


def _reviewed(session: Session, reviews: Collection[int], kind: ObjectKind) -> set[int]:
    """The ids of the ideas, or comments, that these reviews are about."""
    found: set[int] = set()
    for some in chunks(sorted(reviews)):
        asked = select(Review.object_id).where(Review.id.in_(some), Review.object_kind == kind)
        found |= set(session.scalars(asked))
    return found


def _regained(acts: Sequence[Activity]) -> set[int]:
    """The ids of the ideas for which what others gave may count again, or count apart."""
    merged = [act for act in acts if act.object_kind == IdeaMerge.__tablename__]
    named = [(act.after or {}).get(name) for act in merged for name in ("idea_id", "into_id")]
    restored = {act.object_id for act in acts if act.object_kind == Idea.__tablename__ and act.verb is Verb.RESTORED}
    return restored | {idea_id for idea_id in named if isinstance(idea_id, int)}


def _ids(acts: Iterable[Activity], model: type[Base]) -> set[int]:
    return {act.object_id for act in acts if act.object_kind == model.__tablename__}


def _authors(condition: ColumnElement[bool]) -> Select[Any]:
    return select(Idea.author_id).where(condition, Idea.author_id.is_not(None))


def _gave(condition: ColumnElement[bool]) -> CompoundSelect[Any]:
    """Who wrote, commented on or supported these ideas."""
    return union(
        _authors(condition),
        select(Comment.author_id).join(Idea, Idea.id == Comment.idea_id).where(condition),
        select(Vote.person_id).join(Idea, Idea.id == Vote.idea_id).where(condition),
    )


def _fresh(session: Session, people: Collection[int]) -> dict[int, _Fresh]:
    """What a few hundred people were not told yet, with the levels below that they were not told either."""
    wanting = session.scalars(_wanting(people)).all()
    known: dict[int, set[tuple[Badge, int]]] = {}
    told = select(BadgeTold.person_id, BadgeTold.badge, BadgeTold.level).where(BadgeTold.person_id.in_(wanting))
    for person_id, badge, level in session.execute(told):
        known.setdefault(person_id, set()).add((badge, level))
    found: dict[int, _Fresh] = {}
    for person_id, reached in badges_of(session, wanting).items():
        before = known.get(person_id, set())
        if fresh := [one for one in reached if (one.badge, one.level) not in before]:
            levels = [(one.badge, level) for one in fresh for level in range(1, one.level + 1)]
            found[person_id] = fresh, [one for one in levels if one not in before]
    return found


def _keep(
    session: Session, person_id: int, fresh: Iterable[Reached], levels: Iterable[tuple[Badge, int]], now: datetime
) -> None:
    """Note what a person is told of, and record it as one act."""
    rows = [BadgeTold(person_id=person_id, badge=badge, level=level, told_at=now) for badge, level in levels]
    session.add_all(rows)
    session.flush()
    after = {"badges": [[one.badge.value, one.level] for one in fresh]}
    record(session, Verb.GRANTED, rows[0], by=None, now=now, after=after)
