"""Fewer, larger themes or more, finer ones: previewed, then applied at once."""

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.themes.granularity import LEVELS, ApplyGranularityForm
from app.jobs.granularity import apply as apply_granularity
from app.jobs.granularity import levels, preview
from app.web.pages.language import ngettext
from app.web.pages.rendering import page_or_block
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.themes.runs.granularity import Level
from ideas.themes.runs.proposal import open_proposal
from ideas.themes.runs.run import ThemeRun, latest_run
from ideas.themes.theme import active_themes

views = Blueprint("granularity", __name__, url_prefix="/campaigns/<int:campaign_id>/themes/granularity")


@views.get("")
@requires(Act.GROUP)
def show(campaign: Campaign) -> ResponseReturnValue:
    level = request.args.get("level", campaign.granularity, type=int)
    return _page(campaign, level if level in LEVELS else campaign.granularity)


@views.post("")
@requires(Act.GROUP)
def apply(campaign: Campaign) -> ResponseReturnValue:
    form = ApplyGranularityForm()
    if not form.validate_on_submit():
        return _page(campaign, campaign.granularity, status=422)
    apply_granularity(database(), campaign, form.level.data, by=member(), now=now())
    database().commit()
    if open_proposal(database(), campaign) is not None:
        return redirect(url_for("proposal.show", campaign_id=campaign.id), 303)
    flash(
        ngettext(
            "You now have %(num)s theme.", "You now have %(num)s themes.", len(active_themes(database(), campaign))
        ),
        "success",
    )
    return redirect(url_for("theme.index", campaign_id=campaign.id), 303)


def offered_levels(campaign: Campaign, run: ThemeRun | None) -> list[Level]:
    """The levels to choose from, coarsest first. Of those with equally many themes, the nearest to the current one."""
    distinct: dict[int, Level] = {}
    for step in sorted(levels(run) if run else [], key=lambda step: abs(step.level - campaign.granularity)):
        distinct.setdefault(step.themes, step)
    return sorted(distinct.values(), key=lambda step: step.level)


def _page(campaign: Campaign, level: int, *, status: int = 200) -> ResponseReturnValue:
    session = database()
    run = latest_run(session, campaign)
    offered = offered_levels(campaign, run)
    level = min((step.level for step in offered), key=lambda other: abs(other - level), default=level)
    return page_or_block(
        "themes/granularity/show.html",
        "preview",
        status=status,
        campaign=campaign,
        levels=offered,
        level=level,
        preview=preview(session, campaign, level) if run else [],
        waiting=open_proposal(session, campaign) is not None,
    )
