"""Worker processes on a database of a test's own, and how it waits for what they do."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select

from app.clock import now as clock
from app.database.sqlite import reading
from app.extensions import database, db
from ideas.campaigns.campaign import Campaign
from ideas.people.person import Person
from ideas.work.job import Job, enqueue

ROOT = Path(__file__).parent.parent
# How long a process is waited for. On a machine with other work, starting one takes most of a minute.
PATIENCE_SECONDS = 300


def make_campaign():
    now = clock()
    owner = Person(email="o@example.org", name="O", created_at=now)
    campaign = Campaign(owner=owner, title="T", challenge="C", created_at=now)
    database().add(campaign)
    database().commit()
    number = campaign.id
    database().rollback()
    return number


def ask(kind, campaign_id, **facts):
    job_id = enqueue(database(), kind, campaign_id=campaign_id, now=clock(), **facts).id
    database().commit()
    return job_id


def until(condition, what):
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        with reading(database()):
            if condition():
                return
        time.sleep(0.05)
    raise AssertionError(f"waited in vain: {what}")


def job(job_id):
    return database().get(Job, job_id, populate_existing=True)


def status(job_id):
    return database().scalar(select(Job.status).where(Job.id == job_id))


@contextmanager
def process(app, *options, end=signal.SIGTERM, before=(), url="", redis_url=""):
    """A worker process; its grouping waits for a file. Without a model: nothing here needs one.

    `before`: the command that starts it; `url`, `redis_url`: the addresses of the database and of Redis as this process
    sees them.
    """
    environment = os.environ | {
        "DATABASE_URL": url or db.engine.url.render_as_string(hide_password=False),
        "CONVERGENCE_INSTANCE": app.instance_path,
        "REDIS_URL": redis_url or app.extensions["settings"].redis_url,
        "EMBEDDING_MODEL": "/no/such/model",
    }
    command = [*before, sys.executable, "-m", "tests.slow_worker", "worker", *options]
    with (Path(app.instance_path) / "worker.log").open("ab") as log:
        started = subprocess.Popen(command, env=environment, cwd=ROOT, stderr=log)  # noqa: S603 -- our own command
    try:
        yield started
    finally:
        started.send_signal(end)
        assert started.wait(PATIENCE_SECONDS) == (0 if end == signal.SIGTERM else -end)
