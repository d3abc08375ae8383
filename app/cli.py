"""Commands: each calls one function of the application."""

import logging
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext
from flask_migrate import upgrade

from app.clock import now
from app.extensions import database
from app.settings import Settings
from ideas.activity.activity import count_activities, first_broken
from ideas.campaigns.campaign import Campaign
from ideas.contributions.importing import ImportReport
from ideas.errors import DomainError

demo_commands = AppGroup("demo", help="Load the demo community.")
idea_commands = AppGroup("idea", help="Import ideas from elsewhere.")
activity_commands = AppGroup("activity", help="Check the activity log.")


def init_app(app: Flask) -> None:
    """Register the commands."""
    for command in (serve_command, worker_command, access_command):
        app.cli.add_command(command)
    app.cli.add_command(demo_commands)
    app.cli.add_command(idea_commands)
    app.cli.add_command(activity_commands)


@click.command("serve")
@click.option("--host", envvar="HOST", default="127.0.0.1", show_default=True)
@click.option("--port", envvar="PORT", default=5000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--demo", is_flag=True, help="Load the demo community, if there is no account yet.")
@with_appcontext
def serve_command(host: str, port: int, demo: bool) -> None:
    """Bring the database up to date, then start the web server and the worker."""
    from app.serving import check_address, serve

    check_address(host, port)
    upgrade()
    lines = [f"Convergence runs at http://{host}:{port}", "Stop it with Ctrl-C."]
    if demo:
        lines[1:1] = _load_demo()
    database().close()
    serve(_app(), host=host, port=port, lines=lines)


@click.command("worker")
@click.option("--parent", type=int, help="Stop when the process with this id ends.")
@with_appcontext
def worker_command(parent: int | None) -> None:
    """Run jobs and send emails until stopped."""
    from app.jobs.find_themes import warm_up
    from app.jobs.worker import work

    logging.basicConfig(level=logging.INFO, format="%(asctime)s worker %(levelname)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda _signal, _frame: stop.set())
    settings: Settings = current_app.extensions["settings"]
    warm_up(settings.embedding_model)
    work(_app(), stop, parent=parent)


@click.command("access")
@with_appcontext
def access_command() -> None:
    """Print docs/access.md: every route and who may use it."""
    from app.access.document import access_document

    click.echo(access_document(_app()), nl=False)


@activity_commands.command("check")
def check_activity_command() -> None:
    """Check that no row of the activity log was changed or deleted. Exit status 1 if one was."""
    broken = first_broken(database())
    if broken is not None:
        raise click.ClickException(
            f"Activity {broken} does not fit the one before it: the log was changed there, or rows are missing."
        )
    click.echo(f"The log is whole: {count_activities(database())} activities.")


@demo_commands.command("load")
def load_demo_command() -> None:
    """Load the demo community, if there is no account yet."""
    for line in _load_demo():
        click.echo(line)


def _app() -> Flask:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 -- the way Flask hands its app on
    return app


def _load_demo() -> list[str]:
    from app.demo.loading import PASSWORD, accounts, load_demo

    load_demo(database())
    return [f"Demo accounts (password: {PASSWORD}):", *(f"  {email}  {who}" for who, email in accounts().items())]


class BadInput(click.ClickException):
    """The input can't be used. Printed as one line, with exit status 2."""

    exit_code = 2


@idea_commands.command("import")
@click.argument("campaign_id", metavar="CAMPAIGN", type=int)
@click.argument("file", metavar="FILE")
@click.option("--dry-run", is_flag=True, help="Show what would be imported. Write nothing.")
@click.option("--text", metavar="COLUMN", help="Column of the text. Default: guessed from the headers.")
@click.option("--title", metavar="COLUMN", help="Column of the title. Default: guessed from the headers.")
@click.option("--author", metavar="COLUMN", help="Column of the author. Default: guessed from the headers.")
@click.option("--lang", metavar="COLUMN", help="Column of the language. Default: guessed from the headers.")
@click.option(
    "--id", "key", metavar="COLUMN", help="Column of the idea's identifier. Default: guessed from the headers."
)
def import_ideas_command(campaign_id: int, file: str, dry_run: bool, **names: str | None) -> None:
    """Import the ideas of FILE (CSV or XLSX) into the campaign with the number CAMPAIGN."""
    from app.idea_file import import_file

    campaign = database().get(Campaign, campaign_id)
    if campaign is None:
        raise BadInput(f"There is no campaign {campaign_id}.")
    try:
        content = Path(file).read_bytes()
        report = import_file(database(), campaign, content, filename=file, names=names, now=now(), dry_run=dry_run)
    except OSError as error:
        raise BadInput(f"{file} can't be read: {error.strerror}.") from error
    except DomainError as error:
        raise BadInput(str(error)) from error
    database().commit()
    for line in _report_lines(report, dry_run=dry_run):
        click.echo(line)


def _report_lines(report: ImportReport, *, dry_run: bool) -> Iterator[str]:
    yield f"{'to add' if dry_run else 'added'}: {report.added}"
    yield f"already imported: {report.known}"
    yield f"refused: {report.refused_total}"
    for row in report.refused:
        yield f"  line {row.line}: {row.reason % row.values}"
    if report.refused_total > len(report.refused):
        yield f"  and {report.refused_total - len(report.refused)} more"
