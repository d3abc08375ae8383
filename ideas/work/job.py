"""Jobs: work done outside a request, by a worker process. The table is the queue; `ideas.work.lease` takes from it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import (
    CheckConstraint,
    CursorResult,
    Delete,
    ForeignKey,
    Index,
    String,
    Text,
    Update,
    and_,
    case,
    delete,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.activity.activity import Verb, record
from ideas.base import Base, choice
from ideas.errors import Conflict, message_id

KEPT_DAYS = 90
ROUTINE_KEPT_DAYS = 1


class Queue(StrEnum):
    """What waits for each other. A worker has a thread for each: mail never waits for a grouping."""

    MAIL = "mail"
    QUICK = "quick"
    HEAVY = "heavy"


class JobKind(StrEnum):
    """A kind of work. `app.jobs` has a module of the same name that carries it out."""

    FIND_THEMES = "find_themes"
    PLACE_IDEAS = "place_ideas"
    REFRESH_THEMES = "refresh_themes"
    IMPORT_IDEAS = "import_ideas"
    GROUP_CLOSED = "group_closed"
    DELETE_EXPIRED = "delete_expired"
    NOTIFY_PEOPLE = "notify_people"
    TELL_BADGES = "tell_badges"
    EXPORT_DATA = "export_data"
    ERASE_PERSON = "erase_person"
    EXPORT_CAMPAIGN = "export_campaign"
    RECORD_DATES = "record_dates"
    SEND_DIGESTS = "send_digests"
    BACK_UP = "back_up"
    SEND_WEBHOOKS = "send_webhooks"


@dataclass(frozen=True, slots=True)
class Handling:
    """How a kind of work is handled: its queue, and after how many attempts it fails for good."""

    queue: Queue
    max_attempts: int


# Notices and mail are no jobs: the thread of the queue of mail reads the activity log, and sends. NOTIFY_PEOPLE is
# for an act whose notices could not be written.
HANDLING = {
    JobKind.FIND_THEMES: Handling(Queue.HEAVY, 4),
    JobKind.PLACE_IDEAS: Handling(Queue.QUICK, 8),
    JobKind.REFRESH_THEMES: Handling(Queue.QUICK, 8),
    JobKind.IMPORT_IDEAS: Handling(Queue.QUICK, 4),
    JobKind.GROUP_CLOSED: Handling(Queue.QUICK, 4),
    JobKind.DELETE_EXPIRED: Handling(Queue.QUICK, 4),
    JobKind.NOTIFY_PEOPLE: Handling(Queue.MAIL, 8),
    JobKind.TELL_BADGES: Handling(Queue.QUICK, 4),
    JobKind.EXPORT_DATA: Handling(Queue.QUICK, 4),
    JobKind.ERASE_PERSON: Handling(Queue.QUICK, 8),
    JobKind.EXPORT_CAMPAIGN: Handling(Queue.HEAVY, 4),
    JobKind.RECORD_DATES: Handling(Queue.QUICK, 4),
    JobKind.SEND_DIGESTS: Handling(Queue.QUICK, 4),
    JobKind.BACK_UP: Handling(Queue.HEAVY, 4),
    JobKind.SEND_WEBHOOKS: Handling(Queue.QUICK, 4),
}


class JobStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class JobError(StrEnum):
    """Why the last attempt failed. The sentences are in templates/work/job/words.html."""

    MODEL_UNAVAILABLE = "model_unavailable"
    REFUSED = "refused"  # a rule of the domain forbids it
    DATABASE = "database"
    INTERRUPTED = "interrupted"  # its worker ended without a word
    UNEXPECTED = "unexpected"


UNFINISHED = (JobStatus.QUEUED, JobStatus.RUNNING)
ENDED_BADLY = (JobStatus.FAILED, JobStatus.CANCELLED)


class CannotRunAgain(Conflict):
    message = message_id("This job can’t be run again. It is done, or the same work is queued. Reload the page.")


class Job(Base):
    """A piece of work. `run_at`: when it may first, or next, be run. A higher `priority` goes first in its queue."""

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("progress BETWEEN 0 AND 1", name="progress"),
        Index("ix_job_status_queue_run_at", "status", "queue", "run_at"),
        # The same work is never queued twice.
        Index(
            "uq_job_key_unfinished",
            "key",
            unique=True,
            sqlite_where=text("status IN ('queued', 'running')"),
            postgresql_where=text("status IN ('queued', 'running')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[JobKind] = mapped_column(choice(JobKind))
    queue: Mapped[Queue] = mapped_column(choice(Queue))
    priority: Mapped[int] = mapped_column(default=0)
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    key: Mapped[str] = mapped_column(String(80))
    status: Mapped[JobStatus] = mapped_column(choice(JobStatus), default=JobStatus.QUEUED)
    created_at: Mapped[datetime]
    run_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    # How many of the attempts ended with their worker.
    interruptions: Mapped[int] = mapped_column(default=0)
    fence: Mapped[int] = mapped_column(default=0)
    stage: Mapped[str] = mapped_column(String(20), default="")
    progress: Mapped[float] = mapped_column(default=0.0)
    result: Mapped[dict[str, Any] | None]
    # Why the last attempt failed: a code. Pages have a sentence for each. None once the job is done.
    error: Mapped[JobError | None] = mapped_column(choice(JobError))
    # The same for administrators: the exception's class and message, without personal data.
    detail: Mapped[str] = mapped_column(Text, default="")

    @property
    def is_unfinished(self) -> bool:
        return self.status in UNFINISHED

    @property
    def ended_badly(self) -> bool:
        return self.status in ENDED_BADLY

    @property
    def max_attempts(self) -> int:
        return HANDLING[self.kind].max_attempts

    @property
    def of_campaign(self) -> int:
        """The campaign's id. Raises LookupError for work that has none."""
        if self.campaign_id is None:
            raise LookupError(f"job {self.id} ({self.kind}) has no campaign")
        return self.campaign_id


# Asking for work ------------------------------------------------------------------------------------------------------


def enqueue(
    session: Session,
    kind: JobKind,
    *,
    campaign_id: int | None = None,
    payload: Mapping[str, Any] | None = None,
    key: str | None = None,
    run_at: datetime | None = None,
    priority: int = 0,
    now: datetime,
) -> Job:
    """Queue a job in the caller's transaction. Where the same work is queued or running, that job is returned instead.

    Services call it for what follows from an act that was allowed. `key`: what makes it the same work; by default its
    kind, campaign and payload. `run_at`: not before this instant.
    """
    key = key or _key(kind, campaign_id, payload)
    waiting = _unfinished(session, key)
    if waiting is not None:
        return waiting
    job = Job(
        kind=kind,
        queue=HANDLING[kind].queue,
        campaign_id=campaign_id,
        payload=dict(payload or {}),
        key=key,
        priority=priority,
        created_at=now,
        run_at=run_at or now,
    )
    try:
        with session.begin_nested():
            session.add(job)
    except IntegrityError:  # someone else queued the same work meanwhile
        waiting = _unfinished(session, key)
        if waiting is None:
            raise
        return waiting
    return job


def cancel(session: Session, job: Job, *, by: Any, now: datetime) -> None:
    """Stop a job that is queued or running; its worker loses its lease and writes nothing.

    The owner and facilitators may, for the work of their campaign; administrators for all. `by`: a Person.
    """
    cancelled = changed_rows(
        session,
        update(Job)
        .where(Job.id == job.id, Job.status.in_(UNFINISHED))
        .values(status=JobStatus.CANCELLED, finished_at=now, lease_until=None, fence=Job.fence + 1),
    )
    session.refresh(job)
    if cancelled:
        record(session, Verb.ABANDONED, job, by=by, campaign_id=job.campaign_id, after={"kind": job.kind}, now=now)


def run_again(session: Session, job: Job, *, by: Any, now: datetime) -> None:
    """Queue a job again that failed or was cancelled, with all its attempts before it.

    The owner and facilitators may, for the work of their campaign; administrators for all. `by`: a Person.
    Raises CannotRunAgain.
    """
    again = update(Job).where(Job.id == job.id, Job.status.in_(ENDED_BADLY))
    try:
        with session.begin_nested():
            queued = changed_rows(
                session,
                again.values(
                    status=JobStatus.QUEUED,
                    run_at=now,
                    finished_at=None,
                    attempts=0,
                    interruptions=0,
                    stage="",
                    progress=0,
                ),
            )
    except IntegrityError:  # the same work was queued meanwhile
        raise CannotRunAgain from None
    if queued != 1:
        raise CannotRunAgain
    session.refresh(job)
    record(session, Verb.RESTARTED, job, by=by, campaign_id=job.campaign_id, after={"kind": job.kind}, now=now)


def _key(kind: JobKind, campaign_id: int | None, payload: Mapping[str, Any] | None) -> str:
    parts = [str(kind)]
    if campaign_id is not None:
        parts.append(str(campaign_id))
    if payload:
        parts.append(hashlib.sha256(json.dumps(dict(payload), sort_keys=True).encode()).hexdigest()[:16])
    return ":".join(parts)


def _unfinished(session: Session, key: str) -> Job | None:
    return session.scalar(select(Job).where(Job.key == key, Job.status.in_(UNFINISHED)))


# Looking --------------------------------------------------------------------------------------------------------------


def latest_job(session: Session, campaign_id: int, kind: JobKind) -> Job | None:
    """The job of this kind for the campaign that is queued or running, else the newest."""
    return session.scalar(
        select(Job)
        .where(Job.campaign_id == campaign_id, Job.kind == kind)
        .order_by(case((Job.status.in_(UNFINISHED), 0), else_=1), Job.id.desc())
        .limit(1)
    )


def delete_finished_jobs(session: Session, *, now: datetime, kept: timedelta = timedelta(days=KEPT_DAYS)) -> int:
    """Delete jobs that finished this long ago; after one day those of no campaign that are done. For the worker.

    Returns how many. The activity log keeps that a job failed or was run again.
    """
    routine = and_(
        Job.status == JobStatus.DONE,
        Job.campaign_id.is_(None),
        Job.finished_at < now - timedelta(days=ROUTINE_KEPT_DAYS),
    )
    old = and_(Job.status.not_in(UNFINISHED), Job.finished_at < now - kept)
    return changed_rows(session, delete(Job).where(or_(routine, old)).execution_options(synchronize_session=False))


def changed_rows(session: Session, statement: Update | Delete) -> int:
    """How many rows an UPDATE changed, or a DELETE deleted."""
    return cast("CursorResult[Any]", session.execute(statement)).rowcount
