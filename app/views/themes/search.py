"""The ideas of all themes that contain some words: to read them together, and to sort them into themes.

The search may be narrowed to a theme; for the team also to a tag, or to an area that was drawn on the map beside it.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy import ColumnElement, and_, bindparam

from app.access.needs import requires
from app.access.roles import manages
from app.extensions import database
from app.forms.themes.edit import SEARCH, ChosenIdeasForm
from app.pictures.map.area import ideas_in_area, read_area
from app.pictures.map.theme_map import ThemeMap, draw_map, tones
from app.text.shown import theme_name
from app.views.desk.panel import tags_context
from app.views.themes.theme import IDEAS_PER_PAGE, by_name, list_params, names_of, status_of
from app.web.search import asked
from clustering.types import Leftover
from ideas.activity.version import ChangedMeanwhile
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.contributions.idea import Idea
from ideas.desk.idea_tag import is_tagged
from ideas.errors import message_id
from ideas.search import MAX_COUNTED, Match
from ideas.themes.alike import fold_alike
from ideas.themes.card import all_placements, placed_ideas, theme_cards
from ideas.themes.edits.move import Place
from ideas.themes.search import found_places, is_placed_in, search_placements
from ideas.themes.theme import active_themes

IDEAS_OF_AREA = 300  # at once: what was drawn around is to be ticked together


class FoundOthers(ChangedMeanwhile):
    message = message_id("The search finds other ideas than before. Nothing was changed. Look at them, then try again.")


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
    params = list_params() if manages() else {name: list_params().get(name, "") for name in ("theme", "containing")}
    drawn = _map(campaign) if params.get("map") or params.get("area") else None
    area, among = read_area(params.get("area", "")), _among(campaign, params, drawn)
    found, placements = search_placements(
        database(),
        campaign,
        search.query,
        among=among,
        before=search.before,
        match=search.match,
        limit=IDEAS_OF_AREA if area else IDEAS_PER_PAGE,
    )
    places: Mapping[int, Place] = {}
    if placements and found.total <= MAX_COUNTED:
        places = found_places(database(), campaign, search.query, among=among, match=found.match)
    page = render_template(
        "themes/theme/search.html",
        campaign=campaign,
        search=search,
        found=found,
        placements=placements,
        members=fold_alike(placements),
        found_themes=len({place for place in places.values() if isinstance(place, int)}),
        everything=_mark_of(found.match, places) if len(places) > len(placements) else "",
        list_params=list_params(),
        narrowed={name: params[name] for name in ("theme", "tag", "area", "map") if params.get(name)},
        map=drawn,
        area=params["area"] if area else "",
        themes=by_name(themes),
        leftover_kinds=[kind.value for kind in Leftover],
        names=names_of(themes),
        tones=tones(themes),
        refused=refused,
        chosen=set(chosen),
        **tags_context(campaign, [placement.idea_id for placement in placements]),
    )
    return page, status_of([refused] if refused else [])


def chosen_ideas(campaign: Campaign, form: ChosenIdeasForm) -> tuple[Sequence[int], Mapping[int, Place]]:
    """The ideas that a form of this page is about, and where they were: those that were ticked, or all that it found.

    Raises FoundOthers where the search of the form finds others now, or finds them elsewhere.
    """
    sent = form.everything.data if form.back.data == SEARCH else ""
    if not sent:
        return form.idea.data or (), form.seen_places
    params = list_params()
    drawn = _map(campaign) if params.get("area") else None
    way = sent.partition("-")[0]
    match = Match(way) if way in set(Match) else Match.ALL
    among = _among(campaign, params, drawn)
    places = found_places(database(), campaign, asked(campaign).query, among=among, match=match)
    if _mark_of(match, places) != sent or len(places) > MAX_COUNTED:
        raise FoundOthers
    return list(places), places


def _mark_of(match: Match, places: Mapping[int, Place]) -> str:
    """Changes with the ideas that a search found, with their places, and with the way in which it found them."""
    return f"{match.value}-{sha256(repr(sorted(places.items())).encode()).hexdigest()[:20]}"


def _map(campaign: Campaign) -> ThemeMap:
    """The map of the page of themes, whose islands lead to their ideas here."""
    cards = theme_cards(database(), campaign, quotes=False)

    def address(theme_id: int) -> str:
        return url_for("theme_search.show", campaign_id=campaign.id, theme=theme_id, map="yes")

    counted = {card.theme.id: card.size for card in cards}
    shown = [card.theme for card in cards]
    return draw_map(all_placements(database(), campaign), shown, address, counted, theme_name)


def _among(campaign: Campaign, params: dict[str, Any], drawn: ThemeMap | None) -> ColumnElement[bool] | None:
    """SQL condition: the idea is where the search was narrowed to. None where it is not."""
    narrowed: list[ColumnElement[bool]] = []
    if theme := params.get("theme"):
        narrowed.append(is_placed_in(campaign, theme))
    if tag := params.get("tag"):
        narrowed.append(is_tagged(campaign, tag))
    area = read_area(params.get("area", ""))
    if area and drawn is not None:
        inside = ideas_in_area(drawn, placed_ideas(database(), campaign), area)
        # Written into the statement: there may be more of them than a statement has parameters.
        narrowed.append(Idea.id.in_(bindparam("inside", inside, expanding=True, literal_execute=True)))
    return and_(*narrowed) if narrowed else None
