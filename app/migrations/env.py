"""How migrations find the application's database and models."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import context
from flask import current_app

from app.extensions import db  # the application that runs this has imported every model


def skip_empty_revision(_context: Any, _revision: Any, directives: list[Any]) -> None:
    """Don't write a revision when the models and the database already agree."""
    if getattr(context.config.cmd_opts, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives[:] = []


def run_migrations() -> None:
    connection = context.config.attributes.get("connection")
    if connection is not None:
        _migrate(connection)
        return
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection:
        _migrate(connection)


def _migrate(connection: Any) -> None:
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        render_as_batch=True,
        compare_server_default=True,
        process_revision_directives=skip_empty_revision,
        user_module_prefix="ideas.base.",
    )
    with _foreign_keys_off(connection), context.begin_transaction():
        context.run_migrations()


@contextmanager
def _foreign_keys_off(connection: Any) -> Iterator[None]:
    """On SQLite, changing a table copies it and drops the old one: rows that point to it must not go with it."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")
    broken = driver.execute("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise RuntimeError(f"rows point to rows that are not there: {broken[:5]}")


run_migrations()
