"""Briefs that are shown early: to whom they are for, and the switch of the campaign that is prepared."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.web.pages.language import gettext as _
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.recognition.early_brief import early_briefs, may_read_early, show_early

views = Blueprint("early_brief", __name__)


@views.get("/early-briefs")
@requires(Platform.MEMBER)
def index() -> ResponseReturnValue:
    instant = now()
    return render_template(
        "recognition/early_brief/index.html",
        campaigns=early_briefs(database(), member(), now=instant),
        may_read=may_read_early(database(), member(), now=instant),
    )


@views.post("/campaigns/<int:campaign_id>/early-brief")
@requires(Act.MANAGE)
def choose(campaign: Campaign) -> ResponseReturnValue:
    is_shown = request.form.get("shown") == "yes"
    show_early(database(), campaign, is_shown=is_shown, by=member(), now=now())
    database().commit()
    flash(_("The brief is shown early.") if is_shown else _("The brief is no longer shown early."), "success")
    return redirect(url_for("campaign.gate", campaign_id=campaign.id), 303)
