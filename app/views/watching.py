"""For whoever watches the site: is it alive, may it be asked, and how is it in figures."""

import hmac
from dataclasses import dataclass
from typing import TypeVar

from flask import Blueprint, Flask, abort, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection

from app.access.needs import Platform, requires
from app.clock import now
from app.database.sqlite import reading
from app.extensions import database
from app.health.bounded import Bounded, NoAnswer
from app.health.health import FAILURES, Health, Part, check, disk_state
from app.health.schema import Schema, schema_state
from app.server.proxies import is_loopback
from app.settings import Settings

views = Blueprint("watching", __name__)
Answer = TypeVar("Answer")


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings


@dataclass(frozen=True, slots=True)
class Seen:
    """How the site is. Without its tables there is no health to look at."""

    health: Health | None
    schema: Schema


# A look is in a thread of its own, outside the request: it has to say that it only reads. Else it would wait for
# whoever writes on SQLite, and keep others from writing.
def _look() -> Seen:
    with reading(database()) as session:
        schema = schema_state(session)
        try:
            return Seen(check(session, _settings(), now=now()), schema)
        except DBAPIError:
            if schema is Schema.OK:
                raise
            return Seen(None, schema)


def _look_whether_ready() -> tuple[Part, Schema]:
    """What a page needs, and no more: a Redis that does not answer must not take the site away."""
    with reading(database()) as session:
        return disk_state(_settings()), schema_state(session)


_looked = Bounded(_look)
_looked_whether_ready = Bounded(_look_whether_ready)


def _ask(looked: Bounded[Answer]) -> Answer | None:
    """What was seen; None where the database or a disk did not answer in time."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 -- for another thread
    try:
        return looked(app)
    except (DBAPIError, NoConnection, NoAnswer):
        return None


@views.get("/healthz")
@requires(Platform.EVERYONE)
def health() -> ResponseReturnValue:
    """How each part is. 503 where pages can't do their work."""
    seen = _ask(_looked)
    if seen is None:
        return jsonify(status="failing", database="silent"), 503
    found = seen.health
    if found is None:
        return jsonify(status="failing", database="ok", schema=seen.schema), 503
    answer = jsonify(
        status=found.status,
        database="ok",
        disk=found.disk,
        worker=found.worker,
        jobs=found.jobs,
        oldest_due_seconds=found.oldest_due_seconds,
        model=found.model,
        mail=found.mail,
        oldest_mail_seconds=found.oldest_mail_seconds,
        **({"silent_queues": list(found.silent)} if found.silent else {}),
        **({"redis": found.redis} if found.redis else {}),
        **({"files": found.files} if found.files else {}),
    )
    return answer, 503 if found.fails else 200


@views.get("/readyz")
@requires(Platform.EVERYONE)
def ready() -> ResponseReturnValue:
    """Whether requests may be sent here: the database answers and has the tables of this version, the disk has room."""
    seen = _ask(_looked_whether_ready)
    if seen is None:
        return jsonify(ready=False, database="silent"), 503
    disk, schema = seen
    may = disk not in FAILURES and schema is not Schema.PENDING
    return jsonify(ready=may, database="ok", schema=schema, disk=disk), 200 if may else 503


@views.get("/metrics")
@requires(Platform.EVERYONE)
def metrics() -> ResponseReturnValue:
    """Figures for Prometheus, where they are on, for this machine and for whoever has the token. Else not found."""
    if not _settings().metrics or not _may_read_metrics():
        abort(404)
    from app.health.metrics import CONTENT_TYPE, exposition

    seen = _ask(_looked)
    text = exposition(
        current_app.extensions["metrics"], seen.health if seen else None, schema=seen.schema if seen else None
    )
    return text, 200, {"Content-Type": CONTENT_TYPE}


def _may_read_metrics() -> bool:
    tokens, sent = (_settings().metrics_token, _settings().old_metrics_token), request.headers.get("Authorization", "")
    if any(token and hmac.compare_digest(sent.encode(), f"Bearer {token}".encode()) for token in tokens):
        return True
    # A proxy on this machine passes the host that people use, so what comes through it is from elsewhere.
    return is_loopback(request.remote_addr) and is_loopback(request.host)
