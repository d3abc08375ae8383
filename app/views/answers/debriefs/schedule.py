"""A debrief that is published by itself: its hour is chosen, changed or given up on the page before publishing."""

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.database.sqlite import rendering
from app.extensions import database
from app.forms.answers.debrief import SchedulePublicationForm
from app.forms.campaigns.campaign import instant_of
from app.views.answers.debriefs.debrief import publish_page
from app.web.errors import show_refusals
from app.web.pages.dates import local_input, moment
from app.web.pages.language import gettext as _
from ideas.answers.debriefs.debrief import NotClosedYet, NothingWritten, debrief_of
from ideas.answers.scheduled import (
    HourNeeded,
    PromisedSooner,
    PublicationInThePast,
    PublicationTooFar,
    cancel_publication,
    schedule_of,
    schedule_publication,
)
from ideas.campaigns.campaign import Campaign, State
from ideas.campaigns.people.team import Act

views = Blueprint("debrief_schedule", __name__, url_prefix="/campaigns/<int:campaign_id>/debrief/schedule")


@views.post("")
@requires(Act.PUBLISH)
def choose(campaign: Campaign) -> ResponseReturnValue:
    """Choose the hour, or another one; what was read on the page is confirmed with it."""
    debrief = debrief_of(database(), campaign)
    if debrief is None:
        raise NothingWritten if campaign.state(now()) in {State.CLOSED, State.UNDER_REVIEW} else NotClosedYet
    chosen = schedule_of(database(), campaign)
    form = SchedulePublicationForm(publish_at=local_input(chosen.publish_at) if chosen is not None else None)
    if form.validate_on_submit():
        about_hour = (HourNeeded, PublicationInThePast, PublicationTooFar, PromisedSooner)
        with show_refusals(form, dict.fromkeys(about_hour, form.publish_at)):
            publish_at = instant_of(form.publish_at)
            row = schedule_publication(
                database(), debrief,
                publish_at=publish_at, seen=form.stamp.data or "", told=form.told.data or 0, by=member(), now=now(),
            )  # fmt: skip
            database().commit()
            flash(_("The debrief will be published on %(moment)s.", moment=moment(row.publish_at)), "success")
            return redirect(_here(campaign), 303)
    with rendering(database()):
        return publish_page(campaign, schedule_form=form)


@views.post("/cancel")
@requires(Act.PUBLISH)
def cancel(campaign: Campaign) -> ResponseReturnValue:
    cancelled = cancel_publication(database(), campaign, by=member(), now=now())
    database().commit()
    if cancelled:
        flash(_("The scheduled publication is cancelled."), "success")
    return redirect(_here(campaign), 303)


def _here(campaign: Campaign) -> str:
    return url_for("debrief.write", campaign_id=campaign.id, step="publish")
