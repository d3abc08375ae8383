"""Milestones: what shall be reached on the way to an action, each by a day. They say how far the action is.

Once the action is published a milestone is never deleted: it is reached, or abandoned with a reason that everyone
reads, or open. What it said before stays a version, as with the action itself.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, String, Text, text
from sqlalchemy.orm import Mapped, Session, foreign, mapped_column, relationship

from ideas.activity.version import Version, keep_version
from ideas.answers.actions.versions import ActionUpdate, updates_of
from ideas.base import Base

if TYPE_CHECKING:
    from ideas.answers.action import Action

MAX_MILESTONE_LENGTH = 160
# All milestones reached is not yet the action done: whoever is in charge says that.
MOST_BEFORE_DONE = 99


class Milestone(Base):
    """`done_on`: the day on which it was reached, as the team says it. `versions`: since the action was published."""

    __tablename__ = "milestone"
    __table_args__ = (CheckConstraint("done_on IS NULL OR abandoned_at IS NULL", name="done_or_abandoned"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    action_id: Mapped[int] = mapped_column(ForeignKey("action.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(MAX_MILESTONE_LENGTH))
    due_on: Mapped[date] = mapped_column(Date)
    done_on: Mapped[date | None] = mapped_column(Date)
    abandoned_at: Mapped[datetime | None]
    abandoned_reason: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    action: Mapped["Action"] = relationship(back_populates="milestones")
    versions: Mapped[list[Version]] = relationship(
        primaryjoin=lambda: (
            (foreign(Version.object_id) == Milestone.id) & (Version.object_kind == Milestone.__tablename__)
        ),
        order_by=Version.number,
        viewonly=True,
    )

    @property
    def updates(self) -> list[ActionUpdate]:
        """What happened to it since it was published, oldest first. Whoever may read the action may read them."""
        return updates_of(self.versions)

    @property
    def is_open(self) -> bool:
        return self.done_on is None and self.abandoned_at is None

    def is_late(self, today: date) -> bool:
        """True where it was reached after its day, or is not reached although its day has passed."""
        return self.abandoned_at is None and (self.done_on or today) > self.due_on

    def keep(self, session: Session, *, by: Any, now: datetime, reason: str = "") -> None:
        """Keep what it says now as the version of its number, where its action is published. The caller has flushed."""
        if self.action.published_at is None:
            return
        content = {
            "title": self.title,
            "due_on": self.due_on.isoformat(),
            "done_at": self.done_on and self.done_on.isoformat(),
            "abandoned_at": self.abandoned_at and self.abandoned_at.isoformat(),
        }
        keep_version(session, self, object_id=self.id, content=content, reason=reason, by=by, now=now)


def progress_of(milestones: Iterable[Milestone]) -> int | None:
    """How far an open action is, in percent, by the milestones that were not abandoned. None without any."""
    counted = [one.done_on is not None for one in milestones if one.abandoned_at is None]
    return min(MOST_BEFORE_DONE, 100 * sum(counted) // len(counted)) if counted else None
