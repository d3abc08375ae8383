"""What recurs: a row of `schedule` says which kind of job is queued, and how often."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CheckConstraint, String, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.base import Base, choice
from ideas.work.job import JobKind, changed_rows, enqueue

KEY_PREFIX = "schedule:"


class Schedule(Base):
    """A job that is queued again and again. `next_at`: when it is due. Operators may change a row or switch it off."""

    __tablename__ = "schedule"
    __table_args__ = (CheckConstraint("every_seconds > 0", name="every_seconds"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    kind: Mapped[JobKind] = mapped_column(choice(JobKind))
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    every_seconds: Mapped[int]
    next_at: Mapped[datetime]
    enabled: Mapped[bool] = mapped_column(default=True)


@dataclass(frozen=True, slots=True)
class Recurring:
    """What a new installation begins with."""

    kind: JobKind
    every: timedelta
    payload: Mapping[str, Any] = field(default_factory=dict)


RECURRING = {
    "group_closed": Recurring(JobKind.GROUP_CLOSED, timedelta(minutes=1)),
    "record_dates": Recurring(JobKind.RECORD_DATES, timedelta(minutes=1)),
    "delete_expired": Recurring(JobKind.DELETE_EXPIRED, timedelta(days=1)),
    "tell_badges": Recurring(JobKind.TELL_BADGES, timedelta(minutes=10)),
    "send_digests": Recurring(JobKind.SEND_DIGESTS, timedelta(hours=1)),
    "back_up": Recurring(JobKind.BACK_UP, timedelta(days=1)),
    "send_webhooks": Recurring(JobKind.SEND_WEBHOOKS, timedelta(minutes=1)),
}


def add_missing_schedules(session: Session, *, now: datetime) -> int:
    """Add the rows of RECURRING that are not there, due at once. Returns how many. For the worker, at its start.

    Rows that are there stay as they are: somebody may have changed them or switched them off.
    """
    known = set(session.scalars(select(Schedule.name)))
    added = 0
    for name, recurring in RECURRING.items():
        if name in known:
            continue
        seconds = int(recurring.every.total_seconds())
        row = Schedule(
            name=name, kind=recurring.kind, payload=dict(recurring.payload), every_seconds=seconds, next_at=now
        )
        try:
            with session.begin_nested():
                session.add(row)
        except IntegrityError:  # another worker starts at the same moment
            continue
        added += 1
    return added


def enqueue_scheduled(session: Session, *, now: datetime) -> int:
    """Queue the job of each schedule that is due, in the caller's transaction. Returns how many. For the worker.

    Of two workers that do so at once, one queues the job: it alone changes `next_at`. Turns that were missed, because
    no worker ran, are made up for by one job.
    """
    due = select(Schedule).where(Schedule.enabled).order_by(Schedule.next_at, Schedule.id)
    queued = 0
    for schedule in session.scalars(due, execution_options={"populate_existing": True}).all():
        every = timedelta(seconds=schedule.every_seconds)
        if now < schedule.next_at <= now + every:  # further away, the clock was set back: it is due
            continue
        following = schedule.next_at + every * ((now - schedule.next_at) // every + 1)
        moved = (
            update(Schedule)
            .where(Schedule.id == schedule.id, Schedule.next_at == schedule.next_at, Schedule.enabled)
            .values(next_at=following)
            .execution_options(synchronize_session=False)
        )
        if changed_rows(session, moved) == 1:
            enqueue(session, schedule.kind, payload=schedule.payload, key=KEY_PREFIX + schedule.name, now=now)
            queued += 1
    return queued


def schedules(session: Session) -> Sequence[Schedule]:
    """All schedules by name, for administrators."""
    return session.scalars(select(Schedule).order_by(Schedule.name)).all()
