"""What ends by itself is waited for: the lease of a killed worker, and the time after which an id is brought again.

They take most of a minute each, so `make checks` alone waits (LONG_TESTS=1).
"""

import os
import signal
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.database.sqlite import reading
from app.extensions import database
from ideas.themes.theme import Theme
from ideas.work import lease
from ideas.work.job import JobKind, JobStatus
from tests.worker_processes import ask, job, process, status, until

VISIBILITY_SECONDS = 2
pytestmark = [
    pytest.mark.slow,
    pytest.mark.postgresql,
    pytest.mark.skipif(os.environ.get("LONG_TESTS") != "1", reason="takes most of a minute: set LONG_TESTS=1"),
]
both_carriers = pytest.mark.parametrize(
    ("settings", "carrier"), [("postgresql", "celery"), ("postgresql", "database")], indirect=True
)
celery = pytest.mark.parametrize(("settings", "carrier"), [("postgresql", "celery")], indirect=True)


@both_carriers
def test_a_job_whose_worker_was_killed_is_taken_over_when_its_lease_has_run_out(own, campaign_id, carrier):
    mail = ("--carrier", carrier, "--queues", "mail")
    work = ask(JobKind.NOTIFY_PEOPLE, campaign_id, payload={"until": "end"})
    with process(own, *mail, end=signal.SIGKILL):
        until(lambda: status(work) is JobStatus.RUNNING, "the first worker has it")
    killed_at = time.monotonic()
    (Path(own.instance_path) / "end").touch()
    with process(own, *mail):
        until(lambda: status(work) is JobStatus.DONE, "another worker takes it over by itself")
    assert time.monotonic() - killed_at > lease.LEASE.total_seconds() - 10, "not while the lease may still be renewed"
    with reading(database()):
        assert (job(work).attempts, job(work).interruptions) == (2, 1)
        assert database().scalar(select(func.count(Theme.id))) == 1


@celery
def test_a_job_that_outlives_the_time_of_its_id_is_done_once(own, campaign_id, redis, monkeypatch):
    """Redis gives the id to the other worker, which finds that the job is being done, and acknowledges it."""
    from redis import Redis

    monkeypatch.setenv("VISIBILITY_SECONDS", str(VISIBILITY_SECONDS))
    mail = ("--carrier", "celery", "--queues", "mail")
    with Redis.from_url(redis.url) as ids, process(own, *mail), process(own, *mail):
        work = ask(JobKind.NOTIFY_PEOPLE, campaign_id, payload={"until": "end"})
        until(lambda: ids.hlen("unacked") == 1 and status(work) is JobStatus.RUNNING, "a worker has it")
        until(lambda: ids.hlen("unacked") == 0 and ids.llen("mail") == 0, "its id came again, and was acknowledged")
        with reading(database()):
            assert (job(work).status, job(work).attempts) == (JobStatus.RUNNING, 1)
        (Path(own.instance_path) / "end").touch()
        until(lambda: status(work) is JobStatus.DONE, "it ends")
    with reading(database()):
        assert (job(work).attempts, job(work).interruptions) == (1, 0)
        assert database().scalar(select(func.count(Theme.id))) == 1
