"""Writers of one process take turns with the write lock of SQLite, and each turn ends."""

import sqlite3
import threading
from contextlib import closing

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.database import sqlite


@pytest.fixture
def turn(monkeypatch):
    """The lock of this process."""
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0)
    return threading.Lock()


@pytest.fixture
def engine(tmp_path, monkeypatch, turn):
    engine = create_engine(f"sqlite:///{tmp_path / 'turns.sqlite'}")
    with monkeypatch.context() as patched:
        patched.setattr(threading, "Lock", lambda: turn)
        sqlite.tune(engine)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE note (id INTEGER PRIMARY KEY)"))
    yield engine
    engine.dispose()


def test_the_lock_is_free_when_a_turn_has_ended(engine, turn, monkeypatch):
    """SQLAlchemy tells of a commit before it is made: the next writer would find the lock of SQLite taken."""
    found = []
    real = sqlite._Turns.end  # noqa: SLF001 -- where the next one is let in

    def end(turns, connection):
        with closing(sqlite3.connect(engine.url.database, isolation_level=None, timeout=0)) as other:
            other.execute("BEGIN IMMEDIATE")
            found.append("free")
        real(turns, connection)

    monkeypatch.setattr(sqlite._Turns, "end", end)  # noqa: SLF001 -- as above
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO note DEFAULT VALUES"))
    assert found == ["free"]
    assert not turn.locked()


@pytest.mark.parametrize("end", ["commit", "rollback", "close", "invalidate"])
def test_a_turn_ends_with_its_transaction(engine, turn, end):
    connection = engine.connect()
    connection.execute(text("INSERT INTO note DEFAULT VALUES"))
    assert turn.locked()
    getattr(connection, end)()
    connection.close()
    assert not turn.locked()


def test_a_turn_that_cannot_begin_ends_at_once(engine, turn):
    """Another process writes."""
    with closing(sqlite3.connect(engine.url.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError, match="locked"), engine.begin():
            pass
    assert not turn.locked()


def test_who_waited_in_vain_ends_no_turn_of_another(engine, turn):
    with engine.begin():
        with pytest.raises(OperationalError, match="locked"), engine.begin():
            pass
        assert turn.locked()


def test_who_only_reads_takes_no_turn(engine, turn):
    with engine.begin(), Session(engine) as session, sqlite.reading(session):
        assert session.scalar(text("SELECT count(*) FROM note")) == 0
        assert turn.locked()
    assert not turn.locked()
