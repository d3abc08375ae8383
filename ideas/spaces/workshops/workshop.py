"""Workshops: a meeting that a moderator of a space announces to its members, changes, or cancels with a reason.

Members are told of each of these acts. Who comes is in `coming`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, select
from sqlalchemy import text as sql_text
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ideas.activity.activity import MAX_REASON_LENGTH, Activity, Verb, record
from ideas.activity.version import check_unchanged
from ideas.base import Base
from ideas.errors import Conflict, DomainError, message_id
from ideas.people.person import Person
from ideas.spaces.membership import SpaceClosed
from ideas.spaces.space import Membership, MembershipState, Space, lock_space
from ideas.text import clean_line, optional, required

MAX_TITLE_LENGTH = 120
MAX_PLACE_LENGTH = 500
MAX_WORDS_LENGTH = 2_000
MAX_LENGTH = timedelta(days=7)
MAX_LISTED = 50


class StartIsPast(DomainError):
    message = message_id("The workshop would start in the past. Choose a later date.")


class EndDoesNotFit(DomainError):
    message = message_id("A workshop ends after it starts, and within a week.")


class PlaceNeeded(DomainError):
    message = message_id("Say where the workshop is, or paste its link.")


class CancelReasonNeeded(DomainError):
    message = message_id("Say why the workshop is cancelled. Members read the reason.")


class WorkshopOver(Conflict):
    message = message_id("This workshop is cancelled, or has started.")


class Workshop(Base):
    """`place`: where it is, or its link. `words`: what happens there. Once cancelled, it stays so, with its reason."""

    __tablename__ = "workshop"
    __table_args__ = (Index("ix_workshop_space_id_starts_at", "space_id", "starts_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    space_id: Mapped[int] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(MAX_TITLE_LENGTH))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    place: Mapped[str] = mapped_column(String(MAX_PLACE_LENGTH))
    words: Mapped[str] = mapped_column(Text, default="")
    announced_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    announced_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str] = mapped_column(Text, default="", server_default=sql_text("''"))
    # How often it was saved: see ideas.activity.version.
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    space: Mapped[Space] = relationship()
    announced_by: Mapped[Person | None] = relationship()

    def is_coming(self, now: datetime) -> bool:
        """True until it starts, unless it is cancelled: until then people say whether they come."""
        return self.cancelled_at is None and now < self.starts_at


@dataclass(frozen=True, slots=True)
class WorkshopText:
    """What the form of a workshop holds."""

    title: str
    place: str
    starts_at: datetime
    ends_at: datetime
    words: str = ""


def announce_workshop(session: Session, space: Space, *, text: WorkshopText, by: Person, now: datetime) -> Workshop:
    """Announce a workshop to the members of the space. Its moderators and administrators may.

    Raises SpaceClosed, EmptyText, TooLong, PlaceNeeded, StartIsPast, EndDoesNotFit.
    """
    lock_space(session, space)
    if space.closed_at is not None:
        raise SpaceClosed
    workshop = Workshop(space_id=space.id, announced_by_id=by.id, announced_at=now)
    _write(workshop, text, now)
    session.add(workshop)
    session.flush()
    record(session, Verb.ANNOUNCED, workshop, by=by, after={"space_id": space.id} | _facts(workshop), now=now)
    return workshop


def change_workshop(
    session: Session, workshop: Workshop, *, text: WorkshopText, by: Person, now: datetime, seen: int | None = None
) -> None:
    """Change a workshop that is still to come. The moderators of its space and administrators may.

    `seen`: the version that `by` saw. Members who did not decline are told where its hour or place changes.
    Raises WorkshopOver, ChangedMeanwhile, and what `announce_workshop` raises.
    """
    hold_workshop(session, workshop, now)
    check_unchanged(workshop, seen)
    before = _facts(workshop)
    _write(workshop, text, now)
    after = _facts(workshop)
    changed = [name for name in before if before[name] != after[name]]
    if not changed:
        return
    workshop.version += 1
    session.flush()
    here = {"space_id": workshop.space_id}
    record(
        session, Verb.CHANGED, workshop,
        by=by, before={name: before[name] for name in changed}, after=here | {name: after[name] for name in changed},
        now=now,
    )  # fmt: skip


def cancel_workshop(session: Session, workshop: Workshop, *, reason: str, by: Person, now: datetime) -> None:
    """Cancel a workshop that is still to come, with a reason that members read. The moderators of its space and
    administrators may. Raises CancelReasonNeeded, TooLong, WorkshopOver.
    """
    if not reason.strip():
        raise CancelReasonNeeded
    hold_workshop(session, workshop, now)
    workshop.cancel_reason = required(reason, max_length=MAX_REASON_LENGTH)
    workshop.cancelled_at = now
    workshop.version += 1
    session.flush()
    after = {"space_id": workshop.space_id}
    record(session, Verb.ABANDONED, workshop, by=by, reason=workshop.cancel_reason, after=after, now=now)


def workshops_of(session: Session, space: Space) -> Sequence[Workshop]:
    """The workshops of a space, latest first: those to come, cancelled and past. For whoever is in it. One query."""
    found = select(Workshop).where(Workshop.space_id == space.id)
    return session.scalars(found.order_by(Workshop.starts_at.desc(), Workshop.id.desc()).limit(MAX_LISTED)).all()


def has_begun(session: Session, activity: Activity, *, now: datetime) -> bool:
    """True once the workshop that an act announces or moves has started: nobody needs the mail of it any more. False
    where it is cancelled, and for any other act.
    """
    if activity.object_kind != Workshop.__tablename__:
        return False
    workshop = session.get(Workshop, activity.object_id)
    return workshop is not None and workshop.cancelled_at is None and workshop.starts_at <= now


def workshops_by_id(session: Session, ids: Collection[int], reader_id: int) -> dict[int, Workshop]:
    """Those of these workshops whose space the reader is in by now, by id."""
    if not ids:
        return {}
    inside = select(Membership.space_id).where(
        Membership.person_id == reader_id, Membership.state == MembershipState.MEMBER
    )
    found = select(Workshop).join(Workshop.space).where(Workshop.id.in_(ids), Workshop.space_id.in_(inside))
    return {workshop.id: workshop for workshop in session.scalars(found.where(Space.closed_at.is_(None)))}


def hold_workshop(session: Session, workshop: Workshop, now: datetime) -> None:
    """Lock the row and read it again. Raises WorkshopOver where it is cancelled, or has started."""
    session.flush()
    session.refresh(workshop, with_for_update={"of": Workshop})
    if not workshop.is_coming(now):
        raise WorkshopOver


def _write(workshop: Workshop, text: WorkshopText, now: datetime) -> None:
    """Set what the form says once all rules allow it."""
    title = required(clean_line(text.title), max_length=MAX_TITLE_LENGTH)
    place = optional(clean_line(text.place), max_length=MAX_PLACE_LENGTH)
    words = optional(text.words, max_length=MAX_WORDS_LENGTH)
    if not place:
        raise PlaceNeeded
    if text.starts_at <= now:
        raise StartIsPast
    if not text.starts_at < text.ends_at <= text.starts_at + MAX_LENGTH:
        raise EndDoesNotFit
    workshop.title, workshop.place, workshop.words = title, place, words
    workshop.starts_at, workshop.ends_at = text.starts_at, text.ends_at


def _facts(workshop: Workshop) -> dict[str, Any]:
    return {
        "title": workshop.title,
        "starts_at": workshop.starts_at.isoformat(),
        "ends_at": workshop.ends_at.isoformat(),
        "place": workshop.place,
        "words": workshop.words,
    }
