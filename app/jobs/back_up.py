"""Back up the site to the folder of the settings, and delete back-ups that are too many or too old."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from flask import current_app

from app.backup.copying import back_up
from app.backup.scheduled import remove_old, scheduled_name
from app.clock import now
from app.database.sqlite import reading
from app.extensions import database
from app.settings import Settings, SettingsError
from ideas.work.backup import lacking_files, mark_removed, note_backup
from ideas.work.job import Job


def run(job: Job, *, report: Callable[[str, float], None]) -> dict[str, Any]:
    """See app.worker.worker for the contract. Without a folder in the settings there is nothing to do."""
    settings: Settings = current_app.extensions["settings"]
    folder = settings.backup_folder
    if folder is None:
        return {}
    report("back_up", 0.0)
    target = folder / scheduled_name(settings, job.id, job.created_at)
    with suppress(OSError):  # what is wrong there is said by what follows
        target.unlink()  # of an attempt whose end could not be written
    try:
        made = back_up(settings, target, at=now())
    except SettingsError as error:
        note_backup(database(), place=str(target), scheduled=True, facts={"error": error.message}, now=now())
        database().commit()  # the worker throws away what a failed attempt wrote
        raise
    with reading(database()) as session:  # no lock is held while large files are deleted
        lacking = {Path(place) for place in lacking_files(session)} | ({target} if made.missing else set())
    removed = remove_old(settings, folder, lacking=lacking, now=now())
    facts = {"size": made.size, "counts": made.counts, "files": made.files, "missing": len(made.missing)}
    note_backup(
        database(), place=str(target), scheduled=True, facts=facts | {"is_encrypted": made.is_encrypted}, now=now()
    )
    mark_removed(database(), [str(path) for path in removed], now=now())
    return {"size": made.size, "removed": len(removed)}
