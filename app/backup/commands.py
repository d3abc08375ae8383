"""The commands that make a back-up, restore it, and rehearse that."""

from pathlib import Path
from typing import cast

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext
from sqlalchemy.exc import SQLAlchemyError

from app.clock import now
from app.extensions import database
from app.file_store import file_store
from app.server.private_files import database_file
from app.settings import Settings, SettingsError
from ideas.store import StoreAway
from ideas.work.backup import note_backup


class _BackupGroup(AppGroup):
    """`backup FILE` makes one: what is no other command is the name of a file."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        return super().resolve_command(ctx, args if args[0] in self.commands else ["make", *args])


backup_commands = _BackupGroup(
    "backup",
    subcommand_metavar="DIR_OR_FILE | rehearse DIR_OR_FILE",
    help="Copy database, uploads and key to a new folder or archive (.tar, .tar.gz, encrypted .tar.gz.age). The site"
    " may run meanwhile.",
)
_identity = click.option(
    "--identity",
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The file of the secret key, for a back-up that is encrypted.",
)


@backup_commands.command("make", hidden=True)
@click.argument("target", metavar="DIR_OR_FILE", type=click.Path(path_type=Path))
def make_command(target: Path) -> None:
    """Copy database, uploads and key to a new folder or archive."""
    from app.backup.archive import check_name
    from app.backup.copying import back_up, lines

    began, place = now(), target.absolute()
    check_name(place, _settings().backup_recipients)  # a name that can't be is no back-up that failed
    try:
        report = back_up(_settings(), place, at=began)
    except SettingsError as error:
        _note(place, {"error": error.message})
        raise
    facts = {"size": report.size, "counts": report.counts, "files": report.files, "missing": len(report.missing)}
    _note(place, facts | {"is_encrypted": report.is_encrypted})
    click.echo(f"Backed up to {report.place}")
    lines(report, click.echo)


@backup_commands.command("rehearse")
@click.argument("source", metavar="DIR_OR_FILE", type=click.Path(path_type=Path, exists=True))
@_identity
def rehearse_command(source: Path, identity: Path | None) -> None:
    """Restore a back-up beside the site, check it, and remove it again. Exit status 1 where something is wrong."""
    from app.backup.rehearsal import rehearse

    database().close()
    found = rehearse(_settings(), source.absolute(), identity=identity)
    click.echo(f"Restored beside the site, brought up to date, checked and removed again: {source}")
    click.echo(f"  tables: {found.tables}, rows: {found.rows}, files: {found.files}, activities: {found.activities}")
    for fault in found.faults:
        click.echo(f"  wrong: {fault}")
    if found.faults:
        raise click.ClickException("This back-up is not whole. Make another one, and keep the earlier ones.")
    click.echo("Nothing is missing: it can be restored.")


files_commands = AppGroup("files", help="Move the files of this site.")


@files_commands.command("copy")
def copy_command() -> None:
    """Copy the files of the folder to the store that FILE_STORE names. Run it again: it goes on where it ended."""
    from app.backup.copying import copy_files, damaged_files
    from app.backup.databases import content_of

    settings = _settings()
    if not settings.file_store:
        raise SettingsError("FILE_STORE names no store: set it to where the files shall be, such as s3://convergence.")
    database().close()
    store, content = file_store(settings), content_of(settings.database_url)
    try:
        copied = copy_files(settings.uploads, store, known=content.files)
        found = set(store.names())
        missing, damaged = [name for name in content.files if name not in found], damaged_files(content, store)
    except StoreAway as error:
        raise SettingsError("The store of files does not answer. Run this again: it goes on where it ended.") from error
    click.echo(f"Copied {copied} files; {len(content.files) - len(missing)} of {len(content.files)} are in the store.")
    for name in missing:
        click.echo(f"  missing: {name} is in the database, and neither in the folder nor in the store")
    for name in damaged:
        click.echo(f"  damaged: {name} is not the file that was kept")
    if missing or damaged:
        raise click.ClickException("Not every file is there: put these back from a back-up.")


@click.command("restore")
@click.argument("source", metavar="DIR_OR_FILE", type=click.Path(path_type=Path, exists=True))
@click.option("--yes", is_flag=True, help="Do not ask.")
@_identity
@with_appcontext
def restore_command(source: Path, yes: bool, identity: Path | None) -> None:
    """Put a back-up in the place of what is there. Stop the web and the worker first."""
    from app.backup.copying import lines, restore

    settings = _settings()
    if not yes:
        click.confirm(
            f"Replace what is in {settings.instance} by {source}? The web and the worker must be stopped.", abort=True
        )
    database().close()
    report = restore(settings, source.absolute(), identity=identity)
    click.echo(f"Restored from {report.place}")
    lines(report, click.echo)
    click.echo(
        "Now: flask --app app db upgrade, then flask --app app activity check, then start the web and the worker."
    )


def _note(place: Path, facts: dict[str, object]) -> None:
    """Note for the page of health what became of a back-up. That it can't be noted is no reason to fail."""
    file = database_file(_settings().database_url)
    if file is not None and not file.is_file():  # SQLite would make an empty one
        return
    try:
        note_backup(database(), place=str(place), scheduled=False, facts=facts, now=now())
        database().commit()
    except SQLAlchemyError as error:
        database().rollback()
        click.echo(f"It is not listed on the page of health: the database refused ({type(error).__name__}).", err=True)


def _settings() -> Settings:
    return cast("Settings", current_app.extensions["settings"])
