"""Names that are offered while somebody types an @ in a comment. Without scripts the name is typed to its end."""

from flask import Blueprint, render_template, request
from flask_login import current_user

from app.access.needs import requires
from app.access.roles import member
from app.extensions import database, limiter
from app.signing.caller import caller_address
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.contributions.talk.mention import offered_names

views = Blueprint("mention", __name__)

# Of an account, while it types; whoever asks for every name of a community needs many more.
MAX_ASKED = "60 per minute; 600 per hour"


def _account() -> str:
    return f"person {current_user.get_id()}" if current_user.is_authenticated else caller_address()


@views.get("/campaigns/<int:campaign_id>/names")
@limiter.limit(MAX_ASKED, key_func=_account)
@requires(Act.COMMENT)
def offered(campaign: Campaign) -> str:
    names = offered_names(database(), campaign, request.args.get("typed", ""), by=member())
    return render_template("contributions/mention/offered.html", names=names)
