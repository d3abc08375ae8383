"""What a worker does with jobs: it claims one, renews its lease, and writes how it ended.

A worker *claims* a row and has a lease on it that its heartbeat renews. A row whose lease ran out is claimed again,
with a higher *fence*. Every write of a worker names the fence it was given, so that a worker that lost its lease
writes nothing. An attempt that fails is repeated after a pause, which doubles each time.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, or_, select, update
from sqlalchemy.orm import Session

from ideas.activity.activity import Verb, record
from ideas.work.job import Job, JobError, JobStatus, Queue, changed_rows

LEASE = timedelta(seconds=30)
# A clock that steps back by less changes nothing: a worker renews its lease meanwhile.
MAX_CLOCK_STEP = timedelta(minutes=1)
FIRST_PAUSE, MAX_PAUSE = timedelta(seconds=10), timedelta(hours=1)
# A job that was interrupted is tried once more: one that kills its worker twice would always do so.
MAX_INTERRUPTIONS = 2
MAX_DETAIL_LENGTH = 500
_IN_TURN = (Job.priority.desc(), Job.run_at, Job.id)


class LeaseLost(Exception):
    """Another worker has the job, or it was cancelled: this one must write nothing more."""


def claim(
    session: Session, *, queues: Collection[Queue] = tuple(Queue), job_id: int | None = None, now: datetime
) -> Job | None:
    """Claim the job that is due first in these queues, or whose lease ran out. None if there is none. For the worker.

    With `job_id`, that job alone. The caller commits at once. First, jobs whose lease ran out too often are marked
    failed.
    """
    fail_interrupted(session, queues=queues, now=now)
    claimable = _claimable(queues, now) if job_id is None else and_(_claimable(queues, now), Job.id == job_id)
    first = select(Job.id, Job.fence).where(claimable).order_by(*_IN_TURN).limit(5)
    for found, fence in session.execute(first).all():
        taken = changed_rows(
            session,
            update(Job)
            .where(Job.id == found, Job.fence == fence, claimable)
            .values(
                status=JobStatus.RUNNING,
                fence=fence + 1,
                attempts=Job.attempts + 1,
                interruptions=Job.interruptions + case((_lost(now), 1), else_=0),
                started_at=now,
                lease_until=now + LEASE,
                stage="",
                progress=0.0,
            ),
        )
        if taken == 1:
            return session.get(Job, found, populate_existing=True)
    return None


def due_jobs(session: Session, queue: Queue, *, limit: int, now: datetime) -> Sequence[int]:
    """The ids of the jobs that could be claimed in this queue, in their turn. For the worker."""
    due = select(Job.id).where(_claimable([queue], now)).order_by(*_IN_TURN).limit(limit)
    return session.scalars(due).all()


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
        status=JobStatus.DONE, finished_at=now, lease_until=None, progress=1.0, result=result, error=None, detail="",
    )  # fmt: skip


def fail(
    session: Session, job_id: int, *, fence: int, error: JobError, detail: str = "", retry: bool = False, now: datetime
) -> None:
    """Mark the attempt failed. Raises LeaseLost.

    With `retry`, the job is queued again after a pause, unless this was the last attempt of its kind. Otherwise the
    job has failed, which the activity log records.
    """
    job = session.get(Job, job_id, populate_existing=True)
    if job is None:  # deleted with its campaign
        raise LeaseLost
    detail = detail[:MAX_DETAIL_LENGTH]
    if retry and job.attempts < job.max_attempts:
        run_at = now + pause_after(job.attempts)
        values: dict[str, Any] = {"status": JobStatus.QUEUED, "run_at": run_at}
        _write(session, job_id, fence, lease_until=None, error=error, detail=detail, **values)
        return
    _write(
        session, job_id, fence,
        status=JobStatus.FAILED, finished_at=now, lease_until=None, error=error, detail=detail,
    )  # fmt: skip
    _record_failure(session, job, error, now)


def release(session: Session, job_id: int, *, fence: int) -> None:
    """Queue the job again because its worker is stopping; this attempt does not count. Raises LeaseLost."""
    _write(session, job_id, fence, status=JobStatus.QUEUED, lease_until=None, attempts=Job.attempts - 1)


def fail_interrupted(session: Session, *, queues: Collection[Queue] = tuple(Queue), now: datetime) -> None:
    """Mark jobs failed whose lease ran out twice, or at the last attempt of their kind. For the worker."""
    lost = select(Job).where(Job.queue.in_(queues), _lost(now)).execution_options(populate_existing=True)
    for job in session.scalars(lost).all():
        if job.interruptions + 1 < MAX_INTERRUPTIONS and job.attempts < job.max_attempts:
            continue  # it is claimed again
        failed = changed_rows(
            session,
            update(Job)
            .where(Job.id == job.id, Job.fence == job.fence, _lost(now))
            .values(
                status=JobStatus.FAILED,
                finished_at=now,
                lease_until=None,
                interruptions=Job.interruptions + 1,
                fence=Job.fence + 1,
                error=JobError.INTERRUPTED,
                detail="",
            ),
        )
        if failed == 1:
            _record_failure(session, job, JobError.INTERRUPTED, now)


def pause_after(attempts: int) -> timedelta:
    """The pause after so many failed attempts: 10 seconds, then twice as long each time, at most an hour."""
    doubled = 1 << min(attempts - 1, 20)
    return min(MAX_PAUSE, FIRST_PAUSE * doubled)


def _record_failure(session: Session, job: Job, error: JobError, now: datetime) -> None:
    facts = {"kind": job.kind, "error": error}
    record(session, Verb.FAILED, job, by=None, campaign_id=job.campaign_id, after=facts, now=now)


def _write(session: Session, job_id: int, fence: int, **values: Any) -> None:
    held = update(Job).where(Job.id == job_id, Job.fence == fence, Job.status == JobStatus.RUNNING)
    written = changed_rows(session, held.values(**values).execution_options(synchronize_session=False))
    if written != 1:
        raise LeaseLost


def _claimable(queues: Collection[Queue], now: datetime) -> ColumnElement[bool]:
    # What was queued in a future that the clock has left again is due: nobody meant it to wait.
    due = and_(Job.status == JobStatus.QUEUED, or_(Job.run_at <= now, Job.created_at > now + MAX_CLOCK_STEP))
    return and_(Job.queue.in_(queues), or_(due, _lost(now)))


def _lost(now: datetime) -> ColumnElement[bool]:
    """The lease ran out; or it ends later than any lease given now could: then the clock was set back."""
    ended = or_(Job.lease_until < now, Job.lease_until > now + LEASE + MAX_CLOCK_STEP)
    return and_(Job.status == JobStatus.RUNNING, ended)
