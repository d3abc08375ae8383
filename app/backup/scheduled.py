"""Back-ups that the worker makes: how they are called, and which of them are kept."""

import re
import shutil
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.backup.archive import ENCRYPTED
from app.backup.copying import UNFINISHED
from app.settings import Settings

_NAME = re.compile(r"convergence-(\d{8}-\d{6})-\d+\.tar\.gz(\.age)?")
_MOMENT = "%Y%m%d-%H%M%S"
# No back-up takes longer: what is left of one that was killed goes.
_UNFINISHED_LASTS = timedelta(days=1)


def scheduled_name(settings: Settings, number: int, at: datetime) -> str:
    """What the back-up of the job with this number is called."""
    return (
        f"convergence-{at.astimezone(UTC):{_MOMENT}}-{number}.tar.gz{ENCRYPTED if settings.backup_recipients else ''}"
    )


def remove_old(settings: Settings, folder: Path, *, now: datetime) -> list[Path]:
    """Delete back-ups of the worker beyond the number and the age that the settings keep; the newest one stays.

    Nothing else in the folder is touched, but for what killed back-ups left. Returns what was deleted.
    """
    found = sorted(((at, path) for path in folder.iterdir() if (at := _made_at(path)) is not None), reverse=True)
    oldest = now - timedelta(days=settings.backup_days)
    old = [path for place, (at, path) in enumerate(found) if place and (place >= settings.backups_kept or at < oldest)]
    removed = []
    for path in old:
        with suppress(OSError):  # it is tried again after the next back-up
            path.unlink()
            removed.append(path)
    for unfinished in {*folder.glob(f"{UNFINISHED}*"), *settings.instance.glob(f"{UNFINISHED}*")}:
        if datetime.fromtimestamp(unfinished.stat().st_mtime, UTC) < now - _UNFINISHED_LASTS:
            shutil.rmtree(unfinished, ignore_errors=True)
    return removed


def _made_at(path: Path) -> datetime | None:
    found = _NAME.fullmatch(path.name)
    try:
        return datetime.strptime(found[1], _MOMENT).replace(tzinfo=UTC) if found is not None else None
    except ValueError:
        return None
