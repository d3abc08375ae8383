"""The moderation policy of a campaign with its figures, for everyone; and the log, for the team."""

from datetime import UTC

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone

from app.access.needs import requires
from app.extensions import database
from app.text.moderation import act_label, kind_label, reason_label
from app.web.csv_file import csv_response
from app.web.pages.language import gettext as _
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.moderation.log import MIN_COUNT, log_of, months_of
from ideas.organisation.organisation import the_organisation
from ideas.people.person import names_of
from ideas.people.sanction import Reason

views = Blueprint("moderation_policy", __name__, url_prefix="/campaigns/<int:campaign_id>/moderation")


@views.get("/policy")
@requires(Act.READ)
def show(campaign: Campaign) -> str:
    months = months_of(database(), campaign, zone=str(get_timezone()))
    return render_template(
        "moderation/policy/show.html",
        campaign=campaign,
        months=months,
        reasons=[reason for reason in Reason if any(reason in month.counts for month in months)],
        min_count=MIN_COUNT,
        organisation=the_organisation(database()),
    )


@views.get("/log.csv")
@requires(Act.MODERATE)
def log(campaign: Campaign) -> ResponseReturnValue:
    """Every act of moderation, oldest first. Times are in UTC. Who reported is left out."""
    rows = log_of(database(), campaign)
    names = names_of(database(), {row.by_id for row in rows if row.by_id is not None})
    head = [_("Moment (UTC)"), _("Act"), _("Object"), _("Number"), _("Reason"), _("By"), _("A word to the author")]
    return csv_response(
        f"moderation-{campaign.id}.csv",
        head,
        (
            (
                row.at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S"),
                act_label(row.verb, of_split=row.of_split),
                kind_label(row.kind),
                row.object_id,
                reason_label(row.reason),
                names.get(row.by_id or 0, ""),
                row.note,
            )
            for row in rows
        ),
    )
