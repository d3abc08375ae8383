"""Settings of PostgreSQL: how many connections a process keeps, and after how long the server gives up for it.

A page is quick or fails: its statements have the short limit. Workers have the long one, and commands, which migrate,
copy and index everything, have none.
"""

import os
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event

from app.database.sqlite import BUSY_SECONDS
from app.settings import Settings

# Connections that a process opens besides for a moment, and closes again.
BURST = 5
_EXTENSION = "statement_seconds"
# A network that breaks without a word is noticed after half a minute: by what is asked when nothing comes, and by what
# is sent and not received. Else a process would wait for a quarter of an hour.
_NOTICED = {"keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 30_000}


def options(settings: Settings) -> dict[str, object]:
    """What the engine is made with. What finds no connection waits no longer than this, then fails."""
    limits = settings.limits
    return {
        "pool_pre_ping": True,
        "pool_size": limits.pool,
        "max_overflow": BURST,
        "pool_timeout": limits.pool_seconds,
    }


def tune(app: Flask, engine: Engine) -> None:
    """Give each connection the limits of its process, if this is an engine of PostgreSQL."""
    settings: Settings = app.extensions["settings"]
    is_command = os.environ.get("FLASK_RUN_FROM_CLI") == "true"
    app.extensions[_EXTENSION] = 0 if is_command else settings.limits.statement_seconds
    if engine.dialect.name != "postgresql":
        return

    def limit(_dialect: Any, _record: Any, _arguments: Any, parameters: dict[str, Any]) -> None:
        wanted = {
            "lock_timeout": BUSY_SECONDS,
            "statement_timeout": app.extensions[_EXTENSION],
            "idle_in_transaction_session_timeout": settings.limits.idle_seconds,
        }
        said = " ".join(f"-c {name}={seconds * 1000}" for name, seconds in wanted.items())
        parameters["options"] = f"{parameters.get('options', '')} {said}".strip()
        for name, value in _NOTICED.items():  # what DATABASE_URL says goes before
            parameters.setdefault(name, value)

    event.listen(engine, "do_connect", limit)


def limit_statements(app: Flask, engine: Engine, *, seconds: int) -> None:
    """From here on this process serves pages, or carries out jobs: its statements take so long at most."""
    app.extensions[_EXTENSION] = seconds
    engine.dispose()  # connections that are open have the limit of before
