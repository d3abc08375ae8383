"""What changed of a campaign's promises since its announcement: for everyone who reads the campaign."""

from flask import Blueprint, render_template

from app.access.needs import requires
from app.extensions import database
from app.text.differences import differences
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.earlier import PromiseChange, history
from ideas.campaigns.people.team import Act
from ideas.people.person import names_of

views = Blueprint("promise", __name__)


@views.get("/campaigns/<int:campaign_id>/history")
@requires(Act.READ)
def index(campaign: Campaign) -> str:
    saves = history(database(), campaign)
    return render_template(
        "campaigns/promise/index.html",
        campaign=campaign,
        changes=[(save, _texts(save)) for save in saves],
        names=names_of(database(), {save.by_id for save in saves if save.by_id is not None}),
    )


def _texts(save: PromiseChange) -> dict[str, list[tuple[str, str]]]:
    """The changed texts by name, word by word. Dates are not compared so."""
    return {
        change.name: differences(change.before or "", change.after or "")
        for change in save.changes
        if isinstance(change.before or change.after, str)
    }
