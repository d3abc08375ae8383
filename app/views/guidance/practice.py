"""The checklist of good practice of a campaign, and pages to learn each role in two minutes."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.web.pages.language import gettext as _
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.guidance.practice import Practice, PracticeRole, checklist
from ideas.guidance.practice import tick as tick_practice

views = Blueprint("practice", __name__)


@views.get("/campaigns/<int:campaign_id>/practice")
@requires(Act.MODERATE)
def index(campaign: Campaign) -> ResponseReturnValue:
    lines = checklist(database(), campaign, member(), now=now())
    return render_template("guidance/practice/index.html", campaign=campaign, lines=lines)


@views.post("/campaigns/<int:campaign_id>/practice")
@requires(Act.MODERATE)
def tick(campaign: Campaign) -> ResponseReturnValue:
    name, is_done = request.form.get("practice"), request.form.get("done") == "yes"
    if name not in set(Practice):
        flash(_("Nothing was changed. Try again."), "error")
    else:
        tick_practice(database(), campaign, Practice(name), is_done=is_done, by=member(), now=now())
        database().commit()
        flash(_("The checklist is saved."), "success")
    return redirect(url_for("practice.index", campaign_id=campaign.id), 303)


@views.get("/training")
@requires(Platform.MEMBER)
def training() -> ResponseReturnValue:
    """How to lead, facilitate or moderate a campaign, in two minutes each."""
    asked = request.args.get("role")
    role = PracticeRole(asked) if asked in set(PracticeRole) else PracticeRole.OWNER
    return render_template("guidance/training/show.html", role=role, roles=list(PracticeRole))
