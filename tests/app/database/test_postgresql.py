"""How long PostgreSQL waits for a process, and how many connections one keeps."""

import time
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app import create_app
from app.database import postgresql
from app.extensions import database, db
from app.settings import DatabaseLimits
from tests.databases import dispose, named

pytestmark = pytest.mark.postgresql


@pytest.fixture
def make(settings, postgresql_url):
    """An application on the server, with these limits."""
    made = []

    def make(**limits):
        url = named(postgresql_url, "postgres")
        made.append(create_app(replace(settings, database_url=url, limits=DatabaseLimits(**limits))))
        return made[-1]

    yield make
    for app in made:
        dispose(app)


def shown():
    names = ("statement_timeout", "idle_in_transaction_session_timeout", "lock_timeout")
    found = [database().scalar(text(f"SHOW {name}")) for name in names]
    database().close()
    return found


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_a_network_that_breaks_without_a_word_is_noticed_in_half_a_minute(make):
    with make().app_context():
        given = database().connection().connection.driver_connection.info.get_parameters()
        database().close()
    silent = int(given["keepalives_idle"]) + int(given["keepalives_interval"]) * int(given["keepalives_count"])
    assert silent <= 30
    assert int(given["tcp_user_timeout"]) <= 30_000


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_pages_are_stopped_soon_workers_late_and_commands_never(make, monkeypatch):
    app = make(statement_seconds=1, work_seconds=700, idle_seconds=1)
    with app.app_context():
        assert shown() == ["1s", "1s", "5s"]
        with pytest.raises(DBAPIError, match="statement timeout"):
            database().execute(text("SELECT pg_sleep(5)"))
        database().rollback()
        database().execute(text("SELECT 1"))
        time.sleep(1.3)
        with pytest.raises(DBAPIError, match=r"idle-in-transaction|closed the connection|terminat"):
            database().execute(text("SELECT 1"))
        database().rollback()
        postgresql.limit_statements(app, db.engine, seconds=700)
        assert shown()[0] == "700s"
    monkeypatch.setenv("FLASK_RUN_FROM_CLI", "true")
    with make().app_context():
        assert shown() == ["0", "2min", "5s"]


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_where_no_connection_is_free_a_page_says_so_in_time(make, monkeypatch):
    monkeypatch.setattr(postgresql, "BURST", 0)
    app = make(pool=1, pool_seconds=1)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with app.app_context():
        assert db.engine.pool.size() == 1
        with db.engine.connect():
            began = time.monotonic()
            answer = app.test_client().get("/campaigns")
            assert (answer.status_code, time.monotonic() - began < 8) == (503, True)
