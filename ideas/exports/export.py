"""An export of a campaign: asked for, made by a job, ready for a week for whoever may export the campaign."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from ideas.activity.activity import Verb, record
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.errors import Conflict, message_id
from ideas.files import File, Purpose
from ideas.people.person import Person
from ideas.work.job import UNFINISHED, Job, JobKind, JobStatus, enqueue

KEPT = timedelta(days=7)
LONG = timedelta(seconds=20)  # whoever waited less is still on the page


class ExportFormat(StrEnum):
    XLSX = "xlsx"
    CSV = "csv"
    JSON = "json"
    POLIS = "polis"


MEDIA_TYPES = {
    ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ExportFormat.CSV: "application/zip",
    ExportFormat.JSON: "application/json",
    ExportFormat.POLIS: "application/zip",
}
ENDINGS = {
    ExportFormat.XLSX: ".xlsx",
    ExportFormat.CSV: "-csv.zip",
    ExportFormat.JSON: ".json",
    ExportFormat.POLIS: "-polis.zip",
}


@dataclass(frozen=True, slots=True)
class ReadyExport:
    """`by`: who asked for it. `named`: with the names of authors. `until`: when it is deleted."""

    file: File
    by: str
    named: bool
    until: datetime


class ExportRunning(Conflict):
    message = message_id("An export of this campaign is already being made. Wait for it, then ask for another one.")


def ask_for_export(
    session: Session, campaign: Campaign, *, format_: ExportFormat, named: bool, by: Person, now: datetime
) -> Job:
    """Queue the making of a file with the content of the campaign. Whoever may export it may: see Act.EXPORT.

    `named`: with the names of authors, else with pseudonyms. Who asked for what is in the activity log.
    Raises ExportRunning while one is being made.
    """
    lock_campaign(session, campaign)
    if export_job(session, campaign) is not None:
        raise ExportRunning
    chosen = {"format": format_.value, "named": named}
    job = enqueue(
        session,
        JobKind.EXPORT_CAMPAIGN,
        campaign_id=campaign.id,
        key=_job_key(campaign),
        payload={"person": by.id, **chosen},
        now=now,
    )
    record(session, Verb.EXPORTED, campaign, by=by, campaign_id=campaign.id, after=chosen, now=now)
    return job


def export_job(session: Session, campaign: Campaign) -> Job | None:
    """The job that makes an export of the campaign, if one waits or runs."""
    return session.scalar(select(Job).where(Job.key == _job_key(campaign), Job.status.in_(UNFINISHED)))


def failed_export(session: Session, campaign: Campaign) -> Job | None:
    """The latest export of the campaign, if it could not be made."""
    latest = select(Job).where(Job.key == _job_key(campaign)).order_by(Job.id.desc()).limit(1)
    job = session.scalar(latest)
    return job if job is not None and job.status is JobStatus.FAILED else None


def ready_exports(session: Session, campaign: Campaign, reader: Person, *, now: datetime) -> Sequence[ReadyExport]:
    """The exports of the campaign, newest first, of the last seven days, for a reader who may export it.

    One with names is for who asked for it alone: so the log says who has read them.
    """
    done = (Job.key == _job_key(campaign)) & (Job.status == JobStatus.DONE) & (Job.finished_at > now - KEPT)
    jobs = {job.result["file"]: job for job in session.scalars(select(Job).where(done)) if job.result}
    found = select(File, Person.name).join(Person, Person.id == File.uploaded_by_id).where(File.id.in_(jobs), _there())
    ready = [
        ReadyExport(file, by, named=jobs[file.id].payload["named"], until=file.created_at + KEPT)
        for file, by in session.execute(found.order_by(File.id.desc()))
    ]
    return [one for one in ready if not one.named or one.file.uploaded_by_id == reader.id]


def keep_export(session: Session, job: Job, *, stored_as: str, size: int, digest: str, now: datetime) -> File:
    """Keep the file that the job made, and have who asked notified if that took long. For the worker, which has locked
    the organisation: no account is erased between its look at `count_erasures` and the commit.

    The file is of no campaign, whose readers could fetch it then: see `ready_exports`.
    """
    chosen = ExportFormat(job.payload["format"])
    file = File(
        uploaded_by_id=job.payload["person"],
        purpose=Purpose.CAMPAIGN_EXPORT,
        name=f"campaign-{job.campaign_id}-{now:%Y-%m-%d-%H%M}{ENDINGS[chosen]}",
        media_type=MEDIA_TYPES[chosen],
        size=size,
        digest=digest,
        stored_as=stored_as,
        created_at=now,
    )
    session.add(file)
    session.flush()
    if now - job.created_at > LONG:
        record(session, Verb.COMPLETED, job, by=None, campaign_id=job.campaign_id, now=now)
    return file


def remove_old_campaign_exports(session: Session, *, now: datetime) -> Sequence[str]:
    """Remove exports that are seven days old. Returns where they are, to discard after the commit. For the worker."""
    old = session.scalars(select(File).where(_there(), File.created_at <= now - KEPT)).all()
    for file in old:
        file.removed_at = now
    return [file.stored_as for file in old]


def count_erasures(session: Session) -> int:
    """How many accounts were erased: a file that was begun before the latest may hold what is erased."""
    return session.scalar(select(func.count()).where(Person.erased_at.is_not(None))) or 0


def _there() -> ColumnElement[bool]:
    return (File.purpose == Purpose.CAMPAIGN_EXPORT) & File.removed_at.is_(None)


def _job_key(campaign: Campaign) -> str:
    return f"{JobKind.EXPORT_CAMPAIGN}:{campaign.id}"
