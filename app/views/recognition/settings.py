"""What a campaign says of points and standings: set by those who manage it."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.recognition.settings import SetMotivationForm
from app.web.conflicts import compare
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.recognition.points import point_values
from ideas.recognition.settings import AttributeGone, PointsReasonNeeded, set_motivation
from ideas.spaces.segment import attributes

views = Blueprint("motivation", __name__, url_prefix="/campaigns/<int:campaign_id>/motivation")


@views.route("", methods=["GET", "POST"])
@requires(Act.MANAGE)
def edit(campaign: Campaign) -> ResponseReturnValue:
    form = SetMotivationForm(data=_stored(campaign) | {"version": campaign.motivation_version})
    form.offer([one for one in attributes(database()) if one.chosen])
    if form.validate_on_submit():
        with show_refusals(form, {PointsReasonNeeded: form.change_reason, AttributeGone: form.groups_by}):
            set_motivation(
                database(),
                campaign,
                values=form.values,
                has_standings=form.has_standings.data,
                groups_by=form.groups_by.data or None,
                by=member(),
                now=now(),
                seen=form.seen,
                change_reason=form.change_reason.data or "",
            )
            database().commit()
            flash(_("Points and standings saved."), "success")
            return redirect(url_for("motivation.edit", campaign_id=campaign.id), 303)
    conflict = compare(form, _stored(campaign), version=campaign.motivation_version)
    page = render_template("recognition/settings/edit.html", form=form, campaign=campaign, conflict=conflict)
    return page, form.http_status


def _stored(campaign: Campaign) -> dict[str, Any]:
    """The campaign's own choices, by the names of the form's fields."""
    values = {act.value: points for act, points in point_values(database(), campaign).items()}
    return values | {"has_standings": campaign.has_standings, "groups_by": campaign.standing_attribute_id or 0}
