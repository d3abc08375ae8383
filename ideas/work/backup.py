"""Back-ups that were made or failed, for administrators. The files themselves are `app.backup`'s."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, String, Text, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.base import Base

MAX_PLACE_LENGTH = 1_000
# Rows that are kept: more than anybody reads.
MAX_NOTED = 200


class Backup(Base):
    """A back-up, or one that failed: then `error` says why. `place`: the file or folder. `counts`: rows of some tables.

    `missing`: files that the database names and that were not there. `removed_at`: when the worker deleted it.
    """

    __tablename__ = "backup"

    id: Mapped[int] = mapped_column(primary_key=True)
    made_at: Mapped[datetime] = mapped_column(index=True)
    place: Mapped[str] = mapped_column(String(MAX_PLACE_LENGTH))
    scheduled: Mapped[bool]
    is_encrypted: Mapped[bool] = mapped_column(default=False)
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    files: Mapped[int] = mapped_column(default=0)
    missing: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(Text, default="")
    removed_at: Mapped[datetime | None]


def note_backup(session: Session, *, place: str, scheduled: bool, facts: Mapping[str, object], now: datetime) -> Backup:
    """Note what became of a back-up, in place of what was noted of an earlier try. For the worker and the command.

    `facts`: columns of `Backup`.
    """
    place = place[:MAX_PLACE_LENGTH]
    session.execute(delete(Backup).where(Backup.place == place, Backup.error != ""))
    backup = Backup(made_at=now, place=place, scheduled=scheduled, **facts)
    session.add(backup)
    session.flush()
    session.execute(delete(Backup).where(Backup.id <= backup.id - MAX_NOTED))
    return backup


def mark_removed(session: Session, places: Collection[str], *, now: datetime) -> None:
    """Note that these were deleted. For the worker."""
    there = Backup.removed_at.is_(None) & Backup.place.in_(places)
    session.execute(update(Backup).where(there).values(removed_at=now).execution_options(synchronize_session="fetch"))


def lacking_files(session: Session) -> Sequence[str]:
    """Where the back-ups are of which files are missing. For the worker, which keeps one that has them."""
    return session.scalars(select(Backup.place).where(Backup.missing > 0, Backup.removed_at.is_(None))).all()


def latest_backups(session: Session, *, limit: int = 7) -> Sequence[Backup]:
    """The latest ones, the newest first, for administrators."""
    return session.scalars(select(Backup).order_by(Backup.id.desc()).limit(limit)).all()


def last_good_backup(session: Session) -> datetime | None:
    """When one was made last that did not fail. None where none is known."""
    return session.scalar(select(func.max(Backup.made_at)).where(Backup.error == ""))
