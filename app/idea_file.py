"""Read a file of ideas as rows to import: find its columns, and say what is wrong with the file."""

import io
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from clustering.errors import UnreadableTable
from clustering.table import Table, read_table
from ideas.campaigns.campaign import Campaign
from ideas.contributions.importing import ImportReport, ImportRow, import_ideas
from ideas.errors import DomainError, message_id
from ideas.text import clean_line

MAX_COLUMNS = 200
_MAX_LISTED_COLUMNS = 12
_NOT_TEXT_HEADERS = {"id", "date", "nb", "nombre", "number", "numero"}
_NOT_A_WORD = re.compile(r"[\W_]+")


class UnusableFile(DomainError):
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


def read(content: bytes, filename: str) -> Table:
    """The table in the file. Raises UnusableFile."""
    try:
        table = read_table(io.BytesIO(content), filename)
    except UnreadableTable as fault:
        raise _FAULTS.get(fault.code, UnnamedFault)(**fault.params) from fault
    if len(table.columns) > MAX_COLUMNS:
        raise TooManyColumns(count=len(table.columns), most=MAX_COLUMNS)
    if not table.rows:
        raise NoRows
    return table


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


def rows(table: Table, columns: Columns) -> Iterable[ImportRow]:
    """The table's rows as ideas to import. Cells beyond the last column are left out."""

    def cell(row: Mapping[str, str], place: int | None) -> str:
        return "" if place is None else row[table.columns[place]]

    for row in table.rows:
        yield ImportRow(
            line=row.line,
            body=cell(row.cells, columns.text),
            title=cell(row.cells, columns.title),
            author_name=cell(row.cells, columns.author),
            lang=cell(row.cells, columns.lang),
            key=cell(row.cells, columns.key),
        )


def import_file(
    session: Session,
    campaign: Campaign,
    content: bytes,
    *,
    filename: str,
    names: Mapping[str, str | None],
    now: datetime,
    dry_run: bool = False,
) -> ImportReport:
    """Import a file with the columns in `names`, the others guessed. Raises UnusableFile, ImportClosed."""
    table = read(content, filename)
    columns = named(table.columns, names)
    return import_ideas(session, campaign, rows(table, columns), now=now, dry_run=dry_run)


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
