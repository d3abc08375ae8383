"""Who is in a space: people enter, ask, wait for a seat, are accepted or refused, and leave.

Every act locks the row of the space first, so that two people never take the same last seat. A seat that becomes free
goes to whoever has waited longest, in the same transaction.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ideas.activity.activity import MAX_REASON_LENGTH, Verb, record
from ideas.errors import Conflict, DomainError, NotAllowed, message_id
from ideas.people.limit import LimitedAct, spend
from ideas.people.person import Person
from ideas.spaces.space import (
    MAX_NOTE_LENGTH,
    Entry,
    Membership,
    MembershipState,
    Space,
    SpaceRole,
    lock_space,
    seats_taken,
)
from ideas.text import optional, required


class AlreadyInSpace(DomainError):
    message = message_id("This person is already in the space, or waits for a seat.")


class NotWaiting(Conflict):
    message = message_id("Someone answered this request in the meantime. Check the page again.")


class NoSeatLeft(DomainError):
    message = message_id("No seat is left. Add seats, or free one first.")


class SpaceClosed(DomainError):
    message = message_id("This space is closed. Nobody can enter it any more.")


class LastModerator(DomainError):
    message = message_id("This is the only moderator of the space. Name another one first.")


class RefusalNeedsReason(DomainError):
    message = message_id("Say why. The person reads your reason.")


def runs_space(membership: Membership | None, person: Person) -> bool:
    """True for the moderators of the space and for administrators: they accept, refuse, add and remove."""
    is_moderator = membership is not None and membership.is_in and membership.role is SpaceRole.MODERATOR
    return person.is_admin or is_moderator


def membership_of(session: Session, space: Space, person: Person) -> Membership | None:
    """The person's place in the space, or on the way into it."""
    return session.scalar(select(Membership).where(Membership.space_id == space.id, Membership.person_id == person.id))


def enter(session: Session, space: Space, *, by: Person, now: datetime, note: str = "") -> Membership:
    """Enter the space, or ask to, as it is entered. Without a free seat one waits for it. Whoever finds it may.

    Entering twice changes nothing. Raises NotAllowed where people are only added, SpaceClosed, LimitReached, TooLong.
    """
    lock_space(session, space)
    found = membership_of(session, space, by)
    if found is not None:
        return found
    if space.closed_at is not None:
        raise SpaceClosed
    if space.entry is Entry.PRIVATE:
        raise NotAllowed
    spend(session, LimitedAct.ENTER, by=by, now=now)
    if space.entry is Entry.REQUEST:
        membership = _place(session, space, by, MembershipState.REQUESTED, SpaceRole.MEMBER, now)
        membership.note = optional(note, max_length=MAX_NOTE_LENGTH)
        _record(session, Verb.REQUESTED, membership, by=by, now=now)
        return membership
    state = _state_for(session, space, SpaceRole.MEMBER)
    membership = _place(session, space, by, state, SpaceRole.MEMBER, now)
    _record(session, Verb.JOINED if membership.is_in else Verb.QUEUED, membership, by=by, now=now)
    return membership


def accept(session: Session, membership: Membership, *, by: Person, now: datetime) -> None:
    """Accept a request: the person is in, or on the waiting list where no seat is free. Moderators of the space may.

    Raises NotWaiting if it was answered meanwhile.
    """
    space = _hold(session, membership)
    if membership.state is not MembershipState.REQUESTED:
        raise NotWaiting
    membership.state, membership.since = _state_for(session, space, membership.role), now
    session.flush()
    _record(session, Verb.ACCEPTED if membership.is_in else Verb.QUEUED, membership, by=by, now=now)


def refuse(session: Session, membership: Membership, *, reason: str, by: Person, now: datetime) -> None:
    """Refuse a request, or take somebody off the waiting list, with a reason that they read. Moderators may.

    Raises NotWaiting, RefusalNeedsReason, TooLong.
    """
    _hold(session, membership)
    if membership.is_in:
        raise NotWaiting
    _end(session, membership, Verb.DECLINED, reason=_reason(reason), by=by, now=now)


def add_person(
    session: Session, space: Space, person: Person, *, role: SpaceRole, by: Person, now: datetime
) -> Membership:
    """Put somebody in the space, in this role; as a member on the waiting list where no seat is free.

    Moderators of the space may. Who asked is accepted. Raises AlreadyInSpace, SpaceClosed, LimitReached.
    """
    lock_space(session, space)
    if space.closed_at is not None:
        raise SpaceClosed
    found = membership_of(session, space, person)
    if found is not None and found.state is not MembershipState.REQUESTED:
        raise AlreadyInSpace
    spend(session, LimitedAct.INVITE, by=by, now=now)
    membership = _seat(session, space, person, found, role, now)
    _record(session, Verb.ADDED if membership.is_in else Verb.QUEUED, membership, by=by, now=now)
    return membership


def seat_invited(session: Session, space: Space, person: Person, *, role: SpaceRole, now: datetime) -> Membership:
    """Put somebody in the space who accepts an invitation to it. They do it themself; the caller has locked the space.

    As a member on the waiting list where no seat is free. Whoever is in, or waits, stays as they are.
    """
    found = membership_of(session, space, person)
    if found is not None and found.state is not MembershipState.REQUESTED:
        return found
    membership = _seat(session, space, person, found, role, now)
    _record(session, Verb.JOINED if membership.is_in else Verb.QUEUED, membership, by=person, now=now)
    return membership


def seat_moderator(session: Session, space: Space, person: Person, *, now: datetime) -> Membership:
    """Make whoever created the space its first moderator."""
    membership = _place(session, space, person, MembershipState.MEMBER, SpaceRole.MODERATOR, now)
    _record(session, Verb.ADDED, membership, by=person, now=now)
    return membership


def change_role(session: Session, membership: Membership, *, role: SpaceRole, by: Person, now: datetime) -> None:
    """Give somebody in the space another role. Moderators may. A seat that becomes free goes to who waits.

    Raises NotWaiting for who is not in, NoSeatLeft for a member without a free seat, LastModerator.
    """
    space = _hold(session, membership)
    if not membership.is_in:
        raise NotWaiting
    if membership.role is role:
        return
    _check_not_last(session, membership)
    if role is SpaceRole.MEMBER and not _has_seat(session, space):
        raise NoSeatLeft
    before, membership.role = membership.role, role
    session.flush()
    _record(session, Verb.CHANGED, membership, by=by, now=now, before={"role": before})
    move_up(session, space, now=now)


def remove(session: Session, membership: Membership, *, reason: str, by: Person, now: datetime) -> None:
    """Take somebody out of the space, with a reason that they read. Moderators may. Who waits longest moves up.

    Raises RefusalNeedsReason, TooLong, LastModerator.
    """
    space = _hold(session, membership)
    reason = _reason(reason)
    _check_not_last(session, membership)
    _end(session, membership, Verb.REMOVED, reason=reason, by=by, now=now)
    move_up(session, space, now=now)


def leave(session: Session, membership: Membership, *, by: Person, now: datetime) -> None:
    """Leave the space, its waiting list, or take a request back. Only they may. Raises NotAllowed, LastModerator."""
    if membership.person_id != by.id:
        raise NotAllowed
    space = _hold(session, membership)
    _check_not_last(session, membership)
    _end(session, membership, Verb.LEFT, by=by, now=now)
    move_up(session, space, now=now)


def end_place(session: Session, membership: Membership, *, now: datetime) -> None:
    """Take somebody out whose part here ended by itself, or with what else they left. They are told elsewhere."""
    space = _hold(session, membership)
    _end(session, membership, Verb.LEFT, by=None, now=now)
    move_up(session, space, now=now)


def move_up(session: Session, space: Space, *, now: datetime) -> list[Membership]:
    """Give the free seats to those who wait, in the order in which they came. The caller has locked the space."""
    if space.closed_at is not None:
        return []
    waiting = (
        select(Membership)
        .where(Membership.space_id == space.id, Membership.state == MembershipState.WAITING)
        .order_by(Membership.since, Membership.id)
    )
    if space.seats is not None:
        waiting = waiting.limit(max(0, space.seats - seats_taken(session, space.id)))
    moved = list(session.scalars(waiting))
    for membership in moved:
        membership.state, membership.since = MembershipState.MEMBER, now
        session.flush()
        _record(session, Verb.SEATED, membership, by=None, now=now)
    return moved


def seats_left(session: Session, space: Space) -> int | None:
    """How many seats are free; None where there is no limit."""
    return None if space.seats is None else max(0, space.seats - seats_taken(session, space.id))


def moderator_ids(session: Session, space_id: int) -> Sequence[int]:
    """The ids of the people who run the space."""
    runs = (Membership.state == MembershipState.MEMBER) & (Membership.role == SpaceRole.MODERATOR)
    return session.scalars(select(Membership.person_id).where(Membership.space_id == space_id, runs)).all()


def _hold(session: Session, membership: Membership) -> Space:
    """Lock the space and read the membership again. Raises NotWaiting if it is gone meanwhile."""
    space = session.get_one(Space, membership.space_id)
    lock_space(session, space)
    present = session.scalar(
        select(Membership).where(Membership.id == membership.id).execution_options(populate_existing=True)
    )
    if present is None:
        raise NotWaiting
    return space


def _place(
    session: Session, space: Space, person: Person, state: MembershipState, role: SpaceRole, now: datetime
) -> Membership:
    membership = Membership(space_id=space.id, person_id=person.id, state=state, role=role, note="", since=now)
    session.add(membership)
    session.flush()
    return membership


def _seat(
    session: Session, space: Space, person: Person, found: Membership | None, role: SpaceRole, now: datetime
) -> Membership:
    """In the space or on its waiting list. `found`: their request, if they had asked."""
    state = _state_for(session, space, role)
    if found is None:
        return _place(session, space, person, state, role, now)
    found.state, found.role, found.since = state, role, now
    session.flush()
    return found


def _has_seat(session: Session, space: Space) -> bool:
    return space.seats is None or seats_taken(session, space.id) < space.seats


def _state_for(session: Session, space: Space, role: SpaceRole) -> MembershipState:
    """In, or on the waiting list: only members take seats."""
    is_seated = role is not SpaceRole.MEMBER or _has_seat(session, space)
    return MembershipState.MEMBER if is_seated else MembershipState.WAITING


def _check_not_last(session: Session, membership: Membership) -> None:
    """Raises LastModerator if nobody would run the space any more."""
    if membership.is_in and membership.role is SpaceRole.MODERATOR:
        others = set(moderator_ids(session, membership.space_id)) - {membership.person_id}
        if not others:
            raise LastModerator


def _reason(reason: str) -> str:
    if not reason.strip():
        raise RefusalNeedsReason
    return required(reason, max_length=MAX_REASON_LENGTH)


def _end(
    session: Session, membership: Membership, verb: Verb, *, by: Person | None, now: datetime, reason: str = ""
) -> None:
    facts = _facts(membership)
    record(session, verb, membership, by=by, reason=reason, before=facts, now=now)
    session.delete(membership)
    session.flush()


def _record(
    session: Session,
    verb: Verb,
    membership: Membership,
    *,
    by: Person | None,
    now: datetime,
    before: dict[str, Any] | None = None,
) -> None:
    record(session, verb, membership, by=by, before=before, after=_facts(membership), now=now)


def _facts(membership: Membership) -> dict[str, Any]:
    return {
        "space_id": membership.space_id,
        "person_id": membership.person_id,
        "role": membership.role,
        "state": membership.state,
    }
