"""Reads a CSV, XLSX or ODS file into rows with their line numbers. The web process shares it: no NumPy here."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import PurePath
from typing import BinaryIO

from clustering.errors import UnreadableTable
from clustering.tabular.bounds import Allowance, Record
from clustering.tabular.header import HEAD_RECORDS, column_names, find_header
from clustering.tabular.text_file import decode, find_delimiter, records
from clustering.tabular.workbook import choose_sheet, sheets_of

ZIP_MAGIC = b"PK\x03\x04"
OLD_EXCEL_MAGIC = b"\xd0\xcf\x11\xe0"
# Records that are shown to a person who says which of them holds the names of the columns.
SHOWN_RECORDS = 10


@dataclass(frozen=True)
class Row:
    """One record. `line`: where it starts in the file, from 1. `extra`: its cells past the header."""

    line: int
    cells: Mapping[str, str]
    extra: tuple[str, ...] = ()


@dataclass(frozen=True)
class HowToRead:
    """What a person chose where the file does not say it well; None finds it. `header`: a line, 0 for no header."""

    encoding: str | None = None
    sheet: str | None = None
    header: int | None = None


@dataclass(frozen=True)
class Table:
    """A header and its rows. `encoding` is None for a workbook, `delimiter` also for a single column, `sheet` for CSV.

    `header`: the line of the names, 0 where there are none; `header_is_sure`: whether a person should be asked.
    `head`: the first records, for that question.
    """

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    header: int = 1
    header_is_sure: bool = True
    head: tuple[Record, ...] = ()

    def column(self, name: str) -> str | None:
        """Returns the column called `name`, whatever its capitals, or None."""
        if name in self.columns:
            return name
        wanted = name.strip().casefold()
        return next((column for column in self.columns if column.casefold() == wanted), None)


def read_table(source: BinaryIO, filename: str, how: HowToRead = HowToRead()) -> Table:
    """Reads CSV (usual encodings; comma, semicolon, tab or bar), XLSX or ODS, recognised by content.

    Of a workbook, the sheet with the most text. Title rows above the names of the columns are left out.
    `filename`: for error messages and its extension only. Raises UnreadableTable, with a `code` among: empty,
    old_excel, not_excel, too_large, encoding, broken, too_many_rows, too_many_columns, too_many_cells, too_much_text.
    """
    content = source.read()
    name = PurePath(filename).name or "the file"
    if not content.strip():
        raise _empty(name)
    if content.startswith(OLD_EXCEL_MAGIC):
        raise UnreadableTable(
            f"{name} is in the old Excel format: save it as .xlsx or .csv first.", code="old_excel", name=name
        )
    if content.startswith(ZIP_MAGIC):
        return _read_workbook(content, name, how)
    if name.lower().endswith((".xlsx", ".xlsm", ".ods")):
        raise UnreadableTable(
            f"{name} is not an Excel or OpenDocument workbook, although its name says so.", code="not_excel", name=name
        )
    return _read_csv(content, name, how)


def _empty(name: str) -> UnreadableTable:
    return UnreadableTable(f"{name} is empty.", code="empty", name=name)


def _read_csv(content: bytes, name: str, how: HowToRead) -> Table:
    text, encoding = decode(content, name, how.encoding)
    delimiter = find_delimiter(text)

    def parse(*, strict: bool) -> Table:
        return _assemble(
            lambda: records(text, delimiter, strict=strict), name, how, encoding=encoding, delimiter=delimiter
        )

    try:
        return parse(strict=True)
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            raise UnreadableTable(
                f"{name} can't be read to its end: a quotation mark is opened and never closed.",
                code="broken",
                name=name,
            ) from None
    try:
        return parse(strict=False)
    except csv.Error as error:
        raise UnreadableTable(f"{name} can't be read as CSV: {error}.", code="broken", name=name) from None


def _read_workbook(content: bytes, name: str, how: HowToRead) -> Table:
    try:
        sheets = sheets_of(content, name)
        sheet = choose_sheet(sheets, how.sheet)
        return _assemble(sheet.read, name, how, sheet=sheet.name, sheets=tuple(sheet.name for sheet in sheets))
    except (UnreadableTable, MemoryError):
        raise
    except Exception as error:  # a damaged workbook can break its reader anywhere
        raise UnreadableTable(
            f"{name} is not an Excel or OpenDocument workbook that can be read.", code="not_excel", name=name
        ) from error


def _assemble(
    read: Callable[[], Iterable[Record]],
    name: str,
    how: HowToRead,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
    sheets: tuple[str, ...] = (),
) -> Table:
    """Returns the table of these records. Columns are those of the header, or numbered. Blank ones are skipped."""
    filled = ((line, cells) for line, cells in read() if any(cell.strip() for cell in cells))
    head = list(islice(filled, HEAD_RECORDS))
    if not head:
        raise _empty(name)
    header = find_header(head, how.header)
    columns = column_names(header.names, 0 if header.names else _width(head[header.first :]), name)
    found = _within_bounds(chain(head[header.first :], filled), name)
    rows = tuple(_rows(found, columns, delimiter))
    return Table(
        columns, rows, encoding=encoding, delimiter=delimiter, sheet=sheet, sheets=sheets,
        header=header.line, header_is_sure=header.sure, head=tuple(head[:SHOWN_RECORDS]),
    )  # fmt: skip


def _width(head: Iterable[Record]) -> int:
    """How many columns a table without a header has: as many as its first rows fill."""
    return max(place for _, cells in head for place, cell in enumerate(cells, start=1) if cell.strip())


def _within_bounds(found: Iterable[Record], name: str) -> Iterator[Record]:
    """Yields the same records. Raises UnreadableTable beyond a bound."""
    allowance = Allowance(name)
    for line, cells in found:
        allowance.spend(cells)
        yield line, cells


def _rows(found: Iterable[Record], columns: tuple[str, ...], delimiter: str | None) -> Iterator[Row]:
    for line, cells in found:
        if delimiter and len(columns) == 1:  # a single column is not quoted: its commas are text
            yield Row(line, {columns[0]: delimiter.join(_without_blank_end(cells))})
            continue
        padded = [*cells, *[""] * (len(columns) - len(cells))]
        extra = tuple(cell for cell in padded[len(columns) :] if cell.strip())
        yield Row(line, dict(zip(columns, padded, strict=False)), extra)


def _without_blank_end(cells: list[str]) -> list[str]:
    """The cells without those that a spreadsheet adds at the end of each line: "a,,," is the text "a"."""
    last = max((place for place, cell in enumerate(cells, start=1) if cell.strip()), default=0)
    return cells[:last]
