"""The id of each request, and logs as JSON: an object for each line, without personal data."""

import copy
import logging
import re
import sys
import time
from hashlib import sha256
from hmac import new as keyed
from ipaddress import ip_address
from secrets import token_hex
from traceback import extract_tb
from typing import Any

from flask import Flask, Response, g, has_request_context, request

from app.settings import PROJECT, Settings

HEADER = "X-Request-ID"
_GIVEN = re.compile(r"[\w.-]{1,64}", re.ASCII)
_EMAIL = re.compile(r"(?<![^\s<>\"'(),;:@])[^\s<>\"'(),;:@]++@[^\s<>\"'(),;:]+")
_MAYBE_ADDRESS = re.compile(r"(?<![\w.:])[0-9A-Fa-f.:]{3,45}(?![\w.:])")
# Asked for every few seconds by whoever watches, or sent without being asked for.
_NOT_LOGGED = frozenset({"watching.health", "watching.ready", "watching.metrics", "static_files.send"})
_FIELDS = ("route", "method", "status", "ms")
_OF_FLASK = "Exception on %s [%s]"  # with the path as it was asked for
_log = logging.getLogger("app.requests")


def init_app(app: Flask) -> None:
    """Give each request an id: that of the proxy where it sends one, else a new one. Each answer carries it."""
    # Before loaders, which may answer with 404 and so end the request before what `before_request` names.
    app.url_value_preprocessor(lambda _endpoint, _values: _begin())
    app.after_request(_end)


def shown_path() -> str:
    """The path of this request as logs may have it: numbers of rows stay, what somebody typed or was sent does not."""
    if request.url_rule is None:
        return "an unknown address"
    parts = zip(request.url_rule.rule.split("/"), request.path.split("/"), strict=False)
    return "/".join(given if not part.startswith("<") or given.isdecimal() else "…" for part, given in parts)


def configure(settings: Settings) -> None:
    """Write the logs of this process as JSON, where the settings say so. Call it before anything is logged."""
    if settings.log_format != "json":
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter(settings.secret_key))
    logging.root.handlers = [handler]
    logging.root.setLevel(logging.INFO)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    gunicorn = logging.getLogger("gunicorn.error")  # it writes lines of its own, and passes none on
    gunicorn.handlers, gunicorn.propagate = [], True


def formatter(key: str) -> logging.Formatter:
    """Turns a record into a line of JSON. `key`: hashes network addresses, so that they can be told apart."""
    import structlog
    from structlog.stdlib import ExtraAdder, ProcessorFormatter, add_log_level, add_logger_name

    class Formatter(ProcessorFormatter):
        def format(self, record: logging.LogRecord) -> str:
            return super().format(_without_texts(record))

    return Formatter(
        foreign_pre_chain=[
            add_log_level,
            add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            ExtraAdder(allow=[*_FIELDS, "error"]),
            _with_request_id,
        ],
        processors=[
            ProcessorFormatter.remove_processors_meta,
            lambda _logger, _method, event: {name: _bare(value, key) for name, value in event.items()},
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )


def _begin() -> None:
    given = request.headers.get(HEADER, "")
    g.request_id = given if _GIVEN.fullmatch(given) else token_hex(8)
    g.began = time.perf_counter()


def _end(response: Response) -> Response:
    if "request_id" not in g:  # the session could not be opened
        _begin()
    response.headers[HEADER] = g.request_id
    if request.endpoint not in _NOT_LOGGED:
        took = round((time.perf_counter() - g.began) * 1000)
        facts = {"route": request.endpoint, "method": request.method, "status": response.status_code, "ms": took}
        _log.info("request", extra=facts)
    return response


def _with_request_id(_logger: Any, _method: str, event: Any) -> Any:
    if has_request_context() and "request_id" in g:
        event["request_id"] = g.request_id
    return event


def _without_texts(record: logging.LogRecord) -> logging.LogRecord:
    """The record with each exception named by its class and our lines: its message may hold what somebody wrote."""
    bare = copy.copy(record)
    if isinstance(record.args, tuple):
        bare.args = tuple(type(arg).__name__ if isinstance(arg, BaseException) else arg for arg in record.args)
    if record.msg == _OF_FLASK and has_request_context():
        bare.args = (shown_path(), request.method)
    if record.name == "gunicorn.error" and record.levelno >= logging.WARNING and "request" in str(record.msg):
        bare.msg, bare.args = "gunicorn could not answer a request", ()  # its sentence names the path, or a header
    if record.exc_info and record.exc_info[1] is not None:
        bare.error = _named(record.exc_info[1])
    bare.exc_info = bare.exc_text = None
    return bare


def _named(error: BaseException) -> dict[str, Any]:
    """The class of an exception, what it came from, and where in this project it was raised."""
    error = getattr(error, "original_exception", None) or error  # Flask's 500 stands for another one
    frames = [
        f"{frame.filename.removeprefix(f'{PROJECT}/')}:{frame.lineno} {frame.name}"
        for frame in extract_tb(error.__traceback__)
        if frame.filename.startswith(f"{PROJECT}/") and "site-packages" not in frame.filename
    ]
    cause = error.__cause__ or getattr(error, "orig", None)
    return {"class": type(error).__name__, "at": frames} | ({"cause": type(cause).__name__} if cause else {})


def _bare(value: Any, key: str) -> Any:
    """The value without addresses: of mail they are left out, of the network they become a keyed hash."""
    if not isinstance(value, str):
        return value
    return _MAYBE_ADDRESS.sub(lambda found: _hashed(found[0], key), _EMAIL.sub("…", value))


def _hashed(text: str, key: str) -> str:
    try:
        address = ip_address(text.strip(".:") if text.count(":") < 2 else text)  # noqa: PLR2004 -- of IPv6 at least
    except ValueError:
        return text
    if address.is_loopback:
        return text
    return f"network {keyed(key.encode(), str(address).encode(), sha256).hexdigest()[:12]}"
