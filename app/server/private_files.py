"""What the site keeps on disk is for its own user: files 0600, folders 0700, created so and mended at start."""

import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.engine import make_url

from app.settings import Settings

UMASK = 0o077
FILE_MODE, FOLDER_MODE = 0o600, 0o700
FOLDERS = ("uploads", "mail", "locks")
COUNTS = "counts.sqlite"  # of short limits: see app.signing.counts
# SQLite keeps its newest writes and an index of them in files beside the database.
SQLITE_SUFFIXES = ("", "-wal", "-shm", "-journal")

log = logging.getLogger(__name__)


def protect(settings: Settings) -> int:
    """Let this process create files for its user only, and take away what others may. Returns how many it mended.

    Only what belongs to the site is changed: the instance folder may hold other files.
    """
    os.umask(UMASK)
    mended = sum(_mend(path) for path in _ours(settings))
    if mended:
        log.warning("%d files or folders of %s were open to other users: now they are not", mended, settings.instance)
    return mended


def database_file(url: str) -> Path | None:
    """The file of an SQLite database, or None for a server or a database in memory."""
    parts = make_url(url)
    if parts.get_backend_name() != "sqlite" or not parts.database or parts.database == ":memory:":
        return None
    return Path(parts.database)


def _ours(settings: Settings) -> Iterator[Path]:
    yield settings.instance
    yield settings.instance / "secret.key"
    database = database_file(settings.database_url)
    for file in (settings.instance / COUNTS, database):
        if file is not None:
            yield from (file.with_name(file.name + suffix) for suffix in SQLITE_SUFFIXES)
    for name in FOLDERS:
        for folder, _folders, files in os.walk(settings.instance / name):
            yield Path(folder)
            yield from (Path(folder, file) for file in files)


def _mend(path: Path) -> bool:
    """Take the rights of others away. True where they had some."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return False
    mode = stat.S_IMODE(found.st_mode)
    if stat.S_ISLNK(found.st_mode) or not mode & UMASK:
        return False
    if mode & stat.S_ISVTX:
        log.warning("%s is a folder for everyone, such as /tmp: choose another CONVERGENCE_INSTANCE", path)
        return False
    try:
        path.chmod(FOLDER_MODE if stat.S_ISDIR(found.st_mode) else FILE_MODE)
    except OSError as error:
        log.warning("%s is open to other users, and that can't be changed (%s)", path, error.strerror)
        return False
    return True
