"""How many mails a second the worker's queue of mail delivers to a local mail server, over one connection, and what
becomes of the pages meanwhile.

Everyone who took part is told that a closing was put off: the notices are written first, then their mails are made and
sent, by a process of its own. Another one serves the page of the campaign, which is asked for before and meanwhile. The
mail server is a third: see benchmarks/mail_server.py.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing
from datetime import timedelta
from http.client import HTTPConnection
from typing import Any

from flask_migrate import upgrade
from sqlalchemy import event, func, insert, select

from app import create_app
from app.clock import now
from app.extensions import database, db
from app.mail.notices import notify_due
from app.settings import from_env
from app.worker import worker
from benchmarks.figures import Target, show_table, show_targets
from benchmarks.mail_server import sink
from benchmarks.product.pages import HEADERS, asked, served
from ideas.activity.activity import Activity, Verb, record
from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea
from ideas.outreach.limits.budget import lock_plans, outside_budget, plan_mails
from ideas.outreach.limits.hours import WEEK, Frequency, MailChoice
from ideas.outreach.messages.message import Message
from ideas.outreach.notice import NoticeKind
from ideas.people.person import Person
from ideas.work.job import Queue

PEOPLE = 20_000
MIN_PER_SECOND = 200.0
MAX_PAGE_SHARE = 1.5
MAX_BUDGET_QUERIES = 5
PATIENCE = 600.0
ROUNDS = 60
PAUSE = 0.05
_CHILD = "from benchmarks.product.mail import drain; drain()"


def show() -> dict[str, Any]:
    """Prints and returns how fast waiting mails are sent, and how long a page takes before and meanwhile."""
    print(f"\nMail: {PEOPLE:,} notices to a local mail server, SQLite, as the worker delivers them")
    with tempfile.TemporaryDirectory() as instance, sink() as port:
        url = f"smtp://127.0.0.1:{port}"
        environment = os.environ | {"CONVERGENCE_INSTANCE": instance, "DATABASE_URL": "", "SMTP_URL": url}
        app = create_app(from_env(environment))
        with app.app_context():
            upgrade()
            _tell_everyone()
            asked_of_budgets = _queries_of_budgets()
            started = time.perf_counter()
            while notify_due(now()):
                pass
            noticed = time.perf_counter() - started
            db.session.remove()
            db.engine.dispose()
        with served(environment) as web:
            before = _page_ms(web, ROUNDS)
            started = time.perf_counter()
            child = subprocess.Popen([sys.executable, "-c", _CHILD], env=environment)
            meanwhile: list[float] = []
            while child.poll() is None:
                meanwhile.append(_page_ms(web, 1))
                time.sleep(PAUSE)
            seconds = time.perf_counter() - started
        with app.app_context():
            sent = database().scalar(select(func.count(Message.id)).where(Message.sent_at.is_not(None))) or 0
            db.session.remove()
            db.engine.dispose()
    rate, during = sent / seconds, statistics.median(meanwhile)
    show_table(
        ["mails", "notices written, s", "delivered, s", "mails a second", "page before, ms", "page meanwhile, ms"],
        [[f"{sent:,}", f"{noticed:.1f}", f"{seconds:.1f}", f"{rate:.0f}", f"{before:.1f}", f"{during:.1f}"]],
    )
    targets = [
        Target("mails delivered", sent, PEOPLE),
        Target("mails a second", rate, MIN_PER_SECOND),
        Target("page meanwhile ÷ before", during / before, MAX_PAGE_SHARE, True),
        Target("queries for the budgets of 1,000 people", asked_of_budgets, MAX_BUDGET_QUERIES, True),
    ]
    found = {"sent": sent, "seconds": seconds, "per_second": rate, "page_ms": before, "page_ms_meanwhile": during}
    return found | {"targets": show_targets(targets)}


def _queries_of_budgets() -> int:
    """How many queries tell who of a thousand people has a mail left this week, as the worker asks: the beginning of
    the transaction and the lock are among them.
    """
    session, asked = database(), []
    people = session.scalars(select(Person.id).limit(1_000)).all()
    act = session.scalars(select(Activity).order_by(Activity.id.desc()).limit(1)).one()
    session.commit()
    session.refresh(act)  # the worker has read it, in a transaction that is open
    event.listen(session.get_bind(), "before_cursor_execute", count := lambda *given: asked.append(given[2]))
    lock_plans(session)
    outside_budget(session, act, NoticeKind.DEBRIEF_PUBLISHED, people)
    plan_mails(session, people, now=now())
    event.remove(session.get_bind(), "before_cursor_execute", count)
    session.rollback()
    return len(asked)


def _page_ms(port: int, rounds: int) -> float:
    """The median of so many requests for the page of the campaign, by a visitor, each on a connection of its own."""
    times = []
    for _ in range(rounds):
        with closing(HTTPConnection("127.0.0.1", port)) as connection:
            times.append(asked(connection, "/campaigns/1", HEADERS))
    return 1000 * statistics.median(times)


def drain() -> None:
    """Delivers what waits, as the worker's thread of mail does. A process of its own."""
    deliver(create_app(from_env()))


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
        debrief_due_at=instant + timedelta(days=9), created_at=instant, announced_at=instant, open_to_visitors=True,
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
