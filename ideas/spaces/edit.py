"""What a space is, as its moderators write it: created, changed, closed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from ideas.activity.activity import Verb, record
from ideas.activity.version import check_unchanged
from ideas.errors import DomainError, NotAllowed, message_id
from ideas.people.limit import LimitedAct, spend
from ideas.people.person import Person
from ideas.people.platform_role import may_open_campaigns
from ideas.spaces.membership import move_up, seat_moderator
from ideas.spaces.space import MAX_DESCRIPTION_LENGTH, MAX_NAME_LENGTH, Entry, Space, SpaceKind, lock_space, seats_taken
from ideas.text import clean_line, optional, required

MAX_SEATS = 5_000
# Of an advisory board: fewer are no board, more are not heard one by one.
BOARD_SEATS = range(10, 21)
# The ways in that each kind of space may have.
ENTRIES: Mapping[SpaceKind, Sequence[Entry]] = {
    SpaceKind.PUBLIC: (Entry.OPEN,),
    SpaceKind.INTEREST: (Entry.OPEN, Entry.REQUEST),
    SpaceKind.GROUP: (Entry.PRIVATE, Entry.REQUEST),
    SpaceKind.BOARD: (Entry.PRIVATE, Entry.REQUEST),
}


class NotASpaceAuthor(NotAllowed):
    message = message_id("Only campaign authors can create a space. Ask an administrator of this site.")


class EntryDoesNotFit(DomainError):
    message = message_id("People can’t enter this kind of space that way. Choose another way.")


class BoardSeats(DomainError):
    message = message_id("An advisory board has 10 to 20 seats. Enter a number between them.")


class SeatsDoNotFit(DomainError):
    message = message_id("Enter a number of seats between 1 and 5,000, or leave it empty. A public space has no limit.")


class SeatsTaken(DomainError):
    message = message_id("Seats already taken: %(taken)s. Enter that number or more.")


class NameTaken(DomainError):
    message = message_id("Another space has this name. Choose a different one.")


@dataclass(frozen=True, slots=True)
class SpaceText:
    """What the form of a space holds."""

    name: str
    description: str = ""
    kind: SpaceKind = SpaceKind.INTEREST
    entry: Entry = Entry.OPEN
    seats: int | None = None


def create_space(session: Session, *, text: SpaceText, by: Person, now: datetime) -> Space:
    """Create a space, whose first moderator is `by`. Administrators and campaign authors may.

    Raises NotASpaceAuthor, LimitReached, and what `revise_space` raises.
    """
    if not may_open_campaigns(by):
        raise NotASpaceAuthor
    space = Space(created_by_id=by.id, created_at=now)
    _write(session, space, text)
    spend(session, LimitedAct.START_CAMPAIGN, by=by, now=now)
    session.add(space)
    session.flush()
    record(session, Verb.CREATED, space, by=by, after=_facts(space), now=now)
    seat_moderator(session, space, by, now=now)
    return space


def revise_space(
    session: Session, space: Space, *, text: SpaceText, by: Person, now: datetime, seen: int | None = None
) -> None:
    """Change what a space is. Its moderators and administrators may. `seen`: the version that `by` saw.

    Where it gains seats, those who wait move up. Raises ChangedMeanwhile, EmptyText, TooLong, EntryDoesNotFit,
    BoardSeats, SeatsDoNotFit, SeatsTaken, NameTaken.
    """
    lock_space(session, space)
    check_unchanged(space, seen)
    before = _facts(space)
    _write(session, space, text)
    after = _facts(space)
    if before == after:
        return
    space.version += 1
    session.flush()
    changed = [name for name in before if before[name] != after[name]]
    record(
        session,
        Verb.CHANGED,
        space,
        by=by,
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
        now=now,
    )
    move_up(session, space, now=now)


def close_space(session: Session, space: Space, *, by: Person, now: datetime) -> None:
    """Close the space: nobody finds it from here on, and it opens no campaign to anybody new. Its moderators may."""
    lock_space(session, space)
    if space.closed_at is None:
        space.closed_at = now
        record(session, Verb.CLOSED, space, by=by, now=now)


def _write(session: Session, space: Space, text: SpaceText) -> None:
    """Set what the form says once all rules allow it."""
    name = required(clean_line(text.name), max_length=MAX_NAME_LENGTH)
    description = optional(text.description, max_length=MAX_DESCRIPTION_LENGTH)
    if text.entry not in ENTRIES[text.kind]:
        raise EntryDoesNotFit
    _check_seats(session, space, text)
    same_name = (func.lower(Space.name) == name.lower()) & Space.closed_at.is_(None)
    others = Space.id != space.id if space.id is not None else true()
    if session.scalar(select(Space.id).where(same_name, others).limit(1)) is not None:
        raise NameTaken
    space.name, space.description = name, description
    space.kind, space.entry, space.seats = text.kind, text.entry, text.seats


def _check_seats(session: Session, space: Space, text: SpaceText) -> None:
    if text.kind is SpaceKind.BOARD:
        if text.seats not in BOARD_SEATS:
            raise BoardSeats
    elif text.seats is not None and (text.kind is SpaceKind.PUBLIC or not 1 <= text.seats <= MAX_SEATS):
        raise SeatsDoNotFit
    if text.seats is not None and space.id is not None:
        taken = seats_taken(session, space.id)
        if taken > text.seats:
            raise SeatsTaken(taken=taken)


def _facts(space: Space) -> dict[str, Any]:
    return {
        "name": space.name,
        "description": space.description,
        "kind": space.kind,
        "entry": space.entry,
        "seats": space.seats,
    }
