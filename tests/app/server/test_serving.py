"""One command starts the web and the worker, and stops both."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture
def served(tmp_path, request):
    """The command and its port. The parameter, where a test gives one, is a further option of the command."""
    options = getattr(request, "param", [])
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"CONVERGENCE_INSTANCE": str(tmp_path), "DATABASE_URL": "", "PORT": str(port)}
    process = subprocess.Popen(  # noqa: S603 -- our own command
        [sys.executable, "-u", "-m", "flask", "--app", "app", "serve", *options],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    yield process, port
    process.kill()
    process.wait()
    process.stdout.close()


def children(pid: int) -> list[int]:
    """The processes that any thread of this one started."""
    threads = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for thread in threads for child in thread.read_text().split()]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def until(condition, seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


@pytest.mark.slow
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_the_server_stops_its_worker(served, stop):
    process, port = served
    assert process.stdout.readline().strip() == f"Convergence runs at http://127.0.0.1:{port}"
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
        assert answer.status == 200
    (worker,) = children(process.pid)
    process.send_signal(stop)
    process.wait(20)
    assert until(lambda: not alive(worker))
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))


@pytest.mark.slow
def test_a_dead_worker_is_restarted(served):
    process, _port = served
    process.stdout.readline()
    (first,) = children(process.pid)
    os.kill(first, signal.SIGKILL)
    assert until(lambda: children(process.pid) not in ([], [first]))


@pytest.mark.slow
def test_a_worker_does_not_outlive_its_server(served):
    process, _port = served
    process.stdout.readline()
    (worker,) = children(process.pid)
    process.kill()
    assert until(lambda: not alive(worker), seconds=30)


@pytest.mark.slow
def test_half_open_connections_do_not_stop_the_server(served):
    process, port = served
    process.stdout.readline()
    made = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(150)]
    try:
        for connection in made:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
        for _ in range(3):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/rules", timeout=10) as answer:
                assert answer.status == 200
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
                assert answer.status == 200
    finally:
        for connection in made:
            connection.close()


@pytest.mark.slow
def test_the_health_check_knows_the_worker(served):
    process, port = served
    process.stdout.readline()

    def worker() -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
            return json.load(answer)["worker"]

    assert until(lambda: worker() == "ok", seconds=60)


@pytest.mark.slow
@pytest.mark.parametrize("served", [["--demo"]], indirect=True)
def test_the_web_process_keeps_nothing_of_the_grouping_of_the_demo(served):
    process, _port = served
    lines = [process.stdout.readline().strip() for _ in range(3)]
    assert lines[0].startswith("Convergence runs at")
    assert "@example.org" in lines[2]
    libraries = Path(f"/proc/{process.pid}/maps").read_text()
    assert "sqlalchemy" in libraries
    assert "numpy" not in libraries
