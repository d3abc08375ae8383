"""What a person wants by mail as well. In the product every notice is shown, whatever the preferences say.

Mail of a kind is on unless the person switched it off. Who switched all of them off gets none of a kind that is new in
a later version either (`Person.wants_no_mail`), until they switch one on.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import ForeignKey, and_, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.base import Base, choice
from ideas.outreach.notice import BY_MAIL, NoticeKind
from ideas.people.person import Person


class NoticePreference(Base):
    """A person's own choice for one kind. Where there is none, mail is on, unless they want none at all."""

    __tablename__ = "notice_preference"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[NoticeKind] = mapped_column(choice(NoticeKind), primary_key=True)
    by_mail: Mapped[bool]


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
