"""Photos and documents of an idea: rows that say to which idea a file belongs, and what its picture shows.

A file that belongs to no idea yet waits for the form that it was sent with. Only who sent it reads it, and it is
deleted after a day. A file of an idea is read by whoever may see the idea: `app.access.loaders` asks `holds_file`.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ForeignKey, Select, String, delete, func, or_, select, text, update
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, joinedload, mapped_column, relationship

from ideas.base import Base, chunks
from ideas.campaigns.form_field import FormField
from ideas.files import File, Purpose, Upload, wait
from ideas.people.limit import LimitedAct, spend
from ideas.people.person import Person

MAX_ALTERNATIVE_LENGTH = 200
# Of one person, that wait at once: those of a few forms. Earlier ones make room.
MAX_WAITING = 12
WAITS = timedelta(days=1)


class IdeaFile(Base):
    """`idea_id`: None while it waits. `field_id`: the field of the form that asked for it. `small`: of a picture, a
    small one for lists. `alternative`: what the picture shows, for whoever does not see it.

    The row stays when the file is removed, as the row of the file does.
    """

    __tablename__ = "idea_file"

    file_id: Mapped[int] = mapped_column(ForeignKey("file.id", ondelete="CASCADE"), primary_key=True)
    idea_id: Mapped[int | None] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True)
    field_id: Mapped[int | None] = mapped_column(ForeignKey("form_field.id", ondelete="CASCADE"), index=True)
    small_id: Mapped[int | None] = mapped_column(ForeignKey("file.id"), unique=True)
    alternative: Mapped[str] = mapped_column(String(MAX_ALTERNATIVE_LENGTH), default="", server_default=text("''"))

    file: Mapped[File] = relationship(foreign_keys=file_id)
    small: Mapped[File | None] = relationship(foreign_keys=small_id)
    field: Mapped[FormField | None] = relationship()

    @property
    def in_words(self) -> str:
        """Its name and what it shows, as earlier versions of an idea keep it."""
        return in_words(self.file.name, self.alternative)

    @property
    def shown_id(self) -> int:
        """The number of the picture to show in a page: the small one where there is one."""
        return self.small_id or self.file_id


def in_words(name: str, alternative: str) -> str:
    """The name of a file with what it shows."""
    return f"{name} ({alternative})" if alternative else name


def files_of(session: Session, idea_ids: Iterable[int]) -> dict[int, list[IdeaFile]]:
    """The files of each of these ideas, by its id, in the order in which they were sent. Whoever sees an idea may."""
    found: dict[int, list[IdeaFile]] = {}
    for part in chunks(sorted(set(idea_ids))):
        for one in session.scalars(_present().where(IdeaFile.idea_id.in_(part)).order_by(IdeaFile.file_id)):
            found.setdefault(one.idea_id or 0, []).append(one)
    return found


def ideas_with_file() -> Select[int | None, int | None]:
    """The ids of ideas that have a file in a field of the form, each with the id of that field. Each pair once."""
    asked = IdeaFile.field_id.is_not(None) & IdeaFile.idea_id.is_not(None)
    found = select(IdeaFile.idea_id, IdeaFile.field_id).join(File, File.id == IdeaFile.file_id)
    return found.where(asked, File.removed_at.is_(None)).distinct()


def first_pictures(session: Session, idea_ids: Collection[int]) -> dict[int, IdeaFile]:
    """The first picture of each of these ideas that has one, by the id of the idea. One query, or none."""
    if not idea_ids:
        return {}
    with_picture = IdeaFile.idea_id.in_(idea_ids) & IdeaFile.small_id.is_not(None)
    found = session.scalars(_present().where(with_picture).order_by(IdeaFile.file_id.desc()))
    return {one.idea_id or 0: one for one in found}


def file_counts(session: Session, idea_ids: Iterable[int]) -> dict[int, int]:
    """How many files each of these ideas has, by its id, those that have any."""
    found: dict[int, int] = {}
    for part in chunks(sorted(set(idea_ids))):
        present = select(IdeaFile.idea_id, func.count()).join(File, File.id == IdeaFile.file_id)
        counted = present.where(File.removed_at.is_(None), IdeaFile.idea_id.in_(part)).group_by(IdeaFile.idea_id)
        found |= {idea_id or 0: count for idea_id, count in session.execute(counted)}
    return found


def ever_had_files(session: Session, idea_id: int) -> bool:
    """True where the idea has files, or had some."""
    return session.scalar(select(IdeaFile.file_id).where(IdeaFile.idea_id == idea_id).limit(1)) is not None


def holds_file(file_id: int) -> Select[int | None]:
    """The id of the idea that this file, or the small picture with this id, belongs to, as a query."""
    here = or_(IdeaFile.file_id == file_id, IdeaFile.small_id == file_id)
    return select(IdeaFile.idea_id).where(here)


def in_field(field_id: int | InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """SQL condition: a file was given in this field of the form, be it with a draft."""
    return select(IdeaFile.file_id).where(IdeaFile.field_id == field_id, IdeaFile.idea_id.is_not(None)).exists()


def remove_all_files(session: Session, idea_ids: Collection[int], *, now: datetime) -> None:
    """Remove the files of ideas that were erased, whoever sent them. For the job; `sweep` deletes their bytes."""
    of_ideas = IdeaFile.idea_id.in_(idea_ids)
    files, small = select(IdeaFile.file_id).where(of_ideas), select(IdeaFile.small_id).where(of_ideas)
    there = (File.id.in_(files) | File.id.in_(small)) & File.removed_at.is_(None)
    session.execute(update(File).where(there).values(removed_at=now, name=""))
    session.execute(update(IdeaFile).where(of_ideas).values(alternative=""))


def give_files(session: Session, idea_ids: Collection[int], *, to: Person) -> None:
    """The files of ideas that were written for this person, who has claimed them, are theirs from now on."""
    of_ideas = IdeaFile.idea_id.in_(idea_ids)
    files, small = select(IdeaFile.file_id).where(of_ideas), select(IdeaFile.small_id).where(of_ideas)
    session.execute(update(File).where(File.id.in_(files) | File.id.in_(small)).values(uploaded_by_id=to.id))


# Files that wait ------------------------------------------------------------------------------------------------------


def count_sent(session: Session, *, by: Person, now: datetime) -> None:
    """Before a file that was sent is looked into, which takes a while. Raises LimitReached."""
    spend(session, LimitedAct.SEND_FILE, by=by, now=now)


def keep_waiting(
    session: Session,
    upload: Upload,
    *,
    stored_as: str,
    small: Upload | None = None,
    small_as: str = "",
    field_id: int | None = None,
    beside: Collection[int] = (),
    by: Person,
    now: datetime,
) -> IdeaFile:
    """Keep a file that was sent with the form of an idea, until the form is accepted. Anyone who may write may, once
    `count_sent` has let them.

    `small`: of a picture, which was drawn again, a small one. `beside`: the files that wait for the same form, which
    make no room: who sends it would publish an idea without them.
    """
    there = session.scalars(_waiting().where(File.uploaded_by_id == by.id).order_by(IdeaFile.file_id.desc())).all()
    others = [one for one in there if one.file_id not in beside]
    _delete(session, others[max(0, MAX_WAITING - 1 - (len(there) - len(others))) :])
    file = wait(session, upload, stored_as=stored_as, purpose=Purpose.IDEA, by=by, now=now)
    one = IdeaFile(file=file, field_id=field_id, alternative="")
    if small is not None:
        one.small = wait(session, small, stored_as=small_as, purpose=Purpose.IDEA, by=by, now=now)
    session.add(one)
    session.flush()
    return one


def sent_files(session: Session, file_ids: Collection[int], *, by: Person) -> Sequence[IdeaFile]:
    """Those of these files that the person sent and that are there: they wait, or belong to an idea by now."""
    if not file_ids:
        return []
    mine = IdeaFile.file_id.in_(file_ids) & (File.uploaded_by_id == by.id)
    return session.scalars(_present().where(mine).order_by(IdeaFile.file_id)).all()


def delete_waiting_files(session: Session, *, now: datetime) -> int:
    """Delete files that have waited for a day, and those of drafts that were deleted. Returns how many.

    For the worker; `sweep` deletes their bytes.
    """
    old = session.scalars(_waiting().where(File.created_at < now - WAITS)).all()
    _delete(session, old)
    small = select(IdeaFile.small_id).where(IdeaFile.small_id.is_not(None))
    is_lost = File.id.not_in(select(IdeaFile.file_id)) & File.id.not_in(small) & File.removed_at.is_(None)
    lost = session.scalars(select(File.id).where(File.purpose == Purpose.IDEA, is_lost)).all()
    for part in chunks(lost):
        session.execute(delete(File).where(File.id.in_(part)).execution_options(synchronize_session=False))
    return len(old) + len(lost)


def _present() -> Select[IdeaFile]:
    found = select(IdeaFile).join(File, File.id == IdeaFile.file_id).where(File.removed_at.is_(None))
    return found.options(joinedload(IdeaFile.file))


def _waiting() -> Select[IdeaFile]:
    return _present().where(IdeaFile.idea_id.is_(None))


def _delete(session: Session, files: Sequence[IdeaFile]) -> None:
    """Delete these rows and those of their files: nobody but who sent them has seen them."""
    ids = [each for one in files for each in (one.file_id, one.small_id) if each is not None]
    for one in files:
        session.delete(one)
    session.flush()
    for part in chunks(ids):
        session.execute(delete(File).where(File.id.in_(part)).execution_options(synchronize_session="fetch"))
