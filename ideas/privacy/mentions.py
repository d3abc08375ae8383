"""Where a person is named in texts: every text and JSON column of every table is looked through.

A name of one word, or one that somebody else here has too, is looked for nowhere: it would be another person's, or a
word like any other. An address is always looked for.
"""

import html
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
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
    cast,
    column,
    delete,
    func,
    or_,
    select,
    table,
    type_coerce,
    update,
)
from sqlalchemy.orm import Session

from ideas.accounts.link import Link, LinkPurpose
from ideas.activity.activity import Activity, seal
from ideas.base import Base
from ideas.people.person import Person, folded_name
from ideas.search import index_new, index_of, searchable_models

# Their text is found again by a digest, or belongs to the organisation.
_LEFT_ALONE = frozenset({"text_vector", "limit_count", "alembic_version"})
# Values by which rows are told apart: two of them may not become one.
_KEYS = frozenset({"idea.import_key", "idea.form_key", "comment.form_key"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for: the words as they may be written."""

    words: tuple[str, ...]

    @property
    def pattern(self) -> re.Pattern[str]:
        """Finds the words whole, in capitals or not, also where HTML or a JSON file has escaped them."""
        written = {spelling for word in self.words for spelling in (word, html.escape(word), _in_json(word))}
        longest = sorted(written, key=len, reverse=True)
        return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest))})(?!\w)", re.IGNORECASE)

    def found_in(self, of: ColumnElement[Any]) -> ColumnElement[bool]:
        """SQL condition: a text that may have them; the pattern decides. The database folds only some capitals."""
        spellings: set[str] = set()
        for word in self.words:
            for case in (word, word.lower(), word.upper(), word.title()):
                spellings |= {_ascii_lower(way) for way in (case, html.escape(case), _in_json(case))}
        return or_(*(cast(of, Text).icontains(spelling, autoescape=True) for spelling in sorted(spellings)))


def wanted_of(session: Session, person: Person) -> Wanted:
    """The words to look for: the address, former ones, and the full name where it can only be this person's."""
    former = select(Link.email).where(Link.person_id == person.id, Link.purpose == LinkPurpose.KEEP_ADDRESS)
    taken = select(Person.email).where(Person.id != person.id)
    words = [person.email, *session.scalars(former.where(Link.email.not_in(taken)).distinct())]
    if " " in person.name.strip() and not _is_shared(session, person):
        words.append(person.name.strip())
    return Wanted(tuple(dict.fromkeys(words)))


def _is_shared(session: Session, person: Person) -> bool:
    """True where somebody else has a name that looks the same."""
    first = person.name.split()[0]
    like = select(Person.name).where(Person.id != person.id, Person.name.icontains(first, autoescape=True))
    return folded_name(person.name) in {folded_name(name) for name in session.scalars(like)}


def count_mentions(session: Session, person: Person, wanted: Wanted) -> int:
    """How many rows name the person, beside their own account and the rows that go with it. For the rehearsal."""
    total = 0
    for source in _tables():
        named = or_(*(wanted.found_in(each) for each in _searched(source)))
        found = select(func.count()).select_from(source).where(named, _not_their_own(source, person))
        total += session.scalar(found) or 0
    return total


def replace_mentions(session: Session, wanted: Wanted, *, instead: str) -> tuple[int, dict[str, str]]:
    """Put `instead` in the place of the words, wherever they are. For the job that erases.

    Returns how many values were changed, and the seal of each row of the log that was, by its id.
    """
    session.flush()
    pattern, changed = wanted.pattern, 0
    indexed = {model.__tablename__: model for model in searchable_models()}  # type: ignore[attr-defined]  # each is mapped
    log: set[int] = set()
    for source in _tables():
        rows: set[tuple[Any, ...]] = set()
        for each in _searched(source):
            for key, value in _values(session, source, each, wanted):
                new = _replaced(value, pattern, token_hex(8) if _name(each) in _KEYS else instead)
                if new != value:
                    _write(session, source, each, key, new)
                    rows.add(key)
                    changed += 1
        if source.name in indexed and rows:
            _index_again(session, indexed[source.name], [key[0] for key in rows])
        if source.name == Activity.__tablename__:
            log = {key[0] for key in rows}
    return changed, _seals(session, log)


def _seals(session: Session, ids: Iterable[int]) -> dict[str, str]:
    """The seals of these rows of the log by id, after words were taken out of them."""
    session.expire_all()
    return {str(number): seal(session.get_one(Activity, number)) for number in sorted(ids)}


def _tables() -> Iterator[Table]:
    for source in Base.metadata.sorted_tables:
        if source.name not in _LEFT_ALONE and not source.name.endswith("_words") and _searched(source):
            yield source


def _searched(source: Table) -> list[Column[Any]]:
    """The columns of a table that hold text, or JSON; enumerations hold codes."""
    return [each for each in source.columns if _is_json(each) or _is_text(each)]


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
    session: Session, source: Table, each: Column[Any], wanted: Wanted
) -> Sequence[tuple[tuple[Any, ...], Any]]:
    """The values of a column that may have the words, each with the key of its row. JSON is read as it is stored."""
    value = type_coerce(each, JSON()) if _is_json(each) else each
    found = session.execute(select(*source.primary_key.columns, value).where(wanted.found_in(each))).all()
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


def _ascii_lower(word: str) -> str:
    """As every database folds it: no spelling is looked for twice."""
    return "".join(sign.lower() if sign.isascii() else sign for sign in word)


def _in_json(word: str) -> str:
    return json.dumps(word)[1:-1]
