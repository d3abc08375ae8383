"""The ideas of a campaign that are in no theme."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from app.access.needs import requires
from app.extensions import database
from app.pictures.map.theme_map import tones
from app.views.desk.panel import tags_context
from app.views.themes.theme import IDEAS_PER_PAGE, by_name, list_params, names_of, status_of
from clustering.types import Leftover
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.page import page_at
from ideas.themes.alike import add_alike, fold_alike
from ideas.themes.card import count_leftovers, leftovers
from ideas.themes.placement import Placement
from ideas.themes.theme import active_themes

# Addresses of the first version, which people may have kept.
FORMER_KINDS = {"alone": Leftover.OUTLIER, "between": Leftover.AMBIGUOUS}

views = Blueprint("leftover", __name__, url_prefix="/campaigns/<int:campaign_id>/themes")


@views.get("/leftover/<kind>")
@requires(Act.READ_THEMES)
def show(campaign: Campaign, kind: str) -> ResponseReturnValue:
    if kind in FORMER_KINDS:
        return redirect(_url(campaign, FORMER_KINDS[kind]), 301)
    if kind not in set(Leftover):
        abort(404)
    return leftover_page(campaign, Leftover(kind), chosen=request.args.getlist("choose", type=int))


def leftover_page(
    campaign: Campaign, kind: Leftover, *, refused: FlaskForm | None = None, chosen: Sequence[int] = ()
) -> ResponseReturnValue:
    """The page of the ideas in no theme (outliers) or between themes (ambiguous)."""
    session = database()
    themes = active_themes(session, campaign)
    total = count_leftovers(session, campaign, kind)
    listed = count_leftovers(session, campaign, kind, folded=True)
    at = page_at(request.values.get("page", 1, type=int), size=IDEAS_PER_PAGE, total=listed)
    found = leftovers(session, campaign, kind, start=(at.number - 1) * IDEAS_PER_PAGE, limit=IDEAS_PER_PAGE)
    members = fold_alike(found)
    add_alike(session, members, Placement.campaign_id == campaign.id, Placement.leftover == kind)
    page = render_template(
        "themes/theme/leftover.html",
        campaign=campaign,
        kind=kind,
        members=members,
        total=total,
        page_url=lambda n: _url(campaign, kind, page=n),
        page=at,
        list_params=list_params(),
        themes=by_name(themes),
        names=names_of(themes),
        tones=tones(themes),
        refused=refused,
        chosen=set(chosen),
        **tags_context(campaign, [placement.idea_id for placement in found]),
    )
    return page, status_of([refused] if refused else [])


def _url(campaign: Campaign, kind: Leftover, **values: Any) -> str:
    return url_for("leftover.show", campaign_id=campaign.id, kind=kind, **values)
