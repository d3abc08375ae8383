"""Traces by OpenTelemetry, where OTEL_EXPORTER_OTLP_ENDPOINT is set: a span for each request, job and SQL statement.

A span has the name of a route, a kind of job or the first word of a statement, never a path, a query, a text, an
address or what an error says: all of these may hold what somebody wrote. A caller's own trace is not read.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, Response, current_app, g, request
from opentelemetry import context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode, get_current_span, set_span_in_context
from sqlalchemy import Connection, Engine, event

from app.extensions import db

_EXTENSION = "telemetry"
# Asked for every few seconds by whoever watches, or sent without being asked for.
_LEFT_OUT = frozenset({"watching.health", "watching.ready", "watching.metrics", "static_files.send"})
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})


def init_app(app: Flask) -> None:
    """Make spans from here on, and send them where the standard variables say, in a thread of its own."""
    name = os.environ.get("OTEL_SERVICE_NAME") or "convergence"
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: name}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    app.extensions[_EXTENSION] = provider
    # Before loaders, which may answer with 404.
    app.url_value_preprocessor(lambda _endpoint, _values: _begin(provider))
    app.after_request(_note)
    app.teardown_request(_end)
    with app.app_context():
        follow(db.engine, provider)


@contextmanager
def job_span(kind: str, queue: str, attempt: int) -> Iterator[None]:
    """A span for a job that is carried out in this block."""
    provider: TracerProvider = current_app.extensions[_EXTENSION]
    span = provider.get_tracer("app").start_span(f"job {kind}", kind=SpanKind.CONSUMER)
    span.set_attributes({"job.kind": kind, "job.queue": queue, "job.attempt": attempt})
    token = context.attach(set_span_in_context(span))
    try:
        yield
    except BaseException as error:
        # The class alone: a message may hold what somebody wrote.
        span.set_attribute("error.type", type(error).__name__)
        span.set_status(Status(StatusCode.ERROR))
        raise
    finally:
        context.detach(token)
        span.end()


def _begin(provider: TracerProvider) -> None:
    if request.endpoint in _LEFT_OUT:
        return
    route = request.url_rule.rule if request.url_rule is not None else "none"
    method = request.method if request.method in _METHODS else "other"
    span = provider.get_tracer("app").start_span(f"{method} {route}", kind=SpanKind.SERVER)
    span.set_attributes({"http.request.method": method, "http.route": route})
    g.span = span
    g.span_token = context.attach(set_span_in_context(span))


def _note(response: Response) -> Response:
    if "span" in g:
        g.span.set_attribute("http.response.status_code", response.status_code)
        if response.status_code >= 500:  # noqa: PLR2004 -- as HTTP numbers them
            g.span.set_attribute("error.type", str(response.status_code))
            g.span.set_status(Status(StatusCode.ERROR))
    return response


def _end(_error: BaseException | None) -> None:
    if "span" in g:
        context.detach(g.pop("span_token"))
        g.pop("span").end()


def follow(engine: Engine | Connection, provider: TracerProvider) -> None:
    """Make a span for each statement within a request or a job, with its first word. One that fails has none."""

    def before(_connection: Any, _cursor: Any, statement: str, _values: Any, execution: Any, _many: bool) -> None:
        if not get_current_span().is_recording():
            return
        word = statement.lstrip("( \n").partition(" ")[0].upper()
        operation = word if word in {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"} else "other"
        span = provider.get_tracer("app").start_span(f"SQL {operation}", kind=SpanKind.CLIENT)
        span.set_attributes({"db.system.name": engine.dialect.name, "db.operation.name": operation})
        execution.span = span

    def after(_connection: Any, _cursor: Any, _statement: str, _values: Any, execution: Any, _many: bool) -> None:
        if (span := getattr(execution, "span", None)) is not None:
            span.end()

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "after_cursor_execute", after)
