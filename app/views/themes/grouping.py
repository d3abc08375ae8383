"""Group the ideas into themes: start the job, watch it, cancel it."""

from datetime import timedelta
from typing import Any, TypedDict

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import requires
from app.access.roles import manages, member
from app.clock import now
from app.extensions import database
from app.views.themes.granularity import offered_levels
from app.web.pages.language import gettext as _
from app.web.pages.rendering import is_fragment, render_block
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.desk.reading import coverage
from ideas.themes.checks.sample import cards_of, stack_for
from ideas.themes.runs.proposal import open_proposal
from ideas.themes.runs.run import ThemeRun
from ideas.themes.theme import active_themes
from ideas.work.job import Job, JobKind, JobStatus, enqueue, latest_job
from ideas.work.job import cancel as cancel_job
from ideas.work.job_list import failed_work

views = Blueprint("grouping", __name__, url_prefix="/campaigns/<int:campaign_id>/themes")

MAX_QUEUED = timedelta(seconds=15)  # afterwards the page says that no worker starts the job
MAX_CANCELLED_NOTICE = timedelta(hours=1)


@views.get("/progress")
@requires(Act.GROUP)
def progress(campaign: Campaign) -> ResponseReturnValue:
    """The state of the grouping as a fragment; once it has ended, a header that reloads the page."""
    if not is_fragment():
        return redirect(_themes_url(campaign), 303)
    context = grouping_context(campaign)
    job = context["job"]
    if job is not None and job.is_unfinished:
        return render_block("themes/theme/index.html", "progress", campaign=campaign, **context)
    if job is not None and job.status is JobStatus.DONE:
        if open_proposal(database(), campaign) is not None:
            return "", 200, {"HX-Redirect": url_for("proposal.show", campaign_id=campaign.id)}
        if active_themes(database(), campaign):
            flash(_("The ideas are grouped. Here are the themes."), "success")
    return "", 200, {"HX-Refresh": "true"}


@views.post("/group")
@requires(Act.GROUP)
def start(campaign: Campaign) -> ResponseReturnValue:
    enqueue(database(), JobKind.FIND_THEMES, campaign_id=campaign.id, now=now())
    database().commit()
    return _panel(campaign)


@views.post("/cancel")
@requires(Act.GROUP)
def cancel(campaign: Campaign) -> ResponseReturnValue:
    job = latest_job(database(), campaign.id, JobKind.FIND_THEMES)
    if job is not None:
        cancel_job(database(), job, by=member(), now=now())
        database().commit()
    return _panel(campaign)


class GroupingContext(TypedDict):
    job: Job | None
    waits: bool


def grouping_context(campaign: Campaign) -> GroupingContext:
    """For managers, the latest grouping, and whether it is queued for longer than a worker needs to start it."""
    job = latest_job(database(), campaign.id, JobKind.FIND_THEMES) if manages() else None
    if job is not None and job.status is JobStatus.CANCELLED and now() - job.created_at > MAX_CANCELLED_NOTICE:
        job = None
    waits = job is not None and job.status is JobStatus.QUEUED and now() - job.run_at > MAX_QUEUED
    return {"job": job, "waits": waits}


def manager_context(campaign: Campaign, run: ThemeRun | None) -> dict[str, Any]:
    """What only managers see beside the themes: an open proposal, the granularity, failed work, ideas to check and to
    read.
    """
    proposal = open_proposal(database(), campaign)
    levels = [] if proposal else offered_levels(campaign, run)
    # A grouping that failed has its own notice.
    failed = [job for job in failed_work(database(), campaign.id) if job.kind is not JobKind.FIND_THEMES]
    checks = stack_for(member(), cards_of(database(), run)) if run and not run.too_few else None
    return {
        "proposal": proposal,
        "levels": levels,
        "level": campaign.granularity,
        "failed": failed,
        "checks": checks,
        "coverage": coverage(database(), campaign, member()),
    }


def _panel(campaign: Campaign) -> ResponseReturnValue:
    """The panel that shows the state of the grouping; without htmx, a redirect to the themes."""
    if not is_fragment():
        return redirect(_themes_url(campaign), 303)
    context = grouping_context(campaign)
    return render_block("themes/theme/index.html", "panel", campaign=campaign, pressed=True, **context)


def _themes_url(campaign: Campaign) -> str:
    return url_for("theme.index", campaign_id=campaign.id)
