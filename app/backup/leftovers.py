"""What back-ups, restores and rehearsals leave behind where their process was killed."""

import re
import shutil
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

# The folders in which each makes what it needs on the way.
BACKUP, RESTORE, REHEARSAL = ".backup-", ".restore-", ".rehearsal-"
# None takes longer.
LASTS = timedelta(days=1)
_DATABASE = "rehearsal_"
# Earlier versions wrote the number of the process in the place of the second: it is far less, so those are old.
_NAME = re.compile(_DATABASE + r"(\d+)_[0-9a-f]{8}")


def database_name(token: str, *, now: datetime) -> str:
    """What the database of a rehearsal is called: its name says when it was made, which PostgreSQL does not."""
    return f"{_DATABASE}{int(now.timestamp())}_{token}"


def sweep(folders: Iterable[Path], database_url: str, *, now: datetime) -> None:
    """Delete what is a day old in these folders, and databases of rehearsals to which nobody is connected.

    What can't be deleted stays until the next time.
    """
    for folder in set(folders):
        for prefix in (BACKUP, RESTORE, REHEARSAL):
            for path in folder.glob(f"{prefix}*"):
                with suppress(FileNotFoundError):  # another process was quicker
                    if datetime.fromtimestamp(path.stat().st_mtime, UTC) < now - LASTS:
                        shutil.rmtree(path, ignore_errors=True)
    if make_url(database_url).get_backend_name() == "postgresql":
        with suppress(DBAPIError):
            _sweep_databases(database_url, now=now)


def _sweep_databases(url: str, *, now: datetime) -> None:
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for name in connection.scalars(text("SELECT datname FROM pg_database")).all():
            found = _NAME.fullmatch(name)
            if found is not None and int(found[1]) < (now - LASTS).timestamp():
                with suppress(DBAPIError):  # somebody is connected, or it is another user's
                    connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
