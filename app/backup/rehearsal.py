"""A rehearsal of the restore: in a place of its own, which is looked at and removed."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from flask_migrate import upgrade
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.backup.archive import unpacked
from app.backup.copying import put_back
from app.backup.databases import SQLITE, check_programs, content_of, kind_of, scratch_database
from app.backup.leftovers import REHEARSAL, sweep
from app.backup.manifest import MANIFEST, check_fits, read_manifest
from app.extensions import database, db
from app.settings import Settings
from ideas.activity.activity import count_activities, first_broken


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What came of a restore. `rows`: how many in all; of what does not fit, a sentence each."""

    tables: int
    rows: int
    files: int
    activities: int
    faults: list[str]


def rehearse(settings: Settings, source: Path, *, identity: Path | None = None) -> Rehearsal:
    """Restore a back-up beside the site, bring it up to date, compare and check it, and remove it again.

    The site may run: nothing of it is touched. Of SQLite it takes a folder in that of the instance, of PostgreSQL a
    database of its own on the same server. Raises SettingsError where the back-up can't be restored at all.
    """
    kind = kind_of(settings.database_url)
    check_programs(settings.database_url)
    sweep([settings.instance], settings.database_url, now=datetime.now(UTC))
    with tempfile.TemporaryDirectory(dir=settings.instance, prefix=REHEARSAL) as name:
        scratch = Path(name)
        (scratch / "unpacked").mkdir(mode=0o700)
        folder = unpacked(source, scratch / "unpacked", manifest=MANIFEST, identity=identity)
        manifest = read_manifest(source, folder)
        check_fits(source, manifest, database=kind)
        instance = scratch / "site"
        instance.mkdir(mode=0o700)
        with scratch_database(settings.database_url, instance) as url:
            tried = replace(settings, instance=instance, database_url=url, redis_url="", file_store="", metrics=False)
            report = put_back(tried, source, folder, manifest, scratch=scratch)
            content = content_of(url)
            faults = [
                *_differing(manifest.rows, content.rows),
                *(f"{name} is in the database, but there is no such file" for name in report.missing),
                *(f"{name} is not the file that was kept" for name in report.damaged),
            ]
            activities, broken = _as_a_site(tried)
            faults += broken
    return Rehearsal(len(content.rows), sum(content.rows.values()), report.files, activities, faults)


def _differing(told: dict[str, int], found: dict[str, int]) -> Iterator[str]:
    for name in sorted(told.keys() | found.keys() if told else ()):
        if told.get(name) != found.get(name):
            yield f"{name} has {found.get(name)} rows, and had {told.get(name)} when the back-up was made"


def _as_a_site(settings: Settings) -> tuple[int, list[str]]:
    """Open the copy as the site would be: how many activities its log has, and what is wrong with it."""
    from app import create_app

    with create_app(settings).app_context():
        try:
            session = database()
            faults = _dangling(session)
            session.rollback()
            try:
                upgrade()
            except SystemExit:  # Flask-Migrate has logged why
                faults.append("the database can't be brought up to date")
            broken = first_broken(session)
            if broken is not None:
                faults.append(f"the activity log does not fit from activity {broken} on")
            return count_activities(session), faults
        finally:
            db.session.remove()
            db.engine.dispose()


def _dangling(session: Session) -> list[str]:
    """References that lead nowhere. PostgreSQL has checked each when the copy was read."""
    if session.get_bind().dialect.name != SQLITE:
        return []
    found = {row[0] for row in session.execute(text("PRAGMA foreign_key_check"))}
    return [f"{name} refers to rows that are not there" for name in sorted(found)]
