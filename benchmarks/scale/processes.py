"""The processes of a site as an administrator starts them: gunicorn or `flask serve`, workers, Redis, and the load."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from http.client import HTTPConnection
from pathlib import Path

from app.settings import PROJECT
from benchmarks.scale.load import Found, Plan

READY_SECONDS = 180
Environment = Mapping[str, str]


@contextmanager
def gunicorn(environment: Environment, *, processes: int) -> Iterator[int]:
    """The port of gunicorn with its file of `deploy/` and so many web processes, all of them started."""
    port = free_port()
    chosen = {"BIND": f"127.0.0.1:{port}", "WEB_CONCURRENCY": str(processes)}
    command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py"]
    with _running(command, {**environment, **chosen}, "gunicorn"):
        _wait_until_ready(port)
        yield port


@contextmanager
def embedded(environment: Environment) -> Iterator[int]:
    """The port of `flask serve`, which starts its worker."""
    port = free_port()
    command = [sys.executable, "-m", "flask", "--app", "app", "serve", "--port", str(port)]
    with _running(command, environment, "serve"):
        _wait_until_ready(port)
        yield port


@contextmanager
def worker(environment: Environment, queues: str) -> Iterator[int]:
    """The id of a worker process of these queues, which the database brings jobs to."""
    command = [sys.executable, "-m", "flask", "--app", "app", "worker", "--queues", queues, "--carrier", "database"]
    with _running(command, environment, f"worker-{queues}") as process:
        yield process.pid


@contextmanager
def redis() -> Iterator[str]:
    """The address of a Redis that keeps nothing on disk; empty where the program is not installed."""
    program = shutil.which("redis-server")
    if program is None:
        yield ""
        return
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with tempfile.TemporaryDirectory() as folder:
        command = [program, *options, "--dir", folder]
        with _running(command, os.environ | {"CONVERGENCE_INSTANCE": folder}, "redis"):
            yield f"redis://127.0.0.1:{port}/0"


def load(plan: Plan) -> Found:
    """What the load generator found, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.scale.load"]
    given = json.dumps(asdict(plan.bounded()))
    done = subprocess.run(command, input=given, cwd=PROJECT, check=True, stdout=subprocess.PIPE, text=True)
    told = json.loads(done.stdout)
    return Found(told["seconds"], Counter(told["errors"]), told["took"])


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def _running(command: list[str], environment: Environment, name: str) -> Iterator[subprocess.Popen[bytes]]:
    with Path(environment["CONVERGENCE_INSTANCE"], f"{name}.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=PROJECT, env=dict(environment), stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def _wait_until_ready(port: int) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        with suppress(OSError):
            connection = HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.5)
    raise RuntimeError("the server did not start")
