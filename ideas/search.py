"""One search for every kind of text: `search` finds rows by their words, `matches` is the same as a condition.

A model that derives from `Searchable` has a table of tokens (see ideas.words) beside its own. It is written when the
session flushes, in the transaction of the text itself. SQLite reads it through FTS5, PostgreSQL as a tsvector; both get
the same tokens and the same query, so they give the same answers.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, ClassVar, Generic, TypeVar

from sqlalchemy import (
    Column,
    ColumnElement,
    ForeignKey,
    FromClause,
    Integer,
    Join,
    Select,
    Table,
    Text,
    bindparam,
    cast,
    column,
    delete,
    event,
    func,
    inspect,
    literal_column,
    or_,
    select,
    table,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.orm.interfaces import ORMOption
from sqlalchemy.sql.compiler import SQLCompiler

from ideas.base import Base, chunks
from ideas.words import STOP_WORDS, Word, index_tokens, token, words_of

# What is read of a search: characters, and words.
MAX_SEARCH_LENGTH = 200
MAX_WORDS = 12
# Results are counted up to here.
MAX_COUNTED = 1_000
# What begins an item of a list, a title or a quotation.
_LINE_MARK = re.compile(r"(?:[-*+•]|\d{1,3}[.)]|#{1,6}|>) +")


class Match(StrEnum):
    """How a text meets a search. `search` tries one after the other until it finds something."""

    ALL = "all"  # it has every word
    BEGINS = "begins"  # it has every word, or one that begins with it
    SOME = "some"  # it has one of the words


class Searchable:
    """A mapped class whose rows can be searched. `searched`: the columns of its text."""

    searched: ClassVar[tuple[str, ...]]

    def __init_subclass__(cls, **kw: Any) -> None:
        super().__init_subclass__(**kw)
        _index(inspect(cls).local_table.name)

    @staticmethod
    def searched_text(*values: Any) -> str:
        """The text that is searched, from the values of the columns."""
        return "\n".join(value for value in values if value)


Row = TypeVar("Row", bound=Searchable)


@dataclass(frozen=True, slots=True)
class Query:
    """A search, read: its words, each as alternatives of which each is words that must all be there.

    `text`: as it was typed. `shortened`: only its beginning was read.
    """

    text: str
    words: tuple[Word, ...]
    shortened: bool = False

    def __bool__(self) -> bool:
        return bool(self.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found(Generic[Row]):
    """Some results, newest first. `total`: how many in all, counted up to MAX_COUNTED + 1. `match`: how they meet the
    search. `older`: pass it as `before` for the next ones; None at the end.
    """

    rows: Sequence[Row]
    total: int
    match: Match
    older: int | None


def read_query(text: str) -> Query:
    """Read what was typed. Any text will do; signs mean nothing. Words that are in nearly every text don't count,
    unless there is no other.
    """
    kept = text[:MAX_SEARCH_LENGTH]
    words = list(dict.fromkeys(words_of(kept)))
    meant = [word for word in words if not (word.folded in STOP_WORDS or _is_letter(word.folded))] or words
    distinct = {word.folded: word for word in meant}
    shortened = len(text.strip()) > len(kept) or len(distinct) > MAX_WORDS
    return Query(" ".join(kept.split()), tuple(list(distinct.values())[:MAX_WORDS]), shortened)


def search(
    session: Session,
    model: type[Row],
    query: Query,
    *,
    where: ColumnElement[bool],
    before: int | None = None,
    match: Match | None = None,
    limit: int = 20,
    options: Sequence[ORMOption] = (),
) -> Found[Row]:
    """The rows of a model that meet a search, newest first. Both databases give the same.

    `where`: the rows that the reader may see, always asked; what it leaves out is not counted either. `before`: only
    older ones than this id, so a page stays the same while new rows come. `match`: this way only, instead of the first
    one that finds something. At most two queries for each way.
    """
    ways = [match] if match else list(Match)
    for way in ways if query else ():
        total = count_found(session, model, query, way, where=where)
        if total:
            break
    else:
        return Found(rows=(), total=0, match=match or Match.ALL, older=None)
    key = inspect(model).primary_key[0]
    ids = newest_found(session, model, query, way, where=where, before=before, limit=limit + 1)
    rows = session.scalars(select(model).where(key.in_(ids)).order_by(key.desc()).options(*options)).all()
    older = _id_of(rows[limit - 1]) if len(rows) > limit else None
    return Found(rows=rows[:limit], total=total, match=way, older=older)


def count_found(
    session: Session, model: type[Searchable], query: Query, match: Match, *, where: ColumnElement[bool]
) -> int:
    """How many rows meet a search in this way, counted up to MAX_COUNTED + 1. One query."""
    counted = _found(session, model, query, match).where(where).limit(MAX_COUNTED + 1).subquery()
    return session.scalar(select(func.count()).select_from(counted)) or 0


def newest_found(
    session: Session,
    model: type[Searchable],
    query: Query,
    match: Match,
    *,
    where: ColumnElement[bool],
    limit: int,
    before: int | None = None,
) -> Select[int]:
    """A query of the ids of the newest rows that meet a search in this way. `before`: only older ones than this id.

    Numbers are sorted first and texts read afterwards: to sort thousands of texts is slow.
    """
    found = _found(session, model, query, match).where(where)
    id_ = found.selected_columns[0]
    if before is not None:
        found = found.where(id_ < before)
    return found.order_by(id_.desc()).limit(limit)


def count_words(
    session: Session, model: type[Searchable], query: Query, *, where: ColumnElement[bool]
) -> dict[Word, int]:
    """How many rows have each word of a search, counted up to MAX_COUNTED + 1. One query."""
    each = [_found(session, model, Query(query.text, (word,)), Match.ALL).where(where) for word in query.words]
    counts = [select(func.count()).select_from(one.limit(MAX_COUNTED + 1).subquery()).scalar_subquery() for one in each]
    return dict(zip(query.words, session.execute(select(*counts)).one(), strict=True)) if counts else {}


def matches(session: Session, model: type[Searchable], query: Query, match: Match = Match.ALL) -> ColumnElement[bool]:
    """SQL condition: the row meets the search. False for a search without a word."""
    asked = _asked(session, model, query, match)
    key: ColumnElement[int] = inspect(model).primary_key[0]
    return key.in_(select(asked.id).select_from(asked.rows).where(asked.meets))


def _found(session: Session, model: type[Searchable], query: Query, match: Match) -> Select[int]:
    """The ids of the rows of a model that meet the search, with the model's table beside, for conditions."""
    asked, key = _asked(session, model, query, match), inspect(model).primary_key[0]
    beside = _Driven(asked.rows, inspect(model).local_table, asked.id == key)
    return select(asked.id).select_from(beside).where(asked.meets)


# How a text is shown that was found ----------------------------------------------------------------------------------


def marked(text: str, query: Query, match: Match = Match.ALL) -> Iterator[tuple[str, bool]]:
    """The text in pieces, each with whether it is a word of the search."""
    end = 0
    for start, stop in _spans(text, query, match):
        if start > end:
            yield text[end:start], False
        yield text[start:stop], True
        end = stop
    if end < len(text):
        yield text[end:], False


def excerpt(text: str, query: Query, match: Match = Match.ALL, *, length: int = 280) -> str:
    """The part of a text around the first word of the search, on one line, with “…” where it is cut.

    Marks of lists, titles and emphasis are left out; a dot stands between the items of a list.
    """
    line = _on_one_line(text)
    if len(line) <= length:
        return line
    first = next(_spans(line, query, match), (0, 0))[0]
    start = 0 if first < length // 2 else line.rfind(" ", 0, first - length // 4) + 1
    end = start + length
    if end < len(line):
        end = max(line.rfind(" ", start + length // 2, end + 1), 0) or end
    cut = line[start:end]
    return f"{'…' if start else ''}{cut.strip()}{'…' if end < len(line) else ''}"


def _on_one_line(text: str) -> str:
    """The text without marks of Markdown, in linear time."""
    pieces: list[str] = []
    for written in text.splitlines():
        words = " ".join(written.replace("**", "").split())
        mark = _LINE_MARK.match(words)
        plain = words[mark.end() :] if mark else words
        is_item = mark is not None and not words.startswith(("#", ">"))
        if plain:
            pieces += [" · " if is_item else " ", plain]
    return "".join(pieces[1:])


def _spans(text: str, query: Query, match: Match) -> Iterator[tuple[int, int]]:
    """Where the words of a search are in a text, from left to right."""
    wanted = frozenset().union(*(word.stems for whole in query.words for word in whole.forms()))
    prefixes = tuple(word.folded for word in query.words) if match is Match.BEGINS else ()

    def is_wanted(word: Word) -> bool:
        return bool(word.stems & wanted) or word.folded.startswith(prefixes or ("\n",))

    reached = 0
    for word in words_of(text):
        for one in [word] if is_wanted(word) else word.parts:
            if is_wanted(one) and one.end > reached:
                yield max(one.start, reached), one.end
                reached = one.end


# The index -----------------------------------------------------------------------------------------------------------


def index_of(model: type[Searchable]) -> Table:
    """The table of the tokens of a model's rows."""
    return _index(inspect(model).local_table.name)


@cache
def _index(name: str) -> Table:
    return Table(
        f"{name}_words",
        Base.metadata,
        Column("id", ForeignKey(f"{name}.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
        Column("words", Text().with_variant(TSVECTOR(), "postgresql"), nullable=False),
    )


def is_described(name: str | None, kind: str, _parents: Any) -> bool:
    """For Alembic, which compares names of tables and indexes with the models: False for what only a database knows.

    These are the tables of FTS5, PostgreSQL's index of tokens, and an index that SQLite alone has.
    """
    of_one = ("_words", "_sqlite")
    return not ((kind == "table" and "_words_fts" in str(name)) or (kind == "index" and str(name).endswith(of_one)))


def reindex(session: Session, model: type[Searchable], *, after: int = 0, limit: int = 500) -> int | None:
    """Index the next `limit` rows of a model from their texts, whatever is indexed of them. Returns the last one's id,
    to go on `after` it, or None at the end. Whoever runs the server may. Commit in between: others write meanwhile.
    """
    texts = inspect(model).local_table.c
    columns = [texts[name] for name in model.searched]
    rows = session.execute(
        select(texts.id, *columns).where(texts.id > after).order_by(texts.id).limit(limit).with_for_update()
    ).all()
    _write(session, model, {row[0]: model.searched_text(*row[1:]) for row in rows})
    return rows[-1][0] if rows else None


def index_new(session: Session, model: type[Searchable], *, where: ColumnElement[bool]) -> None:
    """Index the rows that were inserted in bulk, past the session: those that meet the condition and have no tokens."""
    texts, index = inspect(model).local_table.c, index_of(model).c
    missing = session.scalars(
        select(texts.id).where(where, ~select(index.id).where(index.id == texts.id).exists())
    ).all()
    columns = [texts[name] for name in model.searched]
    for ids in chunks(missing):
        rows = session.execute(select(texts.id, *columns).where(texts.id.in_(ids))).all()
        _write(session, model, {row[0]: model.searched_text(*row[1:]) for row in rows})


def count_unindexed(session: Session, *, limit: int = 500) -> int:
    """How many texts no search finds, since the index lacks them; of each model, `limit` texts are looked at.

    They came past the product, which indexes its own. A text without a word is in no index.
    """
    missing = 0
    for model in searchable_models():
        texts, index = inspect(model).local_table.c, index_of(model).c
        columns = [texts[name] for name in model.searched]
        unknown = ~select(index.id).where(index.id == texts.id).exists()
        rows = session.execute(
            select(*columns).where(unknown, or_(*(cast(each, Text) != "" for each in columns))).limit(limit)
        )
        missing += sum(bool(index_tokens(model.searched_text(*row))) for row in rows)
    return missing


def searchable_models() -> list[type[Searchable]]:
    """Every model that can be searched, by the name of its table."""
    models = [mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, Searchable)]
    return sorted(models, key=lambda model: index_of(model).name)


@event.listens_for(Session, "after_flush")
def _index_flushed(session: Session, _context: Any) -> None:
    """Index what was just written, in the same transaction."""
    texts: dict[type[Searchable], dict[int, str]] = {}
    for row in (*session.new, *session.dirty):
        if isinstance(row, Searchable) and _text_changed(row):
            values = [getattr(row, name) for name in row.searched]
            texts.setdefault(type(row), {})[_id_of(row)] = row.searched_text(*values)
    for model, written in texts.items():
        _write(session, model, written)


def _id_of(row: Searchable) -> int:
    identity: tuple[int, ...] = inspect(type(row)).primary_key_from_instance(row)
    return identity[0]


def _text_changed(row: Searchable) -> bool:
    state: Any = inspect(row)
    return any(state.attrs[name].history.has_changes() for name in row.searched)


def _write(session: Session, model: type[Searchable], texts: dict[int, str]) -> None:
    """Store the tokens of these texts by the ids of their rows. A text without a word has no row in the index."""
    index = index_of(model)
    rows = [{"id": key, "words": index_tokens(text)} for key, text in texts.items()]
    indexed = [row for row in rows if row["words"]]
    if indexed:
        dialect = session.get_bind().dialect.name
        insert: Any = (postgresql if dialect == "postgresql" else sqlite).insert(index)
        update = insert.on_conflict_do_update(index_elements=["id"], set_={"words": insert.excluded.words})
        session.execute(update, indexed)
    empty = [row["id"] for row in rows if not row["words"]]
    for ids in chunks(empty):
        session.execute(delete(index).where(index.c.id.in_(ids)))


# The query, as each database reads it ---------------------------------------------------------------------------------


class _Driven(Join):
    """A join that SQLite begins with its left side. It would read all of a campaign first, however rare the words."""

    inherit_cache = True


@compiles(_Driven, "sqlite")
def _cross_join(join: _Driven, compiler: SQLCompiler, *, asfrom: bool = False, **kw: Any) -> str:  # noqa: ARG001 -- said by the compiler
    left, right = (compiler.process(side, asfrom=True, **kw) for side in (join.left, join.right))
    on = compiler.process(join.onclause, **kw) if join.onclause is not None else "1"
    return f"{left} CROSS JOIN {right} ON {on}"


@dataclass(frozen=True, slots=True)
class _Index:
    """What is asked in this database: the rows of the index, their ids, and whether they meet the search."""

    rows: FromClause
    id: ColumnElement[int]
    meets: ColumnElement[bool]


def _asked(session: Session, model: type[Searchable], query: Query, match: Match) -> _Index:
    index, dialect = index_of(model), session.get_bind().dialect.name
    written = bindparam(None, _written(query, match, _SYNTAX[dialect]), Text)
    if dialect == "postgresql":
        return _Index(index, index.c.id, index.c.words.bool_op("@@")(cast(written, TSQUERY)))
    fts = table(f"{index.name}_fts", column("rowid", Integer))
    return _Index(fts, fts.c.rowid, literal_column(fts.name).bool_op("MATCH")(written))


@dataclass(frozen=True, slots=True)
class _Syntax:
    """A query holds nothing but tokens, brackets and these."""

    all_of: str
    one_of: str
    begins: str


_SYNTAX = {"sqlite": _Syntax(" AND ", " OR ", "*"), "postgresql": _Syntax(" & ", " | ", ":*")}
_NOTHING = "_"  # a token that no text has


def _written(query: Query, match: Match, syntax: _Syntax) -> str:
    words = [_word_written(word, match, syntax) for word in query.words]
    return (syntax.one_of if match is Match.SOME else syntax.all_of).join(words) or _NOTHING


def _word_written(word: Word, match: Match, syntax: _Syntax) -> str:
    """One word: its stems, what begins with it, all parts of a compound, or what means the same."""
    found = sorted(word.stems)
    if match is Match.BEGINS:
        found.append(token(word.folded) + syntax.begins)
    if word.parts:
        parts = syntax.all_of.join(_word_written(part, match, syntax) for part in word.parts)
        found.append(f"({parts})")
    found += [_word_written(other, match, syntax) for other in word.same]
    return f"({syntax.one_of.join(found)})"


def _is_letter(folded: str) -> bool:
    return len(folded) == 1 and folded.isascii() and folded.isalpha()
