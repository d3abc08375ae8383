"""What a back-up says of itself, in backup.json: when it was made, of which database and schema, how many rows."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from app.backup.databases import COPIES, POSTGRESQL, SQLITE, Content, check_sqlite, content_of
from app.health.schema import known_migrations
from app.settings import SettingsError

MANIFEST = "backup.json"
# Those of the first had no database of PostgreSQL, and said neither their schema nor the rows of every table.
FORMATS = (1, 2)
# What a report of a back-up counts.
COUNTED = ("person", "campaign", "idea", "comment", "activity", "file")


@dataclass(frozen=True, slots=True)
class Manifest:
    """`database`: its kind, or None where the back-up has none. `rows`: by table; empty where it was not said."""

    database: str | None
    schema: list[str] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)


def counted(content: Content) -> dict[str, int]:
    return {name: content.rows[name] for name in COUNTED if name in content.rows}


def write_manifest(folder: Path, content: Content, *, database: str, files: int, at: datetime) -> None:
    facts = {
        "format": FORMATS[-1],
        "made_at": at.isoformat(timespec="seconds"),
        "database": database,
        "schema": content.schema,
        "counts": counted(content),
        "rows": content.rows,
        "files": files,
    }
    (folder / MANIFEST).write_text(json.dumps(facts, indent=2) + "\n")


def read_manifest(source: Path, folder: Path) -> Manifest:
    """What the back-up that was unpacked here says of itself. Its database was looked at. Raises SettingsError."""
    try:
        facts = json.loads((folder / MANIFEST).read_text())
    except (OSError, ValueError, RecursionError) as error:
        raise SettingsError(f"{source} is no back-up of Convergence: it has no {MANIFEST}.") from error
    if not isinstance(facts, dict) or facts.get("format") not in FORMATS:
        raise SettingsError(f"{source} was made by another version. Restore it with that one, then upgrade.")
    database = next((kind for kind in (SQLITE, POSTGRESQL) if (folder / COPIES[kind]).is_file()), None)
    if facts.get("database") not in {None, database}:
        raise SettingsError(f"{source} is not whole: its database is missing.")
    schema = _strings(facts.get("schema"))
    if database == SQLITE:
        check_sqlite(folder / COPIES[SQLITE])
        schema = content_of(f"sqlite:///{folder / COPIES[SQLITE]}").schema
    return Manifest(database, schema, _numbers(facts.get("rows")), _numbers(facts.get("counts")))


def check_fits(source: Path, manifest: Manifest, *, database: str) -> None:
    """Raises SettingsError where this version, or this kind of database, can't take the back-up."""
    newer = sorted(set(manifest.schema) - known_migrations())
    if newer:
        raise SettingsError(
            f"{source} was made by a later version of Convergence: its tables are at {', '.join(newer)}, which this"
            " version does not know. Upgrade Convergence, then restore it."
        )
    if manifest.database not in {None, database}:
        names = {SQLITE: "SQLite", POSTGRESQL: "PostgreSQL"}
        raise SettingsError(
            f"{source} is of {names[str(manifest.database)]}, and DATABASE_URL names {names[database]}. Restore it with"
            " a DATABASE_URL of its kind; flask --app app db copy moves SQLite to PostgreSQL."
        )
    if manifest.database is None and database == SQLITE:
        raise SettingsError(f"{source} has no database: it is of PostgreSQL, by an earlier version.")


def _strings(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _numbers(value: Any) -> dict[str, int]:
    return (
        {str(name): count for name, count in value.items() if isinstance(count, int)} if isinstance(value, dict) else {}
    )
