"""Read a file of ideas as rows to import: find its columns, and say what is wrong with the file.

The file is read by a process of its own, with bounds on memory and time: see app.sandbox.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self

from sqlalchemy.orm import Session

from app.sandbox.process import Reading, Refused
from app.sandbox.reading import UnreadableFile, reading
from ideas.campaigns.campaign import Campaign
from ideas.contributions.import_row import ImportRow
from ideas.contributions.importing import ImportReport, import_ideas
from ideas.errors import message_id
from ideas.text import clean_line

MAX_PREVIEWED_ROWS = 8
# Characters of a column's name, and of a cell, that are kept of a file before it is imported.
MAX_PREVIEWED = 500
MAX_FILENAME_LENGTH = 200
_MAX_LISTED_COLUMNS = 12
_NOT_TEXT_HEADERS = {"id", "date", "nb", "nombre", "number", "numero"}
_NOT_A_WORD = re.compile(r"[\W_]+")


class UnusableFile(UnreadableFile):
    """The file can't be imported. The message says why, and what to do."""


class UnnamedFault(UnusableFile):
    message = message_id("This file can’t be read. Save it again as CSV (UTF-8) or as .xlsx.")


class EmptyFile(UnusableFile):
    message = message_id("This file is empty.")


class NoRows(UnusableFile):
    message = message_id("This file has column names but no rows. There is nothing to import.")


class OldExcel(UnusableFile):
    message = message_id("This file is in the old Excel format (.xls). Save it as .xlsx or as CSV.")


class NotExcel(UnusableFile):
    message = message_id("This Excel file can’t be read. Save it again as .xlsx, or as CSV.")


class UnpacksTooLarge(UnusableFile):
    message = message_id(
        "This file is too large once unpacked. Split it, or save only the sheet with the ideas as CSV."
    )


class UnknownEncoding(UnusableFile):
    message = message_id("This text can’t be read from line %(line)s on. Save the file as CSV in UTF-8.")


class BrokenTable(UnusableFile):
    message = message_id("This table can’t be read to its end. Look for a quotation mark that is not closed.")


class TooManyColumns(UnusableFile):
    message = message_id(
        "This file has %(count)s columns. The limit is %(most)s. Delete the columns that are not about the ideas."
    )


class TooManyRows(UnusableFile):
    message = message_id("This file has more than %(most)s rows. Split it into several files.")


class TooManyCells(UnusableFile):
    message = message_id(
        "This file has more than %(most)s filled cells. Split it, or delete the columns that are not about the ideas."
    )


class TooMuchText(UnusableFile):
    message = message_id("This file holds more than %(most)s million characters. Split it into several files.")


class UnknownColumn(UnusableFile):
    message = message_id("There is no column “%(name)s”. The file has: %(columns)s.")


class NoTextColumn(UnusableFile):
    message = message_id("Choose the column that holds the text. The file has: %(columns)s.")


class ColumnChosenTwice(UnusableFile):
    message = message_id("The column “%(name)s” is chosen twice. Choose another one.")


_FAULTS: dict[str, type[UnusableFile]] = {
    "empty": EmptyFile,
    "old_excel": OldExcel,
    "not_excel": NotExcel,
    "too_large": UnpacksTooLarge,
    "encoding": UnknownEncoding,
    "broken": BrokenTable,
    "too_many_rows": TooManyRows,
    "too_many_columns": TooManyColumns,
    "too_many_cells": TooManyCells,
    "too_much_text": TooMuchText,
}


@dataclass(frozen=True, slots=True)
class Columns:
    """The place of each column in the file, from 0, or None where the file does not have it."""

    text: int | None = None
    title: int | None = None
    author: int | None = None
    lang: int | None = None
    key: int | None = None


# Usual headers of these columns, most likely first, in lower case without accents.
_HEADERS: Mapping[str, Sequence[str]] = {
    "key": ("id", "identifiant", "identifier", "id idee", "idea id", "reference", "ref", "numero", "number"),
    "lang": ("lang", "langue", "language", "locale"),
    "author": ("author", "auteur", "author name", "nom de l auteur", "auteure", "contributeur", "contributor", "nom"),
    "title": ("title", "titre", "intitule", "subject", "sujet", "objet"),
    "text": (
        "text", "texte", "idee", "idea", "body", "corps", "contribution", "contenu", "content", "description",
        "proposition", "proposal", "message", "verbatim", "reponse", "answer", "commentaire", "comment", "suggestion",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Preview:
    """What is shown of a file before it is imported: its columns, its first rows, how many there are."""

    columns: tuple[str, ...]
    row_count: int
    rows: Sequence[tuple[int, Sequence[str]]]

    def as_json(self) -> dict[str, Any]:
        return {"columns": self.columns, "row_count": self.row_count, "rows": self.rows}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        return cls(tuple(stored["columns"]), stored["row_count"], [(line, cells) for line, cells in stored["rows"]])


def preview(content: bytes, filename: str) -> Preview:
    """Read the whole file, and return what is shown of it. Raises UnreadableFile."""
    with _open(content, filename, most=MAX_PREVIEWED_ROWS) as found:
        names = tuple(name[:MAX_PREVIEWED] for name in found.facts["columns"])
        rows = [(line, [cell[:MAX_PREVIEWED] for cell in cells]) for line, cells in found.lines()]
        return Preview(names, found.facts["rows"], rows)


@contextmanager
def open_rows(content: bytes, filename: str, columns: Columns, *, skip: int = 0) -> Iterator[Iterable[ImportRow]]:
    """The file's rows after the first `skip` ones, as ideas to import, one at a time. Raises UnreadableFile."""
    wanted = {part: place for part, place in asdict(columns).items() if place is not None}
    with _open(content, filename, columns=list(wanted.values()), skip=skip) as found:
        yield (_row(line, dict(zip(wanted, cells, strict=True))) for line, cells in found.lines())


def _row(line: int, cells: Mapping[str, str]) -> ImportRow:
    return ImportRow(
        line=line,
        body=cells.get("text", ""),
        title=cells.get("title", ""),
        author_name=cells.get("author", ""),
        lang=cells.get("lang", ""),
        key=cells.get("key", ""),
    )


@contextmanager
def _open(content: bytes, filename: str, **options: Any) -> Iterator[Reading]:
    filename = clean_line(filename)[-MAX_FILENAME_LENGTH:]  # its end tells what it is
    try:
        with reading("table", content, filename=filename, **options) as found:
            if not found.facts["rows"]:
                raise NoRows
            yield found
    except Refused as refused:
        raise _FAULTS.get(refused.code, UnnamedFault)(**refused.params) from refused


def guess(headers: Sequence[str]) -> Columns:
    """The columns as their headers suggest. A single column is the text; so is the title where no text is found."""
    if len(headers) == 1:
        return Columns(text=0)
    plain = [_plain(header) for header in headers]
    found: dict[str, int] = {}
    for part, names in _HEADERS.items():
        _find(found, part, [plain.index(name) for name in names if name in plain])
    # “Votre idée pour la mobilité” contains “idée”.
    _find(
        found,
        "text",
        [place for name in _HEADERS["text"] for place, header in enumerate(plain) if _contains(header, name)],
    )
    if "text" not in found and "title" in found:
        found["text"] = found.pop("title")
    return Columns(**found)


def named(headers: Sequence[str], names: Mapping[str, str | None]) -> Columns:
    """The guessed columns, with those in `names` instead. Raises UnknownColumn, NoTextColumn, ColumnChosenTwice."""
    given = {part: _place(headers, name) for part, name in names.items() if name is not None}
    guessed = {part: place for part, place in asdict(guess(headers)).items() if place not in given.values()}
    columns = Columns(**(guessed | given))
    check(headers, columns)
    return columns


def check(headers: Sequence[str], columns: Columns) -> None:
    """Raises NoTextColumn, ColumnChosenTwice."""
    if columns.text is None:
        raise NoTextColumn(columns=_listed(headers))
    places = [place for place in asdict(columns).values() if place is not None]
    for place in places:
        if places.count(place) > 1:
            raise ColumnChosenTwice(name=headers[place][:60])


def import_file(
    session: Session,
    campaign: Campaign,
    content: bytes,
    *,
    filename: str,
    names: Mapping[str, str | None],
    now: datetime,
    dry_run: bool = False,
    after_chunk: Callable[[], object] = lambda: None,
) -> ImportReport:
    """Import a file with the columns in `names`, the others guessed. Raises UnreadableFile, ImportClosed."""
    columns = named(preview(content, filename).columns, names)
    with open_rows(content, filename, columns) as rows:
        return import_ideas(session, campaign, rows, now=now, dry_run=dry_run, after_chunk=after_chunk)


def _find(found: dict[str, int], part: str, places: Sequence[int]) -> None:
    """Give the part the first of these places that no other part has, unless the part has one already."""
    place = next((place for place in places if place not in found.values()), None)
    if part not in found and place is not None:
        found[part] = place


def _contains(header: str, name: str) -> bool:
    words = set(header.split())
    return name in words and not words & _NOT_TEXT_HEADERS


def _plain(header: str) -> str:
    letters = unicodedata.normalize("NFKD", clean_line(header).casefold())
    return _NOT_A_WORD.sub(" ", "".join(letter for letter in letters if not unicodedata.combining(letter))).strip()


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
