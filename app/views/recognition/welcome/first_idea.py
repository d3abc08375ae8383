"""First ideas that wait for an answer, for the team of a campaign."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.access.needs import requires
from app.clock import now
from app.extensions import database
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.recognition.welcome.first_idea import first_answers, waiting_first_ideas

views = Blueprint("first_idea", __name__)


@views.get("/campaigns/<int:campaign_id>/first-ideas")
@requires(Act.MANAGE)
def index(campaign: Campaign) -> ResponseReturnValue:
    instant = now()
    return render_template(
        "recognition/welcome/first_ideas.html",
        campaign=campaign,
        waiting=waiting_first_ideas(database(), campaign, now=instant),
        answers=first_answers(database(), campaign, now=instant),
        now=instant,
    )
