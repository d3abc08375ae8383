"""Logs as JSON: each line has the id of its request, and none a name, an address or what somebody wrote."""

import io
import json
import logging
from dataclasses import replace
from smtplib import SMTPRecipientsRefused

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from app import create_app
from app.extensions import db
from app.server import logs
from app.views import home
from ideas.errors import DomainError

pytestmark = pytest.mark.one_database
NAME, ADDRESS, WORDS = "Éloïse Quimperlé", "eloise@quimperle.example", "velvet ropes"
FROM = "203.0.113.77"


@pytest.fixture
def lines():
    """What is logged from here on, as objects. Everything is, also what production leaves out."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logs.formatter("only for tests"))
    level = logging.root.level
    logging.root.addHandler(handler)
    logging.root.setLevel(logging.DEBUG)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    logging.root.removeHandler(handler)
    logging.root.setLevel(level)


def test_an_id_comes_in_or_is_made_and_goes_out_with_the_answer_and_each_line(client, lines):
    assert client.get("/sign-in", headers={"X-Request-ID": "abc-1.2_3"}).headers["X-Request-ID"] == "abc-1.2_3"
    made = client.get("/nowhere").headers["X-Request-ID"]
    for odd in ("a b", "x" * 65, "é", "<script>", "a\tb"):
        answer = client.get("/sign-in", headers={"X-Request-ID": odd.encode().decode("latin-1")})
        assert len(answer.headers["X-Request-ID"]) == len(made) == 16
    said = [line for line in lines() if line["event"] == "request"]
    first = {name: said[0][name] for name in ("request_id", "route", "method", "status", "level")}
    assert first == {
        "request_id": "abc-1.2_3", "route": "person.sign_in", "method": "GET", "status": 200, "level": "info",
    }  # fmt: skip
    assert (said[1]["request_id"], said[1]["route"], said[1]["status"]) == (made, None, 404)
    assert said[0]["ms"] >= 0
    assert said[0]["timestamp"].endswith("Z")


@pytest.fixture
def outside(settings, app, connection):
    """The application as it runs outside tests, where a fault becomes a page and a line of the log."""
    made = create_app(replace(settings, testing=False, trusted_hosts=()))
    made.config |= {"WTF_CSRF_ENABLED": False, "RATELIMIT_ENABLED": False}
    with made.app_context():
        own = db.engine
    db._app_engines[made][None] = connection  # noqa: SLF001 -- as the fixture `connection` does
    yield made
    own.dispose()


def test_no_name_no_address_and_no_text_is_in_any_line(outside, session, make_person, campaign, lines, monkeypatch):
    """With names as canaries in every place that a person fills, and in faults that carry what they wrote."""
    eloise = make_person(NAME, email=ADDRESS)
    browser, called = outside.test_client(), {"environ_base": {"REMOTE_ADDR": FROM}}
    account = {"name": NAME, "password": "correct horse battery", "rules": "y", "email": f"other-{ADDRESS}"}
    browser.post("/sign-up", data=account, **called)
    for password in ("not it", "correct horse battery"):
        browser.post("/sign-in", data={"email": ADDRESS, "password": password}, **called)
    ideas = f"/campaigns/{campaign.id}/ideas"
    browser.post(f"{ideas}/new", data={"title": NAME, "body": WORDS}, **called)
    browser.get(f"/search?containing={WORDS}&of={NAME}", headers={"X-Request-ID": NAME.encode().decode("latin-1")})
    for address in (f"/{NAME}", f"/reset/{ADDRESS}", f"/unsubscribe/{NAME}", f"/people/{eloise.id}", "/activity"):
        browser.get(address, **called)
        browser.post(address, data={"reason": WORDS}, **called)
    browser.post(f"/campaigns/{campaign.id}/themes/{eloise.id}/merge", data={"other": NAME}, **called)

    class Refused(DomainError):
        message = "%(name)s may not"

    faults = [
        RuntimeError(f"{NAME} wrote {WORDS}"),
        KeyError(ADDRESS),
        OperationalError(f"SELECT '{NAME}'", {"email": ADDRESS}, Exception(f"at {NAME}")),
        IntegrityError("INSERT", {}, Exception(f"Key (email)=({ADDRESS}) already exists: {NAME}")),
    ]
    for fault in faults:
        with monkeypatch.context() as patch:
            patch.setattr(home, "render_template", lambda *_, fault=fault, **__: (_ for _ in ()).throw(fault))
            assert browser.get("/robots.txt", **called).status_code in {500, 503}
    with pytest.raises(IntegrityError) as taken, session.begin_nested():
        session.execute(text("UPDATE person SET id = NULL, name = :name"), {"name": NAME})
    log = logging.getLogger("app.worker.worker")
    for error in (*faults, taken.value, Refused(name=NAME), SMTPRecipientsRefused({ADDRESS: (550, NAME.encode())})):
        log.error("job %d: %s", 7, error, exc_info=error)
    log.warning("mail 7 was refused: 550 5.1.1 <%s>: no mailbox here, %s and ::ffff:%s", ADDRESS, FROM, FROM)
    said = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines())
    for canary in (NAME, *NAME.split(), "eloise", "quimperle", ADDRESS, WORDS, "velvet", FROM, "correct horse"):
        assert canary not in said, next(line for line in said.splitlines() if canary in line)
    assert said.count("network ") >= 3, "addresses can be told apart"
    (unexpected, *_) = [line for line in lines() if line["event"] == "unexpected"]
    assert unexpected["error"]["class"] == "RuntimeError"
    assert any(place.startswith("app/views/home.py:") for place in unexpected["error"]["at"])
    assert unexpected["request_id"]


def test_what_gunicorn_says_of_a_request_names_no_path(lines):
    said = logging.getLogger("gunicorn.error")
    said.warning(f"Invalid request from ip={FROM}: Invalid header name: '{NAME}'")
    said.error("Error handling request %s", f"/search?containing={WORDS}", exc_info=ValueError(WORDS))
    said.info("Worker exiting (pid: %s)", 7)
    first, second, third = lines()
    assert first["event"] == second["event"] == "gunicorn could not answer a request"
    assert (second["error"]["class"], third["event"]) == ("ValueError", "Worker exiting (pid: 7)")
