"""Slow, idle and numerous connections against a real server on the loopback address."""

import resource
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

import pytest

from app.server.connections import Limits, create_server

pytestmark = pytest.mark.slow

HOST = b"Host: 127.0.0.1\r\n"
FORM = (
    b"POST / HTTP/1.1\r\n" + HOST + b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 5000\r\n\r\n"
)
HALF_HEADER = b"GET / HTTP/1.1\r\n" + HOST + b"X-Slow: "
LARGE = 8_000_000
MAX_BODY = 100_000
# Deadlines short enough for a test; a real server has the defaults.
SHORT = Limits(
    connections=60, per_address=None, header_seconds=1, idle_seconds=1, body_seconds=1, body_rate=2_000,
    answer_seconds=1, answer_rate=100_000,
)  # fmt: skip
PATIENT = Limits(connections=60, per_address=None)


class Site:
    """A site of three pages: at once, large, one that waits until it is let go. It refuses what is too large itself."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.working = threading.Semaphore(0)

    def __call__(self, environ, start_response):
        body, status = b"ok", "200 OK"
        if int(environ.get("CONTENT_LENGTH") or 0) > MAX_BODY:
            body, status = b"a page about what is too large", "413 Too large"
        elif environ["PATH_INFO"] == "/large":
            body = b"x" * LARGE
        elif environ["PATH_INFO"] == "/wait":
            self.working.release()
            self.let_go.wait(20)
        else:
            environ["wsgi.input"].read()
        start_response(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
        return [body]


@pytest.fixture
def serve() -> Iterator[Callable[..., int]]:
    """Start a server with these limits in a thread, and return its port."""
    with ExitStack() as stack:

        def start(limits: Limits, site: Site | None = None, threads: int = 4) -> int:
            site = site or Site()
            server = create_server(
                site, host="127.0.0.1", port=0, threads=threads, max_body_bytes=MAX_BODY, limits=limits
            )
            start.servers.append(server)
            thread = threading.Thread(target=server.run, daemon=True)
            thread.start()

            def stop() -> None:
                site.let_go.set()
                server.close()
                for channel in list(server.active_channels.values()):
                    channel.will_close = True
                server.task_dispatcher.shutdown()
                thread.join(5)

            stack.callback(stop)
            return int(server.effective_port)

        start.servers = []
        yield start


@contextmanager
def connections(port: int, count: int, first: bytes = b"", **options) -> Iterator[list[socket.socket]]:
    """So many connections, each with these first bytes sent."""
    with ExitStack() as stack:
        found = []
        for _ in range(count):
            made = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))
            if "receive_buffer" in options:
                made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, options["receive_buffer"])
            made.sendall(first)
            found.append(made)
        yield found


def status(port: int, path: str = "/healthz", timeout: float = 5) -> int:
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as asked:
        asked.sendall(f"GET {path} HTTP/1.1\r\n".encode() + HOST + b"Connection: close\r\n\r\n")
        return int(asked.recv(100).split()[1])


def is_closed(connection: socket.socket, within: float = 6) -> bool:
    """True where the other side closes, whatever it says before."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        connection.settimeout(max(0.01, end - time.monotonic()))
        try:
            if not connection.recv(65_536):
                return True
        except TimeoutError:
            return False
        except OSError:
            return True
    return False


@pytest.mark.parametrize("first", [b"", HALF_HEADER, FORM, b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"])
@pytest.mark.parametrize("count", [98, 300])
def test_half_open_connections_leave_room_for_others(serve, count, first):
    port = serve(PATIENT)
    with connections(port, count, first):
        assert [status(port) for _ in range(5)] == [200] * 5
        assert status(port, "/") == 200


def test_connections_from_one_address_do_not_take_the_room_of_all(serve):
    port = serve(Limits(connections=1_000, per_address=10))
    with connections(port, 50, HALF_HEADER) as made:
        assert status(port) == 200
        assert sum(is_closed(connection, within=0.05) for connection in made) >= 40


@pytest.mark.parametrize("first", [b"", HALF_HEADER, FORM])
def test_a_connection_that_sends_nothing_more_is_closed(serve, first):
    port = serve(SHORT)
    with connections(port, 1, first) as (made,):
        assert is_closed(made)


@pytest.mark.parametrize("first", [HALF_HEADER, FORM])
def test_a_connection_that_sends_a_byte_now_and_then_is_closed(serve, first):
    port = serve(SHORT)
    with connections(port, 1, first) as (made,):
        started = time.monotonic()
        with suppress(OSError):  # a reset or a broken pipe, as it comes
            while time.monotonic() - started < 10:
                made.sendall(b"a")
                time.sleep(0.1)
        assert time.monotonic() - started < 6


def test_a_connection_that_is_kept_and_idle_is_closed(serve):
    port = serve(SHORT)
    with connections(port, 1, b"GET / HTTP/1.1\r\n" + HOST + b"\r\n") as (made,):
        assert made.recv(1_000).startswith(b"HTTP/1.1 200")
        assert is_closed(made)


def test_a_connection_that_does_not_read_its_answer_is_closed(serve):
    port = serve(SHORT)
    with connections(port, 1, b"GET /large HTTP/1.1\r\n" + HOST + b"\r\n", receive_buffer=2_048):
        end = time.monotonic() + 15
        while not serve.servers[-1].dropped and time.monotonic() < end:
            time.sleep(0.1)
        assert not serve.servers[-1].active_channels


def test_slow_readers_hold_no_thread(serve):
    port = serve(PATIENT, threads=2)
    with connections(port, 20, b"GET /large HTTP/1.1\r\n" + HOST + b"\r\n", receive_buffer=2_048):
        assert status(port, "/") == 200


def test_requests_sent_without_reading_an_answer_are_bounded(serve):
    port = serve(PATIENT)
    with connections(port, 1, (b"GET /large HTTP/1.1\r\n" + HOST + b"\r\n") * 100) as (made,):
        assert is_closed(made)
    assert status(port, "/") == 200


def test_the_health_check_answers_while_every_thread_is_busy(serve):
    site = Site()
    port = serve(PATIENT, site, threads=2)
    with connections(port, 6, b"GET /wait HTTP/1.1\r\n" + HOST + b"\r\n"):
        assert site.working.acquire(timeout=5)
        assert site.working.acquire(timeout=5)
        assert status(port) == 200


def test_a_request_that_is_worked_on_is_never_closed_for_another(serve):
    site = Site()
    port = serve(Limits(connections=3, per_address=None), site)
    with connections(port, 1, b"GET /wait HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n") as (made,):
        assert site.working.acquire(timeout=5)
        with connections(port, 30, HALF_HEADER):
            site.let_go.set()
            assert made.recv(100).startswith(b"HTTP/1.1 200")


def test_a_slow_line_that_keeps_going_is_served(serve):
    port = serve(SHORT)
    with connections(port, 1, FORM) as (made,):
        for _ in range(20):  # 5000 bytes in two seconds: more than the rate that is asked for
            made.sendall(b"a" * 250)
            time.sleep(0.1)
        assert made.recv(100).startswith(b"HTTP/1.1 200")


def test_unfinished_requests_together_take_bounded_memory(serve):
    port = serve(Limits(connections=60, per_address=None, unfinished_bytes=200_000))
    large = FORM.replace(b"5000", b"90000") + b"a" * 80_000
    with connections(port, 6, large) as made:
        time.sleep(2.5)
        assert sum(is_closed(connection, within=0.05) for connection in made) >= 3
    assert status(port) == 200


@pytest.mark.parametrize(
    "sent", [b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 70_000 + b"\r\n\r\n", FORM.replace(b"5000", b"200000")]
)
def test_a_header_or_a_body_that_is_too_large_is_refused_at_once(serve, sent):
    port = serve(PATIENT)
    with connections(port, 1, sent) as (made,):
        assert made.recv(100).split()[1] in {b"431", b"413"}


CHUNKED = FORM.replace(b"Content-Length: 5000", b"Transfer-Encoding: chunked") + b"1d4c0\r\n" + b"a" * 120_000


@pytest.mark.parametrize("sent", [FORM.replace(b"5000", b"100001") + b"GET / HTTP/1.1\r\n\r\n", CHUNKED])
def test_the_site_itself_says_that_a_body_is_too_large_and_the_connection_ends(serve, sent):
    port = serve(PATIENT)
    with connections(port, 1, sent) as (made,):
        answer = b""
        with suppress(ConnectionError):
            while part := made.recv(10_000):
                answer += part
    assert answer.startswith(b"HTTP/1.1 413")
    assert answer.endswith(b"a page about what is too large")
    assert answer.count(b"HTTP/1.1") == 1


def test_a_body_of_the_largest_size_is_taken(serve):
    port = serve(PATIENT)
    with connections(port, 1, FORM.replace(b"5000", b"100000") + b"a" * MAX_BODY) as (made,):
        assert made.recv(100).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "sent",
    [b"G\x0bT / HTTP/1.1\r\n\r\n", b"x" * 1_000 + b" / HTTP/1.1\r\n\r\n", b"GET / HTTP/9.9.9\r\n\r\n", b"\xff\r\n\r\n"],
)
def test_what_is_no_request_is_answered_and_fills_no_log(serve, caplog, sent):
    """Each left eight lines in the log and no answer: the thread that receives looked for its path."""
    port = serve(PATIENT)
    with connections(port, 1, sent) as (made,):
        assert made.recv(100).split()[1] == b"400"
    assert "uncaptured python exception" not in caplog.text
    assert status(port) == 200


def test_there_are_no_more_connections_than_files_may_be_open(serve, monkeypatch):
    monkeypatch.setattr(resource, "getrlimit", lambda _which: (260, 260))
    port = serve(Limits(connections=1_000, per_address=None))
    with connections(port, 40, HALF_HEADER) as made:
        assert status(port) == 200
        assert sum(is_closed(connection, within=0.05) for connection in made) >= 20
