"""Thin commands: each calls one function of the application."""

import logging
import signal
import threading

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext
from flask_migrate import upgrade

from app.extensions import database
from app.settings import Settings

demo_commands = AppGroup("demo", help="The demo community.")


def init_app(app: Flask) -> None:
    """Register the commands."""
    for command in (serve_command, worker_command):
        app.cli.add_command(command)
    app.cli.add_command(demo_commands)


@click.command("serve")
@click.option("--host", envvar="HOST", default="127.0.0.1", show_default=True)
@click.option("--port", envvar="PORT", default=5000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--demo", is_flag=True, help="Load the demo community if nobody is there yet.")
@with_appcontext
def serve_command(host: str, port: int, demo: bool) -> None:
    """Bring the database up to date, then start the web server and the worker."""
    from app.serving import check_address, serve

    check_address(host, port)
    upgrade()
    lines = [f"Convergence answers at http://{host}:{port}", "Stop it with Ctrl-C."]
    if demo:
        lines[1:1] = _load_demo()
    database().close()
    serve(current_app._get_current_object(), host=host, port=port, lines=lines)  # type: ignore[attr-defined]  # noqa: SLF001 -- the way Flask hands its app on


@click.command("worker")
@with_appcontext
def worker_command() -> None:
    """Carry out jobs and deliver mail until stopped."""
    from app.jobs.themes import warm_up
    from app.jobs.worker import work

    logging.basicConfig(level=logging.INFO, format="%(asctime)s worker %(levelname)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda _signal, _frame: stop.set())
    settings: Settings = current_app.extensions["settings"]
    warm_up(settings.embedding_model)
    work(current_app._get_current_object(), stop)  # type: ignore[attr-defined]  # noqa: SLF001 -- the way Flask hands its app on


@demo_commands.command("load")
def load_demo_command() -> None:
    """Load the demo community if nobody is there yet."""
    for line in _load_demo():
        click.echo(line)


def _load_demo() -> list[str]:
    from app.demo.loading import PASSWORD, accounts, load_demo

    load_demo(database())
    return [f"Demo accounts (password: {PASSWORD}):", *(f"  {email}  {who}" for who, email in accounts().items())]
