"""What /healthz tells whoever watches the site."""

import errno
import os
import shutil
import socket
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import event, update
from sqlalchemy.exc import OperationalError

from app.extensions import db
from app.health import bounded, health, schema
from app.health.bounded import Bounded, NoAnswer
from app.views import watching
from ideas.outreach.messages.delivery import mark_refused, mark_sent
from ideas.outreach.messages.queue import write_message
from ideas.outreach.messages.state import count_waiting, is_mail_refused
from ideas.people.person import Person
from ideas.work.job import JobError, JobKind, JobStatus, Queue, enqueue


@pytest.fixture
def alive(settings):
    """A worker was alive a moment ago: its files, one for each queue."""
    health.say_alive(settings)
    paths = {queue: health.alive_file(settings, queue) for queue in Queue}
    yield paths
    for path in paths.values():
        path.unlink(missing_ok=True)


def test_all_is_well(client, alive):
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json == {
        "status": "ok", "database": "ok", "disk": "ok", "worker": "ok", "jobs": "ok", "oldest_due_seconds": 0,
        "model": "ok", "mail": "not_set", "oldest_mail_seconds": 0,
    }  # fmt: skip


def test_without_a_worker_the_site_answers_and_says_so(client, alive):
    past = time.time() - 300
    for queue in Queue:
        os.utime(alive[queue], (past, past))
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json["status"], answer.json["worker"]) == (200, "degraded", "silent")
    for path in alive.values():
        path.unlink()
    assert client.get("/healthz").json["worker"] == "silent"


def test_the_process_of_mail_is_missed_while_that_of_groupings_lives(
    app, client, session, alice, alive, settings, monkeypatch
):
    past = time.time() - 300
    os.utime(alive[Queue.MAIL], (past, past))
    health.say_alive(settings, [Queue.QUICK, Queue.HEAVY])
    answer = client.get("/healthz").json
    assert (answer["status"], answer["worker"], answer["silent_queues"]) == ("degraded", "silent", ["mail"])
    health.say_alive(settings, [Queue.MAIL])
    monkeypatch.setitem(app.extensions, "settings", replace(settings, smtp_url="smtp://localhost"))
    now = datetime.now(UTC)
    for hours in (-1, 1):
        at = now + timedelta(hours=hours)
        write_message(session, to=alice, subject="S", body="T", reason=str(hours), domain="example.org", now=at)
    session.commit()
    answer = client.get("/healthz").json
    assert (answer["worker"], answer["status"], answer["mail"]) == ("ok", "degraded", "late")
    assert 3600 <= answer["oldest_mail_seconds"] < 3700


def test_the_age_of_the_oldest_job_that_is_due_is_told(client, session, alive):
    now = datetime.now(UTC)
    enqueue(session, JobKind.GROUP_CLOSED, now=now, run_at=now - timedelta(hours=1))
    enqueue(session, JobKind.DELETE_EXPIRED, now=now, run_at=now + timedelta(hours=9))
    session.commit()
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json["jobs"]) == (200, "late")
    assert 3600 <= answer.json["oldest_due_seconds"] < 3700


@pytest.mark.parametrize(("free", "disk", "status"), [(5_000_000, "full", 503), (100_000_000, "low", 200)])
def test_a_disk_that_fills_up_is_told(client, alive, monkeypatch, free, disk, status):
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: SimpleNamespace(free=free))
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json["disk"]) == (status, disk)


def test_a_disk_that_takes_no_byte_is_full_whatever_it_says_is_free(client, alive, monkeypatch):
    def refuse(**_options):
        raise OSError(errno.EDQUOT, "Disk quota exceeded")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json["status"], answer.json["disk"]) == (503, "failing", "full")


def test_a_disk_that_can_not_be_written_to_is_a_failure(client, alive, monkeypatch):
    def refuse(**_options):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json["status"], answer.json["disk"]) == (503, "failing", "read_only")


def test_a_database_that_does_not_answer_is_a_failure(client, monkeypatch):
    def refuse(*_arguments, **_named):
        raise OperationalError("SELECT", {}, Exception("away"))

    monkeypatch.setattr(health, "oldest_due", refuse)
    assert client.get("/healthz").status_code == 503


def test_it_names_no_path_no_address_and_no_version(client, alive, settings):
    text = client.get("/healthz").text
    assert str(settings.instance) not in text
    assert "sqlite" not in text
    assert "postgresql" not in text


def test_it_asks_the_database_a_few_questions(client, alive, count_queries):
    assert count_queries(lambda: client.get("/healthz")) <= 7  # with the savepoint of the test around it


def test_a_model_that_is_missing_and_mail_that_is_refused_are_told(app, client, session, alice, alive, monkeypatch):
    settings = replace(app.extensions["settings"], smtp_url="smtp://localhost")
    monkeypatch.setitem(app.extensions, "settings", settings)
    assert client.get("/healthz").json["mail"] == "ok"
    now = datetime.now(UTC)
    job = enqueue(session, JobKind.GROUP_CLOSED, now=now, run_at=now + timedelta(hours=1))
    job.status, job.error = JobStatus.FAILED, JobError.MODEL_UNAVAILABLE
    message = write_message(session, to=alice, subject="S", body="T", reason="r", domain="example.org", now=now)
    message.error = "no such mailbox"
    session.commit()
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json["status"]) == (200, "degraded")
    assert (answer.json["model"], answer.json["mail"]) == ("missing", "failing")


def test_mail_fails_as_long_as_nothing_is_accepted_after_a_refusal(session, alice):
    now = datetime.now(UTC)

    def mail(reason):
        return write_message(session, to=alice, subject="S", body="T", reason=reason, domain="example.org", now=now)

    mistyped, other = mail("mistyped"), mail("other")
    for failing, at, happens in (
        (False, 0, lambda _at: None),
        (True, 1, lambda at: mark_refused(mistyped, error="550 no such mailbox", now=at)),
        (False, 2, lambda at: mark_sent(session, other.id, now=at)),
        (True, 4, lambda at: mark_refused(mistyped, error="451 later", now=at)),
        # Put off to suitable hours: when it was refused is not known any more.
        (False, 5, lambda at: setattr(mistyped, "next_attempt_at", at + timedelta(hours=9))),
        (False, 6, lambda _at: setattr(mistyped, "next_attempt_at", None)),
    ):
        happens(now + timedelta(minutes=at))
        session.flush()
        assert is_mail_refused(session, now=now + timedelta(minutes=at)) is failing, at


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_of_the_mails_only_those_that_wait_and_the_newest_are_read(session, alice):
    now, asked = datetime.now(UTC), []
    message = write_message(session, to=alice, subject="S", body="T", reason="r", domain="example.org", now=now)
    mark_refused(message, error="550 no such mailbox", now=now)
    session.commit()
    event.listen(session.bind, "before_cursor_execute", lambda *of: asked.append(of[2:4]))
    assert (is_mail_refused(session, now=now), count_waiting(session)) == (True, 1)
    mails = [each for each in asked if "FROM message" in each[0]]
    assert len(mails) == 3
    for query, values in mails:
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", values)
        assert not [step.detail for step in plan if step.detail.startswith("SCAN")], query


def test_a_look_waits_for_nobody_who_writes_and_keeps_nobody_waiting(app, alive, monkeypatch):
    monkeypatch.setattr(bounded, "MAX_SECONDS", 0.8)
    browser = app.test_client()
    with app.app_context():
        engine = db.engine
    with engine.connect() as other:
        other.execute(update(Person).values(name=Person.name))  # holds the write lock of SQLite
        assert [browser.get(address).status_code for address in ("/healthz", "/readyz")] == [200, 200]
        other.rollback()


def test_who_asks_during_a_look_gets_what_it_sees_and_no_thread_is_no_answer(app, monkeypatch):
    go_on, looks = threading.Event(), []
    looked = Bounded(lambda: looks.append(1) or go_on.wait(20))
    with ThreadPoolExecutor(3) as browsers:
        answers = [browsers.submit(looked, app) for _ in range(3)]
        while not looks:
            time.sleep(0.01)
        go_on.set()
        assert {answer.result(20) for answer in answers} == {True}

    def refuse(_thread):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as machine:
        machine.setattr(threading.Thread, "start", refuse)
        for _ in range(2):
            with pytest.raises(NoAnswer):
                looked(app)
    assert looked(app) is True


@pytest.mark.one_database
def test_a_redis_that_says_nothing_is_away_in_time_and_the_site_is_ready(app, client, alive, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        monkeypatch.setitem(app.extensions, "settings", replace(app.extensions["settings"], redis_url=url))
        began = time.monotonic()
        assert client.get("/readyz").status_code == 200
        assert time.monotonic() - began < 0.8
        answer = client.get("/healthz")
        assert (answer.status_code, answer.json["redis"], answer.json["database"]) == (200, "away", "ok")


@pytest.mark.slow
def test_what_hangs_is_told_in_time_and_looks_do_not_pile_up(client, alive, monkeypatch):
    monkeypatch.setattr(bounded, "MAX_SECONDS", 0.3)
    let_go, looks = threading.Event(), []
    look = watching.schema_state
    monkeypatch.setattr(watching, "schema_state", lambda *_: looks.append(1) or (let_go.wait(20) and schema.Schema.OK))
    before = threading.active_count()
    for address in ("/healthz", "/readyz", "/healthz", "/readyz"):
        began = time.monotonic()
        answer = client.get(address)
        assert (answer.status_code, answer.json["database"]) == (503, "silent")
        assert time.monotonic() - began < 1
    assert (len(looks), threading.active_count() - before) == (2, 2), "one for each kind of look"
    let_go.set()
    while threading.active_count() > before:
        time.sleep(0.01)
    monkeypatch.setattr(watching, "schema_state", look)
    assert client.get("/healthz").status_code == 200


def test_a_site_is_ready_with_its_tables_and_room_and_not_while_an_upgrade_is_missing(client, alive, monkeypatch):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"ready": True, "database": "ok", "schema": "ok", "disk": "ok"})
    wanted, known = schema._migrations()  # noqa: SLF001 -- what this version knows
    for state, status, facts in (("pending", 503, ({"9999"}, known)), ("newer", 200, (wanted, known - wanted))):
        monkeypatch.setattr(schema, "_migrations", lambda facts=facts: facts)
        if state == "newer":
            monkeypatch.setattr(schema, "_migrations", lambda: ({"0001"}, known - wanted))
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json["schema"]) == (status, state)
    monkeypatch.undo()
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: SimpleNamespace(free=5_000_000))
    assert client.get("/readyz").json == {"ready": False, "database": "ok", "schema": "ok", "disk": "full"}
