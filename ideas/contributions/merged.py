"""Merged ideas: an idea that counts as part of another one, the kept idea.

Nothing moves. A merged idea keeps its text, votes, reactions, comments and placement. `Idea.merged_into_id` names the
kept idea, and what they have together is counted when it is read. So taking it out restores it exactly.

The acts are in `ideas.moderation.acts.merge`. This is here so that an idea is taken out in the transaction that
withdraws or hides it: only public ideas are merged.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, Select, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ideas.activity.activity import Verb, record
from ideas.base import Base, choice
from ideas.people.person import Person


class MergeState(StrEnum):
    """How a merge stands. An author proposes one to another; a moderator's is merged at once."""

    PROPOSED = "proposed"
    DECLINED = "declined"
    MERGED = "merged"
    UNDONE = "undone"


class IdeaMerge(Base):
    """One idea merged into another, or proposed to be. `into_id`: the idea that was chosen.

    That one may be merged further. `Idea.merged_into_id` names the idea at the end, which counts.
    """

    __tablename__ = "idea_merge"
    __table_args__ = (
        Index("ix_idea_merge_idea_id_state", "idea_id", "state"),
        Index("ix_idea_merge_into_id_state", "into_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"))
    into_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"))
    state: Mapped[MergeState] = mapped_column(choice(MergeState))
    # True where the authors of both agreed: each of them may end it.
    by_consent: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(Text, default="")
    # The moderator, or the author who proposed it.
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
    # The last change of `state`: who answered the proposal, or took the idea out.
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    changed_at: Mapped[datetime | None]

    made_by: Mapped[Person] = relationship(foreign_keys=made_by_id)
    changed_by: Mapped[Person | None] = relationship(foreign_keys=changed_by_id)


def merge_of(session: Session, idea_id: int) -> IdeaMerge | None:
    """The merge in force of this idea, locked until the commit and read again."""
    return session.scalar(_in_force(IdeaMerge.idea_id == idea_id))


def any_merged(session: Session, campaign_id: int) -> bool:
    """True where the campaign has a merged idea: else what sums up a whole campaign spares the look at each idea."""
    found = select(IdeaMerge.id).where(IdeaMerge.campaign_id == campaign_id, IdeaMerge.state == MergeState.MERGED)
    return session.scalar(found.limit(1)) is not None


def put_together(session: Session, idea: Any, into: Any, *, now: datetime) -> None:
    """Have `idea`, with the ideas merged into it, count in `into`. For the rules, which have locked both."""
    model = type(idea)
    for part in [idea, *session.scalars(select(model).where(model.merged_into_id == idea.id))]:
        part.merged_into_id, part.merged_at = into.id, now
    session.flush()


def end_merge(session: Session, merge: IdeaMerge, idea: Any, *, by: Any, now: datetime, reason: str = "") -> None:
    """Have the merged `idea` stand alone, with the ideas that were merged into it before. For the rules.

    `merge`: that of the idea, in force and locked.
    """
    merge.state, merge.changed_by_id, merge.changed_at = MergeState.UNDONE, by.id if by is not None else None, now
    idea.merged_into_id, idea.merged_at = None, now
    model = type(idea)
    for part in session.scalars(select(model).where(model.id.in_(_merged_below(session, idea.id)))):
        part.merged_into_id, part.merged_at = idea.id, now
    after = {"idea_id": merge.idea_id, "into_id": merge.into_id}
    record(session, Verb.UNDONE, merge, by=by, campaign_id=merge.campaign_id, reason=reason, now=now, after=after)
    session.flush()


def take_out(session: Session, idea: Any, *, by: Any, now: datetime) -> bool:
    """Take an idea out of every merge because it stops being public, in the transaction in which it does.

    It is no longer part of another, and each idea that was merged into it stands alone. True where one does: the caller
    asks for places.
    """
    session.flush()
    if (merge := merge_of(session, idea.id)) is not None:
        end_merge(session, merge, idea, by=by, now=now)
    below = session.scalars(_in_force(IdeaMerge.into_id == idea.id)).all()
    for one in below:
        end_merge(session, one, session.get_one(type(idea), one.idea_id), by=by, now=now)
    return bool(below)


def merges_into(session: Session, idea_id: int) -> Sequence[IdeaMerge]:
    """The merges in force of the ideas that count in this one, the latest last, with who made them."""
    ids = _merged_below(session, idea_id)
    if not ids:
        return ()
    found = select(IdeaMerge).where(IdeaMerge.idea_id.in_(ids), IdeaMerge.state == MergeState.MERGED)
    return session.scalars(found.order_by(IdeaMerge.id)).all()


def _merged_below(session: Session, idea_id: int) -> list[int]:
    """The ids of the ideas that were merged into this one, or into one of those."""
    found: list[int] = []
    last: Sequence[int] = [idea_id]
    while last:
        query = select(IdeaMerge.idea_id).where(IdeaMerge.into_id.in_(last), IdeaMerge.state == MergeState.MERGED)
        last = session.scalars(query).all()
        found += last
    return found


def _in_force(condition: ColumnElement[bool]) -> Select[IdeaMerge]:
    found = select(IdeaMerge).where(condition, IdeaMerge.state == MergeState.MERGED).order_by(IdeaMerge.id)
    return found.with_for_update(of=IdeaMerge).execution_options(populate_existing=True)
