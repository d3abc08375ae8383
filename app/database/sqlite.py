"""Settings of SQLite: foreign keys, a write-ahead log, and a write lock taken when a transaction begins.

If two transactions read first and write later, one loses its update or fails. So a transaction that may write begins
with BEGIN IMMEDIATE. A request that only reads, or a job while it reads, begins with BEGIN and waits for no lock.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from flask import g, has_request_context, request
from sqlalchemy import Connection, Engine, column, event, insert, table, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

BUSY_SECONDS = 5
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
# They are sent with a text, which has no place in an address, and store nothing. They come with each pause in typing,
# and must not wait for whoever writes.
READING_POSTS = frozenset({"similar.find"})
_reading: ContextVar[bool] = ContextVar("reading", default=False)


def tune(engine: Engine) -> None:
    """Install the listeners if this is an engine of SQLite."""
    if engine.dialect.name != "sqlite":
        return
    turns = _Turns()
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", turns.begin)
    event.listen(engine, "commit", turns.commit)
    event.listen(engine, "rollback", turns.end)


@contextmanager
def reading(session: Session) -> Iterator[Session]:
    """A transaction that only reads, in a job or a POST. It takes no write lock, and ends with the block."""
    token = _reading.set(True)
    try:
        yield session
        session.rollback()
    finally:
        _reading.reset(token)


@contextmanager
def rendering(session: Session) -> Iterator[None]:
    """Render the page of a POST without holding the write lock, which its transaction has held since it began.

    Whatever was not committed is rolled back. A request that only reads holds no such lock.
    """
    if has_request_context() and _only_reads():
        yield
        return
    session.rollback()
    with reading(session):
        yield


def only_read_from_here(session: Session) -> None:
    """Before a template is rendered: end the transaction of a request that may write, and only read from here on.

    So no page is rendered while its request holds SQLite's write lock or locks of rows, however long that takes.
    Whatever was not committed is rolled back.
    """
    if not has_request_context() or _only_reads():
        return
    g.only_reads = True
    session.rollback()


def _only_reads() -> bool:
    if _reading.get():
        return True
    if not has_request_context():
        return False
    return request.method in _SAFE_METHODS or "only_reads" in g or request.endpoint in READING_POSTS


def erase_for_good(session: Session) -> None:
    """Overwrite what this transaction deletes on SQLite, which otherwise leaves its bytes in free parts of the file."""
    if session.get_bind().dialect.name == "sqlite":
        session.connection().exec_driver_sql("PRAGMA secure_delete=ON")


def forget_deleted(session: Session) -> None:
    """After the commit: write the search index without the words of rows that are gone, and empty the write-ahead log.

    On PostgreSQL, VACUUM does so by itself.
    """
    bind = session.get_bind()
    if bind.dialect.name != "sqlite":
        return
    names = session.scalars(text("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%fts5%'")).all()
    for name in names:
        index = table(name, column(name))
        session.execute(insert(index).values({name: "optimize"}))
    session.commit()
    if isinstance(bind, Engine):
        connection = bind.raw_connection()
        try:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()


def _on_connect(connection: Any, _record: Any) -> None:
    # Let SQLAlchemy begin transactions, not the driver.
    connection.isolation_level = None
    # FULL: what was answered with “saved” survives a power cut. See docs/decisions/0033-full-synchronous.md.
    for pragma in ("foreign_keys=ON", "journal_mode=WAL", "synchronous=FULL", f"busy_timeout={BUSY_SECONDS * 1000}"):
        connection.execute(f"PRAGMA {pragma}")


class _Turns:
    """Who writes in this process, one after the other.

    SQLite looks again every tenth of a second whether the lock is free: with many who write, it is free most of the
    time, and who has bad luck waits in vain. Here the next one begins at once. Other processes wait as before.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._writer: Connection | None = None

    def begin(self, connection: Connection) -> None:
        if _only_reads():
            connection.exec_driver_sql("BEGIN")
            return
        if not self._lock.acquire(timeout=BUSY_SECONDS):
            raise OperationalError("BEGIN IMMEDIATE", None, sqlite3.OperationalError("database is locked"))
        self._writer = connection
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except BaseException:
            self.end(connection)
            raise

    def commit(self, connection: Connection) -> None:
        """Commit here: SQLAlchemy does so after its listeners, and the next one would begin while the lock is held."""
        try:
            connection.exec_driver_sql("COMMIT")
        finally:
            self.end(connection)

    def end(self, connection: Connection) -> None:
        """Also called for who only read: they have no turn that could end."""
        if self._writer is connection:
            self._writer = None
            self._lock.release()
