"""Jobs: listed for administrators, run again, cancelled. Who manages a campaign runs its failed work again."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.web.csv_file import csv_response
from app.web.pages.language import gettext as _
from app.web.pages.rendering import translated
from ideas.base import MAX_ID
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act, named_campaigns
from ideas.organisation.organisation import record_download
from ideas.work.job import CannotRunAgain, Job, JobKind, JobStatus, Queue
from ideas.work.job import cancel as cancel_job
from ideas.work.job import run_again as run_job_again
from ideas.work.job_list import JobFilter, count_failed, export_jobs, job_page
from ideas.work.schedule import schedules

views = Blueprint("job", __name__)

FILTERS = ("status", "kind", "queue", "campaign")
MAX_EXPORTED = 20_000
COLUMNS = (
    "number", "kind", "queue", "campaign", "state", "attempts", "created_at", "started_at", "finished_at", "error",
    "detail",
)  # fmt: skip
Choice = TypeVar("Choice", bound=StrEnum)


@views.get("/jobs")
@requires(Platform.ADMIN)
def index() -> str:
    session, chosen = database(), _chosen()
    page = job_page(session, chosen, number=request.args.get("page", 1, type=int))
    return render_template(
        "work/job/index.html",
        page=page,
        failed=count_failed(session),
        campaigns=named_campaigns(session, {job.campaign_id for job in page.jobs if job.campaign_id is not None}),
        filters=_filters(request.args),
        schedules=schedules(session),
        statuses=list(JobStatus),
        queues=list(Queue),
        kinds=list(JobKind),
    )


@views.post("/jobs/export")
@requires(Platform.ADMIN)
def export() -> ResponseReturnValue:
    """The jobs that the page lists, as a file. A POST, since the activity log says who took it."""
    found = export_jobs(database(), _chosen(), limit=MAX_EXPORTED)
    rows = [
        [
            *(job.id, job.kind, job.queue, job.campaign_id, job.status, job.attempts),
            *map(_instant, (job.created_at, job.started_at, job.finished_at)),
            *(job.error or "", job.detail),
        ]
        for job in found
    ]
    record_download(database(), "jobs", len(rows), by=member(), now=now())
    database().commit()
    return csv_response(f"jobs-{now():%Y-%m-%d}.csv", COLUMNS, rows)


def _instant(at: datetime | None) -> str:
    return at.isoformat() if at is not None else ""


@views.post("/jobs/<int:job_id>/run-again")
@requires(Platform.ADMIN)
def run_again(job: Job) -> ResponseReturnValue:
    _run_again(job)
    return redirect(_list_url(), 303)


@views.post("/jobs/<int:job_id>/cancel")
@requires(Platform.ADMIN)
def cancel(job: Job) -> ResponseReturnValue:
    cancel_job(database(), job, by=member(), now=now())
    database().commit()
    if job.status is JobStatus.CANCELLED:
        flash(_("Job cancelled."), "success")
    else:
        flash(_("This job had ended already."), "info")
    return redirect(_list_url(), 303)


@views.post("/campaigns/<int:campaign_id>/jobs/<int:job_id>/run-again")
@requires(Act.MANAGE)
def run_again_in_campaign(campaign: Campaign, job: Job) -> ResponseReturnValue:
    _run_again(job)
    return redirect(url_for("theme.index", campaign_id=campaign.id), 303)


def _run_again(job: Job) -> None:
    try:
        run_job_again(database(), job, by=member(), now=now())
    except CannotRunAgain as refusal:
        flash(translated(refusal), "warning")
        return
    database().commit()
    flash(_("The job is queued again."), "success")


def _chosen() -> JobFilter:
    """What the address or the form asks for. A value that makes no sense is not asked for."""
    campaign_id = request.values.get("campaign", type=int)
    return JobFilter(
        status=_one_of(JobStatus, "status"),
        queue=_one_of(Queue, "queue"),
        kind=_one_of(JobKind, "kind"),
        campaign_id=campaign_id if campaign_id is not None and 0 < campaign_id <= MAX_ID else None,
    )


def _one_of(choices: type[Choice], name: str) -> Choice | None:
    value = request.values.get(name, "")
    return choices(value) if value in set(choices) else None


def _filters(sent: Mapping[str, str]) -> dict[str, Any]:
    """The filters among the values of an address or a form, as they were sent."""
    return {name: sent[name] for name in FILTERS if sent.get(name)}


def _list_url() -> str:
    """The list with the filters that the form was sent from."""
    return url_for("job.index", **_filters(request.form))
