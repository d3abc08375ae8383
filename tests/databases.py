"""Databases of a test's own, and rows written and read as the tables are, whatever the models say."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import JSON, Connection, MetaData, create_engine, make_url, null, select, text

from app import create_app
from app.extensions import db
from app.settings import Settings

Rows = dict[str, list[dict[str, Any]]]
# Databases of PostgreSQL, of each process: that of the tests, and what others are copied from.
TESTS, MIGRATED, UPGRADED = (f"{name}_{os.getpid()}" for name in ("tests", "migrated", "upgraded"))


@contextmanager
def own_database(settings: Settings, folder: Path) -> Iterator[Flask]:
    """An application on an empty database of its own, dropped at the end: of the kind that the settings name."""
    if settings.database_url.startswith("sqlite"):
        app = create_app(replace(settings, database_url=f"sqlite:///{folder / 'own.sqlite'}", instance=folder))
        yield app
        dispose(app)
        return
    name = f"own_{datetime.now(UTC):%H%M%S%f}"
    copy_database(settings.database_url, "template1", name)
    app = create_app(replace(settings, database_url=named(settings.database_url, name), instance=folder))
    yield app
    dispose(app)
    drop_databases(settings.database_url, name)


def named(url: str, name: str) -> str:
    """The address of the database with this name on the same server."""
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def copy_database(url: str, source: str, target: str) -> None:
    """Replace a database of this PostgreSQL with a copy of another one, which nobody is connected to."""
    drop_databases(url, target)
    with _server_of(url) as connection:
        connection.execute(text(f"CREATE DATABASE {target} TEMPLATE {source}"))


def drop_databases(url: str, *names: str) -> None:
    with _server_of(url) as connection:
        for name in names:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))


@contextmanager
def _server_of(url: str) -> Iterator[Connection]:
    server = create_engine(named(url, "postgres"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        yield connection
    server.dispose()


def migrate(template: Path) -> None:
    """Bring the empty database of the current application to the schema of today."""
    make_once(template, MIGRATED, upgrade)


def make_once(template: Path, name: str, make: Callable[[], None]) -> None:
    """Fill the empty database of the current application.

    For each kind that is made once, and every later database is a copy: `template` keeps the one of SQLite, and
    PostgreSQL keeps its own under this name.
    """
    own = str(db.engine.url.database)
    if db.engine.dialect.name == "sqlite":
        if not template.exists():
            make()
        _close()
        _keep_or_copy(template, own)
        return
    url = db.engine.url.render_as_string(hide_password=False)
    with _server_of(url) as connection:  # of several servers, each keeps its own
        is_there = connection.scalar(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name})
    if not is_there:
        make()
    _close()
    copy_database(url, *((name, own) if is_there else (own, name)))


def _close() -> None:
    db.session.remove()
    db.engine.dispose()


def _keep_or_copy(template: Path, path: str) -> None:
    if template.exists():
        shutil.copyfile(template, path)
        return
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("VACUUM INTO ?", [str(template)])


def dispose(app: Flask) -> None:
    with app.app_context():
        _close()


def write_rows(connection: Connection, rows: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
    """Insert rows in their order, each with the name of its table. New rows are numbered after them."""
    tables = reflected(connection)
    for table, values in rows:
        connection.execute(tables[table].insert().values(**_without_json_null(tables[table], values)))
    if connection.dialect.name == "postgresql":
        for table in tables.values():
            if "id" in table.primary_key.columns:
                connection.execute(text(_NUMBER_ON.format(table=table.name)))


_NUMBER_ON = (
    "SELECT setval(pg_get_serial_sequence('{table}', 'id'), coalesce((SELECT max(id) FROM \"{table}\"), 0) + 1, false)"
)


def _without_json_null(table: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values, with NULL for None: the JSON type would write the JSON value null."""
    empty = {name: null() for name, value in values.items() if value is None and isinstance(table.c[name].type, JSON)}
    return {**values, **empty}


def read_rows(connection: Connection) -> Rows:
    """Every row of every table, by the table's name and in the order of the primary key."""
    return {
        name: [dict(row) for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()]
        for name, table in reflected(connection).items()
    }


def reflected(connection: Connection) -> dict[str, Any]:
    """The tables as the database has them now, those that others point to first."""
    metadata = MetaData()
    metadata.reflect(connection)
    # A campaign points to its portrait and cover, and each file to its campaign: the campaign comes first, as in the
    # models.
    for column in metadata.tables["campaign"].columns:
        for key in column.foreign_keys:
            if key.constraint is not None and column.name in {"portrait_id", "cover_id", "cover_small_id"}:
                key.constraint.use_alter = True
    return {table.name: table for table in metadata.sorted_tables if table.name != "alembic_version"}
