"""Who took part in a campaign, by profile, for those who manage it."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.access.needs import requires
from app.clock import now
from app.extensions import database
from app.web.pages.site import site
from ideas.answers.debriefs.figures import figures
from ideas.answers.debriefs.participation import participation
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act

views = Blueprint("participation", __name__, url_prefix="/campaigns/<int:campaign_id>/participation")


@views.get("")
@requires(Act.MANAGE)
def show(campaign: Campaign) -> ResponseReturnValue:
    return render_template(
        "answers/participation/show.html",
        campaign=campaign,
        figures=figures(database(), campaign),
        profiles=participation(database(), campaign, now=now(), zone=site().timezone),
    )
