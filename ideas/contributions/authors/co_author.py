"""Co-authors: people whom the author of an idea invited to write it with them.

The acts are in `ideas.contributions.authors.inviting`. This is here so that an idea knows who wrote it.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ideas.base import Base, choice
from ideas.people.person import Person


class CoAuthorState(StrEnum):
    """How an invitation stands. The first two hold; who was removed may be invited again, who left or declined too."""

    INVITED = "invited"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LEFT = "left"
    REMOVED = "removed"


class CoAuthor(Base):
    """A person who was invited to be a co-author of an idea. `changed_at`: when `state` last changed."""

    __tablename__ = "co_author"
    __table_args__ = (UniqueConstraint("idea_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    state: Mapped[CoAuthorState] = mapped_column(choice(CoAuthorState))
    invited_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    person: Mapped[Person] = relationship()


def co_authored_by(person_id: Any) -> Select[int]:
    """The ids of the ideas that this person is a co-author of. `person_id`: a number, or a column of the query."""
    joined = select(CoAuthor.idea_id).where(CoAuthor.person_id == person_id, CoAuthor.state == CoAuthorState.ACCEPTED)
    return joined.correlate_except(CoAuthor)  # of the query around it, however far out the column stands
