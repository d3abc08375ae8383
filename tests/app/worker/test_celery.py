"""Whatever brings the jobs, once, more than once or not at all: the work is done once.

Celery on Redis brings their ids; without it, workers look for them in the database.
"""

import time
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select, update

from app.clock import now as clock
from app.database.sqlite import reading
from app.extensions import database
from app.worker import broker
from ideas.activity.activity import Activity, Verb
from ideas.themes.theme import Theme
from ideas.work.job import Job, JobError, JobKind, JobStatus, Queue
from tests.worker_processes import ask, job, process, status, until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.postgresql,
    pytest.mark.parametrize(
        ("settings", "carrier"), [("postgresql", "celery"), ("postgresql", "database")], indirect=True
    ),
]
# A worker that dies is started again, as systemd does it. Celery's parent process does so by itself.
STARTED_AGAIN = (
    "sh", "-c",
    'trap "over=1; kill \\$child" TERM; while [ -z "$over" ]; do "$@" & child=$!; wait $child; done; wait $child', "sh",
)  # fmt: skip


@pytest.fixture
def mail(carrier):
    """The options of a worker for the queue of mail."""
    return ("--carrier", carrier, "--queues", "mail")


@pytest.fixture
def broker_server(carrier, request):
    """Redis where it brings the ids; else nothing that could be killed."""
    if carrier == "celery":
        return request.getfixturevalue("redis")
    return SimpleNamespace(kill=lambda: None, start=lambda: None)


def work(campaign_id, **payload):
    """Ask for a job that ends when the file named `until` is there, or that kills its worker."""
    return ask(JobKind.NOTIFY_PEOPLE, campaign_id, payload=payload)


def let_leases_run_out():
    running = update(Job).where(Job.status == JobStatus.RUNNING)
    database().execute(running.values(lease_until=clock() - timedelta(seconds=1)))
    database().commit()


def test_each_job_is_done_once_whatever_becomes_of_its_id(own, campaign_id, broker_server, carrier, mail):
    folder = Path(own.instance_path)
    broker_server.kill()
    began = time.monotonic()
    first = work(campaign_id, until="first")
    assert time.monotonic() - began < 3, "an act does not wait for a Redis that is away"
    broker_server.start()
    with process(own, *mail), process(own, *mail):
        until(lambda: status(first) is JobStatus.RUNNING, "what could not be sent is sent later")
        for _ in range(3 if carrier == "celery" else 0):
            broker.send([(first, Queue.MAIL)])
        second = work(campaign_id, until="")
        until(lambda: status(second) is JobStatus.DONE, "the other worker leaves the first and does the second")
        with reading(database()):
            assert (job(first).status, job(first).attempts) == (JobStatus.RUNNING, 1)
        broker_server.kill()
        third = work(campaign_id, until="")
        (folder / "first").touch()
        until(lambda: status(first) is JobStatus.DONE, "it ends without Redis")
        broker_server.start()
        until(lambda: status(third) is JobStatus.DONE, "Redis is back")
    with reading(database()):
        assert [job(each).attempts for each in (first, second, third)] == [1, 1, 1]
        assert database().scalar(select(func.count(Theme.id))) == 3


def test_a_worker_that_stops_hands_its_job_to_another_and_a_poisoned_job_fails_with_its_reason(
    own, campaign_id, carrier, mail
):
    folder = Path(own.instance_path)
    with process(own, *mail):
        handed_on = work(campaign_id, until="later")
        until(lambda: status(handed_on) is JobStatus.RUNNING, "the first worker has it")
    with reading(database()):
        assert (job(handed_on).status, job(handed_on).attempts) == (JobStatus.QUEUED, 0)
    (folder / "later").touch()
    again = {"celery": (), "database": STARTED_AGAIN}[carrier]
    with process(own, "--carrier", carrier, "--queues", "mail,quick", before=again):
        until(lambda: status(handed_on) is JobStatus.DONE, "another worker has it")
        poisoned, other = work(campaign_id, kills=True), work(campaign_id, until="")
        until(lambda: status(poisoned) is JobStatus.RUNNING, "it kills its worker")
        until(lambda: status(other) is JobStatus.DONE, "the next worker goes on with others")
        let_leases_run_out()
        until(lambda: job(poisoned).interruptions == 1, "it kills its worker again")
        let_leases_run_out()
        until(lambda: status(poisoned) is JobStatus.FAILED, "it is not tried again")
    with reading(database()):
        assert job(poisoned).error is JobError.INTERRUPTED
        assert database().scalar(select(func.count(Activity.id)).where(Activity.verb == Verb.FAILED)) == 1
        assert database().scalar(select(func.count(Theme.id))) == 2
