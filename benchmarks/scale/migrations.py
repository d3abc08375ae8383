"""For how long the last migrations keep people waiting, on PostgreSQL with 1,000,000 ideas.

A database is brought to an earlier version and filled past the application. While each migration runs, one connection
reads the large tables over and over, another one writes to them: what they wait for at most is what people would.
"""

import os
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from flask import current_app
from flask_migrate import upgrade
from sqlalchemy import Connection, MetaData, String, Table, create_engine, text
from sqlalchemy.types import JSON, Boolean, DateTime, Float, Integer

from app import create_app
from app.extensions import db
from app.settings import from_env
from benchmarks.figures import Target, report_progress, show_table, show_targets, timed
from benchmarks.product.search import postgresql

IDEAS, PEOPLE = 1_000_000, 100_000
MIGRATIONS = 12
MAX_SECONDS = 1.0
PAUSE_SECONDS = 0.005
READS = (
    "SELECT name FROM person WHERE id = 7", "SELECT body FROM idea WHERE id = 7",
    "SELECT body FROM comment WHERE id = 7", "SELECT theme_id FROM placement WHERE idea_id = 7",
    "SELECT person_id FROM vote WHERE idea_id = 7",
)  # fmt: skip
WRITES = ("UPDATE idea SET updated_at = now() WHERE id = 7", "UPDATE person SET name = 'Rose' WHERE id = 7")


def show() -> dict[str, Any]:
    """Prints and returns, for each of the last migrations, its seconds and the longest wait beside it."""
    print(f"\nThe last {MIGRATIONS} migrations with {IDEAS:,} ideas and {PEOPLE:,} people, PostgreSQL")
    with tempfile.TemporaryDirectory() as instance, postgresql() as url:
        if url is None:
            return {"absent": True}
        app = create_app(
            from_env(os.environ | {"CONVERGENCE_INSTANCE": instance, "DATABASE_URL": url, "DATABASE_TIMEOUT": "0"})
        )
        with app.app_context():
            revisions = _revisions()
            upgrade(revision=revisions[-MIGRATIONS - 1])
            report_progress("writing the rows")
            with db.engine.begin() as connection:
                fill(connection, IDEAS, PEOPLE)
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM ANALYZE")
            found = {}
            for revision in revisions[-MIGRATIONS:]:
                report_progress(f"migration {revision}")
                with _probes() as waits:
                    found[revision] = {"seconds": timed(lambda: upgrade(revision=revision))[1]}  # noqa: B023 -- called at once
                found[revision] |= waits
            db.engine.dispose()
    rows = [[revision, *(f"{seconds:.2f} s" for seconds in one.values())] for revision, one in found.items()]
    show_table(["migration", "took", "a reader waited", "a writer waited"], rows)
    slowest = max(max(one["reader"], one["writer"]) for one in found.values())
    return {"found": found, "targets": show_targets([Target("seconds that people wait", slowest, MAX_SECONDS, True)])}


def _revisions() -> list[str]:
    """All of them, the first one first."""
    from alembic.script import ScriptDirectory

    config = current_app.extensions["migrate"].migrate.get_config(None)
    script = ScriptDirectory.from_config(config)
    return [one.revision for one in reversed(list(script.walk_revisions()))]


def fill(connection: Connection, ideas: int, people: int) -> None:
    """Write rows into the large tables, whatever columns they have at this version."""
    metadata = MetaData()
    metadata.reflect(connection)
    one = {"owner_id": "1", "title": "'A campaign'"}
    _write(connection, metadata.tables["person"], people, {"email": "n || '@example.org'", "name": "'Member ' || n"})
    _write(connection, metadata.tables["campaign"], 1, one)
    author = {"campaign_id": "1", "author_id": f"1 + n % {people}", "submitted_at": "now()", "lang": "'fr'"}
    body = {"body": "'Une idée de plus pour demain, la ' || n || 'e de toutes.'"}
    _write(connection, metadata.tables["idea"], ideas, author | body)
    _write(connection, metadata.tables["theme"], 1, {"campaign_id": "1", "found_name": "'Transports'"})
    placed = {"idea_id": "n", "campaign_id": "1", "theme_id": "1", "nearest": "'[]'"}
    _write(connection, metadata.tables["placement"], ideas, placed)
    _write(connection, metadata.tables["vote"], ideas, {"idea_id": "n", "person_id": f"1 + (n + 1) % {people}"})
    said = {"idea_id": "n", "author_id": f"1 + n % {people}", "body": "'Oui.'"}
    _write(connection, metadata.tables["comment"], ideas // 2, said)


def _write(connection: Connection, table: Table, count: int, given: dict[str, str]) -> None:
    """Insert so many rows; `n` counts them from 1. Columns that must have a value and are not given get a plain one."""
    values = {name: value for name, value in given.items() if name in table.columns}
    for column in table.columns:
        is_needed = not column.nullable and column.server_default is None and not column.primary_key
        if is_needed and column.name not in values:
            values[column.name] = _plain(column.type)
    columns = ", ".join(values)
    connection.execute(
        text(f'INSERT INTO "{table.name}" ({columns}) SELECT {", ".join(values.values())}'  # noqa: S608 -- our own names
             f" FROM generate_series(1, {count}) AS n")
    )  # fmt: skip


def _plain(kind: Any) -> str:
    plain = {Boolean: "false", Integer: "1", Float: "0", DateTime: "now()", JSON: "'[]'", String: "''"}
    return next(value for type_, value in plain.items() if isinstance(kind, type_))


@contextmanager
def _probes() -> Iterator[dict[str, float]]:
    """The longest that a reader and a writer of the large tables waited while the block ran."""
    found, over = {"reader": 0.0, "writer": 0.0}, threading.Event()
    url = db.engine.url

    def probe(name: str, statements: Sequence[str]) -> None:
        engine = create_engine(url)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            while not over.is_set():
                for statement in statements:
                    began = time.perf_counter()
                    connection.exec_driver_sql(statement)
                    found[name] = max(found[name], time.perf_counter() - began)
                time.sleep(PAUSE_SECONDS)
        engine.dispose()

    threads = [threading.Thread(target=probe, args=each) for each in (("reader", READS), ("writer", WRITES))]
    for thread in threads:
        thread.start()
    time.sleep(0.2)
    yield found
    over.set()
    for thread in threads:
        thread.join()
    assert all(found.values()), "a probe did not answer"
