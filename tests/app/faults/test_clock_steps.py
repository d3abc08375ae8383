"""The clock of a running server is set back and forward, and passes the end of summer time: with libfaketime."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from app.extensions import database, db
from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea
from tests.app.faults.test_killed_web import filled, gunicorn, submit
from tests.app.server.test_deploy import answer
from tests.app.server.test_nginx import free_port
from tests.databases import own_database
from tests.services import unavailable

pytestmark = [pytest.mark.slow, pytest.mark.one_database]
# In Paris it is three o'clock, then two.
LEAP = datetime(2026, 10, 25, 1, tzinfo=UTC)
# libfaketime 0.9.10 refuses how Python sleeps where it leaves the monotonic clock alone: sleep in another way.
SLEEP = "import select, time\ntime.sleep = lambda seconds: select.select([], [], [], max(0, seconds)) and None\n"


@pytest.fixture
def turn(monkeypatch, tmp_path):
    """Set the clock of processes that are started from here on, so many seconds off, also while they run."""
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if not found:
        unavailable("no libfaketime: install it (apt-get install faketime)")
    offset, early = tmp_path / "offset", tmp_path / "early" / "sitecustomize.py"
    early.parent.mkdir()
    early.write_text(SLEEP)
    for name, value in {
        "LD_PRELOAD": found[0],
        "FAKETIME_TIMESTAMP_FILE": offset,
        "FAKETIME_NO_CACHE": 1,
        # A clock that is set changes neither how time goes by nor what a file system says.
        "DONT_FAKE_MONOTONIC": 1,
        "NO_FAKE_STAT": 1,
        "TZ": "Europe/Paris",
        "PYTHONPATH": tmp_path / "early",
    }.items():
        monkeypatch.setenv(name, str(value))

    def turn(seconds):
        whole = tmp_path / "next"
        whole.write_text(f"{seconds:+.2f}\n")
        whole.replace(offset)  # read by others at any moment

    turn(0)
    return turn


def test_a_clock_that_is_set_and_the_end_of_summer_time_lose_no_text(settings, turn, migrated, tmp_path):
    keyed, port, sent = replace(settings, secret_key="a secret key only for tests"), free_port(), []
    with own_database(keyed, tmp_path) as app, app.app_context():
        migrated()
        campaign, cookies = filled(app)
        with gunicorn(app, tmp_path, port):

            def send(title):
                sent.append(title)
                return submit(port, campaign, cookies[len(sent) % len(cookies)], title)

            for hours in (0, -2, 0, 2, -2, 2):
                turn(hours * 3600)
                assert send(f"{hours} hours, {len(sent)}") == 303
                assert answer(port, "/readyz")[0] == 200
            closes = LEAP + timedelta(seconds=2)
            dates = {
                "opens_at": LEAP - timedelta(days=9),
                "closes_at": closes,
                "announced_at": LEAP - timedelta(days=9),
            }
            database().execute(update(Campaign).values(**dates))
            database().commit()
            ahead = (LEAP - timedelta(seconds=2) - datetime.now(UTC)).total_seconds()
            turn(ahead)
            at_the_leap = len(sent)
            while (shown := datetime.now(UTC) + timedelta(seconds=ahead)) < closes + timedelta(seconds=1):
                assert send(f"At {shown:%M:%S.%f}") in {303, 422}
                time.sleep(0.2)
        db.engine.dispose()
        ideas = {idea.title: idea for idea in database().scalars(select(Idea))}
    assert set(sent) == set(ideas), "each text is there"
    assert all(ideas[title].submitted_at for title in sent[:at_the_leap])
    around = [ideas[title] for title in sent[at_the_leap:]]
    submitted = [idea.submitted_at for idea in around if idea.submitted_at]
    assert min(submitted) < LEAP
    assert max(submitted) < closes
    assert around[-1].submitted_at is None, "what came after the closing is a draft"
