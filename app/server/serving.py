"""The embedded server: one process for the web and one for the worker, started and stopped together."""

import signal
import socket
from types import FrameType

import click
from flask import Flask

from app.server.connections import Limits, create_server
from app.settings import Settings, SettingsError
from app.worker.process import WorkerProcess

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
    worker = WorkerProcess()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, _interrupt)
    click.echo("\n".join(lines))
    try:
        server.run()
    except KeyboardInterrupt:
        pass
    finally:
        server.close()
        worker.terminate()
        worker.wait(_STOP_SECONDS)


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
