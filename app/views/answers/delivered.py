"""What was promised and what was delivered: a page, a feed and a picture, of a campaign and of all campaigns."""

from collections.abc import Sequence

from flask import Blueprint, Response, current_app, render_template, request, url_for

from app.access.needs import Platform, requires
from app.access.roles import reader
from app.clock import now
from app.extensions import database
from app.pictures.badge import badge as draw_badge
from app.web.pages.language import gettext as _
from app.web.pages.site import site
from ideas.answers.delivered import Outcome, Promise, PromiseKind, events_of, kept_out, led_by, promises_of, tally
from ideas.base import MAX_ID
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act, visible_campaigns
from ideas.people.person import names_of

MAX_ENTRIES = 50
# How long browsers and other sites may keep the picture, in seconds.
BADGE_AGE = 3600

views = Blueprint("delivered", __name__)


@views.get("/campaigns/<int:campaign_id>/promises")
@requires(Act.READ)
def show(campaign: Campaign) -> str:
    promises = promises_of(database(), [campaign], now=now())
    return render_template(
        "answers/delivered/show.html",
        campaign=campaign,
        promises=promises,
        tally=tally(promises),
        kinds=list(PromiseKind),
        outcomes=list(Outcome),
    )


@views.get("/campaigns/<int:campaign_id>/promises.atom")
@requires(Act.READ)
def feed(campaign: Campaign) -> Response:
    return _feed(
        promises_of(database(), [campaign], now=now()),
        title=_("%(campaign)s: promised and delivered", campaign=campaign.title),
        page=url_for("delivered.show", campaign_id=campaign.id, _external=True),
    )


@views.get("/campaigns/<int:campaign_id>/promises.svg")
@requires(Act.READ)
def badge(campaign: Campaign) -> Response:
    return _badge(promises_of(database(), [campaign], now=now(), with_steps=False))


@views.get("/promises")
@requires(Platform.EVERYONE)
def index() -> str:
    """Of all campaigns, or of the promises that were made while one person led. Those that the reader may not see are
    counted, and not named.
    """
    shown, hidden = _of_all()
    by_campaign: dict[Campaign, list[Promise]] = {}
    for promise in shown:
        by_campaign.setdefault(promise.campaign, []).append(promise)
    leads = names_of(database(), {promise.lead_id for promise in shown})
    rows = [
        (campaign, tally(some), {number: leads[number] for number in dict.fromkeys(one.lead_id for one in some)})
        for campaign, some in by_campaign.items()
    ]
    lead = _lead()
    return render_template(
        "answers/delivered/index.html",
        rows=rows,
        tally=tally([*shown, *hidden]),
        hidden=len(hidden),
        kinds=list(PromiseKind),
        outcomes=list(Outcome),
        lead_id=lead,
        lead=leads.get(lead or 0),
    )


@views.get("/promises.atom")
@requires(Platform.EVERYONE)
def feed_of_all() -> Response:
    return _feed(
        _promised(visible_campaigns(database(), reader(), now=now()), with_steps=True),
        title=_("%(site)s: promised and delivered", site=site().name),
        page=url_for("delivered.index", lead=_lead(), _external=True),
    )


@views.get("/promises.svg")
@requires(Platform.EVERYONE)
def badge_of_all() -> Response:
    shown, hidden = _of_all()
    return _badge([*shown, *hidden])


def _of_all() -> tuple[list[Promise], list[Promise]]:
    """What all campaigns promised, or those of one lead: what the reader may see, and what is only counted."""
    seen = visible_campaigns(database(), reader(), now=now())
    known = {campaign.id for campaign in seen}
    shown: list[Promise] = []
    hidden: list[Promise] = []
    for promise in _promised([*seen, *kept_out(database(), seen)], with_steps=False):
        (shown if promise.campaign.id in known else hidden).append(promise)
    return shown, hidden


def _promised(campaigns: Sequence[Campaign], *, with_steps: bool) -> list[Promise]:
    """What these campaigns promised, or what was promised there while the lead who is asked for led them."""
    lead = _lead()
    if lead is None:
        return promises_of(database(), campaigns, now=now(), with_steps=with_steps)
    led = led_by(database(), campaigns, lead)
    return [one for one in promises_of(database(), led, now=now(), with_steps=with_steps) if one.lead_id == lead]


def _lead() -> int | None:
    """The person whose promises are asked for, if one is."""
    number = request.args.get("lead", 0, type=int)
    return number if 0 < number <= MAX_ID else None


def _feed(promises: list[Promise], *, title: str, page: str) -> Response:
    text = render_template(
        "answers/delivered/feed.xml",
        title=title,
        page=page,
        here=request.url,
        entries=events_of(promises, most=MAX_ENTRIES),
    )
    return current_app.response_class(text, mimetype="application/atom+xml")


def _badge(promises: list[Promise]) -> Response:
    counted = tally(promises)
    value = _("%(kept)s of %(due)s", kept=counted.kept, due=counted.due) if counted.due else _("none due yet")
    answer = current_app.response_class(draw_badge(_("promises kept"), value), mimetype="image/svg+xml")
    if reader() is None:
        answer.headers["Cache-Control"] = f"public, max-age={BADGE_AGE}"
        answer.headers["Vary"] = "Accept-Language, Cookie"
    return answer
