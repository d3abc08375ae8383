"""What a person wants by mail as well. In the product every notice is shown, whatever the preferences say."""

from collections.abc import Collection, Sequence

from sqlalchemy import ForeignKey, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.base import Base, choice
from ideas.outreach.notice import BY_MAIL, NoticeKind
from ideas.people.person import Person


class NoticePreference(Base):
    """A person's own choice for one kind. Where there is none, mail is on."""

    __tablename__ = "notice_preference"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[NoticeKind] = mapped_column(choice(NoticeKind), primary_key=True)
    by_mail: Mapped[bool]


def kinds_by_mail(session: Session, person: Person) -> list[NoticeKind]:
    """The kinds that this person gets by mail."""
    off = select(NoticePreference.kind).where(
        NoticePreference.person_id == person.id, NoticePreference.by_mail.is_(False)
    )
    switched_off = set(session.scalars(off))
    return [kind for kind in BY_MAIL if kind not in switched_off]


def wants_mail(session: Session, person: Person, kind: NoticeKind) -> bool:
    kept = session.get(NoticePreference, (person.id, kind), populate_existing=True)
    return kind in BY_MAIL and (kept is None or kept.by_mail)


def without_mail(session: Session, kind: NoticeKind, people: Sequence[int]) -> set[int]:
    """Those of these people, a few hundred at a time, who have switched off the mail of this kind."""
    return set(
        session.scalars(
            select(NoticePreference.person_id).where(
                NoticePreference.kind == kind,
                NoticePreference.by_mail.is_(False),
                NoticePreference.person_id.in_(people),
            )
        )
    )


def choose_mail(session: Session, person: Person, *, wanted: Collection[NoticeKind]) -> None:
    """Switch the mail of these kinds on, and that of all others off. Only the person may."""
    for kind in BY_MAIL:
        switch_mail(session, person, kind, on=kind in wanted)


def switch_mail(session: Session, person: Person, kind: NoticeKind, *, on: bool) -> None:
    """Switch the mail of one kind on or off; a second time changes nothing.

    The person may, and whoever holds the link in one of their mails may switch it off.
    """
    kept = session.get(NoticePreference, (person.id, kind))
    if kept is not None:
        kept.by_mail = on
    elif not on:
        try:
            with session.begin_nested():
                session.add(NoticePreference(person_id=person.id, kind=kind, by_mail=False))
        except IntegrityError:  # another request switched it off at the same moment
            session.expire_all()
