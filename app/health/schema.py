"""Whether the tables are those of this version."""

from enum import StrEnum
from functools import cache

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.orm import Session

from app.extensions import migrate


class Schema(StrEnum):
    """`pending`: an upgrade is missing. `newer`: a later version made it, and this one can still read it."""

    OK = "ok"
    PENDING = "pending"
    NEWER = "newer"


def schema_state(session: Session) -> Schema:
    """One query. The migrations are read once in a process."""
    present = set(MigrationContext.configure(session.connection()).get_current_heads())
    wanted, known = _migrations()
    if present == wanted:
        return Schema.OK
    return Schema.NEWER if present - known else Schema.PENDING


def known_migrations() -> set[str]:
    """All migrations of this version."""
    return _migrations()[1]


@cache
def _migrations() -> tuple[set[str], set[str]]:
    """The latest migrations of this version, and all that it knows."""
    scripts = ScriptDirectory.from_config(migrate.get_config())
    return set(scripts.get_heads()), {script.revision for script in scripts.walk_revisions()}
