"""The web is killed while people submit ideas: each one that was acknowledged is there after the next start."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import session as cookie
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select

from app.clock import now as clock
from app.extensions import database, db
from ideas.accounts.sign_in import open_sign_in
from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea
from ideas.people.person import Person
from tests.app.server.test_deploy import ROOT, answer
from tests.app.server.test_nginx import free_port
from tests.databases import own_database
from tests.services import unavailable

pytestmark = pytest.mark.slow
WRITERS = 4
# Nobody submits more than thirty ideas in an hour.
PEOPLE, EACH = 5, 28
RAW = "a token of a form"
# On a machine with other work, starting a process takes minutes.
START_SECONDS = 240


@pytest.fixture
def own(settings, tmp_path, migrated):
    """A site of its own that other processes share, on each database."""
    keyed = replace(settings, secret_key="a secret key only for tests")
    with own_database(keyed, tmp_path) as app, app.app_context():
        migrated()
        yield app


def test_each_idea_that_was_acknowledged_is_there_after_the_web_was_killed(own, tmp_path):
    if not (Path(sys.executable).parent / "gunicorn").exists():
        unavailable("no gunicorn: install the extra of that name")
    campaign, cookies = filled(own)
    acknowledged, refused, port = [], [], free_port()

    def write(writer):
        for number in range(PEOPLE * EACH):
            title = f"Idea {number} of {writer}"
            try:
                status = submit(port, campaign, cookies[PEOPLE * writer + number // EACH], title)
            except (OSError, HTTPException):
                return  # killed
            (acknowledged if status == 303 else refused).append((title, status))

    with gunicorn(own, tmp_path, port) as killed:
        writers = [threading.Thread(target=write, args=(writer,)) for writer in range(WRITERS)]
        for writer in writers:
            writer.start()
        end = time.monotonic() + 30
        while len(acknowledged) < 20 and any(writer.is_alive() for writer in writers) and time.monotonic() < end:
            time.sleep(0.005)
        os.killpg(killed.pid, signal.SIGKILL)
        for writer in writers:
            writer.join()
    assert (refused, len(acknowledged) >= 20) == ([], True)
    with gunicorn(own, tmp_path, port):
        assert submit(port, campaign, cookies[-1], "After the kill") == 303
    titles = set(database().scalars(select(Idea.title).where(Idea.submitted_at.is_not(None))))
    assert {title for title, _status in acknowledged} - titles == set()
    assert "After the kill" in titles
    # An idea may be kept whose answer was lost: one of each writer at most, and none twice.
    assert len(titles) - len(acknowledged) - 1 <= WRITERS
    assert len(database().scalars(select(Idea.id)).all()) == len(titles)


def filled(app):
    """The number of an open campaign, and the cookies of people who are signed in."""
    now, session = clock(), database()
    before = {"created_at": now - timedelta(days=99), "verified_at": now - timedelta(days=99)}
    people = [Person(email=f"p{n}@example.org", name=f"P{n}", **before) for n in range(WRITERS * PEOPLE + 1)]
    ends = {"opens_at": now - timedelta(days=1), "closes_at": now + timedelta(days=1)}
    campaign = Campaign(owner=people[-1], title="T", created_at=now, open_to_visitors=True, announced_at=now, **ends)
    campaign.benefit, campaign.motivation = "Three changes.", "Thanks."
    campaign.debrief_due_at = now + timedelta(days=9)
    session.add_all([*people, campaign])
    session.flush()
    tokens = [(person.id, open_sign_in(session, person, now=now)) for person in people]
    session.commit()
    cookies = []
    for person_id, token in tokens:
        with app.test_request_context():
            cookie.update(
                {"sign_in": token, "_user_id": str(person_id), "_fresh": True, "locale": "en", "csrf_token": RAW}
            )
            cookies.append(app.session_interface.get_signing_serializer(app).dumps(dict(cookie)))
    number = campaign.id
    session.rollback()
    db.engine.dispose()
    return number, cookies


def submit(port, campaign, signed, title, *, address="127.0.0.1", seconds=20):
    """Send the form of an idea as a browser does. Returns the status of the answer."""
    site, page = f"http://{address}:{port}", f"/campaigns/{campaign}/ideas/new"
    token = URLSafeTimedSerializer("a secret key only for tests", salt="wtf-csrf-token").dumps(RAW)
    headers = {
        "Cookie": f"session={signed}", "Referer": site + page, "Content-Type": "application/x-www-form-urlencoded",
    }  # fmt: skip
    connection = HTTPConnection(address, port, timeout=seconds)
    try:
        form = urlencode({"title": title, "body": f"What it says: {title}.", "csrf_token": token})
        connection.request("POST", page, form, headers)
        return connection.getresponse().status
    finally:
        connection.close()


@contextmanager
def gunicorn(app, folder, port):
    """The web of the site, in processes of their own, until the block ends."""
    settings = app.extensions["settings"]
    chosen = {
        "BIND": f"127.0.0.1:{port}",
        "WEB_CONCURRENCY": "1",
        "BASE_URL": f"http://127.0.0.1:{port}",
        "SECRET_KEY": "a secret key only for tests",
        "CONVERGENCE_INSTANCE": str(folder),
        "DATABASE_URL": settings.database_url,
    }
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 -- our own command
            [Path(sys.executable).parent / "gunicorn", "--config", ROOT / "deploy" / "gunicorn.conf.py"],
            cwd=ROOT, env=os.environ | chosen, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        end = time.monotonic() + START_SECONDS
        while (answer(port, "/readyz") or (0, ""))[0] != 200:
            assert time.monotonic() < end, (folder / "log").read_text()
            time.sleep(0.05)
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(20)
