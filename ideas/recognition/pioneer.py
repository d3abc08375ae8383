"""Pioneers: members invited on merit for a year, who accept or decline, renew it, and leave with thanks.

They have a private space, to which a campaign may open first, and read the briefs that are shown early. Who may be
invited follows from the standings: see `ideas.recognition.nominee`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Text, exists, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ideas.activity.activity import MAX_REASON_LENGTH, Verb, record
from ideas.base import Base, choice
from ideas.errors import Conflict, DomainError, NotAllowed, message_id
from ideas.organisation.organisation import Organisation, change_organisation, lock_organisation, the_organisation
from ideas.people.limit import LimitedAct, spend
from ideas.people.person import Motivation, Person
from ideas.spaces.edit import SpaceText, create_space
from ideas.spaces.membership import end_place, membership_of, seat_invited
from ideas.spaces.space import Entry, Space, SpaceKind, SpaceRole, lock_space
from ideas.text import optional, required

YEAR = timedelta(days=365)
# How long before the end of a year they are asked whether they stay.
RENEWAL = timedelta(days=30)
MAX_WORDS_LENGTH = 1_000


class PioneerState(StrEnum):
    """How far a person has come. ENDED: their year passed and they did not renew it."""

    INVITED = "invited"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LEFT = "left"
    ENDED = "ended"


HERE = (PioneerState.INVITED, PioneerState.ACCEPTED)


class NoPioneerSpace(DomainError):
    message = message_id("There is no space for pioneers yet. An administrator creates it first.")


class PioneerSpaceThere(Conflict):
    message = message_id("The space for pioneers is there already.")


class NotProposed(DomainError):
    message = message_id("This member is not among those proposed any more. Reload the page.")


class AlreadyPioneer(Conflict):
    message = message_id("This member is a pioneer or is invited already.")


class InvitationGone(Conflict):
    message = message_id("This invitation was answered or taken back in the meantime. Here is where you are.")


class RenewalTooEarly(DomainError):
    message = message_id("You can renew in the last %(days)s days of your year.")


class ThanksNeeded(DomainError):
    message = message_id("Write some words of thanks. The person reads them.")


class Pioneer(Base):
    """One row for each person who was ever invited. `reasons`: why, as the standings were: board, rank and amount.

    `words`: of who invited them; `thanks`: when they leave. Both are read by the person. `until`: the end of the year.
    """

    __tablename__ = "pioneer"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), unique=True)
    state: Mapped[PioneerState] = mapped_column(choice(PioneerState))
    reasons: Mapped[list[Any]] = mapped_column(default=list)
    words: Mapped[str] = mapped_column(Text, default="")
    thanks: Mapped[str] = mapped_column(Text, default="")
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    invited_at: Mapped[datetime]
    # When they came to the present state.
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    # When they were asked, for this year, whether they stay.
    reminded_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(foreign_keys=person_id)
    invited_by: Mapped[Person | None] = relationship(foreign_keys=invited_by_id)

    def is_in(self, now: datetime) -> bool:
        return self.state is PioneerState.ACCEPTED and self.until is not None and now < self.until

    def may_renew(self, now: datetime) -> bool:
        return self.is_in(now) and self.until is not None and now >= self.until - RENEWAL


@dataclass(frozen=True, slots=True)
class Merit:
    """A reason to invite somebody: their rank in a standing of the last year, and the number that it counts."""

    board: str
    rank: int
    amount: int


def pioneer_of(session: Session, person: Person) -> Pioneer | None:
    """What the person is, or was, among the pioneers. Only they, and whoever may invite, may read it."""
    return session.scalar(select(Pioneer).where(Pioneer.person_id == person.id))


def is_pioneer(person: Person, *, now: datetime) -> ColumnElement[bool]:
    """SQL condition: the person is a pioneer at this instant."""
    return exists().where(Pioneer.person_id == person.id, Pioneer.state == PioneerState.ACCEPTED, Pioneer.until > now)


def merits_of(pioneer: Pioneer) -> list[Merit]:
    """Why the person was invited."""
    return [Merit(*one) for one in pioneer.reasons]


def pioneers(session: Session) -> Sequence[Pioneer]:
    """Those who are invited, then those who are pioneers, by name. Whoever may invite may read them."""
    found = select(Pioneer).where(Pioneer.state.in_(HERE)).options(joinedload(Pioneer.person))
    return sorted(session.scalars(found), key=lambda one: (HERE.index(one.state), one.person.name, one.id))


def pioneer_space(session: Session, organisation: Organisation | None = None) -> Space | None:
    """The private space of the pioneers; None before it is created, or once it is closed."""
    organisation = organisation or the_organisation(session)
    space = session.get(Space, organisation.pioneer_space_id) if organisation.pioneer_space_id is not None else None
    return space if space is not None and space.closed_at is None else None


def create_pioneer_space(session: Session, *, name: str, by: Person, now: datetime) -> Space:
    """Create the private space of the pioneers, which `by` moderates. Administrators may, once while it is open.

    Whoever is a pioneer already, because an earlier space was closed, is a member of it.
    Raises PioneerSpaceThere, and what `create_space` raises.
    """
    organisation = lock_organisation(session)
    if pioneer_space(session, organisation) is not None:
        raise PioneerSpaceThere
    text = SpaceText(name, kind=SpaceKind.GROUP, entry=Entry.PRIVATE)
    space = create_space(session, text=text, by=by, now=now)
    change_organisation(session, organisation, {"pioneer_space_id": space.id}, by=by, now=now)
    lock_space(session, space)
    here = select(Person).join(Pioneer, Pioneer.person_id == Person.id).order_by(Person.id)
    here = here.where(Pioneer.state == PioneerState.ACCEPTED, Pioneer.until > now)
    for person in session.scalars(here).all():
        seat_invited(session, space, person, role=SpaceRole.MEMBER, now=now)
    return space


def invite_pioneer(
    session: Session,
    person: Person,
    *,
    merits: Collection[Merit],
    words: str,
    by: Person,
    now: datetime,
    campaign_id: int | None = None,
) -> Pioneer:
    """Invite a member who is proposed: `merits` are the reasons of `ideas.recognition.nominee`, which they read.

    Administrators may, and the lead of the campaign in whose standing they are. Raises NoPioneerSpace, NotProposed
    (there is no reason, or they no longer want to be listed), AlreadyPioneer, TooLong, LimitReached.
    """
    organisation = lock_organisation(session)  # of two invitations at once, one is first
    if pioneer_space(session, organisation) is None:
        raise NoPioneerSpace
    if not merits or person.motivation is not Motivation.LISTED or person.erased_at is not None:
        raise NotProposed
    words = optional(words, max_length=MAX_WORDS_LENGTH)
    pioneer = pioneer_of(session, person)
    if pioneer is not None and pioneer.state in HERE:
        raise AlreadyPioneer
    spend(session, LimitedAct.INVITE, by=by, now=now)
    if pioneer is None:
        pioneer = Pioneer(person_id=person.id)
        session.add(pioneer)
    pioneer.state, pioneer.since, pioneer.until, pioneer.reminded_at = PioneerState.INVITED, now, None, None
    pioneer.reasons = [[one.board, one.rank, one.amount] for one in merits]
    pioneer.words, pioneer.thanks, pioneer.invited_by_id, pioneer.invited_at = words, "", by.id, now
    session.flush()
    _record(session, Verb.INVITED, pioneer, by=by, now=now, campaign_id=campaign_id)
    return pioneer


def answer_invitation(session: Session, pioneer: Pioneer, *, accepts: bool, by: Person, now: datetime) -> None:
    """Accept for a year, and enter the space, or decline. Only they may. Raises NotAllowed, InvitationGone."""
    _hold(session, pioneer, PioneerState.INVITED, by=by)
    if not accepts:
        _come_to(session, pioneer, PioneerState.DECLINED, Verb.DECLINED, by=by, now=now)
        return
    pioneer.until = now + YEAR
    if (space := pioneer_space(session)) is not None:
        lock_space(session, space)
        seat_invited(session, space, by, role=SpaceRole.MEMBER, now=now)
    _come_to(session, pioneer, PioneerState.ACCEPTED, Verb.ACCEPTED, by=by, now=now)


def renew(session: Session, pioneer: Pioneer, *, by: Person, now: datetime) -> None:
    """Stay for another year, in the last month of one. Only they may. Raises NotAllowed, InvitationGone (the year is
    over), RenewalTooEarly.
    """
    _hold(session, pioneer, PioneerState.ACCEPTED, by=by)
    if not pioneer.is_in(now) or pioneer.until is None:
        raise InvitationGone
    if not pioneer.may_renew(now):
        raise RenewalTooEarly(days=RENEWAL.days)
    pioneer.until, pioneer.reminded_at = pioneer.until + YEAR, None
    session.flush()
    _record(session, Verb.EXTENDED, pioneer, by=by, now=now)


def leave_pioneers(session: Session, pioneer: Pioneer, *, by: Person, now: datetime) -> None:
    """Stop being a pioneer, and leave the space. Only they may, at any time. Raises NotAllowed, InvitationGone."""
    _hold(session, pioneer, PioneerState.ACCEPTED, by=by)
    _leave_space(session, pioneer, now=now)
    _come_to(session, pioneer, PioneerState.LEFT, Verb.LEFT, by=by, now=now)


def thank_pioneer(session: Session, pioneer: Pioneer, *, thanks: str, by: Person, now: datetime) -> None:
    """End somebody's time as a pioneer, or take an invitation back, with thanks that they read. Administrators may.

    Raises ThanksNeeded, TooLong, InvitationGone.
    """
    if not thanks.strip():
        raise ThanksNeeded
    _hold(session, pioneer, *HERE)
    pioneer.thanks = required(thanks, max_length=MAX_REASON_LENGTH)
    _leave_space(session, pioneer, now=now)
    _come_to(session, pioneer, PioneerState.LEFT, Verb.REMOVED, by=by, now=now, reason=pioneer.thanks)


def watch_years(session: Session, *, now: datetime) -> int:
    """Ask those whose year ends within a month whether they stay, once; end what is over. For the worker. How many."""
    soon = (Pioneer.state == PioneerState.ACCEPTED) & (Pioneer.until <= now + RENEWAL)
    to_do = soon & (Pioneer.reminded_at.is_(None) | (Pioneer.until <= now))
    found = session.scalars(select(Pioneer).where(to_do).order_by(Pioneer.id).with_for_update()).all()
    for pioneer in found:
        if pioneer.is_in(now):
            pioneer.reminded_at = now
            session.flush()
            _record(session, Verb.REMINDED, pioneer, by=None, now=now)
        else:
            _leave_space(session, pioneer, now=now)
            _come_to(session, pioneer, PioneerState.ENDED, Verb.ENDED, by=None, now=now)
    return len(found)


def _hold(session: Session, pioneer: Pioneer, *states: PioneerState, by: Person | None = None) -> None:
    """Lock the row and read it again. `by`: only they may. Raises NotAllowed, InvitationGone."""
    session.refresh(pioneer, with_for_update={"of": Pioneer})
    if by is not None and pioneer.person_id != by.id:
        raise NotAllowed
    if pioneer.state not in states:
        raise InvitationGone


def _leave_space(session: Session, pioneer: Pioneer, *, now: datetime) -> None:
    """Whoever moderates the space stays in it."""
    space = pioneer_space(session)
    membership = membership_of(session, space, pioneer.person) if space is not None else None
    if membership is not None and membership.role is not SpaceRole.MODERATOR:
        end_place(session, membership, now=now)


def _come_to(
    session: Session, pioneer: Pioneer, state: PioneerState, verb: Verb, *, by: Any, now: datetime, reason: str = ""
) -> None:
    pioneer.state, pioneer.since = state, now
    session.flush()
    _record(session, verb, pioneer, by=by, now=now, reason=reason)


def _record(
    session: Session,
    verb: Verb,
    pioneer: Pioneer,
    *,
    by: Any,
    now: datetime,
    reason: str = "",
    campaign_id: int | None = None,
) -> None:
    until = {"until": pioneer.until.isoformat()} if pioneer.until is not None else {}
    after = {"person_id": pioneer.person_id, "state": pioneer.state, **until}
    if campaign_id is not None:
        after["campaign_id"] = campaign_id
    record(session, verb, pioneer, by=by, reason=reason, after=after, now=now)
