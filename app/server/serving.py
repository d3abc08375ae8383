"""The embedded server: one process for the web and one for the worker, started and stopped together."""

import os
import signal
import socket
import subprocess
import sys
import threading
from types import FrameType

import click
from flask import Flask

from app.server.connections import Limits, create_server
from app.settings import Settings, SettingsError

THREADS = 8
_STOP_SECONDS = 5.0


def serve(app: Flask, *, host: str, port: int, lines: list[str]) -> None:
    """Serve on this address, with a worker process, until Ctrl-C or SIGTERM. Prints the lines before it starts.

    Raises SettingsError where the address can't be used.
    """
    check_address(host, port)
    settings: Settings = app.extensions["settings"]
    limits = Limits(per_address=None) if settings.trusted_proxies else Limits()
    server = create_server(
        app, host=host, port=port, threads=THREADS, max_body_bytes=app.config["MAX_CONTENT_LENGTH"], limits=limits
    )
    worker = _Worker()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, _interrupt)
    click.echo("\n".join(lines))
    try:
        server.run()
    except KeyboardInterrupt:
        pass
    finally:
        server.close()
        worker.stop()


def check_address(host: str, port: int) -> None:
    """Raises SettingsError where nothing can listen there. The message says what to do."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SettingsError(
            f"Nothing can listen on {host}:{port} ({reason}). Choose another port: make run PORT={port + 1}"
        ) from error


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


class _Worker:
    """The worker process, restarted when it dies."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._process = self._start()
        self._watch = threading.Thread(target=self._keep_alive, daemon=True)
        self._watch.start()

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "flask", "--app", "app", "worker", "--parent", str(os.getpid())]
        return subprocess.Popen(command, env=os.environ)  # noqa: S603 -- our own command, no input in it

    def _keep_alive(self) -> None:
        while not self._stopping.is_set():
            self._process.wait()
            if not self._stopping.wait(1.0):
                self._process = self._start()

    def stop(self) -> None:
        self._stopping.set()
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            # Its unfinished job is run again after the next start.
            self._process.kill()
            self._process.wait()
