"""The ideas of all themes that contain some words: to read them together, and to sort them into themes."""

from collections.abc import Sequence

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from app.access.needs import requires
from app.extensions import database
from app.pictures.theme_map import tones
from app.views.themes.theme import IDEAS_PER_PAGE, by_name, list_params, names_of, status_of
from app.web.search import asked
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.themes.alike import fold_alike
from ideas.themes.search import search_placements
from ideas.themes.theme import active_themes

views = Blueprint("theme_search", __name__, url_prefix="/campaigns/<int:campaign_id>/themes")


@views.get("/search")
@requires(Act.READ_THEMES)
def show(campaign: Campaign) -> ResponseReturnValue:
    return search_page(campaign, chosen=request.args.getlist("choose", type=int))


def search_page(
    campaign: Campaign, *, refused: FlaskForm | None = None, chosen: Sequence[int] = ()
) -> ResponseReturnValue:
    """The page of a search in all themes. A refused form keeps what was chosen and written in it."""
    search, themes = asked(campaign), active_themes(database(), campaign)
    found, placements = search_placements(
        database(), campaign, search.query, before=search.before, match=search.match, limit=IDEAS_PER_PAGE
    )
    page = render_template(
        "themes/theme/search.html",
        campaign=campaign,
        search=search,
        found=found,
        placements=placements,
        members=fold_alike(placements),
        list_params=list_params(),
        themes=by_name(themes),
        names=names_of(themes),
        tones=tones(themes),
        refused=refused,
        chosen=set(chosen),
    )
    return page, status_of([refused] if refused else [])
