"""Notes of the jury on an entry, while it discusses: read by the jury and the team alone."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, Text, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ideas.activity.activity import Verb, record
from ideas.base import Base
from ideas.campaigns.campaign import lock_campaign
from ideas.contest.contest import Contest, Phase
from ideas.contest.entry import is_entry
from ideas.contest.judging import NotAnEntry, NotScoring
from ideas.contributions.idea import Idea
from ideas.people.person import Person
from ideas.text import required

MAX_NOTE_LENGTH = 2_000


class JuryNote(Base):
    __tablename__ = "jury_note"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]

    person: Mapped[Person] = relationship()


def add_note(session: Session, contest: Contest, idea: Idea, *, body: str, by: Person, now: datetime) -> None:
    """Write a note on an entry, once the scores are shown. Whoever may judge may. The same note twice is one.

    Raises NotScoring, NotAnEntry, EmptyText, TooLong.
    """
    lock_campaign(session, contest.campaign)  # alone, else a double click keeps two
    body = required(body, max_length=MAX_NOTE_LENGTH)
    if contest.phase(now) is not Phase.DISCUSSION:
        raise NotScoring
    if not is_entry(session, idea):
        raise NotAnEntry
    latest = session.scalar(
        select(JuryNote).where(JuryNote.idea_id == idea.id).order_by(JuryNote.id.desc()).limit(1)
    )  # fmt: skip
    if latest is not None and (latest.person_id, latest.body) == (by.id, body):
        return
    note = JuryNote(campaign_id=contest.campaign_id, idea_id=idea.id, person_id=by.id, body=body, created_at=now)
    session.add(note)
    session.flush()
    record(
        session, Verb.ADDED, note, by=by, campaign_id=contest.campaign_id, after={"idea_id": idea.id}, now=now
    )  # fmt: skip


def notes_on(session: Session, idea: Idea) -> Sequence[JuryNote]:
    """The notes on this entry with their writers, oldest first. For whoever may judge, in the discussion."""
    found = select(JuryNote).where(JuryNote.idea_id == idea.id).options(joinedload(JuryNote.person))
    return session.scalars(found.order_by(JuryNote.id)).all()
