"""Versions: what was published stays readable as it was, with who changed it, when and why.

A versioned row counts its saves in `version`. A form sends the number that it was opened with, so that one person's
save never replaces another's unseen: see `check_unchanged`. From publication on, each save is also kept as a Version.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, false, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.base import Base
from ideas.errors import Conflict, DomainError, message_id
from ideas.text import required

MAX_REASON_LENGTH = 500


class ChangedMeanwhile(Conflict):
    """Somebody saved another version meanwhile. The page shows both."""

    message = message_id("Someone saved another version while you were writing. Compare both, then save again.")


class ReasonNeeded(DomainError):
    message = message_id("This is published. Say why you change it: everyone can read the reason.")


class Version(Base):
    """The content of a published row from this save until the next one."""

    __tablename__ = "version"
    __table_args__ = (UniqueConstraint("object_kind", "object_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    object_kind: Mapped[str] = mapped_column(String(30))
    object_id: Mapped[int]
    number: Mapped[int]
    content: Mapped[dict[str, Any]]
    reason: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    # It held personal data: only its author and the campaign's team may read it.
    is_restricted: Mapped[bool] = mapped_column(default=False, server_default=false())


def check_unchanged(row: Any, seen: int | None) -> None:
    """Raises ChangedMeanwhile if the row was saved since version `seen`, which the form was opened with.

    The caller has locked the row and read it again. None: the caller saw the row in this transaction.
    """
    if seen is not None and row.version != seen:
        raise ChangedMeanwhile


def reason_for_change(reason: str) -> str:
    """The reason to keep with a change of something published. Raises ReasonNeeded or TooLong."""
    if not reason.strip():
        raise ReasonNeeded
    return required(reason, max_length=MAX_REASON_LENGTH)


def keep_version(
    session: Session, row: Any, *, object_id: int, content: Mapping[str, Any], reason: str = "", by: Any, now: datetime
) -> Version:
    """Keep the row's present content under its present number. `by`: a Person, or None for the product."""
    version = Version(
        object_kind=row.__tablename__,
        object_id=object_id,
        number=row.version,
        content=dict(content),
        reason=reason,
        at=now,
        by_id=by.id if by is not None else None,
    )
    session.add(version)
    return version


def versions_of(session: Session, kind: str, object_id: int) -> Sequence[Version]:
    """The published versions of a row, latest first. Whoever may read the row may read them."""
    return session.scalars(
        select(Version)
        .where(Version.object_kind == kind, Version.object_id == object_id)
        .order_by(Version.number.desc())
    ).all()
