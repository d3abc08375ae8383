"""The phases of a campaign: set by those who manage it."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import Field

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.campaigns.phase import SetPhasesForm, phases_as_written
from app.web.conflicts import compare
from app.web.pages.language import gettext as _
from app.web.pages.rendering import refuse
from ideas.activity.version import ReasonNeeded
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.earlier import last_saved
from ideas.campaigns.people.team import Act
from ideas.campaigns.phases.edit import PhaseIsPast, PhaseRefused, set_phases
from ideas.errors import DomainError

views = Blueprint("phase", __name__)


@views.route("/campaigns/<int:campaign_id>/phases", methods=["GET", "POST"])
@requires(Act.MANAGE)
def edit(campaign: Campaign) -> ResponseReturnValue:
    form = SetPhasesForm(data=phases_as_written(campaign.phase_list) | {"version": campaign.version})
    if form.validate_on_submit():
        try:
            set_phases(
                database(),
                campaign,
                form.phases,
                by=member(),
                now=now(),
                seen=form.seen,
                change_reason=form.change_reason.data or "",
            )
        except DomainError as error:
            database().rollback()
            refuse(form, error, _about(form, error))
        else:
            database().commit()
            flash(_("Phases saved."), "success")
            return redirect(url_for("campaign.show", campaign_id=campaign.id), 303)
    saved = phases_as_written(campaign.phase_list)
    by, at = last_saved(database(), campaign) or ("", None)
    conflict = compare(form, saved, version=campaign.version, by=by, at=at) if form.changed_meanwhile else None
    page = render_template("campaigns/phase/edit.html", form=form, campaign=campaign, conflict=conflict)
    return page, form.http_status


def _about(form: SetPhasesForm, error: DomainError) -> Field | None:
    """The field that a refusal is about: the beginning of a phase, or the reason."""
    if isinstance(error, ReasonNeeded):
        return form.change_reason
    if isinstance(error, PhaseRefused) and not isinstance(error, PhaseIsPast) and error.number is not None:
        return form.rows[form.named_rows()[error.number]]["starts_at"]
    return None
