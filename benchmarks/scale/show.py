"""`make bench scale`: one campaign of 100,000 ideas and 20,000 people, by HTTP, on PostgreSQL, with what is promised.

gunicorn with the file of `deploy/`, PostgreSQL as the tests start it, Redis where it is installed, and two workers: one
for mail and quick work, one for groupings. The load generator is a process of its own on the same machine, and takes
part of its cores. The embedded site, which is measured beside it, is `flask serve` on SQLite.
"""

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import insert, select, update

from app import create_app
from app.clock import now
from app.extensions import database, db
from app.settings import PROJECT, from_env
from benchmarks.data import grown, load
from benchmarks.figures import Target, peak_mb, quantiles, report_progress, show_table, show_targets
from benchmarks.product.large import Size, write_campaign
from benchmarks.product.pages import cookie_of
from benchmarks.product.search import postgresql
from benchmarks.scale import pages
from benchmarks.scale.load import Asked, Found, Plan
from benchmarks.scale.processes import embedded, gunicorn, redis, worker
from benchmarks.scale.processes import load as carry_out
from ideas.answers.debriefs.debrief import publish_debrief, write_debrief
from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea
from ideas.exports.export import ExportFormat
from ideas.people.person import Person
from ideas.search import reindex
from ideas.themes.theme import Theme
from ideas.work.job import Job, JobKind, JobStatus, enqueue

SET = "gdn_ideas_fr"
LARGE, SMALL = Size(ideas=100_000, themes=200, people=20_000), Size(ideas=1_225, themes=40, people=650)
GROUPED = 100_000
CROWD, CROWD_SECONDS = 200, 60
LEAST_PAUSE, MOST_PAUSE = 1.0, 5.0  # seconds between two pages of a person
ROUNDS = 5
QUESTIONS, STEPS = 50, 4
BUSY, BUSY_SECONDS = 16, 20
PATIENCE_SECONDS = 1_800
MAX_MS, MAX_SIMILAR_MS, MAX_EXPORT_MB, MAX_GROUP_SECONDS, MAX_GROUP_MB, MIN_GROWTH = 300, 200, 100, 60, 2_048, 1.7
SEED = 23


@dataclass(frozen=True)
class Site:
    """A site with its campaign: how its processes are started, and who reads."""

    app: Flask
    environment: dict[str, str]
    campaign_id: int
    owner: str
    readers: list[str]
    ideas: list[int]
    people: list[int]
    themes: list[int]

    @property
    def home(self) -> str:
        return f"/campaigns/{self.campaign_id}"

    def pages(self) -> list[Asked]:
        return pages.readers_pages(self.campaign_id, self.ideas, self.people)


def show() -> dict[str, Any]:
    """Prints and returns one table of what was measured."""
    print(f"\nScale: {LARGE.ideas:,} ideas and {LARGE.people:,} people in one campaign, PostgreSQL, over HTTP")
    print(f"Other work on the machine before: a load of {os.getloadavg()[0]:.1f}")
    real = load(SET)
    sentences = real.texts if real is not None else []
    if not sentences:
        print(f"{SET} is absent: the ideas are made of {len(pages.WORDS)} words")
    found: dict[str, float] = {}
    errors: dict[str, int] = {}
    with embedded_site(sentences) as site, embedded(site.environment) as port:
        report_progress(f"{CROWD} people at once, embedded")
        _crowd("embedded", site, port, found, errors)
    with postgresql() as url, redis() as redis_url:
        if url is None:
            return {"absent": True}
        with site_of(LARGE, sentences, DATABASE_URL=url, REDIS_URL=redis_url) as site:
            _serve(site, sentences, found, errors)
            found |= _exports(site)
            found |= _grouping(site)
    rows = [[what, f"{value:,.1f}"] for what, value in found.items()]
    show_table(["what", "found"], rows + [[f"error: {what}", str(count)] for what, count in errors.items()])
    return {"found": found, "errors": errors, "targets": show_targets(_targets(found))}


@contextmanager
def embedded_site(sentences: list[str]) -> Iterator[Site]:
    """A small campaign on SQLite, as it is installed by default."""
    with site_of(SMALL, sentences, DATABASE_URL="", REDIS_URL="") as site:
        yield site


@contextmanager
def site_of(size: Size, sentences: list[str], **settings: str) -> Iterator[Site]:
    """A site with a campaign of this size, that is open and can be searched."""
    with tempfile.TemporaryDirectory() as instance:
        environment = os.environ | dict.fromkeys(("SMTP_URL", "EMBEDDING_MODEL", "BASE_URL", "BACKUP_DIR"), "")
        environment |= {"CONVERGENCE_INSTANCE": instance} | settings
        app = create_app(from_env(environment))
        with app.app_context():
            upgrade()
            report_progress(f"writing {size.ideas:,} ideas")
            campaign = write_campaign(size, sentences=sentences)
            campaign.closes_at = now() + timedelta(days=1)
            database().commit()
            _index()
            site = _site(app, dict(environment), campaign)
            db.session.remove()
            db.engine.dispose()
        yield site


def _index() -> None:
    last: int | None = 0
    while last is not None:
        last = reindex(database(), Idea, after=last)
        database().commit()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")  # as a database in use does by itself


def _site(app: Flask, environment: dict[str, str], campaign: Campaign) -> Site:
    session = database()
    people = list(
        session.scalars(select(Person).where(Person.id != campaign.owner_id).order_by(Person.id).limit(CROWD))
    )
    return Site(
        app, environment, campaign.id, cookie_of(app, campaign.owner), [cookie_of(app, one) for one in people],
        list(session.scalars(select(Idea.id).where(Idea.campaign_id == campaign.id).order_by(Idea.id))),
        list(session.scalars(select(Person.id).order_by(Person.id))),
        list(session.scalars(select(Theme.id).where(Theme.campaign_id == campaign.id).order_by(Theme.id))),
    )  # fmt: skip


def _serve(site: Site, sentences: list[str], found: dict[str, float], errors: dict[str, int]) -> None:
    """What web processes answer: pages in turns, similar ideas, many people; then the debrief."""
    with gunicorn(site.environment, processes=2) as port:
        readers = Plan(port, site.readers[:1], site.pages(), rounds=ROUNDS)
        report_progress("pages")
        _in_turns(readers, found, errors)
        desk = pages.desk_pages(site.campaign_id, site.themes)
        _in_turns(replace(readers, cookies=[site.owner], asked=desk, rounds=4 * ROUNDS), found, errors)
        with worker(site.environment, "mail,quick"):
            report_progress("similar ideas, until the worker has read all")
            similar = _similar(site, port, sentences)
            _until_by_meaning(site, similar)
            _in_turns(similar, found, errors)
            report_progress(f"{CROWD} people at once, full set-up")
            _crowd("full set-up", site, port, found, errors)
        _debrief(site)
        asked = [Asked("debrief", f"{site.home}/debrief")]
        _in_turns(replace(readers, asked=asked, rounds=10 * ROUNDS), found, errors)
    for processes in (1, 2):
        report_progress(f"throughput with {processes} web processes")
        with gunicorn(site.environment, processes=processes) as port:
            plan = Plan(port, site.readers[:BUSY], site.pages(), seconds=BUSY_SECONDS)
            carry_out(replace(plan, seconds=BUSY_SECONDS / 4))  # templates and queries are compiled
            busy = carry_out(plan)
        found[f"throughput, web processes: {processes}, pages a second"] = busy.a_second
        errors.update(busy.errors)
    one, two = (found[f"throughput, web processes: {processes}, pages a second"] for processes in (1, 2))
    found["throughput, from one process to two, times"] = round(two / one, 2)


def _in_turns(plan: Plan, found: dict[str, float], errors: dict[str, int]) -> None:
    told = carry_out(plan)
    for what, seconds in told.seconds.items():
        found.update(quantiles(what, seconds))
    errors.update(told.errors)


def _similar(site: Site, port: int, sentences: list[str]) -> Plan:
    """Sentences that grow as if they were typed, asked for by one person."""
    chance = random.Random(SEED)  # noqa: S311 -- texts to measure on
    texts = [one for one in sentences if len(one.split()) >= 2 * STEPS] or [" ".join(pages.WORDS)]
    grown_texts = [
        " ".join(words[: len(words) * step // STEPS])
        for words in (text.split() for text in chance.choices(texts, k=QUESTIONS))
        for step in range(1, STEPS + 1)
    ]
    asked = [Asked("similar ideas", f"{site.home}/ideas/similar", {"body": text}) for text in grown_texts]
    return Plan(port, site.readers[:1], asked, form=f"{site.home}/ideas/new", rounds=1)


def _until_by_meaning(site: Site, similar: Plan) -> None:
    """The worker reads the ideas of a campaign at the first question about it: until its answer is by meaning."""
    from app.web.similar import nearest_to

    until = time.monotonic() + PATIENCE_SECONDS
    with site.app.app_context():
        while nearest_to(similar.asked[-1].body["body"], campaign_id=site.campaign_id) is None:
            if time.monotonic() > until:
                raise RuntimeError("the worker did not read the ideas")
            time.sleep(1)


def _crowd(name: str, site: Site, port: int, found: dict[str, float], errors: dict[str, int]) -> None:
    plan = Plan(
        port, site.readers, site.pages(), form=f"{site.home}/ideas/new", write=True, seconds=CROWD_SECONDS,
        least=LEAST_PAUSE, most=MOST_PAUSE,
    )  # fmt: skip
    told: Found = carry_out(plan)
    what = f"{CROWD} people, {name}"
    found.update(quantiles(what, told.all_seconds))
    found[f"{what}: pages a second"] = told.a_second
    found[f"{what}: ideas sent"] = len(told.seconds.get("an idea is sent", ()))
    found[f"{what}: errors"] = sum(told.errors.values())
    errors.update(told.errors)


def _debrief(site: Site) -> None:
    with site.app.app_context():
        session, instant = database(), now()
        campaign = session.get_one(Campaign, site.campaign_id)
        campaign.closes_at = instant - timedelta(minutes=1)
        debrief = write_debrief(session, campaign, body="Merci.\n\n{{ decisions }}", by=campaign.owner, now=instant)
        publish_debrief(session, debrief, by=campaign.owner, now=instant)
        session.commit()
        db.session.remove()
        db.engine.dispose()


def _exports(site: Site) -> dict[str, float]:
    """The memory that each format takes beyond what its process had before, and its seconds."""
    found = {}
    for format_ in ExportFormat:
        report_progress(f"export as {format_}")
        command = [sys.executable, "-m", "benchmarks.product.desk", str(site.campaign_id), format_.value]
        printed = subprocess.run(
            command, cwd=PROJECT, env=site.environment, check=True, stdout=subprocess.PIPE, text=True
        )
        megabytes, seconds = printed.stdout.split()
        found[f"export {format_}: MB"], found[f"export {format_}: seconds"] = float(megabytes), float(seconds)
    return found


def _grouping(site: Site) -> dict[str, float]:
    """Another campaign of the same size is grouped by a worker for groupings, then by a new one that knows its vectors.

    Its ideas are grown from real ones (see benchmarks.data.grown), without the vectors that are grown with them.
    """
    report_progress(f"growing {GROUPED:,} texts")
    real = grown(GROUPED)
    if real is None:
        print("the sets that texts grow from are absent: nothing is grouped")
        return {}
    with site.app.app_context():
        campaign_id = _write_texts(real[0])
        db.session.remove()
    del real
    found: dict[str, float] = {}
    for what in ("with embedding", "vectors known"):
        report_progress(f"grouping, {what}")
        with worker(site.environment, "heavy") as pid, site.app.app_context():
            job = enqueue(database(), JobKind.FIND_THEMES, campaign_id=campaign_id, now=now(), key=what)
            database().commit()
            found[f"grouping, {what}: seconds"] = _finished(job.id)
            found[f"grouping, {what}: peak MB of the worker"] = peak_mb(pid)
            db.session.remove()
    return found


def _write_texts(texts: list[str]) -> int:
    session, at = database(), now()
    owner = session.scalars(select(Person).order_by(Person.id)).first()
    assert owner is not None
    campaign = Campaign(title="Débat", challenge="Que changer ?", owner=owner, created_at=at)
    session.add(campaign)
    session.flush()
    facts = {"campaign_id": campaign.id, "created_at": at, "updated_at": at, "submitted_at": at, "lang": "fr"}
    session.execute(insert(Idea), [facts | {"author_id": owner.id, "body": text} for text in texts])
    session.execute(update(Job).where(Job.status == JobStatus.QUEUED).values(run_at=at + timedelta(days=9)))
    session.commit()
    return campaign.id


def _finished(job_id: int) -> float:
    """The seconds that a job took, from its start to its end."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        job = database().get_one(Job, job_id, populate_existing=True)
        if job.status in {JobStatus.DONE, JobStatus.FAILED, JobStatus.CANCELLED}:
            assert job.status is JobStatus.DONE, job.detail
            assert job.started_at is not None
            assert job.finished_at is not None
            return (job.finished_at - job.started_at).total_seconds()
        database().rollback()
        time.sleep(0.5)
    raise RuntimeError("the grouping did not end")


def _targets(found: dict[str, float]) -> list[Target]:
    kinds = ("list", "list, deep", "search", "search, deep", "idea", "desk", "standings", "standings, deep", "debrief")
    most = {f"{kind}: p95 ms": MAX_MS for kind in kinds} | {"similar ideas: p95 ms": MAX_SIMILAR_MS}
    most |= {f"export {format_}: MB": MAX_EXPORT_MB for format_ in ExportFormat}
    most |= {
        "grouping, vectors known: seconds": MAX_GROUP_SECONDS,
        "grouping, vectors known: peak MB of the worker": MAX_GROUP_MB,
    }
    most |= {what: 0 for what in found if what.endswith(": errors")}
    targets = [Target(what, found[what], bound, at_most=True) for what, bound in most.items() if what in found]
    return [*targets, Target("throughput, from one process to two, times",
                             found["throughput, from one process to two, times"], MIN_GROWTH)]  # fmt: skip
