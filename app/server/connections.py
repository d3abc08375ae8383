"""Waitress with deadlines: a connection that is idle or slow is closed, and a new one always finds room.

Waitress receives a request whole before a thread works on it, and sends the answer from a buffer. So a slow client
costs a connection and some memory, never a thread. What it lacks is a bound on how long that may last, and on how many
there are.
"""

import logging
import resource
import socket
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import MultiSocketServer, TcpWSGIServer
from waitress.task import ErrorTask, Task, ThreadedTaskDispatcher, WSGITask
from waitress.utilities import RequestEntityTooLarge

# They are answered while every other thread is busy.
HEALTH_PATHS = frozenset({"/healthz", "/readyz"})

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a connection may take. Rates are in bytes a second."""

    connections: int = 1_000
    # From one address. It is not counted where a proxy stands in front: then all come from the proxy.
    per_address: int | None = 100
    header_seconds: float = 15.0
    idle_seconds: float = 30.0
    # A text on a bad line takes its time; 10 MB at this rate take 40 minutes.
    body_seconds: float = 20.0
    body_rate: int = 4_000
    answer_seconds: float = 60.0
    answer_rate: int = 2_000
    # Requests sent before the answer to the first was read.
    pipelined: int = 8
    # What requests that are not complete hold together, in memory and in temporary files.
    unfinished_bytes: int = 512_000_000


_PATIENT = Limits()
_FILES_PER_CONNECTION = 3  # the socket, and a temporary file for each direction
_OTHER_FILES = 200
_MAX_FILES = 4_096
_SWEEP_SECONDS = 1.0
_ACCEPTED_AT_ONCE = 64
_MAX_HEADER_BYTES = 32 * 1024
_MEMORY_BYTES = 128 * 1024  # of a request or an answer; the rest is in a temporary file
# The longest an answer may be before the thread that makes it waits for its reader: none is that long.
_MAX_ANSWER_BYTES = 1024**3


def create_server(
    app: Callable[..., Iterable[bytes]],
    *,
    host: str,
    port: int,
    threads: int,
    max_body_bytes: int,
    limits: Limits = _PATIENT,
) -> Any:
    """A server that listens at this address. `run` serves until it is interrupted; `close` ends it."""
    adjustments = Adjustments(
        host=host,
        port=port,
        threads=threads,
        ident=None,
        # The application decides which proxies it believes: see app.server.proxies.
        clear_untrusted_proxy_headers=False,
        connection_limit=1_000_000,  # ours is below
        asyncore_use_poll=True,
        asyncore_loop_timeout=1,
        cleanup_interval=1,
        log_socket_errors=False,
        max_request_header_size=_MAX_HEADER_BYTES,
        max_request_body_size=max_body_bytes + 1,  # the first that is too large
        inbuf_overflow=_MEMORY_BYTES,
        outbuf_overflow=_MEMORY_BYTES,
        outbuf_high_watermark=_MAX_ANSWER_BYTES,
    )
    limits = _that_fit(limits)
    sockets: dict[int, Any] = {}
    workers, health = _dispatcher(threads), _dispatcher(1)
    servers = [
        _Server(app, sockets, True, None, workers, adjustments, where, limits=limits, health=health)
        for where in adjustments.listen
    ]
    if len(servers) == 1:
        return servers[0]
    listening = [(server.effective_host, server.effective_port) for server in servers]
    return MultiSocketServer(sockets, adjustments, listening, workers, log.info)


def _dispatcher(threads: int) -> Any:
    dispatcher = ThreadedTaskDispatcher()
    dispatcher.set_thread_count(threads)
    return dispatcher


def _that_fit(limits: Limits) -> Limits:
    """The limits, with no more connections than this process may open files for. Raises that number where it can."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MAX_FILES if hard == resource.RLIM_INFINITY else min(_MAX_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    if soft == resource.RLIM_INFINITY:
        return limits
    room = max(20, (soft - _OTHER_FILES) // _FILES_PER_CONNECTION)
    if room >= limits.connections:
        return limits
    return Limits(**{name: getattr(limits, name) for name in Limits.__slots__} | {"connections": room})


class _TooLarge(WSGITask):  # type: ignore[misc]
    """Lets the application say that a body is too large, with a page: by its length, and without reading it."""

    def execute(self) -> None:
        self.set_close_on_finish()
        self.request.headers.setdefault("CONTENT_LENGTH", str(self.channel.server.adj.max_request_body_size))
        super().execute()


class _Channel(HTTPChannel):  # type: ignore[misc]
    """One connection. `step`: what it is at, and since when."""

    def __init__(self, server: "_Server", sock: socket.socket, address: Any, *rest: Any, **named: Any) -> None:
        self.step = ("header", time.monotonic())
        self.received_bytes = self.sent_bytes = 0
        super().__init__(server, sock, address, *rest, **named)

    @staticmethod
    def error_task_class(channel: "_Channel", request: HTTPRequestParser) -> Task:
        """What answers a request that the server itself refuses."""
        refused = _TooLarge if isinstance(request.error, RequestEntityTooLarge) else ErrorTask
        return refused(channel, request)

    def received(self, data: bytes) -> bool:
        self.received_bytes += len(data)
        taken: bool = super().received(data)
        self.look(time.monotonic())
        if len(self.requests) > self.server.limits.pipelined:
            self.drop("requests sent at once")
        return taken

    def send(self, data: bytes, *, do_close: bool = True) -> int:
        sent: int = super().send(data, do_close=do_close)
        self.sent_bytes += sent
        return sent

    def _now_at(self) -> str:
        if self.total_outbufs_len:
            return "answer"
        if self.requests:
            return "work"
        request = self.request
        if request is None:
            return "idle" if self.sent_bytes else "header"
        return "body" if request.headers_finished else "header"

    def look(self, now: float) -> str:
        """What the connection is at now. Counts begin again where that has changed."""
        at = self._now_at()
        if at != self.step[0]:
            self.step = (at, now)
            if at == "body":
                self.received_bytes = 0
            elif at == "answer":
                self.sent_bytes = 1
        return at

    def is_late(self, now: float) -> bool:
        """True where this step takes longer than the limits allow."""
        limits: Limits = self.server.limits
        at, spent = self.look(now), now - self.step[1]
        if at == "header":
            return spent > limits.header_seconds
        if at == "idle":
            return bool(time.time() - self.last_activity > limits.idle_seconds)
        if at == "body":
            return spent > limits.body_seconds + self.received_bytes / limits.body_rate
        return at == "answer" and bool(spent > limits.answer_seconds + self.sent_bytes / limits.answer_rate)

    def unfinished_bytes(self) -> int:
        """About how many bytes of a request that is not complete are kept."""
        return self.received_bytes if self.request is not None else 0

    def drop(self, why: str) -> None:
        """Close the connection. Only the thread that receives may."""
        log.info("connection from %s closed: %s", self.addr[0] if self.addr else "?", why)
        self.server.dropped += 1
        self.handle_close()


# Which connections make room for a new one: those that nothing is lost with first, and of these the oldest.
_ORDER = {"idle": 0, "header": 1, "body": 2, "answer": 3}


class _Server(TcpWSGIServer):  # type: ignore[misc]
    """Listens at one address. Closes late connections each second, and makes room for new ones."""

    channel_class = _Channel

    def __init__(self, *arguments: Any, limits: Limits, health: Any) -> None:
        self.limits = limits
        self.dropped = 0
        self._health = health
        self._swept_at = 0.0
        super().__init__(*arguments)

    def add_task(self, channel: _Channel) -> None:
        """Give the request to a thread. The health check has one of its own, since it must answer while others wait."""
        request = channel.requests[0]
        # What can't be read as a request has no path; a thread answers it with 400.
        chosen = self._health if getattr(request, "path", "") in HEALTH_PATHS else self.task_dispatcher
        chosen.add_task(channel)

    def maintenance(self, _now: float) -> None:
        now = time.monotonic()
        if now - self._swept_at < _SWEEP_SECONDS:
            return
        self._swept_at = now
        channels = list(self.active_channels.values())
        for channel in channels:
            if channel.is_late(now):
                channel.drop(f"too slow at the step “{channel.step[0]}”")
        self._bound_unfinished(now)

    def _bound_unfinished(self, now: float) -> None:
        """Close the largest unfinished requests while all of them together take too much."""
        unfinished = sorted(self.active_channels.values(), key=_Channel.unfinished_bytes, reverse=True)
        total = sum(channel.unfinished_bytes() for channel in unfinished)
        for channel in unfinished:
            if total <= self.limits.unfinished_bytes:
                break
            total -= channel.unfinished_bytes()
            channel.look(now)
            channel.drop("unfinished requests take too much memory")

    def handle_accept(self) -> None:
        """Accept the connections that wait, and close another one for each where there are too many."""
        for _ in range(_ACCEPTED_AT_ONCE):
            before = next(reversed(self.active_channels.values()), None)
            super().handle_accept()
            newest = next(reversed(self.active_channels.values()), None)
            if newest is None or newest is before:
                return
            self._bound_connections(newest)

    def _bound_connections(self, newest: _Channel) -> None:
        channels = list(self.active_channels.values())
        limits, now = self.limits, time.monotonic()
        if limits.per_address is not None:
            same = [channel for channel in channels if channel.addr[0] == newest.addr[0]]
            if len(same) > limits.per_address:
                self._make_room(same[:-1], now, newest)
                return
        if len(channels) > limits.connections:
            self._make_room(channels[:-1], now, newest)

    @staticmethod
    def _make_room(others: list[_Channel], now: float, newest: _Channel) -> None:
        """Close the connection that is the least loss: the newest one where requests of all others are worked on."""
        spare = [
            (_ORDER[channel.step[0]], channel.step[1], channel) for channel in others if channel.look(now) in _ORDER
        ]
        if spare:
            min(spare, key=lambda found: found[:2])[2].drop("a new one needs room")
        else:
            newest.drop("all connections are busy")
