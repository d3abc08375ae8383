"""Who comes to a workshop: each member of its space says so, or declines, until it starts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, Select, func, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ideas.activity.activity import Verb, record
from ideas.base import Base
from ideas.errors import NotAllowed, message_id
from ideas.people.person import Person
from ideas.spaces.membership import membership_of
from ideas.spaces.space import Membership, MembershipState, Space
from ideas.spaces.workshops.workshop import Workshop, hold_workshop


class OnlyMembersCome(NotAllowed):
    message = message_id("Only the people in this space can say whether they come.")


class WorkshopAnswer(Base):
    """What a person said of a workshop: whether they come."""

    __tablename__ = "workshop_answer"

    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshop.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True)
    comes: Mapped[bool]
    answered_at: Mapped[datetime]

    person: Mapped[Person] = relationship()


@dataclass(frozen=True, slots=True)
class Coming:
    """Of one workshop: who comes, by name, and how many declined. Of people who left the space, nobody."""

    people: Sequence[Person]
    declined: int


def answer_workshop(session: Session, workshop: Workshop, *, comes: bool, by: Person, now: datetime) -> None:
    """Say whether one comes. Whoever is in the space may, until the workshop starts; they may change their mind.

    Raises OnlyMembersCome, WorkshopOver.
    """
    hold_workshop(session, workshop, now)
    membership = membership_of(session, workshop.space, by)
    if membership is None or not membership.is_in:
        raise OnlyMembersCome
    answer = session.get(WorkshopAnswer, (workshop.id, by.id), populate_existing=True)
    if answer is None:
        answer = WorkshopAnswer(workshop_id=workshop.id, person_id=by.id)
        session.add(answer)
    elif answer.comes == comes:
        return
    answer.comes, answer.answered_at = comes, now
    session.flush()
    verb = Verb.ACCEPTED if comes else Verb.DECLINED
    record(session, verb, workshop, by=by, after={"space_id": workshop.space_id}, now=now)


def answers_of(session: Session, person: Person, ids: Collection[int]) -> dict[int, bool]:
    """Whether the person comes to each of these workshops, by id, where they said so."""
    found = select(WorkshopAnswer.workshop_id, WorkshopAnswer.comes)
    return dict(
        session.execute(found.where(WorkshopAnswer.person_id == person.id, WorkshopAnswer.workshop_id.in_(ids))).all()
    )


def coming_to(session: Session, workshop: Workshop) -> Coming:
    """Who comes to the workshop. Whoever is in the space may read it. Two queries."""
    here = (WorkshopAnswer.workshop_id == workshop.id) & WorkshopAnswer.person_id.in_(_inside(workshop.space_id))
    answers = select(WorkshopAnswer).where(here, WorkshopAnswer.comes).options(joinedload(WorkshopAnswer.person))
    people = [answer.person for answer in session.scalars(answers)]
    declined = session.scalar(select(func.count()).select_from(WorkshopAnswer).where(here, ~WorkshopAnswer.comes)) or 0
    return Coming(sorted(people, key=lambda person: (person.name.casefold(), person.id)), declined)


def to_tell_of_workshop(session: Session, workshop_id: int) -> Sequence[int]:
    """The ids of the people in the space of this workshop who did not decline."""
    declined = select(WorkshopAnswer.person_id).where(WorkshopAnswer.workshop_id == workshop_id, ~WorkshopAnswer.comes)
    of_space = select(Workshop.space_id).where(Workshop.id == workshop_id)
    inside = select(Membership.person_id).where(
        Membership.space_id.in_(of_space), Membership.state == MembershipState.MEMBER
    )
    return session.scalars(inside.where(Membership.person_id.not_in(declined))).all()


def workshops_with(session: Session, person: Person) -> Sequence[Workshop]:
    """The workshops that the person said they come to, of the spaces they are in: also those that are cancelled, whose
    dates their calendar then takes off. Only they may read it. One query.
    """
    mine = select(Membership.space_id).where(
        Membership.person_id == person.id, Membership.state == MembershipState.MEMBER
    )
    return session.scalars(
        select(Workshop)
        .join(WorkshopAnswer, WorkshopAnswer.workshop_id == Workshop.id)
        .join(Workshop.space)
        .where(WorkshopAnswer.person_id == person.id, WorkshopAnswer.comes, Workshop.space_id.in_(mine))
        .where(Space.closed_at.is_(None))
        .order_by(Workshop.starts_at, Workshop.id)
    ).all()


def _inside(space_id: int) -> Select[int]:
    return select(Membership.person_id).where(
        Membership.space_id == space_id, Membership.state == MembershipState.MEMBER
    )
