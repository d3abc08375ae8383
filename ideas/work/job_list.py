"""Jobs as people see them: a page of all for administrators, and what failed in one campaign."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import Session

from ideas.page import Page, page_at
from ideas.work.job import Job, JobError, JobKind, JobStatus, Queue

# Failures first, then what runs and waits, then what ended well or was cancelled.
_ORDER = {JobStatus.FAILED: 0, JobStatus.RUNNING: 1, JobStatus.QUEUED: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFilter:
    """What to list; None: all. Without a kind, work of no campaign that is done is left out: it recurs each minute."""

    status: JobStatus | None = None
    queue: Queue | None = None
    kind: JobKind | None = None
    campaign_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPage(Page):
    jobs: Sequence[Job]


def job_page(session: Session, chosen: JobFilter, *, number: int, size: int = 50) -> JobPage:
    """A page of jobs, failures first and then the latest, for administrators. A number too high: the last page."""
    listed = _conditions(chosen)
    total = session.scalar(select(func.count()).select_from(Job).where(*listed)) or 0
    page = page_at(number, size=size, total=total)
    rank = case(_ORDER, value=Job.status, else_=len(_ORDER))
    found: Select[Job] = select(Job).where(*listed).order_by(rank, Job.id.desc())
    jobs = session.scalars(found.limit(size).offset((page.number - 1) * size)).all()
    return JobPage(jobs=jobs, **asdict(page))


def export_jobs(session: Session, chosen: JobFilter, *, limit: int) -> Sequence[Job]:
    """The latest jobs that meet the filter, for administrators."""
    return session.scalars(select(Job).where(*_conditions(chosen)).order_by(Job.id.desc()).limit(limit)).all()


def count_failed(session: Session) -> int:
    """How many jobs have failed and were not run again since, for administrators."""
    return session.scalar(select(func.count()).select_from(Job).where(Job.status == JobStatus.FAILED)) or 0


def lacks_model(session: Session) -> bool:
    """True where work failed because the worker found no model, and was not run again since."""
    failed = (Job.status == JobStatus.FAILED) & (Job.error == JobError.MODEL_UNAVAILABLE)
    return session.scalar(select(Job.id).where(failed).limit(1)) is not None


def failed_work(session: Session, campaign_id: int) -> Sequence[Job]:
    """The work of this campaign that failed and has not been done since, for its managers. One job for each key."""
    newest = select(func.max(Job.id)).where(Job.campaign_id == campaign_id).group_by(Job.key)
    return session.scalars(
        select(Job).where(Job.id.in_(newest), Job.status == JobStatus.FAILED).order_by(Job.id.desc())
    ).all()


def _conditions(chosen: JobFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if chosen.status is not None:
        conditions.append(Job.status == chosen.status)
    if chosen.queue is not None:
        conditions.append(Job.queue == chosen.queue)
    if chosen.campaign_id is not None:
        conditions.append(Job.campaign_id == chosen.campaign_id)
    if chosen.kind is not None:
        conditions.append(Job.kind == chosen.kind)
    else:
        conditions.append(or_(Job.campaign_id.is_not(None), Job.status != JobStatus.DONE))
    return conditions


def oldest_due(session: Session, *, now: datetime) -> datetime | None:
    """Since when the job has been due that has waited longest for a worker, or None where none waits."""
    return session.scalar(select(func.min(Job.run_at)).where(Job.status == JobStatus.QUEUED, Job.run_at <= now))
