"""The queues of the worker side by side, in real processes and in threads."""

import os
import signal
import sys
import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select, update

from app.clock import now as clock
from app.database.sqlite import reading
from app.extensions import database
from app.worker import vector_store, worker
from app.worker.worker import work
from clustering.errors import ModelUnavailable
from ideas.outreach.messages.message import Message
from ideas.outreach.messages.queue import write_message
from ideas.people.person import Person
from ideas.themes.theme import Theme
from ideas.work.job import Job, JobKind, JobStatus, Queue
from ideas.work.schedule import RECURRING, Schedule
from tests.worker_processes import ask, job, process, status, until

# Groupings, the queues and what becomes of a killed worker: the same whatever brings the jobs.
both_carriers = pytest.mark.parametrize(
    ("settings", "carrier"),
    [
        ("sqlite", "database"),
        *(pytest.param("postgresql", carrier, marks=pytest.mark.postgresql) for carrier in ("database", "celery")),
    ],
    indirect=True,
)


def write_mail():
    person = database().scalars(select(Person)).one()
    message = write_message(
        database(), to=person, subject="S", body="B", reason=f"{clock()}", domain="a.org", now=clock()
    )
    database().commit()
    return message.id


@both_carriers
@pytest.mark.slow
def test_while_a_grouping_runs_ideas_are_placed_and_mail_is_delivered(own, campaign_id):
    heavy = ask(JobKind.FIND_THEMES, campaign_id)
    with process(own):
        until(lambda: status(heavy) is JobStatus.RUNNING, "the grouping runs")
        quick, mail = ask(JobKind.PLACE_IDEAS, campaign_id), write_mail()
        until(lambda: status(quick) is JobStatus.DONE, "the placing")
        until(lambda: database().scalar(select(Message.sent_at).where(Message.id == mail)), "the mail")
        with reading(database()):
            assert status(heavy) is JobStatus.RUNNING
            assert database().scalar(select(func.count(Schedule.id))) == len(RECURRING)
    assert list((Path(own.instance_path) / "mail").glob("*.eml"))
    with reading(database()):
        stopped = job(heavy)
        assert (stopped.status, stopped.attempts) == (JobStatus.QUEUED, 0), "a worker that is stopped puts it back"


@both_carriers
@pytest.mark.slow
def test_a_job_whose_worker_is_killed_is_done_once_by_another(own, campaign_id):
    heavy = ask(JobKind.FIND_THEMES, campaign_id)
    with process(own, "--queues", "heavy", end=signal.SIGKILL):
        until(lambda: job(heavy).stage == "group", "the grouping runs")
    with reading(database()):
        assert (job(heavy).status, job(heavy).attempts) == (JobStatus.RUNNING, 1)
    (Path(own.instance_path) / "release").touch()
    database().execute(update(Job).values(lease_until=clock() - timedelta(seconds=1)))  # the lease runs out
    database().commit()
    with process(own, "--queues", "heavy"):
        until(lambda: status(heavy) is JobStatus.DONE, "another worker does it")
    with reading(database()):
        assert (job(heavy).attempts, job(heavy).interruptions) == (2, 1)
        assert database().scalars(select(Theme.found_name)).all() == ["Late"]


@pytest.mark.slow
def test_two_processes_share_the_queues(own, campaign_id):
    heavy, quick = ask(JobKind.FIND_THEMES, campaign_id), ask(JobKind.PLACE_IDEAS, campaign_id)
    mail = write_mail()
    with process(own, "--queues", "mail"):
        until(lambda: database().scalar(select(Message.sent_at).where(Message.id == mail)), "the mail")
        with reading(database()):
            assert {status(heavy), status(quick)} == {JobStatus.QUEUED}
        assert "no/such/model" not in (Path(own.instance_path) / "worker.log").read_text(), "mail needs no model"
        with process(own, "--queues", "heavy, quick"):
            until(lambda: status(quick) is JobStatus.DONE, "the placing")
            until(lambda: status(heavy) is JobStatus.RUNNING, "the grouping")


def test_a_queue_that_is_not_there_is_refused(app):
    answer = app.test_cli_runner().invoke(args=["worker", "--queues", "mail,junk"])
    assert answer.exit_code == 2
    assert "name one or more of mail, quick, heavy" in answer.output


def test_celery_without_redis_is_refused(app):
    answer = app.test_cli_runner().invoke(args=["worker", "--carrier", "celery"])
    assert (answer.exit_code, "needs REDIS_URL" in answer.output) == (1, True)


@contextmanager
def threads(app, **options):
    """The worker in threads of this process, stopped at the end."""
    stop = threading.Event()
    thread = threading.Thread(target=work, args=(app, stop), kwargs=options)
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        thread.join(30)
        assert not thread.is_alive()


@pytest.fixture
def light(monkeypatch):
    """No model, and kinds of work that end at once."""
    monkeypatch.setattr(vector_store, "warm_up", lambda: None)
    monkeypatch.setattr(worker, "IDLE_SECONDS", 0.02)
    for kind in (JobKind.FIND_THEMES, JobKind.PLACE_IDEAS):
        monkeypatch.setitem(sys.modules, f"app.jobs.{kind}", SimpleNamespace(run=lambda _job, **_facts: {}))


def test_a_turn_that_fails_stops_neither_its_queue_nor_the_others(own, campaign_id, light, monkeypatch, caplog):
    turns = []

    def fail(_now):
        turns.append(1)
        raise RuntimeError("the mail server speaks in tongues")

    monkeypatch.setattr(worker, "deliver_due", fail)
    with threads(own):
        until(lambda: len(turns) >= 3, "the queue of mail goes on")
        for job_id in [ask(kind, campaign_id) for kind in (JobKind.FIND_THEMES, JobKind.PLACE_IDEAS)]:
            until(lambda job_id=job_id: status(job_id) is JobStatus.DONE, f"job {job_id}")
    assert "a turn of the queue mail failed" in caplog.text


def test_the_pauses_grow_while_every_turn_fails_and_are_short_again_afterwards(app, monkeypatch):
    """On a full disk each turn logged a traceback, twice a second for each queue."""
    pauses, turns = [], iter([None] * 8 + [False, None, True, False])

    class Stop:
        def is_set(self):
            return len(pauses) == 11

        def wait(self, seconds):
            pauses.append(seconds)

    monkeypatch.setattr(worker, "_turn", lambda *_given, **_facts: next(turns))
    worker.work_on(app, Queue.QUICK, Stop())
    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30, 0.5, 1, 0.5]


def test_a_schedule_that_can_not_be_read_stops_no_queue(own, campaign_id, light, monkeypatch, caplog):
    def fail(*_asked, **_facts):
        raise RuntimeError("no such table")

    monkeypatch.setattr(worker, "enqueue_scheduled", fail)
    with threads(own, queues=[Queue.QUICK]):
        job_id = ask(JobKind.PLACE_IDEAS, campaign_id)
        until(lambda: status(job_id) is JobStatus.DONE, "the placing")
    assert "the schedule could not be read" in caplog.text


def test_the_worker_ends_with_the_process_that_started_it(own, light, monkeypatch):
    monkeypatch.setattr(worker, "TICK_SECONDS", 0.02)
    work(own, threading.Event(), parent=os.getppid() + 1)


def test_a_model_is_loaded_once_whatever_threads_ask_for_it(monkeypatch):
    loads = []

    def load(name):
        loads.append(name)
        time.sleep(0.1)
        return SimpleNamespace(name=name)

    monkeypatch.setattr(vector_store, "load_encoder", load)
    monkeypatch.setattr(vector_store, "_loaded", {})
    asking = [threading.Thread(target=vector_store.loaded, args=("m",)) for _ in range(3)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert loads == ["m"]


def test_a_model_that_is_not_there_is_logged_and_asked_for_again(app, monkeypatch, caplog):
    def load(name):
        raise ModelUnavailable("No model here.", code="model_unavailable", model=name)

    monkeypatch.setattr(vector_store, "load_encoder", load)
    monkeypatch.setattr(vector_store, "_loaded", {})
    with app.app_context():
        vector_store.warm_up()
        with pytest.raises(ModelUnavailable):
            vector_store.loaded("m")
    assert "No model here." in caplog.text
