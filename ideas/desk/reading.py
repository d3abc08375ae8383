"""Which ideas the people of a team have read, and starred: so that the organisation can say that all were read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, Select, case, distinct, exists, func, select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ideas.base import Base
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import ACTS, Act, roles_in
from ideas.contributions.idea import Idea, is_submitted
from ideas.page import Page, page_at
from ideas.people.person import Person, is_here
from ideas.themes.placement import Placement
from ideas.themes.theme import Theme


class IdeaReading(Base):
    """A person of the team has read an idea. `idea_version`: the text that they read; a later one is unread again.

    Not an act of the log: nobody but the team learns of it, and a person may take it back.
    """

    __tablename__ = "idea_reading"
    __table_args__ = (Index("ix_idea_reading_campaign_id_person_id", "campaign_id", "person_id"),)

    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    idea_version: Mapped[int]
    read_at: Mapped[datetime]
    starred: Mapped[bool] = mapped_column(default=False)

    idea: Mapped[Idea] = relationship()


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many of the campaign's ideas were read: by this person, and by anyone of the team."""

    total: int
    mine: int
    team: int
    starred: int

    @property
    def left(self) -> int:
        """How many this person has not read."""
        return self.total - self.mine


@dataclass(frozen=True, slots=True, kw_only=True)
class StarredPage(Page):
    """A page of the ideas that a person starred, the latest first."""

    ideas: Sequence[Idea]


def read_idea(session: Session, idea: Idea, *, by: Person, now: datetime, seen: int | None = None) -> None:
    """Note that the person has read the idea, and with it those that say the same. Twice changes nothing.

    Those who manage the campaign may. A star stays. `seen`: the version that was on the page; None for the present one.
    """
    for each in _saying_the_same(session, idea):
        _note(session, each, by=by, now=now)
    if seen is not None and seen < idea.version:  # its author changed it meanwhile: it is to be read again
        _note(session, idea, by=by, now=now).idea_version = seen
    session.flush()


def star_idea(session: Session, idea: Idea, *, by: Person, starred: bool, now: datetime) -> None:
    """Star an idea, or take the star away. A star is a person's own, and says that they have read the idea."""
    _note(session, idea, by=by, now=now).starred = starred
    session.flush()


def forget_reading(session: Session, idea: Idea, *, by: Person) -> None:
    """Take back that the person has read the idea, and those that say the same; stars go with it."""
    for each in _saying_the_same(session, idea):
        kept = session.get(IdeaReading, (each.id, by.id))
        if kept is not None:
            session.delete(kept)
    session.flush()


def is_starred(session: Session, idea: Idea, person: Person) -> bool:
    kept = session.get(IdeaReading, (idea.id, person.id))
    return kept is not None and kept.starred


def coverage(session: Session, campaign: Campaign, person: Person) -> Coverage:
    """How far the person and the team have read. One query."""
    mine = IdeaReading.person_id == person.id
    counts = session.execute(
        select(
            func.count(distinct(Idea.id)),
            func.count(distinct(case((mine & _is_current(), Idea.id)))),
            func.count(distinct(case((_is_current(), Idea.id)))),
            func.count(distinct(case((mine & IdeaReading.starred, Idea.id)))),
        )
        .select_from(Idea)
        .outerjoin(IdeaReading, IdeaReading.idea_id == Idea.id)
        .where(Idea.campaign_id == campaign.id, is_submitted())
    ).one()
    return Coverage(*counts)


def readers(session: Session, campaign: Campaign) -> list[tuple[Person, int]]:
    """How many of the campaign's ideas each person of the team has read, as they are now; who read most comes first.

    Those who may read one after the other are listed even without one; so is who left the team and read some. Three
    queries.
    """
    count = func.count(Idea.id)
    rows = session.execute(
        select(IdeaReading.person_id, count)
        .join(Idea, Idea.id == IdeaReading.idea_id)
        .where(IdeaReading.campaign_id == campaign.id, is_submitted(), _is_current())
        .group_by(IdeaReading.person_id)
    )
    counts = {person_id: read for person_id, read in rows}  # noqa: C416 -- dict() would take rows by their keys
    able = [person_id for person_id, role in roles_in(session, campaign).items() if Act.GROUP in ACTS[role]]
    people = session.scalars(select(Person).where(Person.id.in_({*counts, *able}), is_here()))
    listed = [(person, counts.get(person.id, 0)) for person in people]
    return sorted(listed, key=lambda pair: (-pair[1], pair[0].name.casefold(), pair[0].id))


def has_been_read() -> ColumnElement[bool]:
    """SQL condition: someone of the team has read the idea as it is now. Counted as `coverage` does."""
    return exists().where(IdeaReading.idea_id == Idea.id, _is_current())


def next_idea(
    session: Session, campaign: Campaign, person: Person, *, theme: Theme | None = None, after: Idea | None = None
) -> Idea | None:
    """The next idea that the person has not read: of each theme the most typical first, then the second of each.

    Ideas that are in no theme come last. `theme`: only its ideas. `after`: one that is left for later.
    """
    queue = _queue(campaign, theme).subquery()
    read = select(IdeaReading.idea_id).join(Idea).where(IdeaReading.person_id == person.id, _is_current())
    unread = select(queue.c.id).where(queue.c.id.not_in(read))
    place = tuple_(queue.c.in_no_theme, queue.c.rank, queue.c.id)
    if after is not None:
        at = select(queue.c.in_no_theme, queue.c.rank, queue.c.id).where(queue.c.id == after.id)
        row = session.execute(at).one_or_none()
        later = unread.where(place > tuple_(*row)) if row is not None else unread
        found = session.scalar(later.order_by(*place).limit(1))
        if found is not None:
            return session.get(Idea, found)
    found = session.scalar(unread.order_by(*place).limit(1))
    return session.get(Idea, found) if found is not None else None


def last_read(session: Session, campaign: Campaign, person: Person) -> Idea | None:
    """The idea that the person read last, to go back to it."""
    mine = (IdeaReading.person_id == person.id) & (IdeaReading.campaign_id == campaign.id)
    return session.scalar(
        select(Idea)
        .join(IdeaReading, IdeaReading.idea_id == Idea.id)
        .where(mine, is_submitted())
        .order_by(IdeaReading.read_at.desc(), Idea.id.desc())
        .limit(1)
    )


def starred_ideas(session: Session, campaign: Campaign, person: Person, *, number: int, size: int = 30) -> StarredPage:
    """A page of the ideas that the person starred, the latest first. A number beyond the end returns the last page."""
    mine = IdeaReading.starred & (IdeaReading.person_id == person.id) & (IdeaReading.campaign_id == campaign.id)
    starred = select(Idea).join(IdeaReading, IdeaReading.idea_id == Idea.id).where(mine, is_submitted())
    page = page_at(number, size=size, total=session.scalar(select(func.count()).select_from(starred.subquery())) or 0)
    ideas = session.scalars(
        starred.options(joinedload(Idea.author))
        .order_by(IdeaReading.read_at.desc(), Idea.id.desc())
        .limit(size)
        .offset((page.number - 1) * size)
    ).all()
    return StarredPage(number=page.number, pages=page.pages, total=page.total, ideas=ideas)


def _queue(campaign: Campaign, theme: Theme | None) -> Select[Any]:
    """The campaign's ideas with their place in the order of reading."""
    rank = func.row_number().over(
        partition_by=Placement.theme_id, order_by=(Placement.strength.desc(), Idea.id)
    )  # fmt: skip
    in_no_theme = case((Placement.theme_id.is_(None), 1), else_=0)
    queue = (
        select(Idea.id, in_no_theme.label("in_no_theme"), rank.label("rank"))
        .outerjoin(Placement, Placement.idea_id == Idea.id)
        .where(Idea.campaign_id == campaign.id, is_submitted())
    )
    return queue.where(Placement.theme_id == theme.id) if theme is not None else queue


def _is_current() -> ColumnElement[bool]:
    """SQL condition: the person has read the text as it is now."""
    return IdeaReading.idea_version == Idea.version


def _saying_the_same(session: Session, idea: Idea) -> list[Idea]:
    """The idea and those with the same words or nearly so: reading one is reading all."""
    same_as = select(Placement.same_as).where(Placement.idea_id == idea.id).scalar_subquery()
    stands_for_all = func.coalesce(same_as, idea.id)
    alike = select(Placement.idea_id).where(
        Placement.campaign_id == idea.campaign_id,
        (Placement.same_as == stands_for_all) | (Placement.idea_id == stands_for_all),
    )
    others = select(Idea).where(Idea.id.in_(alike), Idea.id != idea.id, is_submitted())
    return [idea, *session.scalars(others)]


def _note(session: Session, idea: Idea, *, by: Person, now: datetime) -> IdeaReading:
    kept = session.get(IdeaReading, (idea.id, by.id))
    if kept is None:
        kept = IdeaReading(
            idea_id=idea.id, person_id=by.id, campaign_id=idea.campaign_id, idea_version=idea.version, read_at=now
        )  # fmt: skip
        try:
            with session.begin_nested():
                session.add(kept)
        except IntegrityError:  # the same key was pressed twice at once
            kept = session.get_one(IdeaReading, (idea.id, by.id))
    kept.idea_version, kept.read_at = idea.version, now
    return kept
