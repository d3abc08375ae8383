"""Who is in a space and who waits, as its people and its moderators read it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session, contains_eager

from ideas.page import Page, page_at
from ideas.people.person import Person
from ideas.spaces.space import Membership, MembershipState, Space, SpaceRole


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberPage(Page):
    memberships: Sequence[Membership]


def members_page(session: Session, space: Space, *, number: int, size: int = 60) -> MemberPage:
    """A page of the people in the space: moderators, members, observers, each by name. Whoever is in it may read it."""
    inside = (Membership.space_id == space.id) & (Membership.state == MembershipState.MEMBER)
    total = session.scalar(select(func.count()).select_from(Membership).where(inside)) or 0
    page = page_at(number, size=size, total=total)
    order = case({SpaceRole.MODERATOR: 0, SpaceRole.MEMBER: 1, SpaceRole.OBSERVER: 2}, value=Membership.role)
    rows = session.scalars(
        _with_people(inside).order_by(order, Person.name, Membership.id).limit(size).offset((page.number - 1) * size)
    ).all()
    return MemberPage(memberships=rows, **asdict(page))


def people_waiting(session: Session, space: Space) -> tuple[Sequence[Membership], Sequence[Membership]]:
    """The requests, and the waiting list, oldest first. Moderators of the space may read them."""
    outside = (Membership.space_id == space.id) & (Membership.state != MembershipState.MEMBER)
    rows = session.scalars(_with_people(outside).order_by(Membership.since, Membership.id).limit(500)).all()
    asked = [row for row in rows if row.state is MembershipState.REQUESTED]
    return asked, [row for row in rows if row.state is MembershipState.WAITING]


def place_in_line(session: Session, membership: Membership) -> int:
    """The person's place on the waiting list: 1 is next."""
    ahead = (Membership.since < membership.since) | (
        (Membership.since == membership.since) & (Membership.id < membership.id)
    )
    waiting = (Membership.space_id == membership.space_id) & (Membership.state == MembershipState.WAITING)
    return 1 + (session.scalar(select(func.count()).select_from(Membership).where(waiting, ahead)) or 0)


def _with_people(condition: ColumnElement[bool]) -> Any:
    return select(Membership).join(Membership.person).where(condition).options(contains_eager(Membership.person))
