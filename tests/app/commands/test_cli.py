"""The commands that name administrators, and the one that serves the demo."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from app.commands.cli import _first_admin_lines
from ideas.accounts.identity import check_credentials
from ideas.activity.activity import Activity, Verb
from ideas.moderation.sanctions import sanction_person
from ideas.people.person import find_person
from ideas.people.sanction import Reason, SanctionKind

ROOT = Path(__file__).parents[3]
PASSWORD = "une phrase à moi"


@pytest.fixture
def run(app, connection):
    """Run a command. Returns its exit status and what it printed."""

    def invoke(*words, typed=None):
        answer = app.test_cli_runner().invoke(args=["admin", *words], input=typed)
        return answer.exit_code, answer.output

    return invoke


def test_an_administrator_is_created_with_a_password_typed_twice_and_not_shown(run, session):
    status, output = run("create", "Ada@example.org", "--name", "Ada", typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert (status, PASSWORD in output) == (0, False)
    assert "Ada <ada@example.org> is an administrator." in output
    ada = check_credentials(session, email="ada@example.org", password=PASSWORD)
    assert (ada.name, ada.is_admin, ada.locale, ada.verified_at is not None) == ("Ada", True, "fr", True)


def test_the_password_can_come_from_standard_input(run, session):
    assert run("create", "ada@example.org", "--password-stdin", typed=f"{PASSWORD}\n")[0] == 0
    assert check_credentials(session, email="ada@example.org", password=PASSWORD).name == "ada"


@pytest.mark.parametrize(
    ("email", "password", "sentence"),
    [("ada", PASSWORD, "Enter an email address"), ("ada@example.org", "short", "This password is too short")],
)
def test_a_wrong_address_or_a_weak_password_is_refused_in_one_line(run, session, email, password, sentence):
    status, output = run("create", email, "--password-stdin", typed=password)
    assert status == 2
    assert sentence in output
    assert "Traceback" not in output
    assert find_person(session, email) is None


def test_a_member_becomes_administrator_and_keeps_their_password(run, session, charlie):
    assert run("create", "Charlie@example.org") == (0, "Charlie <charlie@example.org> is an administrator.\n")
    session.expire_all()
    assert charlie.is_admin
    granted = session.scalars(select(Activity)).one()
    assert (granted.verb, granted.actor_id, granted.object_id) == (Verb.GRANTED, None, charlie.id)


def test_an_account_whose_address_nobody_confirmed_gets_a_new_password(run, session, signed_in, make_person):
    """Somebody may have signed up with the address of the administrator to come."""
    eve = make_person("Eve", email="ada@example.org", verified_at=None)
    browser = signed_in(eve)
    status, output = run("create", "ada@example.org", "--password-stdin", typed="")
    assert (status, "This password is too short" in output) == (2, True)
    status, output = run("create", "ada@example.org", "--password-stdin", typed=f"{PASSWORD}\n")
    assert (status, "Nobody confirmed the address ada@example.org." in output) == (0, True)
    session.expire_all()
    assert (eve.is_admin, eve.verified_at is not None) == (True, True)
    assert browser.get("/me").location == "/sign-in?next=/me"
    assert check_credentials(session, email="ada@example.org", password=PASSWORD) is eve


def test_administrators_are_listed_with_those_who_may_not_act(run, session, make_person, now):
    assert run("list")[1] == "There is no administrator. Name one with: flask --app app admin create EMAIL\n"
    ada, ben, cleo = (make_person(name, is_admin=True) for name in ("Ada", "Ben", "Cleo"))
    ends_at = now + timedelta(days=3)
    words = {"reason": Reason.OTHER, "quote": "", "words": "", "campaign": None, "by": ada, "now": now}
    sanction_person(session, ben, SanctionKind.BAN, **words)
    sanction_person(session, cleo, SanctionKind.SUSPENSION, ends_at=ends_at, **words)
    session.commit()
    assert run("list")[1].splitlines() == [
        "ada@example.org  Ada",
        "ben@example.org  Ben  (banned)",
        f"cleo@example.org  Cleo  (suspended until {ends_at:%Y-%m-%d %H:%M} UTC)",
    ]
    assert run("revoke", "cleo@example.org")[0] == 0
    status, output = run("revoke", "ada@example.org")
    assert (status, "Every other administrator is suspended or banned." in output) == (2, True)
    status, output = run("create", "ben@example.org")
    assert (status, "This member is suspended or banned." in output) == (2, True)


def test_an_administrator_is_revoked_but_not_the_last_one(run, session, make_person):
    for name in ("Ada", "Zoe"):
        make_person(name, is_admin=True)
    assert run("revoke", "zoe@example.org") == (0, "Zoe <zoe@example.org> is no longer an administrator.\n")
    status, output = run("revoke", "ada@example.org")
    assert (status, "This is the only administrator of the site." in output) == (2, True)
    assert run("revoke", "nobody@example.org")[0] == 2


def test_the_code_for_the_first_administrator_is_printed_until_there_is_one(app, connection, make_person):
    with app.app_context():
        assert "There is no administrator yet. Open http://localhost/set-up" in _first_admin_lines()[0]
    make_person("Ada", is_admin=True)
    with app.app_context():
        assert _first_admin_lines() == []


LOAD = "import sys; from app import cli; sys.executable = sys.argv[1]; cli._load_demo_apart('127.0.0.1')"


def test_the_demo_is_no_longer_loaded_where_the_server_is_stopped(tmp_path):
    program, started = tmp_path / "loads", tmp_path / "started"
    program.write_text(f"#!/bin/sh\necho $$ > {started}.new && mv {started}.new {started}\nexec sleep 60\n")
    program.chmod(0o700)
    server = subprocess.Popen([sys.executable, "-c", LOAD, program], cwd=ROOT)  # noqa: S603 -- our own command
    while not started.exists() and server.poll() is None:
        time.sleep(0.02)
    server.terminate()
    assert server.wait(20) == 128 + signal.SIGTERM
    with pytest.raises(ProcessLookupError):
        os.kill(int(started.read_text()), 0)
