"""A copy of everything that a site keeps, made while it runs, and the way back."""

import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
import zlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from app.server.private_files import database_file
from app.settings import Settings, SettingsError

DATABASE, UPLOADS, SECRET, MANIFEST = "database.sqlite", "uploads", "secret.key", "backup.json"
ARCHIVES = (".tar", ".tar.gz", ".tgz")
FORMAT = 1
# In the instance folder: its time is that of the last back-up.
DONE = "backup.done"
# What the report of a back-up counts.
_COUNTED = ("person", "campaign", "idea", "comment", "activity", "file")


@dataclass(frozen=True, slots=True)
class Report:
    """What a back-up or a restore copied. `missing`: files that the database names and that are not there."""

    place: Path
    counts: dict[str, int]
    files: int
    missing: list[str]


def back_up(settings: Settings, target: Path, *, at: datetime | None = None) -> Report:
    """Copy the database, the uploads and the key to a new folder, or to an archive that ends with .tar or .tar.gz.

    The site may go on: the database is copied as it is at one moment, by SQLite itself, and files before and after it.
    Of PostgreSQL the database is not copied: pg_dump does that. Raises SettingsError; then nothing is left behind.
    """
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise SettingsError(f"{target} exists already. Name a new folder or file: a back-up never overwrites another.")
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as name:
        folder = Path(name) / "site"
        folder.mkdir(mode=0o700)
        report = _copy_into(settings, folder, at or datetime.now(UTC))
        if target.name.endswith(ARCHIVES):
            archive = Path(name) / "archive"
            with tarfile.open(archive, "w:gz" if target.name.endswith("gz") else "w") as out:
                out.add(folder, arcname=target.name.partition(".")[0] or "convergence")
            archive.chmod(0o600)
            archive.replace(target)
        else:
            if target.is_dir():
                target.rmdir()
            folder.replace(target)
    _note_done(settings)
    return Report(target, report.counts, report.files, report.missing)


def last_back_up(settings: Settings) -> datetime | None:
    """When `back_up` ended last on this machine; None where it never did. Copies made by other means are not known."""
    try:
        return datetime.fromtimestamp((settings.instance / DONE).stat().st_mtime, UTC)
    except OSError:
        return None


def _note_done(settings: Settings) -> None:
    """Note that a back-up was made, in the time of an empty file: the page of health shows it."""
    path = settings.instance / DONE
    path.touch(mode=0o600)
    os.utime(path)


def restore(settings: Settings, source: Path) -> Report:
    """Put a back-up in the place of what is there: the database by SQLite itself, whole or not at all.

    Stop the web and the worker before. Files that the back-up does not know stay: no page shows them.
    Raises SettingsError, before anything has changed.
    """
    with tempfile.TemporaryDirectory(dir=settings.instance, prefix=".restore-") as name:
        folder = _unpacked(source, Path(name))
        try:
            facts = json.loads((folder / MANIFEST).read_text())
        except (OSError, ValueError, RecursionError) as error:
            raise SettingsError(f"{source} is no back-up of Convergence: it has no {MANIFEST}.") from error
        if not isinstance(facts, dict) or facts.get("format") != FORMAT:
            raise SettingsError(f"{source} was made by another version. Restore it with that one, then upgrade.")
        database = database_file(settings.database_url)
        if database is not None:
            copy = folder / DATABASE
            if not copy.is_file():
                raise SettingsError(
                    f"{source} has no database: it is of PostgreSQL. Use pg_restore, then copy uploads."
                )
            _check(copy)
            _copy_database(copy, database)
        _copy_files(folder / UPLOADS, settings.uploads)
        if (folder / SECRET).is_file():
            _copy_file(folder / SECRET, settings.instance / SECRET)
    if database is None:
        return Report(source, facts.get("counts", {}), _count_files(settings.uploads), [])
    return _report(source, database, settings.uploads)


def pg_dump_command(settings: Settings) -> str:
    """The command that copies the database of PostgreSQL, without its password."""
    address = make_url(settings.database_url)._replace(drivername="postgresql", password=None)
    return f"pg_dump --format=custom --file=convergence.dump '{address.render_as_string(hide_password=False)}'"


def _copy_into(settings: Settings, folder: Path, at: datetime) -> Report:
    # A file is written before the row that names it, and deleted after that row has changed. So the files of the
    # database's moment are those that are there before it, and those that came until then.
    _copy_files(settings.uploads, folder / UPLOADS)
    database = database_file(settings.database_url)
    report = Report(folder, {}, _count_files(folder / UPLOADS), [])
    if database is not None:
        if not database.is_file():
            raise SettingsError(f"There is no database at {database}: nothing to back up.")
        _copy_database(database, folder / DATABASE)
        _check(folder / DATABASE)
        _copy_files(settings.uploads, folder / UPLOADS)
        report = _report(folder, folder / DATABASE, folder / UPLOADS)
    if (settings.instance / SECRET).is_file():
        _copy_file(settings.instance / SECRET, folder / SECRET)
    facts = {"format": FORMAT, "made_at": at.isoformat(timespec="seconds"), "counts": report.counts}
    (folder / MANIFEST).write_text(json.dumps(facts | {"files": report.files}, indent=2) + "\n")
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
    return report


def _copy_database(source: Path, target: Path) -> None:
    """Copy a database that may be in use. Others may read and write the source meanwhile."""
    _touch_private(target)
    try:
        with closing(sqlite3.connect(source, timeout=60)) as old, closing(sqlite3.connect(target, timeout=5)) as new:
            old.backup(new)
            if target.name == DATABASE:
                new.execute("PRAGMA journal_mode=DELETE")  # a single file
    except sqlite3.Error as error:
        raise SettingsError(f"{source} can't be copied to {target}: {error}. Is a process still running?") from error


def _touch_private(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))


def _check(database: Path) -> None:
    """Raises SettingsError where SQLite finds that the copy is damaged."""
    try:
        found = _ask(database, "PRAGMA integrity_check")
    except sqlite3.Error as error:
        raise SettingsError(f"{database} can't be read: {error}.") from error
    if found != [("ok",)]:
        raise SettingsError(f"{database} is damaged: {found[0][0]}.")


def _report(place: Path, database: Path, uploads: Path) -> Report:
    tables = {name for (name,) in _ask(database, "SELECT name FROM sqlite_master WHERE type = 'table'")}
    counts = {name: _ask(database, f"SELECT count(*) FROM {name}")[0][0] for name in _COUNTED if name in tables}  # noqa: S608 -- our own names
    kept = _ask(database, "SELECT stored_as FROM file WHERE removed_at IS NULL") if "file" in tables else []
    return Report(place, counts, _count_files(uploads), [name for (name,) in kept if not (uploads / name).is_file()])


def _ask(database: Path, question: str) -> list[Any]:
    with closing(sqlite3.connect(database, timeout=60)) as connection:
        return connection.execute(question).fetchall()


def _copy_files(source: Path, target: Path) -> None:
    """Copy the files that the target lacks. One that is deleted meanwhile is left out; so is one half written."""
    for path in sorted(source.rglob("*")) if source.is_dir() else []:
        copy = target / path.relative_to(source)
        if path.is_file() and not path.is_symlink() and path.suffix != ".part" and not copy.exists():
            copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                _copy_file(path, copy)
            except FileNotFoundError:
                copy.unlink(missing_ok=True)


def _copy_file(source: Path, target: Path) -> None:
    unfinished = target.with_name(target.name + ".part")
    shutil.copyfile(source, unfinished)
    unfinished.chmod(0o600)
    unfinished.replace(target)


def _count_files(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))


def _unpacked(source: Path, folder: Path) -> Path:
    """The folder of a back-up: the one that is named, or what its archive holds."""
    if source.is_dir():
        return source
    try:
        with tarfile.open(source) as archive:
            archive.extractall(folder, filter="data")
    except (OSError, EOFError, zlib.error, tarfile.TarError) as error:  # the second and third of one cut short
        raise SettingsError(f"{source} can't be read as a back-up: {error}.") from error
    return next((path.parent for path in folder.rglob(MANIFEST)), folder)


def lines(report: Report, say: Callable[[str], object]) -> None:
    """Say what was copied, a line each."""
    for name, count in report.counts.items():
        say(f"  {name}: {count}")
    say(f"  files: {report.files}")
    for name in report.missing:
        say(f"  missing: {name} is in the database, but there is no such file in uploads")
