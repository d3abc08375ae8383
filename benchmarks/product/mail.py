"""How many mails a second the worker's queue of mail delivers to a local mail server, over one connection.

Everyone who took part is told that a closing was put off: the notices are written first, then their mails are made and
sent. The mail server is aiosmtpd in a process of its own; it throws everything away.
"""

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from flask_migrate import upgrade
from sqlalchemy import func, insert, select

from app import create_app
from app.clock import now
from app.extensions import database, db
from app.mail.notices import notify_due
from app.settings import from_env
from app.worker import worker
from benchmarks.figures import Target, show_table, show_targets
from ideas.activity.activity import Verb, record
from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea
from ideas.outreach.limits.hours import WEEK, Frequency, MailChoice
from ideas.outreach.messages.message import Message
from ideas.people.person import Person
from ideas.work.job import Queue

PEOPLE = 2_000
MIN_PER_SECOND = 200.0
PATIENCE = 120.0


def show() -> dict[str, Any]:
    """Prints and returns how fast the outbox is emptied."""
    print(f"\nMail: {PEOPLE:,} notices to a local mail server, SQLite, as the worker delivers them")
    with tempfile.TemporaryDirectory() as instance, sink() as port:
        url = f"smtp://127.0.0.1:{port}"
        app = create_app(from_env(os.environ | {"CONVERGENCE_INSTANCE": instance, "DATABASE_URL": "", "SMTP_URL": url}))
        with app.app_context():
            upgrade()
            _tell_everyone()
            started = time.perf_counter()
            notify_due(now())
            noticed = time.perf_counter() - started
            db.session.remove()
        seconds = deliver(app)
        with app.app_context():
            sent = database().scalar(select(func.count(Message.id)).where(Message.sent_at.is_not(None))) or 0
            db.session.remove()
            db.engine.dispose()
    rate = sent / seconds
    show_table(["mails", "notices written, s", "delivered, s", "mails a second"],
               [[f"{sent:,}", f"{noticed:.2f}", f"{seconds:.2f}", f"{rate:.0f}"]])  # fmt: skip
    targets = [
        Target("mails delivered", sent, PEOPLE),
        Target("mails a second", rate, MIN_PER_SECOND),
    ]
    return {"sent": sent, "seconds": seconds, "per_second": rate, "targets": show_targets(targets)}


def deliver(app: Any) -> float:
    """Seconds until the worker's thread of mail has sent everything."""
    stop = threading.Event()
    thread = threading.Thread(target=worker.work, args=(app, stop), kwargs={"queues": [Queue.MAIL]})
    started = time.perf_counter()
    thread.start()
    try:
        while time.perf_counter() - started < PATIENCE:
            with app.app_context():
                waiting = database().scalar(select(func.count(Message.id)).where(Message.sent_at.is_(None)))
                db.session.remove()
            if not waiting:
                break
            time.sleep(0.1)
        return time.perf_counter() - started
    finally:
        stop.set()
        thread.join()


def _tell_everyone() -> None:
    """A campaign with an idea of each person, whose closing is put off."""
    instant = now()
    facts = {"created_at": instant}
    people = [Person(email=f"{number}@example.org", name=f"Person {number}", **facts) for number in range(PEOPLE + 1)]
    dates = {"opens_at": instant - timedelta(days=1), "closes_at": instant + timedelta(days=1)}
    campaign = Campaign(
        owner=people[0], title="Mornings", benefit="Three changes.", motivation="Thanks.", **dates,
        debrief_due_at=instant + timedelta(days=9), created_at=instant, announced_at=instant,
    )  # fmt: skip
    times = {"created_at": instant, "updated_at": instant, "submitted_at": instant}
    database().add_all([*people, campaign])
    database().add_all(Idea(campaign=campaign, author=person, body="A bus", **times) for person in people[1:])
    database().flush()
    # Whenever it is measured, the mails go out at once.
    chosen = {"first_hour": 0, "last_hour": 24, "days": list(WEEK), "digest": Frequency.WEEKLY, "country": ""}
    database().execute(insert(MailChoice), [chosen | {"person_id": person.id} for person in people])
    before, after = ({"closes_at": (instant + timedelta(days=days)).isoformat()} for days in (0, 1))
    about = {"campaign_id": campaign.id, "reason": "Holidays.", "before": before, "after": after}
    record(database(), Verb.EXTENDED, campaign, by=people[0], now=instant, **about)
    database().commit()


@contextmanager
def sink() -> Iterator[int]:
    """The port of a mail server that accepts every mail."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    command = [sys.executable, "-m", "aiosmtpd", "-n", "-l", f"127.0.0.1:{port}", "-c", "aiosmtpd.handlers.Sink"]
    server = subprocess.Popen(command)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait()
