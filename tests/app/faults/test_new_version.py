"""A later version takes over while people read and write: two web processes, one after the other; nobody notices."""

import sys
import threading
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest
from sqlalchemy import select, text

from app.extensions import database, db
from ideas.contributions.idea import Idea
from tests.app.faults.test_killed_web import PEOPLE, WRITERS, filled, gunicorn, own, submit  # noqa: F401 -- a fixture
from tests.app.server.test_deploy import answer
from tests.app.server.test_nginx import free_port
from tests.services import unavailable

# On a machine with other work.
PATIENCE_SECONDS = 180
EACH = 20
pytestmark = [
    pytest.mark.slow,
    pytest.mark.postgresql,
    pytest.mark.parametrize("settings", ["postgresql"], indirect=True),
]


def test_no_request_fails_while_the_tables_grow_and_a_new_web_process_takes_over(own, tmp_path):  # noqa: F811 -- as above
    """The tables first, by a migration that only adds; then the new process beside the earlier one, which ends last.

    A number stands for the proxy: the port that requests are led to.
    """
    if not (Path(sys.executable).parent / "gunicorn").exists():
        unavailable("no gunicorn: install the extra of that name")
    campaign, cookies = filled(own)
    accepted, over, before, after = [[] for _ in range(WRITERS)], threading.Event(), free_port(), free_port()
    statuses, led_to = [], [before]

    def take_part(writer):
        for number in range(PEOPLE * EACH):
            if over.is_set():
                return
            title, cookie = f"Idea {number} of {writer}", cookies[PEOPLE * writer + number // EACH]
            try:
                status = submit(led_to[0], campaign, cookie, title, seconds=PATIENCE_SECONDS)
            except (OSError, HTTPException) as error:
                status = repr(error)
            statuses.extend([status, read(led_to[0], f"/campaigns/{campaign}/ideas")])
            accepted[writer].append(title)
            time.sleep(0.05)

    def each_goes_on():
        seen = [len(some) for some in accepted]
        end = time.monotonic() + PATIENCE_SECONDS
        while any(len(some) < count + 2 for some, count in zip(accepted, seen, strict=True)):
            assert time.monotonic() < end
            time.sleep(0.05)

    people = [threading.Thread(target=take_part, args=(writer,)) for writer in range(WRITERS)]
    with gunicorn(own, tmp_path, before) as earlier:
        for person in people:
            person.start()
        each_goes_on()
        with db.engine.begin() as connection:
            connection.execute(text("ALTER TABLE idea ADD COLUMN of_a_later_version text"))
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        each_goes_on()
        assert answer(before, "/readyz")[0] == 200, "a version that is older than its tables"
        with gunicorn(own, tmp_path, after):
            led_to[0] = after
            each_goes_on()
            earlier.terminate()
            assert earlier.wait(PATIENCE_SECONDS) == 0
            each_goes_on()
            over.set()
            for person in people:
                person.join()
    assert {*statuses} == {200, 303}
    assert {title for some in accepted for title in some} == set(database().scalars(select(Idea.title)))


def read(port, path):
    """The status of a page, or what went wrong."""
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, HTTPException) as error:
        return repr(error)
    finally:
        connection.close()
