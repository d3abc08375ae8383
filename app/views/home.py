"""The home page, the rules of the community, and what programs read: robots.txt and security.txt."""

from datetime import timedelta
from urllib.parse import quote

from flask import Blueprint, abort, current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, requires
from app.access.roles import reader
from app.clock import now
from app.extensions import database
from app.views.organisation import legal_document
from app.web.pages.site import site
from ideas.campaigns.people.team import visible_campaigns
from ideas.people.platform_role import has_admin

SECONDS_KEPT = 24 * 60 * 60
# Less than a year: whoever reads it later must ask again.
SECURITY_LASTS = timedelta(days=180)

views = Blueprint("home", __name__)


@views.get("/")
@requires(Platform.EVERYONE)
def show() -> ResponseReturnValue:
    if reader() is not None:
        return redirect(url_for("campaign.index"), 303)
    if not has_admin(database()):
        return redirect(url_for("set_up.show"), 303)
    instant = now()
    campaigns = visible_campaigns(database(), None, now=instant)
    return render_template(
        "home/show.html", campaigns=[campaign for campaign in campaigns if campaign.is_open(instant)]
    )


@views.get("/rules")
@requires(Platform.EVERYONE)
def rules() -> ResponseReturnValue:
    return legal_document.show("rules")


@views.get("/robots.txt")
@requires(Platform.EVERYONE)
def robots() -> ResponseReturnValue:
    """Which addresses search engines need not try. Private pages say so themselves: see app.access.enforcement."""
    answer = current_app.response_class(render_template("home/robots.txt"), mimetype="text/plain")
    answer.cache_control.max_age = SECONDS_KEPT
    return answer


@views.get("/.well-known/security.txt")
@requires(Platform.EVERYONE)
def security() -> ResponseReturnValue:
    """Whom to tell of a weakness (RFC 9116). Not found where nobody gave an address to write to."""
    if not site().contact_email:
        abort(404)
    expires = (now() + SECURITY_LASTS).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [
        f"Contact: mailto:{quote(site().contact_email, safe='@+')}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        f"Preferred-Languages: {', '.join(site().locales)}",
        f"Canonical: {current_app.extensions['settings'].base_url}{url_for('home.security')}",
    ]
    answer = current_app.response_class("\n".join(lines) + "\n", mimetype="text/plain")
    answer.cache_control.max_age = SECONDS_KEPT
    return answer
