"""Who wrote an anonymous idea. The idea itself names no author, so nothing that shows, exports or logs one can tell.

An idea may be sent anonymously where its campaign allows it: see `ideas.contributions.draft`. Only what an author does
or is told asks here: see `ideas.contributions.authors.writer`. A moderator learns the name by an act that is logged:
see `ideas.moderation.acts.reveal`.
"""

from typing import Any

from sqlalchemy import ForeignKey, Select, select
from sqlalchemy.orm import Mapped, mapped_column

from ideas.base import Base


class AnonymousAuthor(Base):
    """The author of an idea that was sent without their name."""

    __tablename__ = "anonymous_author"

    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)


def unsigned_by(person_id: Any) -> Select[int]:
    """The ids of the ideas that this person sent anonymously. `person_id`: a number, or a column of the query."""
    sent = select(AnonymousAuthor.idea_id).where(AnonymousAuthor.person_id == person_id)
    return sent.correlate_except(AnonymousAuthor)  # as in `co_authored_by`
