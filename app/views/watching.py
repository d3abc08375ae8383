"""For whoever watches the site: is it alive, may it be asked, and how is it in figures."""

import hmac

from flask import Blueprint, Flask, abort, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError

from app.access.needs import Platform, requires
from app.clock import now
from app.extensions import database
from app.health.bounded import Bounded, NoAnswer
from app.health.health import Health, check
from app.health.schema import Schema, schema_state
from app.server.proxies import is_loopback
from app.settings import Settings

views = Blueprint("watching", __name__)


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings


def _look() -> tuple[Health | None, Schema]:
    """How the site is. Without its tables there is no health to look at."""
    try:
        schema = schema_state(database())
        try:
            return check(database(), _settings(), now=now()), schema
        except DBAPIError:
            if schema is Schema.OK:
                raise
            return None, schema
    finally:
        database().rollback()


_looked: Bounded[tuple[Health | None, Schema]] = Bounded(_look)


def _ask() -> tuple[Health | None, Schema] | None:
    """What was seen; None where the database or a disk did not answer in time."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 -- for another thread
    try:
        return _looked(app)
    except (DBAPIError, NoAnswer):
        return None


@views.get("/healthz")
@requires(Platform.EVERYONE)
def health() -> ResponseReturnValue:
    """How each part is. 503 where pages can't do their work."""
    seen = _ask()
    if seen is None:
        return jsonify(status="failing", database="silent"), 503
    found, schema = seen
    if found is None:
        return jsonify(status="failing", database="ok", schema=schema), 503
    answer = jsonify(
        status=found.status,
        database="ok",
        disk=found.disk,
        worker=found.worker,
        jobs=found.jobs,
        oldest_due_seconds=found.oldest_due_seconds,
        model=found.model,
        mail=found.mail,
        **({"redis": found.redis} if found.redis else {}),
    )
    return answer, 503 if found.fails else 200


@views.get("/readyz")
@requires(Platform.EVERYONE)
def ready() -> ResponseReturnValue:
    """Whether requests may be sent here: the database answers and has the tables of this version, the disk has room."""
    seen = _ask()
    if seen is None:
        return jsonify(ready=False, database="silent"), 503
    found, schema = seen
    may = found is not None and not found.fails and schema is not Schema.PENDING
    parts = {"schema": schema} | ({"disk": found.disk} if found else {})
    return jsonify(ready=may, database="ok", **parts), 200 if may else 503


@views.get("/metrics")
@requires(Platform.EVERYONE)
def metrics() -> ResponseReturnValue:
    """Figures for Prometheus, where they are on, for this machine and for whoever has the token. Else not found."""
    if not _settings().metrics or not _may_read_metrics():
        abort(404)
    from app.health.metrics import CONTENT_TYPE, exposition

    seen = _ask()
    return exposition(current_app.extensions["metrics"], seen[0] if seen else None), 200, {"Content-Type": CONTENT_TYPE}


def _may_read_metrics() -> bool:
    token, sent = _settings().metrics_token, request.headers.get("Authorization", "")
    if token and hmac.compare_digest(sent.encode(), f"Bearer {token}".encode()):
        return True
    # A proxy on this machine passes the host that people use, so what comes through it is from elsewhere.
    return is_loopback(request.remote_addr) and is_loopback(request.host)
