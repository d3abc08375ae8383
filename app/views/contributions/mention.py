"""Names that are offered while somebody types an @ in a comment. Without scripts the name is typed to its end."""

from flask import Blueprint, render_template, request

from app.access.needs import requires
from app.access.roles import member
from app.extensions import database
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.team import Act
from ideas.contributions.talk.mention import offered_names

views = Blueprint("mention", __name__)


@views.get("/campaigns/<int:campaign_id>/names")
@requires(Act.COMMENT)
def offered(campaign: Campaign) -> str:
    names = offered_names(database(), campaign, request.args.get("typed", ""), by=member())
    return render_template("contributions/mention/offered.html", names=names)
