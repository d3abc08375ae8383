"""What /healthz tells whoever watches the site."""

import errno
import os
import shutil
import tempfile
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy.exc import OperationalError

from app.health import bounded, health, schema
from ideas.outreach.message import write_message
from ideas.work.job import JobError, JobKind, JobStatus, enqueue


@pytest.fixture
def alive(settings):
    """A worker was alive a moment ago."""
    path = settings.instance / "worker.alive"
    health.say_alive(settings)
    yield path
    path.unlink(missing_ok=True)


def test_all_is_well(client, alive):
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json == {
        "status": "ok", "database": "ok", "disk": "ok", "worker": "ok", "jobs": "ok", "oldest_due_seconds": 0,
        "model": "ok", "mail": "not_set",
    }  # fmt: skip


def test_without_a_worker_the_site_answers_and_says_so(client, alive):
    past = time.time() - 300
    os.utime(alive, (past, past))
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json["status"], answer.json["worker"]) == (200, "degraded", "silent")
    alive.unlink()
    assert client.get("/healthz").json["worker"] == "silent"


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
    assert count_queries(lambda: client.get("/healthz")) <= 6  # with the savepoint of the test around it


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


@pytest.mark.slow
def test_what_hangs_is_told_in_time_and_looks_do_not_pile_up(client, alive, monkeypatch):
    monkeypatch.setattr(bounded, "MAX_SECONDS", 0.3)
    let_go, looks = threading.Event(), []
    look = health.oldest_due
    monkeypatch.setattr(health, "oldest_due", lambda *_, **__: looks.append(1) or (let_go.wait(20) and None))
    before = threading.active_count()
    for address in ("/healthz", "/readyz", "/healthz"):
        began = time.monotonic()
        answer = client.get(address)
        assert (answer.status_code, answer.json["database"]) == (503, "silent")
        assert time.monotonic() - began < 1
    assert (len(looks), threading.active_count() - before) == (1, 1)
    let_go.set()
    monkeypatch.setattr(health, "oldest_due", look)
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
