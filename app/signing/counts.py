"""Short limits without Redis: counts in a small file of the instance folder, which all processes of the site share.

It holds keyed hashes of what is counted, for a minute or an hour. It may be lost: counting begins again. What must hold
beyond that is counted in the database: see `ideas.people.limit`.
"""

import hmac
import os
import sqlite3
import threading
import time
from hashlib import sha256
from typing import Any
from urllib.parse import unquote, urlsplit

from limits.storage import Storage

from app.signing.keys import secret_key

BUSY_SECONDS = 1.0
_TABLE = "CREATE TABLE IF NOT EXISTS counted (key TEXT PRIMARY KEY, count INTEGER, ends_at REAL) WITHOUT ROWID"
_INDEX = "CREATE INDEX IF NOT EXISTS ix_counted_ends_at ON counted (ends_at)"
# A window that ends later than one that begins now is of a clock that was set back.
_COUNT = """
INSERT INTO counted VALUES (:key, :amount, :until) ON CONFLICT (key) DO UPDATE SET
  count = CASE WHEN ends_at BETWEEN :now AND :until THEN count + :amount ELSE :amount END,
  ends_at = CASE WHEN ends_at BETWEEN :now AND :until THEN ends_at ELSE :until END
RETURNING count
"""


def counts_address(path: os.PathLike[str]) -> str:
    """The address of this file, as the limiter takes it."""
    return f"counts://{os.fspath(path)}"


class SharedCounts(Storage):
    """Counts of fixed windows. Each thread has a connection of its own, opened when it first counts.

    `secret`: what keys are hashed with; that of the site, within an application.
    """

    STORAGE_SCHEME = ["counts"]  # noqa: RUF012 -- as the library declares it

    def __init__(self, uri: str = "", wrap_exceptions: bool = False, *, secret: str = "", **options: Any) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions, **options)
        self._path, self._secret, self._opened = unquote(urlsplit(uri).path), secret.encode(), threading.local()

    @property
    def base_exceptions(self) -> type[Exception]:
        return sqlite3.Error

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        now = time.time()
        values = {"key": self._hash(key), "amount": amount, "now": now, "until": now + expiry}
        connection = self._connection()
        connection.execute("DELETE FROM counted WHERE ends_at < ?", [now])
        [count] = connection.execute(_COUNT, values).fetchone()
        return int(count)

    def get(self, key: str) -> int:
        return int(self._read(key)[0])

    def get_expiry(self, key: str) -> float:
        return float(self._read(key)[1])

    def check(self) -> bool:
        """True where the file can be read and written."""
        try:
            self._connection().execute("DELETE FROM counted WHERE ends_at < 0")
        except sqlite3.Error:
            return False
        return True

    def reset(self) -> int:
        return self._connection().execute("DELETE FROM counted").rowcount

    def clear(self, key: str) -> None:
        self._connection().execute("DELETE FROM counted WHERE key = ?", [self._hash(key)])

    def _read(self, key: str) -> tuple[int, float]:
        now = time.time()
        query = "SELECT count, ends_at FROM counted WHERE key = ? AND ends_at >= ?"
        found: tuple[int, float] | None = self._connection().execute(query, [self._hash(key), now]).fetchone()
        return found or (0, now)

    def _connection(self) -> sqlite3.Connection:
        """That of this thread. A process that was forked opens its own."""
        found: dict[int, sqlite3.Connection] = self._opened.__dict__.setdefault("of", {})
        if os.getpid() not in found:
            connection = sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None)
            for statement in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = OFF", _TABLE, _INDEX):
                connection.execute(statement)
            found[os.getpid()] = connection
        return found[os.getpid()]

    def _hash(self, key: str) -> str:
        """Keys hold network addresses, and mail addresses that people type."""
        return hmac.new(self._secret or secret_key().encode(), key.encode(errors="replace"), sha256).hexdigest()
