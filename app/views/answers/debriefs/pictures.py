"""Pictures of a debrief to take away: its charts as SVG and PNG, the card that other sites show, and its feed."""

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.access.needs import requires
from app.extensions import database, limiter
from app.pictures.bar_chart import draw_bars
from app.pictures.drawing import card_drawing, chart_drawing
from app.signing.caller import caller_address
from app.views.answers.debriefs.block_contents import chart_rows, chart_title
from app.web.pages.language import ngettext, number
from app.web.pages.links import url_for as address_of
from app.web.pages.site import site
from ideas.answers.action import actions_in
from ideas.answers.debriefs.blocks import Chart
from ideas.answers.debriefs.debrief import answers, debrief_of, emotions_in
from ideas.answers.debriefs.figures import figures
from ideas.answers.earlier import published_texts
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act

views = Blueprint("debrief_picture", __name__, url_prefix="/campaigns/<int:campaign_id>/debrief")

MAX_ASKED = "60 per minute"
_CHARTS = "<any(themes,answers,reactions):chart>"
_SCALE = 2  # of a PNG: sharp on a dense screen, and in print


@views.get(f"/charts/{_CHARTS}.svg")
@requires(Act.READ)
def chart_svg(campaign: Campaign, chart: str) -> ResponseReturnValue:
    return _chart(campaign, Chart(chart), "svg")


@views.get(f"/charts/{_CHARTS}.png")
@limiter.limit(MAX_ASKED, key_func=caller_address)
@requires(Act.READ)
def chart_png(campaign: Campaign, chart: str) -> ResponseReturnValue:
    return _chart(campaign, Chart(chart), "png")


@views.get("/card.png")
@limiter.limit(MAX_ASKED, key_func=caller_address)
@requires(Act.READ)
def card(campaign: Campaign) -> ResponseReturnValue:
    """What other sites show of a link to the debrief."""
    if not _is_published(campaign):
        return _to_page(campaign)
    counted = figures(database(), campaign)
    drawn = card_drawing(
        title=campaign.title,
        eyebrow=_("What was decided, and why"),
        challenge=campaign.challenge,
        figures=[
            (number(counted.people), ngettext("person took part", "people took part", counted.people)),
            (number(counted.ideas), ngettext("idea", "ideas", counted.ideas)),
            (number(counted.themes), ngettext("theme", "themes", counted.themes)),
            (number(counted.decided), ngettext("theme with an answer", "themes with an answer", counted.decided)),
        ],
        source=site().name,
    )
    database().rollback()  # the picture is made by another process: hold nothing meanwhile
    return _picture(drawn.png(), "image/png")


@views.get("/feed.atom")
@requires(Act.READ)
def feed(campaign: Campaign) -> ResponseReturnValue:
    """The debrief and each correction of it."""
    debrief = debrief_of(database(), campaign)
    texts = published_texts(database(), debrief) if debrief is not None and debrief.published_at else ()
    text = render_template("answers/debrief/feed.xml", campaign=campaign, texts=texts, here=request.url)
    return current_app.response_class(text, mimetype="application/atom+xml")


def _chart(campaign: Campaign, chart: Chart, extension: str) -> ResponseReturnValue:
    if not _is_published(campaign):
        return _to_page(campaign)
    given = answers(database(), campaign, actions=actions_in(database(), campaign))
    drawn = chart_drawing(
        draw_bars(chart_rows(campaign, chart, given, emotions_in(given))),
        title=chart_title(chart),
        campaign=campaign.title,
        source=address_of("debrief.show", campaign_id=campaign.id, _external=True),
    )
    database().rollback()
    content, media_type = (
        (drawn.svg().encode(), "image/svg+xml") if extension == "svg" else (drawn.png(scale=_SCALE), "image/png")
    )
    answer = _picture(content, media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="debrief-{campaign.id}-{chart.value}.{extension}"'
    return answer


def _picture(content: bytes, media_type: str) -> Response:
    answer = current_app.response_class(content, mimetype=media_type)
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


def _is_published(campaign: Campaign) -> bool:
    debrief = debrief_of(database(), campaign)
    return debrief is not None and debrief.published_at is not None


def _to_page(campaign: Campaign) -> Response:
    return redirect(url_for("debrief.show", campaign_id=campaign.id), 303)
