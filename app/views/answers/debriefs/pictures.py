"""Pictures of a debrief to take away: its charts as SVG and PNG, the card that other sites show, and its feed."""

from collections.abc import Sequence

from flask import Blueprint, current_app, get_template_attribute, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.access.needs import requires
from app.extensions import database, limiter
from app.pictures.bar_chart import draw_bars
from app.pictures.drawing import Drawing, card_drawing, chart_drawing
from app.pictures.infographic import MAX_THEMES, Infographic, ThemeRow, infographic_drawing
from app.signing.caller import caller_address
from app.text.shown import theme_name
from app.views.answers.debriefs.block_contents import chart_rows, chart_title
from app.web.pages.language import gettext as _
from app.web.pages.language import ngettext, number
from app.web.pages.links import url_for as address_of
from app.web.pages.site import site
from ideas.answers.action import Delivery, actions_in, delivery
from ideas.answers.debriefs.blocks import Chart
from ideas.answers.debriefs.debrief import Answer, answers, debrief_of
from ideas.answers.debriefs.figures import Figures, figures
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


@views.get("/infographic.svg")
@requires(Act.READ)
def infographic_svg(campaign: Campaign) -> ResponseReturnValue:
    return _to_page(campaign) if not _is_published(campaign) else _taken(campaign, _infographic(campaign), "svg")


@views.get("/infographic.png")
@limiter.limit(MAX_ASKED, key_func=caller_address)
@requires(Act.READ)
def infographic_png(campaign: Campaign) -> ResponseReturnValue:
    return _to_page(campaign) if not _is_published(campaign) else _taken(campaign, _infographic(campaign), "png")


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
        figures=_main_figures(counted),
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
        draw_bars(chart_rows(campaign, chart, given)),
        title=chart_title(chart),
        campaign=campaign.title,
        source=address_of("debrief.show", campaign_id=campaign.id, _external=True),
    )
    return _taken(campaign, drawn, extension, name=chart.value)


def _infographic(campaign: Campaign) -> Drawing:
    session = database()
    given = answers(session, campaign, actions=actions_in(session, campaign))
    left = len(given) - MAX_THEMES
    return infographic_drawing(
        Infographic(
            title=campaign.title,
            eyebrow=_("What was said, and what was decided"),
            challenge=campaign.challenge,
            figures=_main_figures(figures(session, campaign)),
            themes_title=_("Themes and answers"),
            themes=[_theme_row(answer) for answer in given[:MAX_THEMES]],
            left_out=ngettext(
                "%(num)s smaller theme is not in this picture.", "%(num)s smaller themes are not in this picture.", left
            )
            if left > 0
            else "",
            actions_title=_("Actions"),
            actions=_action_figures(delivery(session, campaign)),
            source=address_of("debrief.show", campaign_id=campaign.id, _external=True),
        )
    )


def _theme_row(answer: Answer) -> ThemeRow:
    named = get_template_attribute("macros/page.html", "decision_label")
    return ThemeRow(
        name=theme_name(answer.card.theme),
        size=answer.card.size,
        counted=ngettext("%(num)s idea", "%(num)s ideas", answer.card.size),
        answer=str(named(answer.decision.status.value)).strip() if answer.decision else _("No answer yet"),
        is_answered=answer.decision is not None and answer.decision.is_answer,
    )


def _main_figures(counted: Figures) -> list[tuple[str, str]]:
    return [
        (number(counted.people), ngettext("person took part", "people took part", counted.people)),
        (number(counted.ideas), ngettext("idea", "ideas", counted.ideas)),
        (number(counted.themes), ngettext("theme", "themes", counted.themes)),
        (number(counted.decided), ngettext("theme with an answer", "themes with an answer", counted.decided)),
    ]


def _action_figures(counted: Delivery) -> Sequence[tuple[str, str]]:
    if not counted.promised:
        return ()
    under_way = counted.promised - counted.done - counted.abandoned
    return [
        (number(counted.promised), ngettext("action promised", "actions promised", counted.promised)),
        (number(counted.done), ngettext("action done", "actions done", counted.done)),
        (number(under_way), ngettext("action to come", "actions to come", under_way)),
        (number(counted.abandoned), ngettext("action abandoned", "actions abandoned", counted.abandoned)),
    ]


def _taken(campaign: Campaign, drawn: Drawing, extension: str, *, name: str = "infographic") -> Response:
    """The drawing as a file to download."""
    database().rollback()  # the PNG is made by another process: hold nothing meanwhile
    content, media_type = (
        (drawn.svg().encode(), "image/svg+xml") if extension == "svg" else (drawn.png(scale=_SCALE), "image/png")
    )
    answer = _picture(content, media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="debrief-{campaign.id}-{name}.{extension}"'
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
