"""Back-ups that the worker makes: how they are called, and which of them are kept."""

import re
from collections.abc import Collection
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.backup.archive import ENCRYPTED
from app.backup.leftovers import sweep
from app.settings import Settings

_NAME = re.compile(r"convergence-(\d{8}-\d{6})-\d+\.tar\.gz(\.age)?")
_MOMENT = "%Y%m%d-%H%M%S"


def scheduled_name(settings: Settings, number: int, at: datetime) -> str:
    """What the back-up of the job with this number is called."""
    return (
        f"convergence-{at.astimezone(UTC):{_MOMENT}}-{number}.tar.gz{ENCRYPTED if settings.backup_recipients else ''}"
    )


def remove_old(settings: Settings, folder: Path, *, lacking: Collection[Path] = (), now: datetime) -> list[Path]:
    """Delete back-ups of the worker beyond the number and the age that the settings keep; the newest one stays.

    `lacking`: those of which files are missing. The newest of the others stays too: with it those files are restored.
    Nothing else in the folder is touched, but for what killed back-ups left. Returns what was deleted.
    """
    found = sorted(((at, path) for path in folder.iterdir() if (at := _made_at(path)) is not None), reverse=True)
    oldest = now - timedelta(days=settings.backup_days)
    whole = next((path for _at, path in found if path not in lacking), None)
    old = [
        path
        for place, (at, path) in enumerate(found)
        if place and path != whole and (place >= settings.backups_kept or at < oldest)
    ]
    removed = []
    for path in old:
        with suppress(OSError):  # it is tried again after the next back-up
            path.unlink()
            removed.append(path)
    sweep((folder, settings.instance), settings.database_url, now=now)
    return removed


def _made_at(path: Path) -> datetime | None:
    found = _NAME.fullmatch(path.name)
    try:
        return datetime.strptime(found[1], _MOMENT).replace(tzinfo=UTC) if found is not None else None
    except ValueError:
        return None
