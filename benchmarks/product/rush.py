"""The last minute of a campaign: many people send their ideas at once to the embedded installation, until it closes.

The server and the worker as `make run` starts them, on a temporary instance with SQLite, over loopback. Each person
has opened the form before. The instants are drawn by chance, twice as dense at the closing as on average; some come
after it, and one form in ten is sent twice, as by a double click. What is answered before the closing must be
published, what is sent after it must be kept as a draft, and no text may be missing or stand there twice.
"""

import os
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select, update

from app import create_app
from app.clock import now
from app.extensions import database, db
from app.settings import PROJECT, from_env
from benchmarks.figures import Target, quantiles, report_progress, show_table, show_targets
from benchmarks.scale.load import hidden_fields
from ideas.accounts.sign_in import open_sign_in
from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea
from ideas.people.person import Person

PEOPLE, IDEAS, LATE = 650, 1_225, 60
SECONDS = 60
CONNECTIONS = 40
TWICE = 0.1  # of the forms
SEED = 5
MAX_MS = 300
READY_SECONDS = 120
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class Sent:
    """One idea: when it is to be sent, in seconds after the closing and as an instant, and when it was answered."""

    at: float
    cookie: str
    body: str
    fields: dict[str, str] = field(default_factory=dict)
    sent: float = 0.0
    answered: float = 0.0
    status: int = 0


def show() -> dict[str, Any]:
    """Prints and returns how long people wait, and what became of each idea."""
    print(f"\nThe rush: {PEOPLE} people send {IDEAS:,} ideas in the last {SECONDS} s, and {LATE} after it")
    with tempfile.TemporaryDirectory() as instance:
        environment = os.environ | dict.fromkeys(("DATABASE_URL", "EMBEDDING_MODEL", "REDIS_URL", "SMTP_URL"), "")
        environment |= {"CONVERGENCE_INSTANCE": instance}
        app = create_app(from_env(environment))
        with app.app_context():
            upgrade()
            campaign_id, cookies = _community(app)
        port = _free_port()
        with Path(instance, "serve.log").open("wb") as log:
            command = [sys.executable, "-m", "flask", "--app", "app", "serve", "--port", str(port)]
            server = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=log, stderr=log)
        try:
            _wait_until_ready(port)
            closes_at, sends = _rush(app, port, campaign_id, cookies)
            found = _verdict(app, campaign_id, sends, closes_at)
        finally:
            server.terminate()
            server.wait()
    times = quantiles("an idea", [one.answered - one.sent for one in sends])
    rows = [[what, f"{value:g}"] for what, value in (found | times).items()]
    show_table(["", "found"], rows)
    targets = [Target("p95 in ms", times["an idea: p95 ms"], MAX_MS, at_most=True)]
    targets += [Target(what, found[what], 0, at_most=True) for what in ("lost", "twice", "wrong side of the closing")]
    return found | times | {"targets": show_targets(targets)}


def _community(app: Flask) -> tuple[int, list[str]]:
    """The number of a campaign that is open, and the cookie of each of those who take part."""
    session, at = database(), now()
    facts = {"created_at": at - timedelta(days=90), "verified_at": at, "locale": "fr"}
    people = [Person(name=f"Personne {n}", email=f"p{n}@example.org", **facts) for n in range(PEOPLE + 1)]
    dates = {"opens_at": at - timedelta(days=9), "closes_at": at + timedelta(days=1), "announced_at": at}
    promise = {"debrief_due_at": at + timedelta(days=30), "benefit": "Change", "motivation": "Thanks"}
    campaign = Campaign(title="Débat", owner=people[0], created_at=at, **dates, **promise)
    session.add_all([*people, campaign])
    session.flush()
    tokens = {person.id: open_sign_in(session, person, now=at) for person in people[1:]}
    session.commit()
    cookies = [_cookie(app, person_id, token) for person_id, token in tokens.items()]
    found = campaign.id, cookies
    db.session.remove()
    return found


def _cookie(app: Flask, person_id: int, token: str) -> str:
    client = app.test_client()
    with client.session_transaction() as session:
        session["sign_in"], session["_user_id"], session["_fresh"] = token, str(person_id), True
    cookie = client.get_cookie("session")
    assert cookie is not None
    return cookie.value


def _rush(app: Flask, port: int, campaign_id: int, cookies: list[str]) -> tuple[float, list[Sent]]:
    """When the campaign closed, and each request. The forms are opened first, then the closing is set."""
    chance = random.Random(SEED)  # noqa: S311 -- instants of a load
    sends = [
        Sent(-SECONDS * (1 - chance.random() ** 0.5), cookies[number % PEOPLE], f"Une idée, la numéro {number}.")
        for number in range(IDEAS)
    ]
    sends += [
        Sent(0.5 + 3 * chance.random(), cookies[number], f"Trop tard, la numéro {number}.") for number in range(LATE)
    ]
    address = f"/campaigns/{campaign_id}/ideas/new"
    report_progress("opening the forms")
    _each(port, sends, lambda connection, one: _open_form(connection, address, one))
    closes_at = time.time() + SECONDS + 2
    with app.app_context():
        database().execute(
            update(Campaign).where(Campaign.id == campaign_id).values(closes_at=datetime.fromtimestamp(closes_at, UTC))
        )
        database().commit()
        db.session.remove()
    again = [Sent(one.at + 0.05, one.cookie, one.body, one.fields) for one in sends if chance.random() < TWICE]
    ordered = sorted([*sends, *again], key=lambda one: one.at)
    report_progress("sending the ideas")
    _each(port, ordered, lambda connection, one: _send(connection, address, one, closes_at))
    return closes_at, ordered


def _each(port: int, work: list[Sent], act: Any) -> None:
    """Do this with each of them, over a few connections that are kept, in their order."""
    waiting: SimpleQueue[Sent] = SimpleQueue()
    for one in work:
        waiting.put(one)

    def carry() -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        while True:
            try:
                one = waiting.get_nowait()
            except Empty:
                connection.close()
                return
            act(connection, one)

    threads = [threading.Thread(target=carry) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _open_form(connection: HTTPConnection, address: str, one: Sent) -> None:
    connection.request("GET", address, headers={"Cookie": f"session={one.cookie}"})
    answer = connection.getresponse()
    page = answer.read().decode()
    assert answer.status == 200, answer.status
    kept = answer.getheader("Set-Cookie") or ""
    if kept.startswith("session="):
        one.cookie = kept.partition(";")[0].removeprefix("session=")
    one.fields = hidden_fields(page)


def _send(connection: HTTPConnection, address: str, one: Sent, closes_at: float) -> None:
    wait = closes_at + one.at - time.time()
    if wait > 0:
        time.sleep(wait)
    body = urlencode(one.fields | {"body": one.body, "act": "submit"})
    # From when it was to be sent: what waits in this program waits for the server.
    one.sent = closes_at + one.at
    connection.request("POST", address, body=body, headers=FORM | {"Cookie": f"session={one.cookie}"})
    answer = connection.getresponse()
    answer.read()
    one.answered, one.status = time.time(), answer.status


def _verdict(app: Flask, campaign_id: int, sends: list[Sent], closes_at: float) -> dict[str, float]:
    """How many ideas are published and kept as drafts, and how many are lost, doubled or on the wrong side."""
    with app.app_context():
        rows = database().execute(select(Idea.body, Idea.submitted_at).where(Idea.campaign_id == campaign_id)).all()
        db.session.remove()
    stored = Counter(body for body, _at in rows)
    published = {body for body, at in rows if at is not None}
    in_time = {one.body for one in sends if one.answered < closes_at and one.status < 400}
    too_late = {one.body for one in sends} - {one.body for one in sends if one.sent < closes_at}
    return {
        "published": len(published),
        "kept as drafts": len(rows) - len(published),
        **{f"answers {status}": count for status, count in sorted(Counter(one.status for one in sends).items())},
        "lost": len({one.body for one in sends} - stored.keys()),
        "twice": sum(count > 1 for count in stored.values()),
        "wrong side of the closing": len(in_time - published) + len(too_late & published),
    }


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait_until_ready(port: int) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        with suppress(OSError):
            connection = HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.5)
    raise RuntimeError("the server did not start")
