"""Notes that the team keeps on a theme, never public. Those of a merged theme are read where its ideas are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, Text, func, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ideas.activity.activity import Verb, record
from ideas.base import Base
from ideas.campaigns.campaign import lock_campaign
from ideas.errors import Conflict, NotAllowed, message_id
from ideas.people.person import Person
from ideas.text import clean, required
from ideas.themes.edits.merged import last_target, merge_targets, merges_in, split_back
from ideas.themes.theme import Theme

MAX_NOTE_LENGTH = 2_000


class NotYourNote(NotAllowed):
    message = message_id("Only whoever wrote a note may delete it.")


class ThemeNote(Base):
    __tablename__ = "theme_note"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    theme_id: Mapped[int] = mapped_column(ForeignKey("theme.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    body: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime]

    author: Mapped[Person] = relationship()
    theme: Mapped[Theme] = relationship()


@dataclass(frozen=True, slots=True)
class ReadNote:
    """A note as a theme shows it. `of`: the name of the theme that it was written on, where that is another one."""

    note: ThemeNote
    of: str


def write_note(session: Session, theme: Theme, *, body: str, by: Person, now: datetime) -> ThemeNote:
    """Keep a note on a theme. Those who group the themes may. The log keeps that it was written, not its words.

    Where it is the latest one of the theme already, such as by a double click, it stays alone.
    Raises EmptyText, TooLong, Conflict (the theme is no more).
    """
    body = required(clean(body), max_length=MAX_NOTE_LENGTH)
    lock_campaign(session, theme.campaign)
    session.refresh(theme)
    if theme.retired_at is not None:
        raise Conflict
    latest = session.scalar(
        select(ThemeNote).where(ThemeNote.theme_id == theme.id).order_by(ThemeNote.id.desc()).limit(1)
    )
    if latest is not None and (latest.author_id, latest.body) == (by.id, body):
        return latest
    note = ThemeNote(campaign_id=theme.campaign_id, theme=theme, author=by, body=body, written_at=now)
    session.add(note)
    session.flush()
    record(session, Verb.CREATED, note, by=by, now=now, campaign_id=note.campaign_id, after={"theme_id": theme.id})
    return note


def delete_note(session: Session, note: ThemeNote, *, by: Person, now: datetime) -> None:
    """Delete one's own note. Raises NotYourNote."""
    if note.author_id != by.id:
        raise NotYourNote
    about = {"theme_id": note.theme_id}
    record(session, Verb.DELETED, note, by=by, now=now, campaign_id=note.campaign_id, before=about)
    session.delete(note)
    session.flush()


def notes_on(session: Session, theme: Theme) -> Sequence[ReadNote]:
    """The notes of a theme, latest first, with those of the themes whose ideas it has: by a merge, or since a split was
    undone. For the team. Four queries at most.
    """
    some = select(func.count()).where(ThemeNote.campaign_id == theme.campaign_id)
    if not session.scalar(some):
        return []
    targets = merge_targets(merges_in(session, [theme.campaign_id])) | split_back(session, theme.campaign_id)
    themes = {theme.id, *(other for other in targets if last_target(other, targets) == theme.id)}
    notes = session.scalars(
        select(ThemeNote)
        .where(ThemeNote.theme_id.in_(themes))
        .options(joinedload(ThemeNote.author), joinedload(ThemeNote.theme))
        .order_by(ThemeNote.id.desc())
    )
    return [ReadNote(note, note.theme.name if note.theme_id != theme.id else "") for note in notes]
