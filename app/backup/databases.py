"""The database as a file, and back: SQLite copies itself, of PostgreSQL pg_dump makes the copy and psql reads it."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL, Connection, column, create_engine, func, inspect, make_url, select, table, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from app.backup.leftovers import database_name
from app.server.private_files import database_file
from app.settings import SettingsError

SQLITE, POSTGRESQL = "sqlite", "postgresql"
# What the copy of each is called in a back-up.
COPIES = {SQLITE: "database.sqlite", POSTGRESQL: "database.dump"}
# A copy reads for as long as it takes. A restore waits so long for whoever still holds a table.
_NO_LIMITS = "-c statement_timeout=0 -c idle_in_transaction_session_timeout=0 -c lock_timeout=10000"
_PROGRAMS = {"pg_dump", "pg_restore", "psql"}
# Tables that a later version added would refer to those that are replaced: everything of the site goes first.
_DROP_TABLES = """
DO $$ DECLARE one record; BEGIN
  FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() LOOP
    EXECUTE format('DROP TABLE IF EXISTS %I CASCADE', one.tablename);
  END LOOP;
END $$;
"""


_KNOWS_TRANSACTION_TIMEOUT, _TRANSACTION_TIMEOUT = (17,), b"SET transaction_timeout = 0;"
# How lines begin at the head of a script of pg_restore.
_HEAD = (b"--", b"\\restrict ", b"SET ", b"SELECT pg_catalog.set_config(")


@dataclass(frozen=True, slots=True)
class Content:
    """What a database holds at one moment: its migrations, how many rows by table, its files with their digests."""

    schema: list[str] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)


def kind_of(url: str) -> str:
    return SQLITE if make_url(url).get_backend_name() == "sqlite" else POSTGRESQL


def check_programs(url: str) -> None:
    """Raises SettingsError where the programs that copy this database are not installed."""
    missing = sorted(name for name in _PROGRAMS if kind_of(url) == POSTGRESQL and shutil.which(name) is None)
    if missing:
        raise SettingsError(
            f"{' and '.join(missing)} not found. Install the client programs of PostgreSQL, of the version of the"
            " server or a later one (on Debian: apt-get install postgresql-client)."
        )


def copy_out(url: str, target: Path) -> Content:
    """Copy the database, which may be in use, to a file. Returns what the copy holds. Raises SettingsError."""
    if kind_of(url) == POSTGRESQL:
        return _dump(url, target)
    source = database_file(url)
    if source is None or not source.is_file():
        raise SettingsError(f"There is no database at {source}: nothing to back up.")
    copy_sqlite(source, target)
    with closing(sqlite3.connect(target)) as copy:
        copy.execute("PRAGMA journal_mode=DELETE")  # a single file
    check_sqlite(target)
    return content_of(f"sqlite:///{target}")


def copy_in(copy: Path, url: str, *, scratch: Path) -> None:
    """Put a copy in the place of the database, whole or not at all. `scratch`: a folder for what is made on the way.

    Raises SettingsError.
    """
    target = database_file(url)
    if target is not None:
        copy_sqlite(copy, target)
        return
    drops, script = scratch / "drop.sql", scratch / "restore.sql"
    drops.write_text(_DROP_TABLES)
    # First a script: a dump that is cut short is found before anything is dropped.
    _run("pg_restore", "--clean", "--if-exists", "--no-owner", "--no-privileges", f"--file={script}", copy)
    fit_to_server(script, version=_server_version(url))
    _run(
        "psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1",
        f"--file={drops}", f"--file={script}", url=make_url(url),
    )  # fmt: skip
    script.unlink()


def fit_to_server(script: Path, *, version: tuple[int, ...]) -> None:
    """Make a script that pg_restore wrote one that a server of this version takes, in its place.

    Programs from version 17 on set a limit at its head that earlier servers do not know: they refuse all of it.
    """
    if version >= _KNOWS_TRANSACTION_TIMEOUT:
        return
    with script.open("r+b") as file:
        at = 0
        while _is_of_head(line := file.readline()):
            if line.rstrip() == _TRANSACTION_TIMEOUT:
                file.seek(at)
                file.write(b"-- ")  # a comment of the same length: what follows, which may be large, stays in place
                return
            at = file.tell()


def _is_of_head(line: bytes) -> bool:
    """True for the lines of a script before those that make something."""
    return line.startswith(_HEAD) or line in {b"\n", b"\r\n"}


def _server_version(url: str) -> tuple[int, ...]:
    with _reading(url) as connection:
        parts = connection.dialect.server_version_info or ()
        return tuple(part for part in parts if isinstance(part, int))


def content_of(url: str) -> Content:
    """What the database holds now. Raises SettingsError where it does not answer."""
    with _reading(url) as connection:
        return _content(connection)


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a database that may be in use. Others may read and write the source meanwhile."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT, 0o600))
    try:
        with closing(sqlite3.connect(source, timeout=60)) as old, closing(sqlite3.connect(target, timeout=5)) as new:
            old.backup(new)
    except sqlite3.Error as error:
        raise SettingsError(f"{source} can't be copied to {target}: {error}. Is a process still running?") from error


def check_sqlite(database: Path) -> None:
    """Raises SettingsError where SQLite finds that the copy is damaged."""
    try:
        with closing(sqlite3.connect(database, timeout=60)) as connection:
            (found, *_), *_more = connection.execute("PRAGMA integrity_check").fetchall()
    except sqlite3.Error as error:
        raise SettingsError(f"{database} can't be read: {error}.") from error
    if found != "ok":
        raise SettingsError(f"{database} is damaged: {found}.")


@contextmanager
def scratch_database(url: str, folder: Path) -> Iterator[str]:
    """The address of a new, empty database of the same kind, which is gone afterwards. Raises SettingsError."""
    if kind_of(url) == SQLITE:
        yield f"sqlite:///{folder / 'convergence.sqlite'}"
        return
    name = database_name(os.urandom(4).hex(), now=datetime.now(UTC))
    server = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        with server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0"))
    except DBAPIError as error:
        raise SettingsError(
            f"A database to rehearse in can't be made: {_first_line(error)}. Let this user create databases"
            " (ALTER ROLE … CREATEDB), or name another server in DATABASE_URL for the rehearsal."
        ) from error
    try:
        yield make_url(url).set(database=name).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        server.dispose()


def _dump(url: str, target: Path) -> Content:
    """Of one moment, which pg_dump and our counts share: a transaction tells it which."""
    with _reading(url) as connection:
        moment = connection.scalar(text("SELECT pg_export_snapshot()"))
        _run(
            "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={moment}", f"--file={target}",
            url=make_url(url),
        )  # fmt: skip
        return _content(connection)


@contextmanager
def _reading(url: str) -> Iterator[Connection]:
    """A transaction that sees one moment, however long it takes."""
    options = {"connect_args": {"options": _NO_LIMITS}, "isolation_level": "REPEATABLE READ"}
    engine = create_engine(url, poolclass=NullPool, **(options if kind_of(url) == POSTGRESQL else {}))
    try:
        with engine.connect() as connection:
            yield connection
    except DBAPIError as error:
        raise SettingsError(f"The database can't be read: {_first_line(error)}.") from error
    finally:
        engine.dispose()


def _content(connection: Connection) -> Content:
    found = inspect(connection)
    names = found.get_table_names()
    rows = {name: connection.scalar(select(func.count()).select_from(table(name))) or 0 for name in names}
    version, number = table("alembic_version", column("version_num")), "version_num"
    schema = list(connection.scalars(select(version.c[number]))) if version.name in names else []
    if "file" not in names:
        return Content(schema, rows)
    file = table("file", column("stored_as"), column("digest"), column("removed_at"))
    kept = select(file.c.stored_as, file.c.digest).where(file.c.removed_at.is_(None))
    return Content(schema, rows, {row.stored_as: row.digest for row in connection.execute(kept)})


def _run(program: str, *arguments: str | Path, url: URL | None = None) -> None:
    """Run a program of PostgreSQL. The password is in its environment: others could read a command line."""
    environment = os.environ | {"PGOPTIONS": _NO_LIMITS}
    if url is not None:
        environment |= {"PGPASSWORD": str(url.password)} if url.password else {}
        bare = url._replace(drivername=POSTGRESQL, password=None)
        arguments = (*arguments, f"--dbname={bare.render_as_string(hide_password=False)}")
    try:
        done = subprocess.run(  # noqa: S603 -- our own command, of our own settings
            [shutil.which(program) or program, *arguments],
            env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False,
        )  # fmt: skip
    except OSError as error:
        raise SettingsError(f"{program} can't be started: {error.strerror}.") from error
    if done.returncode:
        said = [line.strip() for line in done.stderr.splitlines() if line.strip()] or ["it did not say why"]
        reason = next((line for line in said if "ERROR" in line or "error:" in line), said[-1])
        raise SettingsError(f"{program} failed: {reason}. Nothing was changed. Is a process of the site still running?")


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).strip().partition("\n")[0]
