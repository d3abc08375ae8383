"""Read a file of ideas as rows to import: what it holds, what a person chose, its rows.

The file is read by a process of its own, with bounds on memory and time: see app.sandbox.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from tempfile import SpooledTemporaryFile
from typing import Any, Self

from app.sandbox.process import Reading, Refused, lines_of
from app.sandbox.reading import reading
from app.tables.faults import FAULTS, ColumnChosenTwice, NoRows, NoTextColumn, UnknownColumn, UnnamedFault
from ideas.campaigns.form_field import FormField
from ideas.contributions.fields.reading import FieldCell, FieldColumn, field_columns
from ideas.contributions.imports.known import SameId
from ideas.contributions.imports.row import ImportRow
from ideas.media_type import MEGABYTE
from ideas.personal_data.rows import PersonalRows
from ideas.text import clean_line

MAX_PREVIEWED_ROWS = 8
# Characters of a column's name, and of a cell, that are kept of a file before it is imported.
MAX_PREVIEWED = 500
MAX_FILENAME_LENGTH = 200
MAX_QUESTION_NAME = 40
MAX_SAMPLES = 3
# Instead of the name of a column: the file has none of this kind.
NO_COLUMN = "none"
_MAX_LISTED_COLUMNS = 12
# Of rows that wait to be imported. More of them wait on the disk.
_MAX_MEMORY_BYTES = 4 * MEGABYTE
_PARTS = ("text", "title", "author", "lang", "key", "state", "email")
_EMAIL = re.compile(r"[^\s@]@[^\s@]")


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person chose of a file. Columns are their places in it, from 0, or None where the file has none.

    `more`: other columns of text, joined to the first one or, with `apart`, ideas of their own. `with_names`: authors
    are named. `with_addresses`: their addresses are kept, for nobody to see, so that they can claim their ideas;
    `with_agreed`: they agreed to be told there what becomes of their ideas.
    `with_off`: what the other tool took off its page is imported too. `personal`: what becomes of rows with personal
    data. `how`: encoding, sheet and header. `fields`: the columns that fill fields of the campaign's form.
    """

    text: int | None = None
    title: int | None = None
    author: int | None = None
    lang: int | None = None
    key: int | None = None
    state: int | None = None
    email: int | None = None
    more: tuple[int, ...] = ()
    apart: bool = False
    with_names: bool = False
    with_addresses: bool = False
    with_agreed: bool = False
    with_off: bool = False
    same_id: SameId = SameId.SKIP
    personal: PersonalRows = PersonalRows.HOLD
    how: Mapping[str, Any] = field(default_factory=dict)
    fields: tuple[FieldColumn, ...] = ()

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Also from what an earlier version stored, and from a guess: what is missing has its default."""
        known = {name: value for name, value in stored.items() if name in {part.name for part in fields(cls)}}
        same_id = SameId(known.get("same_id", SameId.SKIP))
        personal = PersonalRows(known.get("personal", PersonalRows.HOLD))
        columns = tuple(FieldColumn(**column) for column in known.get("fields", ()))
        more = tuple(known.get("more", ()))
        return cls(**(known | {"more": more, "same_id": same_id, "personal": personal, "fields": columns}))

    def as_json(self) -> dict[str, Any]:
        columns = [asdict(column) for column in self.fields]
        return asdict(self) | {"more": list(self.more), "how": dict(self.how), "fields": columns}

    @property
    def texts(self) -> tuple[int, ...]:
        """The columns of text, in the file's order."""
        return tuple(sorted({*self.more, *(() if self.text is None else (self.text,))}))

    @property
    def field_of(self) -> dict[int, int]:
        """The ids of the fields by the places of the columns that fill them."""
        return {column.place: column.field_id for column in self.fields}

    @property
    def ideas_of_a_row(self) -> int:
        return len(self.texts) if self.apart else 1


@dataclass(frozen=True, slots=True)
class Preview:
    """What is shown of a file before it is imported, as it was read last. `how`: what a person chose of its reading.

    `encoding` is None for a workbook, `sheet` for a text file. `header`: the line of the names, or 0. `head`: the first
    lines. `off`: the states that take rows off a page, with how many rows have each.
    """

    columns: tuple[str, ...]
    row_count: int
    rows: Sequence[tuple[int, Sequence[str]]]
    guess: Mapping[str, Any] = field(default_factory=dict)
    how: Mapping[str, Any] = field(default_factory=dict)
    encoding: str | None = None
    sheet: str | None = None
    sheets: Sequence[str] = ()
    header: int = 1
    header_is_sure: bool = True
    head: Sequence[tuple[int, Sequence[str]]] = ()
    off: Mapping[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        rows = [(line, cells) for line, cells in stored["rows"]]
        return cls(**{**stored, "columns": tuple(stored["columns"]), "rows": rows})

    @property
    def is_garbled(self) -> bool:
        """True where the encoding does not know some characters."""
        return any("\ufffd" in cell for _, cells in self.rows for cell in cells)


def preview(content: bytes, filename: str, how: Mapping[str, Any] | None = None) -> Preview:
    """Read the whole file, and return what is shown of it. Raises UnreadableFile."""
    how = dict(how or {})
    with open_table(content, filename, how=how, most=MAX_PREVIEWED_ROWS) as found:
        facts = found.facts
        names = tuple(name[:MAX_PREVIEWED] for name in facts["columns"])
        rows = [(line, [cell[:MAX_PREVIEWED] for cell in cells]) for line, cells in found.lines()]
        others = {key: value for key, value in facts.items() if key not in {"columns", "rows"}}
        return Preview(names, facts["rows"], rows, how=how, **others)


def samples(table: Preview, choices: Choices) -> list[ImportRow]:
    """The first ideas that the file gives with these choices, as the preview knows them. Repeated ones come once."""
    found: dict[tuple[object, ...], ImportRow] = {}
    questions = _questions(table.columns, choices)
    for line, cells in table.rows:
        for row in _rows(line, dict(enumerate(cells)), choices, questions, off=False):
            if row.body.strip() or row.title.strip():
                found.setdefault((row.key or row.line, row.title, row.body), row)
    return list(found.values())[:MAX_SAMPLES]


@contextmanager
def open_rows(content: bytes, filename: str, choices: Choices, *, skip: int = 0) -> Iterator[Iterable[ImportRow]]:
    """The file's rows after the first `skip` ones, as ideas to import, one at a time. Raises UnreadableFile."""
    parts = (choices.title, choices.author, choices.lang, choices.key, _address_column(choices))
    wanted = sorted({*choices.texts, *choices.field_of, *(place for place in parts if place is not None)})
    with SpooledTemporaryFile(_MAX_MEMORY_BYTES) as copied:
        # To the end before the first row is used: importing them takes minutes, and others want to read files.
        with open_table(
            content, filename, how=dict(choices.how), columns=wanted, state=choices.state, skip=skip
        ) as found:
            questions = _questions(found.facts["columns"], choices)
            found.copy_lines(copied)
        yield (
            row
            for line, cells, *off in lines_of(copied)
            for row in _rows(line, dict(zip(wanted, cells, strict=True)), choices, questions, off=any(off))
        )


def _rows(
    line: int, cells: Mapping[int, str], choices: Choices, questions: Mapping[int, tuple[str, str]], *, off: bool
) -> Iterator[ImportRow]:
    """The ideas of one row: one, or one for each question that it answers. `questions`: see `_questions`."""

    def cell(place: int | None) -> str:
        return "" if place is None else cells[place]

    author = cell(choices.author) if choices.with_names else ""
    row = ImportRow(
        line=line,
        body="",
        title=cell(choices.title),
        author_name="" if _EMAIL.search(author) else author,  # an address is no name, and private
        lang=cell(choices.lang),
        key=cell(choices.key),
        email=cell(_address_column(choices)).strip(),
        off=off and not choices.with_off,
        cells=tuple(FieldCell(one.field_id, cells[one.place], one.is_text) for one in choices.fields),
    )
    answers = [(place, cells[place]) for place in choices.texts if cells[place].strip()]
    if not choices.apart or len(choices.texts) == 1 or not answers:
        yield replace(row, body="\n\n".join(text for _, text in answers))
        return
    for place, text in answers:
        question, cut = questions[place]
        key = row.key
        if key.strip() and place != choices.texts[0]:
            key = f"{key} ({cut})"
        yield replace(row, body=text, question=question, key=key)


def _questions(names: Sequence[str], choices: Choices) -> dict[int, tuple[str, str]]:
    """The columns of text by their places: the name, and what tells it from the others beside an identifier."""
    return {
        place: (names[place], _cut(names[place], [names[at] for at in range(len(names)) if at != choices.texts[0]]))
        for place in choices.texts
        if place < len(names)
    }


def _cut(name: str, names: Sequence[str]) -> str:
    """The beginning of a name and, where others begin so, a hash. Alone it is the same as in earlier versions."""
    cut = name[:MAX_QUESTION_NAME]
    if sum(1 for other in names if other.startswith(cut)) <= 1 or cut == name:
        return cut
    return f"{cut}… {hashlib.sha256(name.encode()).hexdigest()[:12]}"


def _address_column(choices: Choices) -> int | None:
    """The place of the addresses, where they are to be kept."""
    return choices.email if choices.with_addresses else None


@contextmanager
def open_table(content: bytes, filename: str, **options: Any) -> Iterator[Reading]:
    """The table in a file, read in the sandbox. Raises NoRows, or what makes it unreadable."""
    filename = clean_line(filename)[-MAX_FILENAME_LENGTH:]  # its end tells what it is
    try:
        with reading("table", content, filename=filename, **options) as found:
            if not found.facts["rows"]:
                raise NoRows
            yield found
    except Refused as refused:
        raise FAULTS.get(refused.code, UnnamedFault)(**refused.params) from refused


def filling(choices: Choices, columns: Sequence[str], fields: Sequence[FormField]) -> Choices:
    """The choices with the columns that fill the fields of the campaign's form: those named as a field is."""
    parts = (choices.title, choices.author, choices.lang, choices.key, choices.state, choices.email)
    taken = {*choices.texts, *(place for place in parts if place is not None)}
    return replace(choices, fields=tuple(field_columns(fields, columns, taken=taken)))


def named(table: Preview, names: Mapping[str, str | None], *, more: Sequence[str] = (), apart: bool = False) -> Choices:
    """The guessed columns, with those in `names` instead. Authors are named, and their addresses kept, if their column
    is. No state: NO_COLUMN. `more`: other columns of text; `apart`: see Choices.

    Raises UnknownColumn, NoTextColumn, ColumnChosenTwice.
    """
    given: dict[str, int | None] = {
        part: None if part == "state" and name == NO_COLUMN else _place(table.columns, name)
        for part, name in names.items()
        if name is not None
    }
    guessed = Choices.from_json(table.guess)
    free = [part for part in _PARTS if getattr(guessed, part) in given.values()]
    others = () if "text" in given else tuple(place for place in guessed.more if place not in given.values())
    if more:
        others = tuple(_place(table.columns, name) for name in more)
    changes: dict[str, Any] = dict.fromkeys(free) | given | {"more": others, "apart": apart or guessed.apart}
    changes |= {"with_names": "author" in given, "with_addresses": "email" in given, "how": table.how}
    choices = replace(guessed, **changes)
    check(table.columns, choices)
    return choices


def check(headers: Sequence[str], choices: Choices) -> None:
    """Raises NoTextColumn, ColumnChosenTwice."""
    if choices.text is None:
        raise NoTextColumn(columns=_listed(headers))
    parts = (*choices.texts, choices.title, choices.author, choices.lang, choices.key)
    places = [place for place in parts if place is not None]
    for place in places:
        if places.count(place) > 1:
            raise ColumnChosenTwice(name=headers[place][:60])


def _place(headers: Sequence[str], name: str) -> int:
    """The place of the column with this name, whatever its case if none matches exactly. Raises UnknownColumn."""
    wanted = name.strip()
    if wanted in headers:
        return headers.index(wanted)
    folded = [header.casefold() for header in headers]
    if wanted.casefold() not in folded:
        raise UnknownColumn(name=name[:60], columns=_listed(headers))
    return folded.index(wanted.casefold())


def _listed(headers: Sequence[str]) -> str:
    shown = ", ".join(header[:40] for header in headers[:_MAX_LISTED_COLUMNS])
    return shown if len(headers) <= _MAX_LISTED_COLUMNS else f"{shown}…"
