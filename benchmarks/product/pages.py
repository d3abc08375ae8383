"""How fast the four pages that people read most are, beside a bare Flask view.

The real server (waitress) in a process of its own, over loopback, on a temporary instance with SQLite. The same server
also answers with a bare Flask view on the same database: one query for a campaign's twenty newest ideas, one template
that lists them, and nothing else. Requests to the view and to the pages take turns, so that whatever slows the machine
slows all of them. Share: median time of the bare view ÷ median time of the page, that is, the requests a second that
the page reaches where the bare view reaches one.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http.client import HTTPConnection
from typing import Any

from flask import Flask, render_template
from flask_migrate import upgrade
from jinja2 import DictLoader
from sqlalchemy import func, select
from waitress import create_server
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from app import create_app
from app.clock import now
from app.database import sqlite
from app.demo.loading import load_demo
from app.extensions import database, db
from app.jobs.find_themes import group_ideas
from app.server.serving import THREADS
from app.settings import PROJECT, from_env
from app.tables import idea_file
from benchmarks.data import DATA
from benchmarks.figures import Target, report_progress, show_table, show_targets
from ideas.accounts.sign_in import open_sign_in
from ideas.answers.debriefs.debrief import publish_debrief, write_debrief
from ideas.answers.decision import DecisionStatus, decide
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.portrait import set_portrait
from ideas.campaigns.people.team import campaign_visible_to
from ideas.campaigns.promise import CampaignText, announce, start_campaign
from ideas.contributions.idea import Idea
from ideas.contributions.imports.importing import import_ideas
from ideas.contributions.imports.known import SameId
from ideas.contributions.vote import Emotion, Reaction, Vote
from ideas.files import Upload
from ideas.media_type import WEBP
from ideas.people.person import Person
from ideas.personal_data.rows import PersonalRows
from ideas.themes.theme import active_themes

FILE = "gdn_mobilite_fr.csv"
MIN_LARGE = 1_000  # ideas of the large campaign
ROUNDS = 200
WARM_UP = 5
BARE = "bare"
READERS = ("visitor", "signed in")
# The address of each page below its campaign's, and the share that it must reach for each reader.
PAGES = {
    "campaign": ("", (0.35, 0.25)),
    "ideas": ("/ideas", (0.30, 0.20)),
    "themes": ("/themes", (0.15, 0.12)),
    "debrief": ("/debrief", (0.20, 0.15)),
}
LISTED = 20  # ideas that the bare view shows, as many as a page of ideas
TEMPLATE = """<!doctype html>
<title>Ideas</title>
<ul>
{% for idea in ideas %}<li><a href="{{ idea.id }}">{{ idea.title }}</a> {{ idea.body }}</li>
{% endfor %}
</ul>
"""
# What browsers send.
HEADERS = {"Accept-Encoding": "gzip, deflate, br, zstd", "Accept-Language": "fr-FR,fr;q=0.9,en;q=0.5"}


@dataclass(frozen=True)
class Site:
    """A campaign of each size by its name, and the cookie of someone who is signed in."""

    campaigns: dict[str, int]
    cookie: str


def show() -> dict[str, Any]:
    """Prints and returns how fast each page is beside a bare view, for visitors and for people who are signed in."""
    print(f"\nPages beside a bare Flask view: waitress over loopback, SQLite, {ROUNDS} rounds (medians)")
    with tempfile.TemporaryDirectory() as instance:
        environment = os.environ | {"CONVERGENCE_INSTANCE": instance, "DATABASE_URL": ""}
        site = write_site(create_app(from_env(environment)))
        found = {name: measure(environment, campaign_id, site) for name, campaign_id in site.campaigns.items()}
    rows, targets = [], []
    for name, times in found.items():
        rows.append([name, "bare view", "", f"{times[BARE]:.2f}"])
        for page, (_address, bounds) in PAGES.items():
            for reader, bound in zip(READERS, bounds, strict=True):
                took = times[f"{page}, {reader}"]
                share = times[BARE] / took
                rows.append([name, page, reader, f"{took:.2f}", f"{share:.2f}"])
                targets.append(Target(f"{name}: {page}, {reader}: share of a bare view", share, bound))
    if "large" not in found:
        rows.append(["large", "absent"])
    show_table(["campaign", "page", "reader", "ms", "share"], rows)
    return {"ms": found, "targets": show_targets(targets)}


def write_site(app: Flask) -> Site:
    """The demo community, and where the data is there a campaign with more ideas."""
    with app.app_context():
        upgrade()
        report_progress("loading the demo")
        load_demo(database())
        campaigns = {"demo": _largest_debriefed()}
        if (DATA / FILE).is_file():
            report_progress("writing a large campaign")
            campaigns["large"] = _large_campaign()
        person = database().scalars(select(Person).where(Person.id.not_in(select(Campaign.owner_id)))).first()
        assert person is not None
        cookie = cookie_of(app, person)
        db.session.remove()
        db.engine.dispose()
        return Site(campaigns, f"session={cookie}")


def cookie_of(app: Flask, person: Person) -> str:
    """The cookie `session` of a browser in which the person is signed in from here on."""
    token = open_sign_in(database(), person, now=now())
    database().commit()
    with app.test_client() as client:
        with client.session_transaction() as session:
            session["sign_in"], session["_user_id"] = token, str(person.id)
        cookie = client.get_cookie("session")
    assert cookie is not None
    return cookie.value


def _largest_debriefed() -> int:
    by_size = func.count(Idea.id).desc()
    found = database().scalar(
        select(Campaign.id)
        .join(Idea, Idea.campaign_id == Campaign.id)
        .where(Campaign.debriefed_at.is_not(None), campaign_visible_to(None))
        .group_by(Campaign.id)
        .order_by(by_size)
    )
    assert found is not None
    return found


def _large_campaign() -> int:
    """A campaign with real ideas, supported, grouped, decided and debriefed."""
    session, today = database(), now()
    people = session.scalars(select(Person).order_by(Person.id)).all()
    opens_at, closes_at = today - timedelta(days=40), today - timedelta(days=10)
    text = CampaignText(
        title="Transports",
        challenge="Comment se déplacer mieux ?",
        brief="Dites ce qui changerait vos trajets.",
        benefit="Des trajets plus simples.",
        motivation="Chaque idée est lue.",
        owner_word="Je réponds à chaque thème.",
        opens_at=opens_at,
        closes_at=closes_at,
        debrief_due_at=today + timedelta(days=10),
    )
    people[0].may_open_campaigns = True
    campaign = start_campaign(session, owner=people[0], text=text, now=opens_at)
    campaign.open_to_visitors = True
    portrait = Upload("none.webp", WEBP, b"RIFF")  # the gate asks for one; no page reads the file
    set_portrait(session, campaign, portrait, stored_as="none", by=people[0], now=opens_at)
    announce(session, campaign, by=people[0], now=opens_at)
    _import(campaign, opens_at)
    ids = session.scalars(select(Idea.id).where(Idea.campaign_id == campaign.id)).all()
    assert len(ids) >= MIN_LARGE
    emotions = list(Emotion)
    for idea_id in ids:
        for step in range(idea_id % 5):
            person = people[(7 * idea_id + step) % len(people)]
            session.add(Vote(idea_id=idea_id, person_id=person.id, created_at=closes_at))
            emotion = emotions[(idea_id + step) % len(emotions)]
            session.add(Reaction(idea_id=idea_id, person_id=person.id, emotion=emotion, created_at=closes_at))
    session.commit()
    group_ideas(session, campaign.id)
    _answer(campaign, people[0], today)
    return campaign.id


def _import(campaign: Campaign, instant: datetime) -> None:
    lines = (DATA / FILE).read_text(encoding="utf-8").splitlines(keepends=True)
    content = "".join(lines[: MIN_LARGE + 226]).encode()
    table = idea_file.preview(content, FILE)
    choices = replace(idea_file.named(table, {"text": "text", "lang": "lang"}), personal=PersonalRows.KEEP)
    with idea_file.open_rows(content, FILE, choices) as rows:
        import_ideas(database(), campaign, rows, same_id=SameId.SKIP, personal=PersonalRows.KEEP, now=instant)


def _answer(campaign: Campaign, owner: Person, instant: datetime) -> None:
    session = database()
    for theme in active_themes(session, campaign):
        decide(
            session,
            theme,
            status=DecisionStatus.ADOPTED,
            reason="Nous le ferons dès la rentrée, avec celles et ceux qui l’ont proposé.",
            respondent=owner,
            decided_on=instant.date(),
            by=owner,
            now=instant,
        )
    debrief = write_debrief(
        session, campaign, body="Merci à vous.\n\n{{ decisions }}\n\nÀ bientôt.", by=owner, now=instant
    )
    publish_debrief(session, debrief, by=owner, now=instant)
    session.commit()


def measure(environment: dict[str, str], campaign_id: int, site: Site) -> dict[str, float]:
    """Median milliseconds of the bare view, and of each page for each reader, asked for in turn."""
    address = f"/campaigns/{campaign_id}"
    asked = {BARE: (f"/{BARE}/{campaign_id}", HEADERS)}
    for page, (below, _bounds) in PAGES.items():
        asked[f"{page}, {READERS[0]}"] = (address + below, HEADERS)
        asked[f"{page}, {READERS[1]}"] = (address + below, HEADERS | {"Cookie": site.cookie})
    with served(environment) as port, closing(HTTPConnection("127.0.0.1", port)) as connection:
        times: dict[str, list[float]] = {what: [] for what in asked}
        for turn in range(WARM_UP + ROUNDS):
            for what, (path, headers) in asked.items():
                seconds = asked(connection, path, headers)
                if turn >= WARM_UP:
                    times[what].append(seconds)
    return {what: round(1000 * statistics.median(seconds), 3) for what, seconds in times.items()}


@contextmanager
def served(environment: dict[str, str]) -> Iterator[int]:
    """The port of a new process that serves the application and the bare view, without a worker."""
    command = [sys.executable, "-m", "benchmarks.product.pages"]
    server = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        yield int(server.stdout.readline())
    finally:
        server.terminate()
        server.wait()


def asked(connection: HTTPConnection, path: str, headers: dict[str, str]) -> float:
    start = time.perf_counter()
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    response.read()
    seconds = time.perf_counter() - start
    assert response.status == 200, f"{path}: {response.status}"
    return seconds


def serve() -> None:
    """Serves the application and the bare view on a port of its own choosing, which it prints, until it is ended."""
    app = create_app()  # as the site starts, with the settings of the environment
    both = DispatcherMiddleware(app, {f"/{BARE}": _bare_view(app)})
    server = create_server(both, host="127.0.0.1", port=0, threads=THREADS)
    print(server.effective_port, flush=True)
    server.run()


def _bare_view(app: Flask) -> Flask:
    """One query, one template: what any page of Flask costs that lists something."""
    bare = Flask(BARE)
    bare.config["SQLALCHEMY_DATABASE_URI"] = app.config["SQLALCHEMY_DATABASE_URI"]
    bare.jinja_loader = DictLoader({"ideas.html": TEMPLATE})
    db.init_app(bare)
    with bare.app_context():
        sqlite.tune(db.engine)

    @bare.get("/<int:campaign_id>")
    def show(campaign_id: int) -> str:
        newest = select(Idea).where(Idea.campaign_id == campaign_id).order_by(Idea.id.desc()).limit(LISTED)
        return render_template("ideas.html", ideas=database().scalars(newest).all())

    return bare


if __name__ == "__main__":
    serve()
