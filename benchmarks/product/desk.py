"""What a project manager waits for at the desk: table, map, merging, publishing, export.

Each is measured on a campaign of its size, made of words (benchmarks/product/large.py), on SQLite. The map is opened in
Chromium by the server of a new site, by one that has started again, and once more, each time in a browser that keeps
nothing. The other requests are answered in this process. An export is written by a process of its own: its memory is
the peak beyond what it had before.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, select

from app import create_app
from app.clock import now
from app.database.sqlite import reading
from app.exports.files import write_export
from app.extensions import database, db
from app.mail.notices import notify_due
from app.settings import PROJECT, from_env
from benchmarks.figures import Target, peak_mb, report_progress, resident_mb, show_table, show_targets, timed
from benchmarks.mail_server import sink
from benchmarks.product.large import Size, write_campaign
from benchmarks.product.mail import deliver
from benchmarks.product.pages import cookie_of, served
from ideas.answers.debriefs.debrief import publish_debrief, write_debrief
from ideas.campaigns.campaign import Campaign
from ideas.desk.table import COLUMNS
from ideas.exports.export import ExportFormat
from ideas.exports.rows import Authors
from ideas.outreach.messages.message import Message
from ideas.themes.edits.edit import merge_themes
from ideas.themes.theme import active_themes
from tests.chromium import find

ROUNDS = 5
TABLE = Size(ideas=1_225, themes=40, people=650)
MAP = Size(ideas=10_000, themes=60, people=2_000)
MERGED = Size(ideas=10_000, themes=20, people=2_000, alike=True)
PUBLISHED = Size(ideas=5_000, themes=40, people=5_000)
EXPORTED = Size(ideas=100_000, themes=200, people=20_000)
MAX_TABLE_MS, MAX_MAP_MS, MAX_MERGE_MS = 300, 2_000, 200
MAX_QUEUED_SECONDS, MIN_MAILS_PER_SECOND = 2, 200
MAX_EXPORT_MB = 100
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"


def show() -> dict[str, Any]:
    """Prints and returns what each act at the desk takes."""
    print("\nThe desk: campaigns made of words, SQLite")
    found: dict[str, float] = {}
    for part in (_table, _map, _merge, _publish, _export):
        found |= part()
    show_table(["what", "found"], [[what, f"{value:,.1f}"] for what, value in found.items()])
    bounds = {
        "table of 1,225 ideas, ms": MAX_TABLE_MS,
        "map of 10,000 ideas, first picture of a new site, ms": MAX_MAP_MS,
        "map of 10,000 ideas, first picture after the start, ms": MAX_MAP_MS,
        "map of 10,000 ideas, first picture, ms": MAX_MAP_MS,
        "merging 500 and 500 ideas, ms": MAX_MERGE_MS,
        "publishing to 5,000 people, seconds to queue": MAX_QUEUED_SECONDS,
    } | {f"export of 100,000 ideas, {one}, MB": MAX_EXPORT_MB for one in ExportFormat}
    targets = [Target(what, found[what], most, at_most=True) for what, most in bounds.items() if what in found]
    targets.append(Target("mails a second", found["mails a second"], MIN_MAILS_PER_SECOND))
    return {"found": found, "targets": show_targets(targets)}


@contextmanager
def _site(size: Size, **settings: str) -> Iterator[tuple[Flask, dict[str, str], int]]:
    """An application with a campaign of this size, its environment, and the id of the campaign."""
    with tempfile.TemporaryDirectory() as instance:
        environment = dict(os.environ) | {"CONVERGENCE_INSTANCE": instance, "DATABASE_URL": ""} | settings
        app = create_app(from_env(environment))
        app.config.update(WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
        with app.app_context():
            upgrade()
            report_progress(f"writing {size.ideas:,} ideas")
            campaign_id = write_campaign(size).id
            db.session.remove()
        yield app, environment, campaign_id
        with app.app_context():
            db.engine.dispose()


def _median_ms(work: Callable[[], Any]) -> float:
    return 1000 * statistics.median(timed(work)[1] for _ in range(ROUNDS))


def _table() -> dict[str, float]:
    """The table with all columns, groups of people among them: of the second request on, the first reads templates."""
    with _site(TABLE) as (app, _environment, campaign_id):
        with app.app_context():
            cookie = cookie_of(app, database().get_one(Campaign, campaign_id).owner)
            db.session.remove()
        client = app.test_client()
        client.set_cookie("session", cookie)
        columns = "&".join(f"col={column}" for column in COLUMNS)
        address = f"/campaigns/{campaign_id}/themes/table?{columns}"

        def ask() -> None:
            answer = client.get(address)
            assert answer.status_code == 200, answer.status

        ask()
        return {"table of 1,225 ideas, ms": _median_ms(ask)}


def _map() -> dict[str, float]:
    """The first picture of the page with the map, as its owner opens it."""
    with _site(MAP) as (app, environment, campaign_id):
        with app.app_context():
            cookie = cookie_of(app, database().get_one(Campaign, campaign_id).owner)
            db.session.remove()
            db.engine.dispose()
        found = []
        for times in (1, 2):  # the templates are compiled at the first start, and kept: see app/server/compiled.py
            with served(environment) as port:
                address = f"http://127.0.0.1:{port}/campaigns/{campaign_id}/themes"
                found += _first_pictures(address, cookie, times=times)
    new, again, warm = found
    return {
        "map of 10,000 ideas, first picture of a new site, ms": new,
        "map of 10,000 ideas, first picture after the start, ms": again,
        "map of 10,000 ideas, first picture, ms": warm,
    }


def _first_pictures(address: str, cookie: str, *, times: int) -> list[float]:
    """When each of several new browsers that keep nothing shows something of the page, in ms from the request."""
    from playwright.sync_api import sync_playwright

    found = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=["--no-sandbox", "--disable-gpu"])
        for _ in range(times):
            context = browser.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True)
            context.add_cookies([{"name": "session", "value": cookie, "domain": "127.0.0.1", "path": "/"}])
            page = context.new_page()
            answer = page.goto(address)
            assert answer is not None
            assert answer.status == 200, answer.status
            page.wait_for_function(f"{PAINTED} !== null")
            found.append(float(page.evaluate(PAINTED)))
            context.close()
        browser.close()
    return found


def _merge() -> dict[str, float]:
    """Two themes of 500 ideas each become one, until that is stored."""
    with _site(MERGED) as (app, _environment, campaign_id), app.app_context():
        session = database()
        campaign = session.get_one(Campaign, campaign_id)
        themes, owner = active_themes(session, campaign), campaign.owner

        def merge(pair: int) -> None:
            into, other = themes[2 * pair], themes[2 * pair + 1]
            merge_themes(session, into, others=[other], by=owner, now=now())
            session.commit()

        merge(ROUNDS)  # the first builds queries
        seconds = [timed(partial(merge, pair))[1] for pair in range(ROUNDS)]
        db.session.remove()
    return {"merging 500 and 500 ideas, ms": 1000 * statistics.median(seconds)}


def _publish() -> dict[str, float]:
    """A debrief is published: until everyone's notice and mail are written, then until a mail server has them all."""
    with sink() as port, _site(PUBLISHED, SMTP_URL=f"smtp://127.0.0.1:{port}") as (app, _environment, campaign_id):
        with app.app_context():
            session, instant = database(), now()
            campaign = session.get_one(Campaign, campaign_id)
            debrief = write_debrief(session, campaign, body="Merci.\n\n{{ decisions }}", by=campaign.owner, now=instant)
            session.commit()
            notify_due(instant)  # what was done before
            started = time.perf_counter()
            publish_debrief(session, debrief, by=campaign.owner, now=instant)
            session.commit()
            published = time.perf_counter() - started
            while notify_due(now()):
                pass
            queued = time.perf_counter() - started
            waiting = session.scalar(select(func.count(Message.id)).where(Message.sent_at.is_(None))) or 0
            assert waiting >= PUBLISHED.people, waiting
            db.session.remove()
        seconds = deliver(app)
        with app.app_context():
            sent = database().scalar(select(func.count(Message.id)).where(Message.sent_at.is_not(None))) or 0
            db.session.remove()
    return {
        "publishing to 5,000 people, seconds of the request": published,
        "publishing to 5,000 people, seconds to queue": queued,
        "mails a second": sent / seconds,
    }


def _export() -> dict[str, float]:
    """The memory that each format takes beyond what the process had before, and its seconds."""
    found = {}
    with _site(EXPORTED) as (app, environment, campaign_id):
        with app.app_context():
            db.engine.dispose()
        for format_ in ExportFormat:
            report_progress(f"export as {format_}")
            command = [sys.executable, "-m", "benchmarks.product.desk", str(campaign_id), format_.value]
            printed = subprocess.run(
                command, cwd=PROJECT, env=environment, check=True, stdout=subprocess.PIPE, text=True
            )
            megabytes, seconds = printed.stdout.split()
            found[f"export of 100,000 ideas, {format_}, MB"] = float(megabytes)
            found[f"export of 100,000 ideas, {format_}, seconds"] = float(seconds)
    return found


def export(campaign_id: int, format_: str) -> None:
    """Prints the memory and the seconds of one export. The campaign's page is read first: what any process loads."""
    app = create_app(from_env())
    with app.app_context(), app.test_request_context(), tempfile.TemporaryDirectory() as folder:
        session = database()
        campaign = session.get_one(Campaign, campaign_id)
        before = resident_mb()
        started = time.perf_counter()
        with reading(session):
            write_export(
                Path(folder, "file"), session, campaign, format_=ExportFormat(format_),
                authors=Authors(campaign_id, "key", named=False), address="http://localhost",
            )  # fmt: skip
        print(f"{peak_mb() - before:.1f} {time.perf_counter() - started:.1f}")


if __name__ == "__main__":
    export(int(sys.argv[1]), sys.argv[2])
