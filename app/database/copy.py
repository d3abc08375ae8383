"""Moves a site to a PostgreSQL server: every row of its database is copied there, then both are compared."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from alembic.migration import MigrationContext
from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Connection,
    Engine,
    Integer,
    MetaData,
    Select,
    Table,
    Text,
    bindparam,
    cast,
    delete,
    func,
    insert,
    inspect,
    or_,
    select,
    text,
    update,
)

from app.settings import SettingsError
from ideas.base import Base

CHUNK = 1_000
# In the target until the copy is whole: what is there may be gone on with.
_MARK = Table("database_copy", MetaData(), Column("id", Integer))


def copy_database(source: Connection, target: Engine) -> dict[str, int]:
    """Copy the rows that the target lacks, compare all, and return how many each table has. Raises SettingsError.

    The target has the tables of this version, and no rows but those of an earlier copy that was interrupted: it goes on
    there. Nobody may write to either meanwhile.
    """
    tables = Base.metadata.sorted_tables
    with target.connect() as connection:
        if _version(source) != _version(connection):
            raise SettingsError("First bring this database up to date: flask --app app db upgrade")
    _begin(target, tables)
    for table in tables:
        _copy_rows(source, target, table)
    for table in tables:
        _copy_late(source, target, table)
        _number_on(target, table)
    counts = {}
    for table in tables:
        here = _checksum(source, table)
        with target.connect() as connection:
            if here != _checksum(connection, table):
                raise SettingsError(
                    f"The table {table.name} is not the same in both. Did the site run meanwhile? Stop it, empty the"
                    " new database (drop it and create it), and copy again."
                )
        counts[table.name] = here[0]
    _MARK.drop(target)
    return counts


def _version(connection: Connection) -> tuple[str, ...]:
    return MigrationContext.configure(connection).get_current_heads()


def _begin(target: Engine, tables: Sequence[Table]) -> None:
    """Mark the target as one that is being copied to, and delete the rows that migrations have added."""
    if inspect(target).has_table(_MARK.name):
        return
    with target.begin() as connection:
        if connection.scalar(select(func.count()).select_from(Base.metadata.tables["person"])):
            raise SettingsError("There is a site in that database already. Name an empty one.")
        for table in reversed(tables):
            connection.execute(delete(table))
        _MARK.create(connection)


def _copy_rows(source: Connection, target: Engine, table: Table) -> None:
    """Copy the rows after those that are there, in the order of the source: it has not changed since."""
    with target.connect() as connection:
        copied = connection.scalar(select(func.count()).select_from(table))
    late = {f"new_{column.name}": None for column in _late(table)}
    write = insert(table).values({column: _given(column) for column in table.columns})
    for rows in _chunks(source, select(*map(_read, table.columns)).order_by(*table.primary_key).offset(copied)):
        with target.begin() as connection:
            connection.execute(write, [row | late for row in rows])


def _read(column: Column[Any]) -> ColumnElement[Any]:
    """A column under a name that no column has; JSON as its text, for its null is not NULL."""
    return (cast(column, Text) if _is_json(column) else column).label(f"new_{column.name}")


def _given(column: Column[Any]) -> ColumnElement[Any]:
    """What `_read` has read, as it is written."""
    name = f"new_{column.name}"
    return cast(bindparam(name, type_=Text), JSON) if _is_json(column) else bindparam(name, type_=column.type)


def _is_json(column: Column[Any]) -> bool:
    return isinstance(column.type, JSON) or isinstance(getattr(column.type, "impl", None), JSON)


def _late(table: Table) -> list[Column[Any]]:
    """The columns that point to rows which may come later: of the same table, or of one that points back."""
    keys = (key for key in table.foreign_keys if key.use_alter or key.column.table is table)
    return [key.parent for key in keys]


def _copy_late(source: Connection, target: Engine, table: Table) -> None:
    late = _late(table)
    if not late:
        return
    keys = table.primary_key.columns
    write = (
        update(table)
        .where(*(key == bindparam(f"new_{key.name}") for key in keys))
        .values({column: _given(column) for column in late})
    )
    filled = select(*map(_read, [*keys, *late])).where(or_(*(column.is_not(None) for column in late)))
    for rows in _chunks(source, filled):
        with target.begin() as connection:
            connection.execute(write, rows)


_SET_NUMBER = text("SELECT setval(CAST(pg_get_serial_sequence(:table, :key) AS regclass), :highest)")


def _number_on(target: Engine, table: Table) -> None:
    """Let new rows get the numbers after the highest."""
    key = table.autoincrement_column
    if key is None:
        return
    with target.begin() as connection:
        highest = connection.scalar(select(func.max(key)))
        if highest is not None:
            connection.execute(_SET_NUMBER, {"table": table.name, "key": key.name, "highest": highest})


def _checksum(connection: Connection, table: Table) -> tuple[int, int]:
    """How many rows there are, and a sum of their hashes, which no order changes.

    Tokens of the search are left out: PostgreSQL writes them in its own way.
    """
    tokens = table.columns["words"] if table.name.endswith("_words") else None
    compared = [column for column in table.columns if column is not tokens]
    count = total = 0
    for rows in _chunks(connection, select(*map(_read, compared))):
        for row in rows:
            count += 1
            total += int.from_bytes(hashlib.sha256(repr(sorted(row.items())).encode()).digest()[:16])
    return count, total


def _chunks(connection: Connection, rows: Select[Any]) -> Iterator[list[dict[str, Any]]]:
    found = connection.execute(rows.execution_options(yield_per=CHUNK)).mappings()
    for part in found.partitions():
        yield [dict(row) for row in part]
