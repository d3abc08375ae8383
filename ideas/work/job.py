"""Work to be done off the request. The row is the truth: whoever carries its id only carries the news.

A worker *claims* a row and holds a lease that its heartbeat renews. A row whose lease ran out is claimed again, with a
higher *fence*; every write of a worker names the fence it was given, so that one who comes back late writes nothing.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import CheckConstraint, CursorResult, ForeignKey, Index, String, Text, Update, and_, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.base import Base, choice

LEASE = timedelta(seconds=30)
# Once more after a first interruption, and no more: what kills a worker twice would kill it for ever.
MAX_ATTEMPTS = 2


class JobKind(StrEnum):
    FIND_THEMES = "find_themes"
    PLACE_IDEAS = "place_ideas"
    NOTIFY_CONTRIBUTORS = "notify_contributors"


class JobStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNFINISHED = (JobStatus.QUEUED, JobStatus.RUNNING)


class LeaseLost(Exception):
    """Another worker holds the job, or it was cancelled: this one must write nothing more."""


class Job(Base):
    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("progress BETWEEN 0 AND 1", name="progress"),
        Index("ix_job_status_created_at", "status", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[JobKind] = mapped_column(choice(JobKind))
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    # Held while the job is unfinished, so that the same work is never queued twice.
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
    # A sentence for the page, or empty: the full story is in the worker's log.
    error: Mapped[str] = mapped_column(Text, default="")

    @property
    def is_unfinished(self) -> bool:
        return self.status in UNFINISHED


def enqueue(session: Session, kind: JobKind, campaign_id: int, *, now: datetime) -> Job:
    """Ask for work in the caller's transaction. The same work that still waits or runs is returned instead.

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
    except IntegrityError:  # someone else asked at this very moment: their job serves both
        return session.scalars(select(Job).where(Job.key == key)).one()
    return job


def claim(session: Session, *, now: datetime) -> Job | None:
    """Take the oldest job that waits, or whose worker was lost. None if there is none.

    The caller commits at once. A job lost as often as MAX_ATTEMPTS is marked failed here and not given out.
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
    """Tell how far the work is: the stage's name and the share of the whole, 0 to 1. Raises LeaseLost."""
    _write(session, job_id, fence, stage=stage, progress=min(1.0, max(0.0, progress)), lease_until=now + LEASE)


def finish(session: Session, job_id: int, *, fence: int, result: dict[str, Any], now: datetime) -> None:
    """Mark the job done, in the transaction that writes what it found. Raises LeaseLost: then roll back."""
    _write(
        session, job_id, fence,
        status=JobStatus.DONE, finished_at=now, lease_until=None, key=None, progress=1.0, result=result,
    )  # fmt: skip


def fail(session: Session, job_id: int, *, fence: int, error: str, now: datetime) -> None:
    """Mark the job failed with a sentence for the page. Raises LeaseLost."""
    _write(session, job_id, fence, status=JobStatus.FAILED, finished_at=now, lease_until=None, key=None, error=error)


def release(session: Session, job_id: int, *, fence: int) -> None:
    """Put the job back because its worker was asked to stop: it does not count as an attempt. Raises LeaseLost."""
    _write(session, job_id, fence, status=JobStatus.QUEUED, lease_until=None, attempts=Job.attempts - 1)


def cancel(session: Session, job: Job, *, now: datetime) -> None:
    """Stop a job that waits or runs; its worker loses its lease and writes nothing.

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
