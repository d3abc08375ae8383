"""The page of the health of the site: what is wrong, what to do, and a test mail."""

import os
import shutil
import socket
import time
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from types import SimpleNamespace

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import delete, text

from app.clock import now as clock
from app.health import health
from ideas.files import Purpose
from ideas.organisation.organisation import the_organisation
from ideas.outreach.messages.delivery import mark_sent
from ideas.outreach.messages.queue import write_message
from ideas.people.person import Person
from ideas.people.platform_role import PlatformRole, grant
from ideas.search import index_of
from ideas.work.backup import mark_removed, note_backup
from ideas.work.job import Job, JobError, JobKind, JobStatus, Queue, enqueue
from tests.services import Redis


class Sink:
    def __init__(self):
        self.received = []
        self.answer = "250 Queued as 7F3A"

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 -- aiosmtpd's name
        self.received.append(message_from_bytes(envelope.content, policy=default))
        return self.answer


@pytest.fixture
def sink():
    return Sink()


@pytest.fixture
def smtp(sink):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    yield f"smtp://127.0.0.1:{port}"
    controller.stop()


@pytest.fixture
def use(app, settings, tmp_path, monkeypatch):
    """Settings of this test, in a folder of its own where a worker was alive a moment ago."""

    def use(**chosen):
        chosen = replace(settings, instance=tmp_path, **chosen)
        monkeypatch.setitem(app.extensions, "settings", chosen)
        health.say_alive(chosen)
        return chosen

    return use


@pytest.fixture
def ada(make_person):
    return make_person("Ada", is_admin=True)


@pytest.fixture
def admin(signed_in, ada):
    return signed_in(ada)


@pytest.fixture
def page(admin):
    return lambda: admin.get("/health").text


def test_where_all_is_well_the_page_says_so(use, page, session):
    use(smtp_url="smtp://mail.example.org")
    note_backup(session, place="/backups/1", scheduled=False, facts={}, now=clock())
    session.commit()
    shown = page()
    assert "Everything works." in shown
    for words in (
        "It runs.",
        "Nothing waits for long.",
        "Every text can be found.",
        "They fit this version.",
        "Storage",
    ):
        assert words in shown
    assert "What to do:" not in shown


def test_a_worker_that_is_not_seen_comes_first_with_what_to_do(use, page, tmp_path):
    settings = use()
    past = time.time() - 300
    os.utime(health.alive_file(settings, Queue.MAIL), (past, past))
    assert "A part of it has not been seen for a minute: Emails." in page()
    for queue in Queue:
        os.utime(health.alive_file(settings, queue), (past, past))
    shown = page()
    assert "3 points need your attention." in shown
    assert "It has not been seen for a minute." in shown
    assert "flask --app app worker" in shown
    assert shown.index("Does not work") < shown.index("To look at")


def test_a_redis_that_is_away_is_told(use, page, client):
    redis = Redis()
    use(redis_url=redis.url)
    assert "It answers." in page()
    assert client.get("/healthz").json["redis"] == "ok"
    redis.kill()
    assert "On the server, start Redis again" in page()
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json["status"], answer.json["redis"]) == (200, "degraded", "away")


def test_a_bucket_that_is_away_is_told(use, page, client, s3):
    use(file_store=s3.place, file_store_endpoint=s3.endpoint)
    assert "Store of files" in page()
    assert client.get("/healthz").json["files"] == "ok"
    use(file_store="s3://of-nobody", file_store_endpoint=s3.endpoint)
    assert "On the server, start the store again" in page()
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json["status"], answer.json["files"]) == (200, "degraded", "away")


def test_failed_and_late_work_and_a_missing_model_are_told(use, page, session, now):
    use()
    enqueue(session, JobKind.GROUP_CLOSED, now=now, run_at=clock() - timedelta(hours=1))
    failed = {"status": JobStatus.FAILED, "error": JobError.MODEL_UNAVAILABLE, "created_at": now, "run_at": now}
    session.add(Job(kind=JobKind.FIND_THEMES, queue="heavy", key="find_themes:1", **failed))
    session.commit()
    shown = page()
    for words in ("A job has waited for 6", "1 job has failed.", "It was not found, so ideas could not be grouped."):
        assert words in shown
    assert 'href="/jobs?status=failed"' in shown


def test_mail_that_is_refused_is_told_with_the_answer_of_the_server(use, page, session, ada, now):
    use()
    assert "No mail server is set." in page()
    use(smtp_url="smtp://mail.example.org")
    message = write_message(session, to=ada, subject="Hi", body="Hi", reason="test", domain="localhost", now=now)
    message.error, message.attempts = "550 <b>no</b> such mailbox", 1
    session.commit()
    refused = "1 email was refused and will be tried again. The mail server answered: 550 &lt;b&gt;no"
    shown = page()
    assert refused in shown
    assert "Does not work" in shown
    other = write_message(session, to=ada, subject="Hi", body="Hi", reason="other", domain="localhost", now=now)
    mark_sent(session, other.id, now=clock())
    session.commit()
    shown = page()
    assert refused in shown
    assert "Does not work" not in shown, "others are delivered: it is that address"
    message.next_attempt_at = None
    session.commit()
    assert "1 email could not be delivered." in page()
    message.sent_at, message.error = now, ""
    session.commit()
    assert "The last email left on" in page()


@pytest.mark.parametrize(
    ("free", "words"), [(5_000_000, "Only 5 MB are free."), (100_000_000, "Only 100 MB are free.")]
)
def test_a_disk_that_fills_up_is_told(use, page, monkeypatch, free, words):
    use()
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: SimpleNamespace(free=free))
    assert words in page()


def test_texts_that_no_search_finds_are_told_and_those_without_a_word_are_none(
    use, page, session, charlie, campaign, make_idea, ada, now
):
    use()
    make_idea(campaign, charlie, "👍")
    grant(session, charlie, PlatformRole.CAMPAIGN_AUTHOR, by=ada, now=now)  # an act without a reason
    session.commit()
    assert "Every text can be found." in page()
    session.execute(delete(index_of(Person)).where(index_of(Person).c.id == charlie.id))
    session.commit()
    assert "1 text cannot be found." in page()


def test_tables_of_another_version_are_told(use, page, session):
    use()
    session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    session.commit()
    shown = page()
    assert "They do not fit this version." in shown
    assert "flask --app app db upgrade" in shown


def test_back_ups_are_listed_with_what_they_hold_and_what_is_wrong_is_told(use, page, session, tmp_path):
    use()
    shown = page()
    for words in ("No backup is known on this server.", "BACKUP_DIR is not set on the server."):
        assert words in shown
    facts = {"size": 5_260_000, "counts": {"person": 1, "campaign": 2, "idea": 3}, "files": 4, "is_encrypted": True}
    first = note_backup(session, place="/b/<1>", scheduled=True, facts=facts, now=clock() - timedelta(days=8))
    session.commit()
    shown = " ".join(page().split())
    assert "It is too old." in shown
    for words in ("/b/&lt;1&gt;", "5.3 MB", "5.3 MB · 1 person, 2 campaigns, 3 ideas, 4 files · Encrypted", "Made"):
        assert words in shown, words
    mark_removed(session, [first.place], now=clock())
    use(backup_folder=tmp_path / "away")
    note_backup(session, place="/b/2", scheduled=True, facts={"error": "No room."}, now=clock())
    session.commit()
    shown = page()
    for words in ("The latest one failed: No room.", "Does not work", "Deleted", f"each day in {tmp_path / 'away'}."):
        assert words in shown, words
    note_backup(session, place="/b/3", scheduled=True, facts={"missing": 2}, now=clock())
    session.commit()
    shown = " ".join(page().split())
    for words in ("The latest one lacks 2 files that the site refers to.", "put the files back from an earlier backup"):
        assert words in shown, words


def test_files_are_counted_by_what_they_are_for(use, page, campaign):
    use()
    assert "<dt>Portraits</dt><dd>1 file, 1 kB</dd>" in page()


def test_each_purpose_of_a_file_has_a_name(app):
    with app.test_request_context():
        words = app.jinja_env.get_template("work/health/words.html").make_module()
        assert [purpose for purpose in Purpose if words.purpose_name(purpose) == purpose] == []


def test_a_test_mail_shows_what_the_server_answered(use, admin, sink, smtp, session, ada):
    use(smtp_url=smtp)
    the_organisation(session).name = "Santé, Ensemble"
    session.commit()
    shown = admin.post("/health/test-mail").text
    assert "The mail server accepted the email. Its answer: 250 Queued as 7F3A" in shown
    (mail,) = sink.received
    assert (mail["To"], mail["Subject"]) == ("Ada <ada@example.org>", "Santé, Ensemble: test email")
    assert mail["From"] == '"Santé, Ensemble" <convergence@localhost>'
    sink.answer = "554 <script>no"
    refused = admin.post("/health/test-mail").text
    assert "The email was not accepted. The answer: 554 &lt;script&gt;no" in refused


def test_a_test_mail_to_a_server_that_is_away_says_so(use, admin):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    use(smtp_url=f"smtp://127.0.0.1:{port}")
    assert "The email was not accepted." in admin.post("/health/test-mail").text


def test_without_a_mail_server_the_test_mail_is_a_file(use, admin, tmp_path):
    use()
    assert "The email is a file on the server" in admin.post("/health/test-mail").text
    (file,) = (tmp_path / "mail").glob("test-*.eml")
    assert "ada@example.org" in file.read_text()


def test_the_page_takes_a_constant_number_of_queries(use, page, make_campaign, make_ideas, charlie, count_queries):
    use()
    page()
    few = count_queries(page)
    make_ideas(make_campaign(), charlie, [{"body": f"Idea {number}"} for number in range(30)])
    assert count_queries(page) == few


def test_only_administrators_see_the_health(signed_in, charlie, client):
    assert signed_in(charlie).get("/health").status_code == 403
    assert signed_in(charlie).post("/health/test-mail").status_code == 403
    assert client.get("/health").location.startswith("/sign-in")


@pytest.mark.parametrize(("size", "words"), [(1, "1 kB"), (5_260_000, "5.3 MB"), (67_725_200_000, "67.7 GB")])
def test_sizes_are_written_in_the_unit_that_fits(app, size, words):
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert app.jinja_env.filters["file_size"](size) == words
