"""SQLite made to keep what it is told: foreign keys, write-ahead log, and a write lock taken before reading.

A transaction that reads first and writes later loses updates, or fails, when two meet. So a writer begins IMMEDIATE;
a request that only reads, or a job while it reads, begins deferred and waits for nobody.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from flask import has_request_context, request
from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session

BUSY_SECONDS = 5
_SAFE = {"GET", "HEAD", "OPTIONS"}
_reading: ContextVar[bool] = ContextVar("reading", default=False)


def tune(engine: Engine) -> None:
    """Install the listeners on an engine of SQLite; leave any other as it is."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)


@contextmanager
def reading(session: Session) -> Iterator[Session]:
    """A transaction off the request that only reads: it holds nobody up, and ends here."""
    token = _reading.set(True)
    try:
        yield session
        session.rollback()
    finally:
        _reading.reset(token)


def _on_connect(connection: Any, _record: Any) -> None:
    # SQLAlchemy, not the driver, says when a transaction begins.
    connection.isolation_level = None
    for pragma in ("foreign_keys=ON", "journal_mode=WAL", "synchronous=NORMAL", f"busy_timeout={BUSY_SECONDS * 1000}"):
        connection.execute(f"PRAGMA {pragma}")


def _on_begin(connection: Connection) -> None:
    only_reads = _reading.get() or (has_request_context() and request.method in _SAFE)
    connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")
