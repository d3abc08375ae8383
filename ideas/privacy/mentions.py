"""Where a person is named in texts: every text and JSON column is looked through for addresses, and the rows that have
to do with the person for the name. See `ideas.privacy.wanted` for the words.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from secrets import token_hex
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ColumnElement,
    Enum,
    String,
    Table,
    Text,
    and_,
    column,
    delete,
    select,
    table,
    true,
    type_coerce,
    update,
)
from sqlalchemy.orm import Session

from ideas.activity.activity import Activity, seal
from ideas.base import Base
from ideas.people.person import Person
from ideas.privacy.wanted import Wanted, Words, tied_to
from ideas.search import index_new, index_of, searchable_models

# Their text is found again by a digest, or belongs to the organisation.
_LEFT_ALONE = frozenset({"text_vector", "limit_count", "alembic_version"})
# Values by which rows are told apart: two of them may not become one.
_KEYS = frozenset({"idea.import_key", "idea.form_key", "comment.form_key", "evidence.form_key", "idea_tag.tag"})
# Values that say who somebody is, or are secrets. The register deals with the person's own; those of others stay.
_IDENTIFYING = frozenset(
    {
        "person.email",
        "person.name",
        "identity.subject",
        "identity.secret",
        "link.email",
        "link.salt",
        "invitation.email",
        "imported_address.email",
        "objection.email",
        "idea.author_name",
        "message.address",
        "message.mail_id",
        "message.key",
        "organisation.name",
        "organisation.contact_email",
        "organisation.sign_up_domains",
        "unwanted_invitation.address_hash",
        "undeliverable_address.address",
        "sign_in.token_hash",
        "recovery_code.code_hash",
        "file.stored_as",
        "file.digest",
        "activity.hash",
    }
)


def count_mentions(session: Session, person: Person, wanted: Wanted) -> int:
    """How many rows name the person, beside their own account and the rows that go with it.

    For administrators: a member who could try words out would learn what is in texts that they may not read.
    """
    total = 0
    for source in _tables():
        found: set[tuple[Any, ...]] = set()
        for words, where in _sought(source, wanted):
            pattern = words.pattern
            for each in _searched(source):
                values = _values(session, source, each, words, where & _not_their_own(source, person))
                found |= {key for key, value in values if _replaced(value, pattern, "") != value}
        total += len(found)
    return total


def replace_mentions(
    session: Session, wanted: Wanted, *, instead: str, redacted: Iterable[int] = ()
) -> tuple[int, dict[str, str]]:
    """Put `instead` in the place of the words. For the job that erases.

    `redacted`: rows of the log that it changed before. Returns how many values were changed, and the seal of each row
    of the log that was, by its id.
    """
    session.flush()
    changed, log = 0, set(redacted)
    indexed = {model.__tablename__: model for model in searchable_models()}  # type: ignore[attr-defined]  # each is mapped
    for source in _tables():
        rows: set[tuple[Any, ...]] = set()
        for words, where in _sought(source, wanted):
            pattern = words.pattern
            for each in _searched(source):
                for key, value in _values(session, source, each, words, where):
                    new = _replaced(value, pattern, token_hex(8) if _name(each) in _KEYS else instead)
                    if new != value:
                        _write(session, source, each, key, new)
                        rows.add(key)
                        changed += 1
        if source.name == Activity.__tablename__:
            log |= {key[0] for key in rows}
            rows |= {(number,) for number in log}
        if source.name in indexed and rows:
            _index_again(session, indexed[source.name], [key[0] for key in rows])
    return changed, _seals(session, log)


def _sought(source: Table, wanted: Wanted) -> Iterator[tuple[Words, ColumnElement[bool]]]:
    """What is looked for in a table, and in which of its rows."""
    if wanted.addresses.words:
        yield wanted.addresses, true()
    if wanted.names.words:
        yield wanted.names, tied_to(wanted.person_id, source.name)


def _seals(session: Session, ids: Iterable[int]) -> dict[str, str]:
    """The seals of these rows of the log by id, after words were taken out of them."""
    session.expire_all()
    return {str(number): seal(session.get_one(Activity, number)) for number in sorted(ids)}


def _tables() -> Iterator[Table]:
    for source in Base.metadata.sorted_tables:
        if source.name not in _LEFT_ALONE and not source.name.endswith("_words") and _searched(source):
            yield source


def _searched(source: Table) -> list[Column[Any]]:
    """The columns of a table that hold text, or JSON, of people; enumerations hold codes."""
    return [each for each in source.columns if (_is_json(each) or _is_text(each)) and _name(each) not in _IDENTIFYING]


def _is_text(each: Column[Any]) -> bool:
    return isinstance(each.type, String) and not isinstance(each.type, Enum)


def _is_json(each: Column[Any]) -> bool:
    return isinstance(each.type, JSON) or isinstance(getattr(each.type, "impl", None), JSON)


def _name(each: Column[Any]) -> str:
    return f"{each.table.name}.{each.name}"


def _not_their_own(source: Table, person: Person) -> ColumnElement[bool]:
    """SQL condition: the row is no account of this person, and none that goes with it."""
    own = "id" if source.name == Person.__tablename__ else "person_id"
    return source.c[own].is_distinct_from(person.id) if own in source.c else source.primary_key.columns[0].is_not(None)


def _values(
    session: Session, source: Table, each: Column[Any], words: Words, where: ColumnElement[bool]
) -> Sequence[tuple[tuple[Any, ...], Any]]:
    """The values of a column that may have the words, each with the key of its row. JSON is read as it is stored."""
    value = type_coerce(each, JSON()) if _is_json(each) else each
    found = session.execute(select(*source.primary_key.columns, value).where(words.found_in(each), where)).all()
    return [(tuple(row[:-1]), row[-1]) for row in found]


def _write(session: Session, source: Table, each: Column[Any], key: tuple[Any, ...], value: Any) -> None:
    plain = table(source.name, *(column(one.name, one.type) for one in source.primary_key.columns))
    plain.append_column(column(each.name, JSON() if _is_json(each) else Text()))
    plain.append_column(column("is_redacted", Boolean()))
    same = and_(*(plain.c[one.name] == part for one, part in zip(source.primary_key.columns, key, strict=True)))
    limit = getattr(each.type, "length", None)
    marks = {"is_redacted": True} if source.name == Activity.__tablename__ else {}  # else the database refuses it
    session.execute(
        update(plain).where(same).values({each.name: value[:limit] if isinstance(value, str) else value} | marks)
    )


def _replaced(value: Any, pattern: re.Pattern[str], instead: str) -> Any:
    if isinstance(value, str):
        return pattern.sub(lambda _found: instead, value)
    if isinstance(value, list):
        return [_replaced(one, pattern, instead) for one in value]
    if isinstance(value, dict):
        return {_replaced(name, pattern, instead): _replaced(one, pattern, instead) for name, one in value.items()}
    return value


def _index_again(session: Session, model: Any, ids: Sequence[int]) -> None:
    index, key = index_of(model), Base.metadata.tables[model.__tablename__].c.id
    session.execute(delete(index).where(index.c.id.in_(ids)))
    index_new(session, model, where=key.in_(ids))
