"""What was promised and what was delivered: a page, a feed and a picture, of a campaign and of all campaigns."""

from flask import Blueprint, Response, current_app, render_template, request, url_for
from flask_babel import gettext as _

from app.access.needs import Platform, requires
from app.access.roles import reader
from app.clock import now
from app.extensions import database
from app.pictures.badge import badge as draw_badge
from app.web.pages.site import site
from ideas.answers.delivered import Outcome, Promise, PromiseKind, events_of, promises_of, tally
from ideas.base import MAX_ID
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act, visible_campaigns

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
    return _badge(promises_of(database(), [campaign], now=now()))


@views.get("/promises")
@requires(Platform.EVERYONE)
def index() -> str:
    """Of all campaigns that the reader may see, or of those that one person leads."""
    promises = _of_all()
    by_campaign: dict[Campaign, list[Promise]] = {}
    for promise in promises:
        by_campaign.setdefault(promise.campaign, []).append(promise)
    campaigns = list(by_campaign)
    rows = [(campaign, tally(some)) for campaign, some in by_campaign.items()]
    return render_template(
        "answers/delivered/index.html",
        rows=rows,
        tally=tally(promises),
        kinds=list(PromiseKind),
        outcomes=list(Outcome),
        lead=campaigns[0].owner if campaigns and _lead() is not None else None,
    )


@views.get("/promises.atom")
@requires(Platform.EVERYONE)
def feed_of_all() -> Response:
    return _feed(
        _of_all(),
        title=_("%(site)s: promised and delivered", site=site().name),
        page=url_for("delivered.index", lead=_lead(), _external=True),
    )


@views.get("/promises.svg")
@requires(Platform.EVERYONE)
def badge_of_all() -> Response:
    return _badge(_of_all())


def _of_all() -> list[Promise]:
    lead = _lead()
    only = Campaign.owner_id == lead if lead is not None else None
    campaigns = visible_campaigns(database(), reader(), now=now(), only=only)
    return promises_of(database(), campaigns, now=now())


def _lead() -> int | None:
    """The person who leads the campaigns that are asked for, if one is."""
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
