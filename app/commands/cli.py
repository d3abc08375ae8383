"""Commands: each calls one function of the application."""

import logging
import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext
from flask_migrate import upgrade
from flask_migrate.cli import db as database_commands

from app.backup.commands import backup_commands, files_commands, restore_command
from app.commands.admin import admin_commands
from app.commands.ideas import idea_commands
from app.database.postgresql import limit_statements
from app.extensions import database, db
from app.settings import Settings, SettingsError, from_env
from ideas.activity.activity import count_activities, first_broken
from ideas.people.platform_role import has_admin
from ideas.search import reindex, searchable_models
from ideas.work.job import Queue

demo_commands = AppGroup("demo", help="Load the demo community.")
activity_commands = AppGroup("activity", help="Check the activity log.")
search_commands = AppGroup("search", help="Make the index of the search again.")


def init_app(app: Flask) -> None:
    """Register the commands."""
    for command in (serve_command, worker_command, access_command, personal_data_command, notices_command):
        app.cli.add_command(command)
    app.cli.add_command(backup_commands)
    app.cli.add_command(files_commands)
    app.cli.add_command(restore_command)
    database_commands.add_command(copy_command)
    app.cli.add_command(admin_commands)
    app.cli.add_command(demo_commands)
    app.cli.add_command(idea_commands)
    app.cli.add_command(activity_commands)
    app.cli.add_command(search_commands)


@click.command("serve")
@click.option("--host", envvar="HOST", default="127.0.0.1", show_default=True)
@click.option("--port", envvar="PORT", default=5000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--demo", is_flag=True, help="Load the demo community, if there is no account yet.")
@with_appcontext
def serve_command(host: str, port: int, demo: bool) -> None:
    """Bring the database up to date, then start the web server and the worker."""
    from app.server.serving import check_address, serve

    check_address(host, port)
    if demo:
        _check_demo(host)
    upgrade()
    lines = [f"Convergence runs at http://{host}:{port}", "Stop it with Ctrl-C."]
    if demo:
        lines[1:1] = _load_demo_apart(host)
    lines[1:1] = _first_admin_lines()
    database().close()
    settings: Settings = current_app.extensions["settings"]
    limit_statements(_app(), db.engine, seconds=settings.limits.statement_seconds)
    serve(_app(), host=host, port=port, lines=lines)


def _queues(_context: click.Context, _option: click.Parameter, names: str) -> tuple[Queue, ...]:
    """The queues that a list such as `mail,quick` names."""
    try:
        return tuple(dict.fromkeys(Queue(name.strip()) for name in names.split(",")))
    except ValueError:
        raise click.BadParameter(f"name one or more of {', '.join(Queue)}, with commas between them") from None


@click.command("worker")
@click.option("--queues", callback=_queues, default=",".join(Queue), show_default=True, help="Carry out these only.")
@click.option("--carrier", type=click.Choice(["database", "celery"]), help="What brings jobs: celery with REDIS_URL.")
@click.option("--parent", type=int, help="Stop when the process with this id ends.")
@with_appcontext
def worker_command(queues: tuple[Queue, ...], carrier: str | None, parent: int | None) -> None:
    """Run jobs and send emails until stopped."""
    from app.worker.celery_worker import work_in_processes, work_with_celery
    from app.worker.worker import work

    settings: Settings = current_app.extensions["settings"]
    if carrier == "celery" and not settings.redis_url:
        raise SettingsError("--carrier celery needs REDIS_URL, such as redis://127.0.0.1:6379/0.")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s worker %(levelname)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda _signal, _frame: stop.set())
    database().close()
    limit_statements(_app(), db.engine, seconds=settings.limits.work_seconds)
    if not settings.redis_url or carrier == "database":
        work(_app(), stop, queues=queues, parent=parent)
    elif len(queues) == 1:
        work_with_celery(_app(), stop, queues[0], parent=parent)
    else:
        work_in_processes(stop, queues, parent=parent)


@click.command("access")
@with_appcontext
def access_command() -> None:
    """Print docs/access.md: every route and who may use it."""
    from app.access.document import access_document

    click.echo(access_document(_app()), nl=False)


@click.command("personal-data")
@with_appcontext
def personal_data_command() -> None:
    """Print docs/personal-data.md: what is stored about people, why, and for how long."""
    from app.text.documents.register import register_document

    click.echo(register_document(), nl=False)


@click.command("notices")
@with_appcontext
def notices_command() -> None:
    """Print docs/notices.md: who is told of which act, and how."""
    from app.text.documents.notices import notices_document

    click.echo(notices_document(), nl=False)


@click.command("copy")
@click.argument("url")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_appcontext
def copy_command(url: str, yes: bool) -> None:
    """Copy the database to an empty PostgreSQL and compare both. Stop the web and the worker first.

    SQLite is locked meanwhile: who writes after all is refused, and nothing is lost unseen.
    """
    from app import create_app
    from app.database.copy import copy_database

    settings: Settings = current_app.extensions["settings"]
    named = from_env(os.environ | {"DATABASE_URL": url})
    if not named.database_url.startswith("postgresql"):
        raise SettingsError("Name a PostgreSQL database: postgresql://user:password@host/name.")
    if not yes:
        click.confirm("The web and the worker must be stopped. Copy the database?", abort=True)
    target = create_app(replace(settings, database_url=named.database_url))
    with target.app_context():
        engine = db.engine
        upgrade()
    database().rollback()
    try:
        # No `reading`: this transaction takes the write lock of SQLite. What others wrote meanwhile would be in neither
        # the copy nor the comparison, which read what was there when it began.
        counts = copy_database(database().connection(), engine)
    finally:
        database().rollback()
        engine.dispose()
    click.echo(f"Copied and compared: {len(counts)} tables, {sum(counts.values())} rows.")
    click.echo(
        "Now set DATABASE_URL to that address, leave the instance folder as it is, and start the web and the worker."
    )


@activity_commands.command("check")
def check_activity_command() -> None:
    """Check that no row of the activity log was changed or deleted. Exit status 1 if one was."""
    broken = first_broken(database())
    if broken is not None:
        raise click.ClickException(
            f"Activity {broken} does not fit the one before it: the log was changed there, or rows are missing."
        )
    click.echo(f"The log is whole: {count_activities(database())} activities.")


@search_commands.command("rebuild")
def rebuild_search_command() -> None:
    """Index every text again. People can work meanwhile."""
    for model in searchable_models():
        last: int | None = 0
        while last is not None:
            last = reindex(database(), model, after=last)
            database().commit()
    click.echo("Every text is indexed.")


_host = click.option("--host", envvar="HOST", default="127.0.0.1", help="Where the site listens.", show_default=True)


@demo_commands.command("load")
@_host
def load_demo_command(host: str) -> None:
    """Load the demo community, if there is no account yet."""
    _check_demo(host)
    for line in _load_demo(host):
        click.echo(line)


@demo_commands.command("passwords")
def demo_passwords_command() -> None:
    """Give each demo account that is listed a new password, and print them."""
    for line in _with_new_passwords(all_of_them=True):
        click.echo(line)


def _first_admin_lines() -> list[str]:
    """Where and with what the site is set up, as long as it has no administrator."""
    from app.access.first_admin import first_admin_code

    if has_admin(database()):
        return []
    settings: Settings = current_app.extensions["settings"]
    return [
        f"There is no administrator yet. Open {settings.base_url}/set-up and enter this code:",
        f"  {first_admin_code()}",
    ]


def _app() -> Flask:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 -- the way Flask hands its app on
    return app


def _check_demo(host: str) -> None:
    from app.demo.passwords import check_demo

    check_demo(current_app.extensions["settings"], host=host)


def _load_demo(host: str) -> list[str]:
    from app.demo.loading import accounts, load_demo
    from app.demo.passwords import PASSWORD, is_known, is_local

    load_demo(database())
    listed = [f"  {email}  {who}" for who, email in accounts().items()]
    known = is_known(database())
    if known and is_local(current_app.extensions["settings"], host=host):
        return [f"Demo accounts (password: {PASSWORD}):", *listed]
    if known:
        return _with_new_passwords()
    return ["Demo accounts (their passwords were printed once; for new ones: flask --app app demo passwords):", *listed]


def _with_new_passwords(*, all_of_them: bool = False) -> list[str]:
    from app.clock import now
    from app.demo.loading import accounts
    from app.demo.passwords import new_passwords

    who = {email: name for name, email in accounts().items()}
    made = new_passwords(database(), list(who), now=now(), all_of_them=all_of_them)
    database().commit()
    lines = [f"  {email}  {password}  {who[email]}" for email, password in made.items()]
    return ["Demo accounts, each with its password, which is printed this once:", *lines]


def _load_demo_apart(host: str) -> list[str]:
    """As `_load_demo`, in a process of its own: grouping takes 300 MB, which the web process would keep."""
    command = [sys.executable, "-m", "flask", "--app", "app", "demo", "load", "--host", host]
    # Raised while it is waited for, it ends that process too, and then this one.
    before = signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    try:
        loaded = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603 -- no input in it
    finally:
        signal.signal(signal.SIGTERM, before)
    if loaded.returncode:
        raise click.ClickException("The demo could not be loaded.")
    return loaded.stdout.splitlines()
