"""The declarative base of all models, aware UTC times, enums stored as text."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import JSON, BindParameter, DateTime, Enum, MetaData, bindparam
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

# Values in one statement: PostgreSQL takes at most 65,535 parameters, SQLite fewer.
CHUNK = 500
# The largest value of an integer key. A larger number in a query is an error on PostgreSQL.
MAX_ID = 2**31 - 1
Value = TypeVar("Value")

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UTCDateTime(TypeDecorator[datetime]):
    """An aware UTC instant, also on SQLite, which stores no time zone. Raises ValueError for a naive value."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 -- TypeDecorator's signature
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a naive datetime was about to be stored: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 -- TypeDecorator's signature
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def choice(enum: type[StrEnum]) -> Enum:
    """The column type of a StrEnum: text, checked by the type and not by the database.

    SQLite can't change a CHECK, so a new value would mean copying the table.
    """
    return Enum(
        enum,
        native_enum=False,
        create_constraint=False,
        length=20,
        values_callable=lambda members: [member.value for member in members],
    )


def this_instant() -> BindParameter[datetime]:
    """The instant at which a statement runs, for conditions that say who may see something now.

    Every query that shows something asks them: so the statement itself reads the clock, also one that is built once.
    """
    return bindparam("instant", callable_=lambda: datetime.now(UTC), type_=UTCDateTime(), unique=True)


def chunks(values: Sequence[Value], size: int = CHUNK) -> Iterator[Sequence[Value]]:
    """The values in parts that are small enough for one statement."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map = {  # noqa: RUF012 -- read once by SQLAlchemy, never changed
        datetime: UTCDateTime,
        dict[str, Any]: JSON,
        list[Any]: JSON,
    }
