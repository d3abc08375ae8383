"""A later version comes while people read and write: two web processes are replaced, and nobody notices."""

import signal
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

# Requests wait while new processes start: seconds, or a minute on a machine with other work.
PATIENCE_SECONDS = 180
pytestmark = [
    pytest.mark.slow,
    pytest.mark.postgresql,
    pytest.mark.parametrize("settings", ["postgresql"], indirect=True),
]


def test_no_request_fails_while_the_tables_grow_and_the_web_processes_are_replaced(own, tmp_path):  # noqa: F811 -- as above
    """The tables first, by a migration that only adds: the processes of before go on. Then new processes, by SIGHUP."""
    if not (Path(sys.executable).parent / "gunicorn").exists():
        unavailable("no gunicorn: install the extra of that name")
    campaign, cookies = filled(own)
    statuses, accepted, over, port = [], [], threading.Event(), free_port()

    def take_part(writer):
        for number in range(PEOPLE * 20):
            title = f"Idea {number} of {writer}"
            if over.is_set():
                return
            try:
                cookie = cookies[PEOPLE * writer + number // 20]
                status = submit(port, campaign, cookie, title, seconds=PATIENCE_SECONDS)
            except (OSError, HTTPException) as error:
                status = repr(error)
            if status == 303:
                accepted.append(title)
            statuses.append(status)
            statuses.append(read(port, f"/campaigns/{campaign}/ideas"))
            time.sleep(0.1)

    with gunicorn(own, tmp_path, port, processes=2) as master:
        before = web_processes(master.pid)
        people = [threading.Thread(target=take_part, args=(writer,)) for writer in range(WRITERS)]
        for person in people:
            person.start()
        until(lambda: len(accepted) > 4)
        with db.engine.begin() as connection:
            connection.execute(text("ALTER TABLE idea ADD COLUMN of_a_later_version text"))
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        seen = len(accepted)
        until(lambda: len(accepted) > seen + 4)
        assert answer(port, "/readyz")[0] == 200, "a version that is older than its tables"
        master.send_signal(signal.SIGHUP)
        until(lambda: not before & web_processes(master.pid))
        seen = len(accepted)
        until(lambda: len(accepted) > seen + 4)
        over.set()
        for person in people:
            person.join()
        assert len(web_processes(master.pid)) == len(before) == 2
    assert {*statuses} == {200, 303}
    assert {*accepted} == set(database().scalars(select(Idea.title)))


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


def web_processes(pid):
    return set(Path(f"/proc/{pid}/task/{pid}/children").read_text().split())


def until(condition):
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)
