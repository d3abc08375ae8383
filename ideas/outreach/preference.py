"""What a person wants by mail as well. In the product every notice is shown, whatever the preferences say.

Mail of a kind is on unless the person switched it off. Who switched all of them off gets none of a kind that is new in
a later version either (`Person.wants_no_mail`), until they switch one on.

Newsletters and workshops can also be stopped for one space alone: the other spaces still send theirs.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import ForeignKey, and_, exists, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.base import Base, choice
from ideas.outreach.notice import BY_MAIL, NoticeKind
from ideas.people.person import Person
from ideas.spaces.space import Membership, MembershipState, Space

# The mails of a space itself: a person may stop those of one space.
OF_SPACES = frozenset({NoticeKind.NEWSLETTER, NoticeKind.WORKSHOP})


class NoticePreference(Base):
    """A person's own choice for one kind. Where there is none, mail is on, unless they want none at all."""

    __tablename__ = "notice_preference"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[NoticeKind] = mapped_column(choice(NoticeKind), primary_key=True)
    by_mail: Mapped[bool]


class SilentSpace(Base):
    """A person wants no newsletters and no mails about workshops of this space."""

    __tablename__ = "silent_space"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    space_id: Mapped[int] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"), primary_key=True, index=True)


def kinds_by_mail(session: Session, person: Person) -> list[NoticeKind]:
    """The kinds that this person gets by mail."""
    if person.wants_no_mail:
        return []
    off = select(NoticePreference.kind).where(
        NoticePreference.person_id == person.id, NoticePreference.by_mail.is_(False)
    )
    switched_off = set(session.scalars(off))
    return [kind for kind in BY_MAIL if kind not in switched_off]


def wants_mail(session: Session, person: Person, kind: NoticeKind) -> bool:
    return kind in BY_MAIL and person.id not in without_mail(session, kind, [person.id])


def without_mail(session: Session, kind: NoticeKind, people: Sequence[int]) -> set[int]:
    """Those of these people, a few hundred at a time, who have switched off the mail of this kind, or all mail."""
    of_kind = and_(NoticePreference.person_id == Person.id, NoticePreference.kind == kind)
    return set(
        session.scalars(
            select(Person.id)
            .outerjoin(NoticePreference, of_kind)
            .where(Person.id.in_(people), or_(Person.wants_no_mail, NoticePreference.by_mail.is_(False)))
        )
    )


def silent_in(session: Session, space_id: int | None, people: Sequence[int]) -> set[int]:
    """Those of these people, a few hundred at a time, who want no mails of this space. One query, or none."""
    if space_id is None:
        return set()
    here = (SilentSpace.space_id == space_id) & SilentSpace.person_id.in_(people)
    return set(session.scalars(select(SilentSpace.person_id).where(here)))


def spaces_by_mail(session: Session, person: Person) -> Sequence[tuple[Space, bool]]:
    """The spaces that the person is in, by name, each with whether its newsletters and workshops come by mail. Those
    that they stopped are listed also where they are not in the space: a newsletter may be for everyone.
    """
    is_silent = exists().where(SilentSpace.space_id == Space.id, SilentSpace.person_id == person.id)
    inside = (Membership.person_id == person.id) & (Membership.state == MembershipState.MEMBER)
    is_in = Space.id.in_(select(Membership.space_id).where(inside))
    rows = session.execute(select(Space, is_silent).where(or_(is_in, is_silent)).order_by(Space.name, Space.id))
    return [(space, not silent) for space, silent in rows]


def switch_space(session: Session, person: Person, space: Space, *, on: bool) -> bool:
    """Switch the mails of one space on or off. Returns whether that changed anything. See `choose_mail` for who may."""
    kept = session.get(SilentSpace, (person.id, space.id))
    if on == (kept is None):
        return False
    if kept is not None:
        session.delete(kept)
        session.flush()
        return True
    try:
        with session.begin_nested():
            session.add(SilentSpace(person_id=person.id, space_id=space.id))
    except IntegrityError:  # another request switched it off at the same moment
        session.expire_all()
        return False
    return True


def choose_mail(session: Session, person: Person, *, wanted: Collection[NoticeKind]) -> None:
    """Switch the mail of these kinds on, and that of all others off: with none, also that of kinds to come.

    The person may, and whoever holds the link in one of their mails may switch all of it off.
    """
    person.wants_no_mail = not any(kind in wanted for kind in BY_MAIL)
    for kind in BY_MAIL:
        _switch(session, person, kind, on=kind in wanted)


def switch_mail(session: Session, person: Person, kind: NoticeKind, *, on: bool) -> None:
    """Switch the mail of one kind on or off; a second time changes nothing. See `choose_mail` for who may.

    Who has switched off one kind after the other wants no mail of kinds to come either.
    """
    _switch(session, person, kind, on=on)
    session.flush()
    if not on and not kinds_by_mail(session, person):
        person.wants_no_mail = True


def _switch(session: Session, person: Person, kind: NoticeKind, *, on: bool) -> None:
    kept = session.get(NoticePreference, (person.id, kind))
    if kept is not None:
        kept.by_mail = on
    elif not on:
        try:
            with session.begin_nested():
                session.add(NoticePreference(person_id=person.id, kind=kind, by_mail=False))
        except IntegrityError:  # another request switched it off at the same moment
            session.expire_all()
