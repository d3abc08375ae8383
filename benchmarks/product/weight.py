"""What a phone receives of pages: everything on a first visit, then another page. As a visitor, and signed in.

The real application with what `make assets` built, on the demo community. Counted are the bytes of each answer's body
as browsers ask for it: the page, and each style sheet, script, font and picture that it names, once each. What has an
address that never changes is kept by the browser, and counts on the first visit only. A picture with `loading="lazy"`
far down a page is asked for when somebody scrolls to it: it counts in figures of its own, with all of it scrolled.
"""

import os
import re
import tempfile
from collections.abc import Iterator
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import func, select

from app import create_app
from app.clock import now
from app.extensions import database, db
from app.settings import from_env
from benchmarks.figures import Target, show_table, show_targets
from benchmarks.product.pages import HEADERS, write_site
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import campaign_visible_to
from ideas.contributions.comment import Comment
from ideas.contributions.idea import Idea, is_readable

FIRST_KB, NEXT_KB = 100, 20
NAMED = re.compile(r'<(?:link|script|img|source|use)\b[^>]*?\b(?:href|src)="(/[^"]+)"|url\((/[^)"]+)\)')
# Of a picture and a smaller one for phones, a phone loads the smaller one.
FOR_PHONES = re.compile(r'<picture[^>]*><source [^>]*srcset="([^"]+)"[^>]*><img [^>]*>')
NOT_LOADED = re.compile(r'rel="(?:alternate|canonical|search)"')
LAZY = re.compile(r'<img\b[^>]*\bloading="lazy"[^>]*>')
# Browsers ask for a lazy picture a screen or two before it is seen, so what is among the first screens counts at once.
# So many characters of a page fill 3,000 pixels or more on a phone: Chromium asks from 2,500 pixels before on.
FIRST_SCREENS = 30_000


def show() -> dict[str, Any]:
    """Prints and returns the kilobytes of each page, on a first visit and after another page."""
    print("\nWeight of pages, in kB as they are sent")
    with tempfile.TemporaryDirectory() as instance:
        app = create_app(from_env(os.environ | {"CONVERGENCE_INSTANCE": instance, "DATABASE_URL": ""}))
        site = write_site(app)
        campaign = f"/campaigns/{site.campaigns['demo']}"
        with app.app_context():
            idea, form = _an_idea(site.campaigns["demo"]), f"/campaigns/{_an_open_campaign()}/ideas/new"
            db.session.remove()
            db.engine.dispose()
        visitor, member = app.test_client(), app.test_client()
        member.set_cookie("session", site.cookie.removeprefix("session="))
        pages = {
            "home": "/", "campaign": campaign, "ideas": f"{campaign}/ideas", "an idea": f"{campaign}/ideas/{idea}",
            "debrief": f"{campaign}/debrief", "standing": f"{campaign}/standing",
        }  # fmt: skip
        asked = {name: (visitor, address) for name, address in pages.items()}
        pages |= {"form of an idea": form, "my page": "/me", "my points": "/me/points"}
        asked |= {f"{name}, signed in": (member, address) for name, address in pages.items()}
        first, after = weigh(asked, visitor)
        scrolled = weigh(asked, visitor, scrolled=True)
    rows = [[name, *(f"{kbs[name]:.1f}" if name in kbs else "" for kbs in (first, after, *scrolled))] for name in first]
    show_table(["page", "first visit", "after the first page", "first, scrolled", "after, scrolled"], rows)
    targets = [Target(f"{name}: kB of a first visit", kb, FIRST_KB, at_most=True) for name, kb in first.items()]
    targets += [Target(f"{name}: kB after another page", kb, NEXT_KB, at_most=True) for name, kb in after.items()]
    return {"first": first, "next": after, "scrolled": scrolled, "targets": show_targets(targets)}


def weigh(
    asked: dict[str, tuple[FlaskClient, str]], visitor: FlaskClient, *, scrolled: bool = False
) -> tuple[dict[str, float], dict[str, float]]:
    """The kB of each page on a first visit, and of each but the home page after the visitor's home page.

    `scrolled`: with the pictures that come when somebody scrolls to them.
    """

    def kb(client: FlaskClient, address: str, kept: set[str]) -> float:
        return sum(_loaded(client, address, kept, scrolled=scrolled).values())

    first = {name: kb(client, address, set()) for name, (client, address) in asked.items()}
    kept = set(_loaded(visitor, "/", set(), scrolled=scrolled))
    others = {name: pair for name, pair in asked.items() if pair[1] != "/"}
    return first, {name: kb(client, address, kept) for name, (client, address) in others.items()}


def _an_idea(campaign_id: int) -> int:
    """The idea with the most comments of a campaign."""
    comments = select(func.count(Comment.id)).where(Comment.idea_id == Idea.id).scalar_subquery()
    here = select(Idea.id).where(Idea.campaign_id == campaign_id, is_readable()).order_by(comments.desc(), Idea.id)
    return database().scalars(here.limit(1)).one()


def _an_open_campaign() -> int:
    found = database().scalars(select(Campaign).where(campaign_visible_to(None)).order_by(Campaign.id)).all()
    return next(campaign.id for campaign in found if campaign.is_open(now()))


def _loaded(client: FlaskClient, address: str, kept: set[str], *, scrolled: bool) -> dict[str, float]:
    """The kB of a page and of what it loads, by address, without what the browser has."""
    answer = client.get(address, headers=HEADERS, follow_redirects=True)
    assert answer.status_code == 200, f"{address}: {answer.status}"
    found = {address: len(answer.data) / 1000}
    plain = client.get(address, follow_redirects=True).text
    waiting = list(_named(plain if scrolled else plain[:FIRST_SCREENS] + LAZY.sub("", plain[FIRST_SCREENS:])))
    while waiting:
        one = waiting.pop()
        if one in found or one in kept:
            continue
        answer = client.get(one, headers=HEADERS)
        assert answer.status_code == 200, f"{one}: {answer.status}"
        found[one] = len(answer.data) / 1000
        if answer.mimetype == "text/css":
            waiting += _named(client.get(one).text)
    return found


def _named(text: str) -> Iterator[str]:
    """The addresses of this site that a page or a style sheet loads."""
    for found in NAMED.finditer(FOR_PHONES.sub(r'<img src="\1">', text)):
        if not NOT_LOADED.search(found[0]):
            yield (found[1] or found[2]).partition("#")[0]
