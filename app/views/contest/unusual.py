"""Support that looks unusual, for moderators to judge."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.contest.unusual import ReadNamesForm
from app.web.errors import show_refusals
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.contest.unusual import BURST, MAX_RING, MIN_BURST, NEW, record_names_read, unusual_support
from ideas.people.person import names_of

views = Blueprint("unusual", __name__, url_prefix="/campaigns/<int:campaign_id>/moderation/support")


@views.get("")
@requires(Act.MODERATE)
def show(campaign: Campaign) -> ResponseReturnValue:
    return _page(campaign, ReadNamesForm(formdata=None), {})


@views.post("")
@requires(Act.MODERATE)
def names(campaign: Campaign) -> ResponseReturnValue:
    """The same facts with the names of the accounts: that somebody read them is kept, with why."""
    form, found = ReadNamesForm(), {}
    if form.validate_on_submit():
        with show_refusals(form):
            flagged = unusual_support(database(), campaign)
            reason = form.reason.data or ""
            record_names_read(database(), campaign, flagged, reason=reason, by=member(), now=now())
            database().commit()
            found = names_of(database(), flagged.people)
    return _page(campaign, form, found)


def _page(campaign: Campaign, form: ReadNamesForm, found: dict[int, str]) -> ResponseReturnValue:
    page = render_template(
        "contest/unusual/show.html",
        campaign=campaign,
        unusual=unusual_support(database(), campaign),
        names=found,
        form=form,
        limits={"days": NEW.days, "minutes": BURST.seconds // 60, "burst": MIN_BURST, "ring": MAX_RING},
    )
    return page, 422 if form.errors else 200
