"""Spaces: a community or a section of it, in which people are together: public, by interest, a private group, a board.

Who is in one is in `membership`. A space that is closed is kept for the log; nobody finds it any more.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, ForeignKey, Index, String, Text, UniqueConstraint, func, select, true
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ideas.base import Base, choice
from ideas.organisation.organisation import record_download
from ideas.page import Page, page_at
from ideas.people.person import Person
from ideas.text import clean_line

MAX_NAME_LENGTH = 80
MAX_DESCRIPTION_LENGTH = 2_000
MAX_NOTE_LENGTH = 500


class SpaceKind(StrEnum):
    PUBLIC = "public"
    INTEREST = "interest"
    GROUP = "group"
    BOARD = "board"


class Entry(StrEnum):
    """How one enters: at once, after a request, or only added by those who run the space, who alone tell of it."""

    OPEN = "open"
    REQUEST = "request"
    PRIVATE = "private"


class SpaceRole(StrEnum):
    """A person's part in a space. An observer reads its campaigns and writes nothing."""

    MEMBER = "member"
    MODERATOR = "moderator"
    OBSERVER = "observer"


class MembershipState(StrEnum):
    """How far somebody has come: they asked, they wait for a seat, they are in."""

    REQUESTED = "requested"
    WAITING = "waiting"
    MEMBER = "member"


class Space(Base):
    """`seats`: how many members it takes, or None. Moderators and observers take none."""

    __tablename__ = "space"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(MAX_NAME_LENGTH))
    description: Mapped[str] = mapped_column(Text, default="")
    kind: Mapped[SpaceKind] = mapped_column(choice(SpaceKind))
    entry: Mapped[Entry] = mapped_column(choice(Entry))
    seats: Mapped[int | None]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    # The one person who approves its newsletters: see ideas.outreach.newsletters.
    referent_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    @property
    def is_private(self) -> bool:
        return self.entry is Entry.PRIVATE


class Membership(Base):
    """A person in a space, or on their way into it. `since`: when they came to this state: the waiting list's order."""

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("space_id", "person_id"),
        Index("ix_membership_space_id_state_role", "space_id", "state", "role"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    space_id: Mapped[int] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    state: Mapped[MembershipState] = mapped_column(choice(MembershipState))
    role: Mapped[SpaceRole] = mapped_column(choice(SpaceRole), default=SpaceRole.MEMBER)
    # What they wrote with their request.
    note: Mapped[str] = mapped_column(Text, default="")
    since: Mapped[datetime]

    person: Mapped[Person] = relationship()
    space: Mapped["Space"] = relationship()

    @property
    def is_in(self) -> bool:
        return self.state is MembershipState.MEMBER


@dataclass(frozen=True, slots=True, kw_only=True)
class SpacePage(Page):
    """A page of the directory. `mine`: the reader's place in each of these spaces, by the id of the space."""

    spaces: Sequence[Space]
    members: Mapping[int, int]
    mine: Mapping[int, Membership]


def lock_space(session: Session, space: Space) -> None:
    """Lock the row until the commit, and read it again: of two people who want the last seat, one is first."""
    session.flush()
    session.refresh(space, with_for_update=True)


def space_visible_to(person: Person) -> ColumnElement[bool]:
    """SQL condition: this person finds the space. A private one is found by its members and by administrators."""
    present = Space.closed_at.is_(None)
    if person.is_admin:
        return present
    inside = select(Membership.space_id).where(Membership.person_id == person.id)
    return present & ((Space.entry != Entry.PRIVATE) | Space.id.in_(inside))


def directory(session: Session, person: Person, *, number: int, containing: str = "", size: int = 30) -> SpacePage:
    """A page of the spaces that the person finds, by name, with the number of members of each. Four queries.

    `containing`: only those with these words in their name or description.
    """
    visible = space_visible_to(person) & _has_words(containing)
    total = session.scalar(select(func.count()).select_from(Space).where(visible)) or 0
    page = page_at(number, size=size, total=total)
    spaces = session.scalars(
        select(Space)
        .where(visible)
        .order_by(func.lower(Space.name), Space.id)
        .limit(size)
        .offset((page.number - 1) * size)
    ).all()
    ids = [space.id for space in spaces]
    mine = session.scalars(select(Membership).where(Membership.person_id == person.id, Membership.space_id.in_(ids)))
    return SpacePage(
        spaces=spaces,
        members=member_counts(session, ids),
        mine={membership.space_id: membership for membership in mine},
        **asdict(page),
    )


def export_spaces(
    session: Session, *, containing: str, by: Person, now: datetime
) -> list[tuple[Space, Mapping[tuple[MembershipState, SpaceRole], int]]]:
    """Every space that is open and has these words, by id, with how many people it has in each state and role.

    Administrators may; the activity log says who did, and how many.
    """
    spaces = session.scalars(
        select(Space).where(Space.closed_at.is_(None), _has_words(containing)).order_by(Space.id)
    ).all()
    counted = session.execute(
        select(Membership.space_id, Membership.state, Membership.role, func.count()).group_by(
            Membership.space_id, Membership.state, Membership.role
        )
    )
    counts: dict[int, dict[tuple[MembershipState, SpaceRole], int]] = {space.id: {} for space in spaces}
    for space_id, state, role, count in counted:
        if space_id in counts:
            counts[space_id][state, role] = count
    record_download(session, "spaces", len(spaces), by=by, now=now)
    return [(space, counts[space.id]) for space in spaces]


def _has_words(containing: str) -> ColumnElement[bool]:
    """SQL condition: the name or the description has this text. True where nothing was typed."""
    words = clean_line(containing)
    if not words:
        return true()
    return Space.name.icontains(words, autoescape=True) | Space.description.icontains(words, autoescape=True)


def spaces_to_choose(session: Session, person: Person) -> Sequence[Space]:
    """The spaces that a person may open a campaign to: those that they find, by name."""
    return session.scalars(
        select(Space).where(space_visible_to(person)).order_by(func.lower(Space.name), Space.id)
    ).all()


def member_counts(session: Session, ids: Collection[int]) -> dict[int, int]:
    """How many people are in each of these spaces, moderators and observers too."""
    counted = (
        select(Membership.space_id, func.count())
        .where(Membership.space_id.in_(ids), Membership.state == MembershipState.MEMBER)
        .group_by(Membership.space_id)
    )
    found = {space_id: count for space_id, count in session.execute(counted)}  # noqa: C416 -- dict() would take rows by their keys
    return {space_id: found.get(space_id, 0) for space_id in ids}


def seats_taken(session: Session, space_id: int) -> int:
    """How many seats are taken: those of members."""
    seated = (Membership.state == MembershipState.MEMBER) & (Membership.role == SpaceRole.MEMBER)
    return (
        session.scalar(select(func.count()).select_from(Membership).where(Membership.space_id == space_id, seated)) or 0
    )
