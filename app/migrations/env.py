"""How migrations find the application's database and models.

An upgrade or downgrade is one transaction, on SQLite too: it is made whole, or nothing of it is.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import context
from sqlalchemy import JSON, Column, Connection

from app.extensions import db  # the application that runs this has imported every model
from ideas.search import is_described

# Any number will do, if nothing else of this application locks it.
LOCK = 20_260


def skip_empty_revision(_context: Any, _revision: Any, directives: list[Any]) -> None:
    """Don't write a revision when the models and the database already agree."""
    if getattr(context.config.cmd_opts, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives[:] = []


def default_differs(
    _context: Any, column: Column[Any], _model: Any, found: str | None, _default: Any, default: str | None
) -> bool | None:
    """Compare a default of JSON as text, as PostgreSQL compares no JSON. None leaves any other to Alembic.

    `column` and `found`: as the database has them; `default`: the model's.
    """
    if not isinstance(column.type, JSON):
        return None
    return (found or "").removesuffix("::json").strip("'") != (default or "")


def run_migrations() -> None:
    with db.engine.connect() as connection, _foreign_keys_off(connection):
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=True,
            compare_server_default=default_differs,
            include_name=is_described,
            # Alembic takes SQLite for a database that can't undo DDL. It can, as app.database.sqlite begins each transaction.
            transactional_ddl=True,
            process_revision_directives=skip_empty_revision,
            user_module_prefix="ideas.base.",
        )
        with context.begin_transaction():
            _wait_for_another_upgrade(connection)
            context.run_migrations()
            _check_foreign_keys(connection)


@contextmanager
def _foreign_keys_off(connection: Connection) -> Iterator[None]:
    """On SQLite, changing a table copies it and drops the old one: rows that point to it must not go with it.

    Has no effect within a transaction, so it comes before it and past it.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def _wait_for_another_upgrade(connection: Connection) -> None:
    """Let an upgrade that runs already end first: this one then finds nothing left to do.

    On SQLite, the transaction itself waits as it begins.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")


def _check_foreign_keys(connection: Connection) -> None:
    """Raise RuntimeError, and so undo the migration, if a row points to one that is not there."""
    if connection.dialect.name != "sqlite":
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise RuntimeError(f"rows point to rows that are not there: {broken[:5]}")


run_migrations()
