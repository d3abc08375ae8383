"""Download a campaign: ask for a file, wait for it, fetch it."""

from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import Power, requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.exports.export import AskForExportForm
from app.web.errors import show_refusals
from app.web.pages.rendering import form_status, is_fragment, render_block
from app.web.uploads import sent
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.exports.export import ExportFormat, ask_for_export, export_job, failed_export, ready_exports
from ideas.files import File

views = Blueprint("export", __name__, url_prefix="/campaigns/<int:campaign_id>/export")


@views.route("", methods=["GET", "POST"])
@requires(Act.EXPORT, power=Power.EXPORT)
def show(campaign: Campaign) -> ResponseReturnValue:
    form = AskForExportForm()
    if form.validate_on_submit():
        with show_refusals(form):
            chosen = ExportFormat(form.format_.data)
            ask_for_export(database(), campaign, format_=chosen, named=form.named.data, by=member(), now=now())
            database().commit()
            return redirect(_url(campaign), 303)
    return render_template("exports/export/show.html", campaign=campaign, form=form, **_state(campaign)), form_status(
        form
    )


@views.get("/progress")
@requires(Act.EXPORT)
def progress(campaign: Campaign) -> ResponseReturnValue:
    """Whether the export is still being made, as a fragment; once it has ended, a header that reloads the page."""
    if not is_fragment():
        return redirect(_url(campaign), 303)
    state = _state(campaign)
    if state["job"] is None:
        return "", 200, {"HX-Refresh": "true"}
    return render_block("exports/export/show.html", "progress", campaign=campaign, **state)


@views.get("/<int:export_id>")
@requires(Act.EXPORT, power=Power.EXPORT)
def download(campaign: Campaign, export: File) -> ResponseReturnValue:  # noqa: ARG001 -- the loader compared them
    file = export
    answer = sent(file, as_attachment=True, download_name=file.name, max_age=0)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _state(campaign: Campaign) -> dict[str, Any]:
    """What is being made, what is ready, and whether the last one failed."""
    session = database()
    job = export_job(session, campaign)
    return {
        "job": job,
        "failed": failed_export(session, campaign) if job is None else None,
        "ready": ready_exports(session, campaign, member(), now=now()),
    }


def _url(campaign: Campaign) -> str:
    return url_for("export.show", campaign_id=campaign.id)
