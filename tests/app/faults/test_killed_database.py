"""PostgreSQL is killed while people submit ideas, and started again: all that was acknowledged is there."""

import tempfile
import threading
import time
from dataclasses import replace
from http.client import HTTPException
from itertools import count
from pathlib import Path

import pytest
from flask import request_finished
from sqlalchemy import select

from app.extensions import database, db
from ideas.contributions.idea import Idea
from tests.app.faults.test_killed_web import EACH, PEOPLE, WRITERS, filled, gunicorn, submit
from tests.app.server.test_deploy import answer
from tests.app.server.test_nginx import free_port
from tests.databases import own_database
from tests.services import PostgreSQL

pytestmark = pytest.mark.slow


@pytest.fixture
def server():
    with tempfile.TemporaryDirectory(prefix="convergence-pg-") as folder:
        server = PostgreSQL(Path(folder))
        yield server
        server.stop()


@pytest.mark.parametrize("settings", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True)
def test_an_answer_that_is_made_is_given_where_the_database_goes_away(settings, migrated, tmp_path):
    def end_connections(app, **_):
        with app.app_context(), db.engine.connect() as connection:
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    with own_database(settings, tmp_path) as app:
        with app.app_context():
            migrated()
        with request_finished.connected_to(end_connections, app):
            assert app.test_client().get("/campaigns").status_code == 200
        assert app.test_client().get("/campaigns").status_code == 200


@pytest.mark.postgresql
@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)  # the server is its own
def test_each_acknowledged_idea_is_there_after_the_database_was_killed(settings, server, migrated, tmp_path):
    keyed = replace(settings, secret_key="a secret key only for tests", database_url=server.url)
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
            try:
                wait_for(lambda: len(acknowledged) >= 20)
                server.kill()
                wait_for(lambda: len(others) >= WRITERS)
                assert answer(port, "/readyz")[0] == 503
                assert answer(port, "/campaigns")[0] == 503
                before = len(acknowledged)
                server.start()
                wait_for(lambda: len(acknowledged) >= before + 10)
            finally:
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
