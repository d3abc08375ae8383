"""Jobs: work done outside a request, by a worker process. The table is the queue.

A worker *claims* a row and has a lease on it that its heartbeat renews. A row whose lease ran out is claimed again,
with a higher *fence*. Every write of a worker names the fence it was given, so that a worker that lost its lease
writes nothing.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import CheckConstraint, CursorResult, ForeignKey, Index, String, Text, Update, and_, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.base import Base, choice

LEASE = timedelta(seconds=30)
# A job that was interrupted is tried once more: one that kills its worker twice would always do so.
MAX_ATTEMPTS = 2


class JobKind(StrEnum):
    FIND_THEMES = "find_themes"
    PLACE_IDEAS = "place_ideas"


class JobStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNFINISHED = (JobStatus.QUEUED, JobStatus.RUNNING)


class LeaseLost(Exception):
    """Another worker has the job, or it was cancelled: this one must write nothing more."""


class Job(Base):
    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("progress BETWEEN 0 AND 1", name="progress"),
        Index("ix_job_status_created_at", "status", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[JobKind] = mapped_column(choice(JobKind))
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    # Set while the job is unfinished, so that the same work is never queued twice.
    key: Mapped[str | None] = mapped_column(String(80), unique=True)
    status: Mapped[JobStatus] = mapped_column(choice(JobStatus), default=JobStatus.QUEUED)
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    fence: Mapped[int] = mapped_column(default=0)
    stage: Mapped[str] = mapped_column(String(20), default="")
    progress: Mapped[float] = mapped_column(default=0.0)
    result: Mapped[dict[str, Any] | None]
    # A code for the page, or empty: the details are in the worker's log.
    error: Mapped[str] = mapped_column(Text, default="")

    @property
    def is_unfinished(self) -> bool:
        return self.status in UNFINISHED


def enqueue(session: Session, kind: JobKind, campaign_id: int, *, now: datetime) -> Job:
    """Queue a job in the caller's transaction. Where the same work is queued or running, that job is returned instead.

    The owner and facilitators may; the worker does so itself when a campaign closes.
    """
    key = f"{kind}:{campaign_id}"
    waiting = session.scalar(select(Job).where(Job.key == key))
    if waiting is not None:
        return waiting
    job = Job(kind=kind, campaign_id=campaign_id, key=key, created_at=now)
    try:
        with session.begin_nested():
            session.add(job)
    except IntegrityError:  # someone else queued the same work meanwhile
        return session.scalars(select(Job).where(Job.key == key)).one()
    return job


def claim(session: Session, *, now: datetime) -> Job | None:
    """Claim the oldest job that is queued, or whose lease ran out. None if there is none. For the worker.

    The caller commits at once. First, jobs whose lease ran out at their last attempt are marked failed.
    """
    fail_expired_jobs(session, now)
    claimable = or_(Job.status == JobStatus.QUEUED, _lost(now))
    for job_id, fence in session.execute(
        select(Job.id, Job.fence).where(claimable).order_by(Job.created_at, Job.id).limit(5)
    ).all():
        taken = _updated(
            session,
            update(Job)
            .where(Job.id == job_id, Job.fence == fence, claimable)
            .values(
                status=JobStatus.RUNNING,
                fence=fence + 1,
                attempts=Job.attempts + 1,
                started_at=now,
                lease_until=now + LEASE,
                stage="",
                progress=0.0,
                error="",
            ),
        )
        if taken == 1:
            return session.get(Job, job_id, populate_existing=True)
    return None


def beat(session: Session, job_id: int, *, fence: int, now: datetime) -> None:
    """Renew the lease. Raises LeaseLost."""
    _write(session, job_id, fence, lease_until=now + LEASE)


def report(session: Session, job_id: int, *, fence: int, stage: str, progress: float, now: datetime) -> None:
    """Record the progress: the stage's name and the share of the work that is done, 0 to 1. Raises LeaseLost."""
    _write(session, job_id, fence, stage=stage, progress=min(1.0, max(0.0, progress)), lease_until=now + LEASE)


def finish(session: Session, job_id: int, *, fence: int, result: dict[str, Any], now: datetime) -> None:
    """Mark the job done, in the transaction that writes what it found. Raises LeaseLost: then roll back."""
    _write(
        session, job_id, fence,
        status=JobStatus.DONE, finished_at=now, lease_until=None, key=None, progress=1.0, result=result,
    )  # fmt: skip


def fail(session: Session, job_id: int, *, fence: int, error: str, now: datetime) -> None:
    """Mark the job failed, with a code for the page. Raises LeaseLost."""
    _write(session, job_id, fence, status=JobStatus.FAILED, finished_at=now, lease_until=None, key=None, error=error)


def release(session: Session, job_id: int, *, fence: int) -> None:
    """Queue the job again because its worker is stopping; this attempt does not count. Raises LeaseLost."""
    _write(session, job_id, fence, status=JobStatus.QUEUED, lease_until=None, attempts=Job.attempts - 1)


def cancel(session: Session, job: Job, *, now: datetime) -> None:
    """Stop a job that is queued or running; its worker loses its lease and writes nothing.

    The owner and facilitators may.
    """
    session.execute(
        update(Job)
        .where(Job.id == job.id, Job.status.in_(UNFINISHED))
        .values(status=JobStatus.CANCELLED, finished_at=now, lease_until=None, key=None, fence=Job.fence + 1)
    )
    session.refresh(job)


def latest_job(session: Session, campaign_id: int, kind: JobKind) -> Job | None:
    """The newest job of this kind for the campaign."""
    return session.scalar(
        select(Job).where(Job.campaign_id == campaign_id, Job.kind == kind).order_by(Job.id.desc()).limit(1)
    )


def _write(session: Session, job_id: int, fence: int, **values: Any) -> None:
    held = update(Job).where(Job.id == job_id, Job.fence == fence, Job.status == JobStatus.RUNNING)
    written = _updated(session, held.values(**values).execution_options(synchronize_session=False))
    if written != 1:
        raise LeaseLost


def _updated(session: Session, statement: Update) -> int:
    """How many rows an UPDATE changed."""
    return cast("CursorResult[Any]", session.execute(statement)).rowcount


def _lost(now: datetime) -> Any:
    return and_(Job.status == JobStatus.RUNNING, Job.lease_until < now)


def fail_expired_jobs(session: Session, now: datetime) -> None:
    session.execute(
        update(Job)
        .where(_lost(now), Job.attempts >= MAX_ATTEMPTS)
        .values(
            status=JobStatus.FAILED,
            finished_at=now,
            lease_until=None,
            key=None,
            fence=Job.fence + 1,
            error="interrupted",
        )
    )
