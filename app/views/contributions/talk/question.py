"""Questions to the team of a campaign: those that wait for an answer."""

from flask import Blueprint, render_template

from app.access.needs import requires
from app.extensions import database
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.contributions.talk.question import MAX_LISTED, questions_in

views = Blueprint("question", __name__)


@views.get("/campaigns/<int:campaign_id>/questions")
@requires(Act.MANAGE)
def index(campaign: Campaign) -> str:
    return render_template(
        "contributions/question/index.html",
        campaign=campaign, questions=questions_in(database(), campaign), max_listed=MAX_LISTED,
    )  # fmt: skip
