"""Figures for Prometheus: off by default, for this machine or with a token, and nothing of anybody in them."""

from dataclasses import replace

import pytest

from app import create_app
from app.extensions import db
from app.health import health
from app.health.metrics import exposition
from app.health.schema import Schema
from app.settings import SettingsError, from_env

pytestmark = pytest.mark.one_database
TOKEN, OLD_TOKEN = "a token of some length", "the token that was before"
PUBLIC = {"Host": "ideas.example.org"}


@pytest.fixture
def site(settings, app, connection):
    """Another application with figures, on the database of the test."""
    made = create_app(replace(settings, metrics=True, metrics_token=TOKEN, old_metrics_token=OLD_TOKEN))
    made.config["WTF_CSRF_ENABLED"] = False
    with made.app_context():
        own = db.engine
    db._app_engines[made][None] = connection  # noqa: SLF001 -- as the fixture `connection` does
    yield made
    own.dispose()


def test_they_are_off_by_default(client):
    assert client.get("/metrics").status_code == 404


def test_they_are_for_this_machine_and_for_whoever_has_the_token(site):
    browser = site.test_client()
    assert browser.get("/metrics").status_code == 200
    for headers in (PUBLIC, PUBLIC | {"Authorization": f"Bearer {TOKEN[:-1]}"}, PUBLIC | {"Authorization": TOKEN}):
        assert browser.get("/metrics", headers=headers).status_code == 404
    elsewhere = {"environ_base": {"REMOTE_ADDR": "203.0.113.7"}}
    assert browser.get("/metrics", **elsewhere).status_code == 404
    for token, status in ((TOKEN, 200), (OLD_TOKEN, 200), ("", 404)):
        sent = PUBLIC | {"Authorization": f"Bearer {token}"}
        assert browser.get("/metrics", headers=sent, **elsewhere).status_code == status


def test_they_count_requests_by_route_and_tell_how_the_site_is_and_name_nobody(site, session, make_person, settings):
    rose = make_person("Rose Quimperlé", email="rose.quimperle@example.org")
    health.say_alive(settings)
    browser = site.test_client()
    browser.post("/sign-in", data={"email": rose.email, "password": "not it"})
    browser.get("/search?containing=Quimperl%C3%A9")
    browser.get("/Quimperl%C3%A9")
    browser.open("/", method="QUIMPERLÉ".encode().decode("latin-1"))
    answer = browser.get("/metrics")
    assert answer.mimetype == "text/plain"
    for line in (
        'convergence_requests_total{method="POST",route="person.sign_in",status="422"} 1.0',
        'convergence_requests_total{method="GET",route="none",status="404"} 1.0',
        'convergence_request_seconds_count{route="search.show"} 1.0',
        "convergence_up 1.0",
        'convergence_part_ok{part="worker"} 1.0',
        'convergence_part_ok{part="schema"} 1.0',
        "convergence_oldest_due_seconds 0.0",
        "convergence_mails_waiting 0.0",
        "convergence_oldest_mail_seconds 0.0",
        'convergence_worker_silent_seconds{queue="mail"}',
    ):
        assert line in answer.text, line
    for word in ("Rose", "rose", "uimper", "127.0.0.1", str(settings.instance)):
        assert word not in answer.text


def test_without_its_tables_the_site_is_up_and_its_schema_is_told_and_redis_where_there_is_one(site):
    parts = {"disk": "ok", "worker": "ok", "jobs": "ok", "model": "ok", "mail": "ok", "redis": "away", "files": "ok"}
    found = health.Health(**parts, silent=(), oldest_due_seconds=0, oldest_mail_seconds=0)
    with site.test_request_context():
        bare = exposition(site.extensions["metrics"], None, schema=Schema.PENDING).decode()
        whole = exposition(site.extensions["metrics"], found, schema=Schema.OK).decode()
        silent = exposition(site.extensions["metrics"], None, schema=None).decode()
    assert "convergence_up 1.0\n" in bare
    assert 'convergence_part_ok{part="schema"} 0.0' in bare
    assert 'convergence_part_ok{part="redis"} 0.0' in whole
    assert "convergence_up 0.0\n" in silent


def test_what_watches_on_the_machine_is_answered_by_its_own_names_and_nobody_else(settings):
    made = create_app(replace(settings, trusted_hosts=("ideas.example.org",)))
    browser, elsewhere = made.test_client(), {"REMOTE_ADDR": "203.0.113.7"}
    for host in ("127.0.0.1:8000", "localhost", "[::1]:8000"):
        told = browser.get("/readyz", headers={"Host": host})
        assert (told.status_code, told.json["database"]) == (200, "ok")
        assert browser.get("/readyz", headers={"Host": host}, environ_base=elsewhere).status_code == 400
        assert browser.get("/sign-in", headers={"Host": host}).status_code == 400
    assert browser.get("/readyz", headers={"Host": "evil.example"}).status_code == 400
    with made.app_context():
        db.engine.dispose()


def test_a_short_token_is_refused(tmp_path):
    with pytest.raises(SettingsError, match="METRICS_TOKEN has 5"):
        from_env({"CONVERGENCE_INSTANCE": str(tmp_path), "METRICS": "1", "METRICS_TOKEN": "short"})
