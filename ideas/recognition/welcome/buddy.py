"""Buddies: members who agreed to welcome newcomers. One is named beside a first idea, and both are told once.

The worker finds one within minutes. Nobody has more than a few newcomers in a week; whoever had the fewest is next.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, exists, func, select
from sqlalchemy.orm import Mapped, Session, aliased, joinedload, mapped_column, relationship

from ideas.activity.activity import Verb, record
from ideas.base import Base
from ideas.campaigns.audience import who_sees
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import roles_in
from ideas.contributions.idea import Idea, is_readable
from ideas.errors import DomainError, message_id
from ideas.people.person import Person, is_here
from ideas.people.sanction import Sanction
from ideas.recognition.facts import Scope, not_of_team
from ideas.recognition.welcome.first_idea import is_first_idea

# Of a newcomer who wrote longer ago, the first idea is answered or no longer new.
LOOKED_AT = timedelta(days=1)
WEEK = timedelta(days=7)
MAX_A_WEEK = 3
WITHOUT_SANCTION = timedelta(days=365)
MAX_AT_ONCE = 50


class KnowsNothingYet(DomainError):
    message = message_id("You can welcome newcomers once an idea of yours is public.")


class Buddy(Base):
    """Who welcomes a person: one row for each newcomer who found somebody, for good."""

    __tablename__ = "buddy"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    buddy_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True)
    since: Mapped[datetime]

    person: Mapped[Person] = relationship(foreign_keys=person_id)
    buddy: Mapped[Person] = relationship(foreign_keys=buddy_id)
    idea: Mapped[Idea] = relationship()


def choose_to_welcome(session: Session, person: Person, *, welcomes: bool) -> None:
    """Agree to welcome newcomers, or no longer. Only they may. Raises KnowsNothingYet."""
    known = select(Idea.id).where(Idea.author_id == person.id, is_readable()).limit(1)
    if welcomes and session.scalar(known) is None:
        raise KnowsNothingYet
    person.welcomes = welcomes


def buddy_of_idea(session: Session, idea: Idea, reader: Person | None, *, of_team: bool) -> Buddy | None:
    """Who welcomes the author of this first idea: for both of them and for the team. One query at most."""
    if reader is None or idea.author_id is None:
        return None
    found = session.scalar(
        select(Buddy)
        .where(Buddy.idea_id == idea.id, Buddy.person_id == idea.author_id)
        .options(joinedload(Buddy.buddy), joinedload(Buddy.person))
    )
    is_theirs = found is not None and reader.id in {found.person_id, found.buddy_id}
    return found if is_theirs or of_team else None


def welcomed_by(session: Session, person: Person) -> Sequence[Buddy]:
    """Whom the person welcomes, latest first. Only they may read it."""
    found = select(Buddy).where(Buddy.buddy_id == person.id).options(joinedload(Buddy.person), joinedload(Buddy.idea))
    return session.scalars(found.order_by(Buddy.since.desc(), Buddy.person_id).limit(MAX_AT_ONCE)).all()


def find_buddies(session: Session, *, now: datetime) -> int:
    """Name somebody beside each first idea of the last day that has nobody yet. For the worker. Returns how many."""
    if session.scalar(select(Person.id).where(Person.welcomes).limit(1)) is None:
        return 0
    has_one = exists().where(Buddy.person_id == Idea.author_id)
    new = (
        select(Idea)
        .join(Campaign, Campaign.id == Idea.campaign_id)
        .where(Idea.submitted_at > now - LOOKED_AT, is_first_idea(Idea), ~has_one, Campaign.debriefed_at.is_(None))
        .where(not_of_team(Scope(select(Campaign.id)), Idea.campaign_id, Idea.author_id))
        .options(joinedload(Idea.campaign))
        .order_by(Idea.submitted_at, Idea.id)
        .limit(MAX_AT_ONCE)
    )
    found = 0
    for idea in session.scalars(new).all():
        buddy_id = _next_buddy(session, idea, now)
        if buddy_id is None or idea.author_id is None:
            continue
        buddy = Buddy(person_id=idea.author_id, buddy_id=buddy_id, idea_id=idea.id, since=now)
        session.add(buddy)
        session.flush()
        after = {"buddy_id": buddy_id, "idea_id": idea.id}
        record(session, Verb.ASSIGNED, buddy, by=None, campaign_id=idea.campaign_id, after=after, now=now)
        found += 1
    return found


def _next_buddy(session: Session, idea: Idea, now: datetime) -> int | None:
    """Who agreed, sees the campaign and has welcomed the fewest lately; who was asked longest ago first."""
    of, lately = aliased(Buddy), Buddy.since > now - WEEK
    count = select(func.count()).where(Buddy.buddy_id == Person.id, lately).scalar_subquery()
    last: Any = select(func.max(of.since)).where(of.buddy_id == Person.id).scalar_subquery()
    sanctioned = exists().where(
        Sanction.person_id == Person.id, Sanction.lifted_at.is_(None), Sanction.given_at > now - WITHOUT_SANCTION
    )
    return session.scalar(
        select(Person.id)
        .where(
            Person.welcomes,
            is_here(),
            Person.verified_at.is_not(None),
            Person.id != idea.author_id,
            Person.id.not_in(list(roles_in(session, idea.campaign))),
            who_sees(idea.campaign),
            count < MAX_A_WEEK,
            ~sanctioned,
        )
        .order_by(count, func.coalesce(last, Person.created_at), Person.id)
        .limit(1)
    )
