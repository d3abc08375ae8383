"""What campaigns are for: set by those who manage one, summed up for campaign authors."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.campaigns.objective import SetObjectiveForm
from app.web.conflicts import compare
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from ideas.answers.debriefs.figures import turnouts
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.earlier import last_saved
from ideas.campaigns.objective import Objective, campaigns_by_objective, set_objective
from ideas.campaigns.people.team import Act

views = Blueprint("objective", __name__)


@views.route("/campaigns/<int:campaign_id>/objective", methods=["GET", "POST"])
@requires(Act.MANAGE)
def edit(campaign: Campaign) -> ResponseReturnValue:
    form = SetObjectiveForm(data=_stored(campaign) | {"version": campaign.version})
    if form.validate_on_submit():
        with show_refusals(form):
            set_objective(
                database(),
                campaign,
                objective=Objective(form.objective.data) if form.objective.data else None,
                expected_outcome=form.expected_outcome.data or "",
                by=member(),
                now=now(),
                seen=form.seen,
            )
            database().commit()
            flash(_("Objective saved."), "success")
            return redirect(url_for("campaign.edit", campaign_id=campaign.id), 303)
    conflict = None
    if form.changed_meanwhile:
        by, at = last_saved(database(), campaign) or ("", None)
        conflict = compare(form, _stored(campaign), version=campaign.version, by=by, at=at)
    page = render_template("campaigns/objective/edit.html", form=form, campaign=campaign, conflict=conflict)
    return page, form.http_status


@views.get("/objectives")
@requires(Platform.CAMPAIGN_AUTHOR)
def index() -> ResponseReturnValue:
    found = campaigns_by_objective(database(), member())
    campaigns = [campaign for some in found.values() for campaign in some]
    return render_template(
        "campaigns/objective/index.html", by_objective=found, turnouts=turnouts(database(), campaigns)
    )


def _stored(campaign: Campaign) -> dict[str, Any]:
    return {"objective": campaign.objective or "", "expected_outcome": campaign.expected_outcome}
