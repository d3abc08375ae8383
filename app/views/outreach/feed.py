"""What is new in a campaign or a space as an Atom feed, for news readers."""

from flask import Blueprint, Response, abort, current_app, render_template, request, url_for
from itsdangerous import BadData

from app.access.needs import Platform, requires
from app.access.roles import member, reader
from app.clock import now
from app.extensions import database
from app.signing.keys import signer
from app.web.pages.language import gettext as _
from app.web.pages.language import read_by
from app.web.pages.site import site
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act, visible_campaign
from ideas.outreach.feeds.feed import FeedEntry, campaign_for, news_of, space_for
from ideas.people.person import Person
from ideas.spaces.space import Space

# A signature for this purpose is worth nothing for another.
_PURPOSE = "feed"
_CAMPAIGN, _SPACE = "campaign", "space"

views = Blueprint("feed", __name__)


@views.get("/campaigns/<int:campaign_id>/news.atom")
@requires(Act.READ)
def campaign(campaign: Campaign) -> Response:
    return _of_campaign(campaign)


@views.get("/feeds/<feed>.atom")
@requires(Platform.EVERYONE)
def signed(feed: str) -> Response:
    """What one person may read of a campaign or a space, for programs that can't sign in. It ends with the person's
    next calendar address, with their right to read, or with the account.
    """
    try:
        person_id, calendar_number, kind, number = signer(_PURPOSE).loads(feed)
    except BadData:
        abort(404)
    person = database().get(Person, person_id)
    if person is None or person.erased_at is not None or person.calendar_number != calendar_number:
        abort(404)
    with read_by(site().offered(person.locale), person.timezone):
        if kind == _CAMPAIGN:
            return _of_campaign(campaign_for(database(), number, person, now=now()) or abort(404))
        space, campaigns = space_for(database(), number, person, now=now()) or abort(404)
        page = url_for("space.show", space_id=space.id, _external=True)
        return _feed(news_of(database(), campaigns), title=space.name, page=page, of=space)


def feed_address(of: Campaign | Space) -> str:
    """Where a news reader finds what is new: for members an address of their own, unless anyone may read it by now."""
    if isinstance(of, Campaign) and (reader() is None or is_public(of)):
        return url_for("feed.campaign", campaign_id=of.id, _external=True)
    return url_for("feed.signed", feed=feed_token(member(), of), _external=True)


def is_public(campaign: Campaign) -> bool:
    """True where visitors see the campaign by now; one query."""
    return visible_campaign(database(), campaign.id, None) is not None


def feed_token(person: Person, of: Campaign | Space) -> str:
    """The token of a person's own address of a feed. It says who they are: rights are looked up when it is read."""
    kind = _CAMPAIGN if isinstance(of, Campaign) else _SPACE
    return str(signer(_PURPOSE).dumps([person.id, person.calendar_number, kind, of.id]))


def _of_campaign(campaign: Campaign) -> Response:
    page = url_for("campaign.show", campaign_id=campaign.id, _external=True)
    title = _("%(campaign)s: what is new", campaign=campaign.title)
    return _feed(news_of(database(), [campaign]), title=title, page=page, of=campaign)


def _feed(entries: list[FeedEntry], *, title: str, page: str, of: Campaign | Space) -> Response:
    """The feed; 304 where the program has it as it is."""
    text = render_template(
        "outreach/feed/news.xml", title=title, page=page, here=request.url, entries=entries, since=of.created_at
    )
    answer = current_app.response_class(text, mimetype="application/atom+xml")
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.add_etag()
    answer.make_conditional(request)
    return answer
