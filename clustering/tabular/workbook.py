"""XLSX and ODS: the sheets of a workbook, and the records of one."""

import io
import re
import warnings
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial
from itertools import islice
from typing import Any, cast
from xml.etree.ElementTree import Element, XMLPullParser

from clustering.errors import UnreadableTable
from clustering.tabular import bounds
from clustering.tabular.bounds import (
    MAX_BLANK_CELLS,
    MAX_BLANK_ROWS,
    MAX_COLUMNS,
    Record,
    too_many_columns,
    too_many_rows,
)

MAX_SHEETS = 50
_ODS_MIMETYPE = b"application/vnd.oasis.opendocument.spreadsheet"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
# A number shown with zeros before it, as "00042".
_ZEROS = re.compile(r"0{2,20}")
# A sheet is judged by its first rows: by how many of their cells hold a few words.
_JUDGED_ROWS = 60
_WORDS_LENGTH = 15
_CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Sheet:
    """The name of a sheet, and a function that reads its records from the start."""

    name: str
    read: Callable[[], Iterator[Record]]


def sheets_of(content: bytes, name: str) -> Sequence[Sheet]:
    """The visible sheets of a workbook; all where none is visible. Raises UnreadableTable."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        too_large = len(parts) > bounds.MAX_PARTS or sum(part.file_size for part in parts) > bounds.MAX_UNPACKED_BYTES
        if too_large:
            raise UnreadableTable(f"{name} is too large once unpacked.", code="too_large", name=name)
        is_ods = "mimetype" in archive.namelist() and archive.read("mimetype").strip() == _ODS_MIMETYPE
    return _ods_sheets(content, name) if is_ods else _xlsx_sheets(content, name)


def choose_sheet(sheets: Sequence[Sheet], wanted: str | None) -> Sheet:
    """The sheet that a person chose, or the one with the most cells of a few words, the first of those alike."""
    chosen = next((sheet for sheet in sheets if sheet.name == wanted), None)
    return chosen or (sheets[0] if len(sheets) == 1 else max(sheets, key=_words))


def _words(sheet: Sheet) -> int:
    return sum(1 for _, cells in islice(sheet.read(), _JUDGED_ROWS) for cell in cells if len(cell) >= _WORDS_LENGTH)


def _xlsx_sheets(content: bytes, name: str) -> Sequence[Sheet]:
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles, which do not matter here
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"] or book.worksheets
    return [Sheet(sheet.title, partial(_xlsx_records, sheet, name)) for sheet in visible[:MAX_SHEETS]]


def _xlsx_records(sheet: Any, name: str) -> Iterator[Record]:
    """Yields (line, cells) for each row of the sheet, and for the blank ones that openpyxl makes up between them.

    Raises UnreadableTable for a row beyond the last one of Excel, or a cell beyond the last column that is read.
    """
    sheet.reset_dimensions()  # some programs write wrong ones
    blank_left = MAX_BLANK_CELLS
    for line, cells in enumerate(sheet.iter_rows(), start=1):
        if line > MAX_BLANK_ROWS:
            raise too_many_rows(name)
        if len(cells) > MAX_COLUMNS:
            last = max((place for place, cell in enumerate(cells, start=1) if cell.value not in {None, ""}), default=0)
            blank_left -= len(cells)
            if last > MAX_COLUMNS or blank_left < 0:
                raise too_many_columns(len(cells), name)
            cells = cells[:MAX_COLUMNS]  # noqa: PLW2901 -- the others are blank
        yield line, [_shown(cell) for cell in cells]


def _shown(cell: Any) -> str:
    """Returns the text of a cell, roughly as Excel shows it."""
    value = cell.value
    if isinstance(value, str) or value is None:
        return value or ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and _ZEROS.fullmatch(cell.number_format or ""):
        return str(value).zfill(len(cell.number_format))
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value)


def _ods_sheets(content: bytes, name: str) -> Sequence[Sheet]:
    names = [table.get(f"{_TABLE}name", "") for event, table in _ods_events(content) if event == "start"]
    if not names:
        raise ValueError("no sheet")
    return [Sheet(title, partial(_ods_records, content, place, name)) for place, title in enumerate(names[:MAX_SHEETS])]


def _ods_events(content: bytes) -> Iterator[tuple[str, Element]]:
    """Yields ("start", table), then ("end", row) for each of its rows, which is forgotten after it."""
    parser: XMLPullParser[Element] = XMLPullParser(["start", "end"])
    with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open("content.xml") as part:
        while chunk := part.read(_CHUNK_BYTES):
            parser.feed(chunk)
            for event, element in cast("Iterator[tuple[str, Element]]", parser.read_events()):
                wanted = f"{_TABLE}table" if event == "start" else f"{_TABLE}table-row"
                if element.tag == wanted:
                    yield event, element
                    if event == "end":
                        element.clear()


def _ods_records(content: bytes, place: int, name: str) -> Iterator[Record]:
    """Yields the rows of one sheet that hold something. Raises UnreadableTable."""
    table, line = -1, 1
    for event, element in _ods_events(content):
        if event == "start":
            table += 1
        elif table == place:
            cells, repeated = _ods_cells(element, name), _repeats(element, "rows")
            if not any(cells):
                line += repeated
                continue
            if repeated > MAX_BLANK_ROWS or line > MAX_BLANK_ROWS:
                raise too_many_rows(name)
            for _ in range(repeated):
                yield line, cells
                line += 1
        elif table > place:
            return


def _ods_cells(row: Element, name: str) -> list[str]:
    cells: list[str] = []
    blank = 0  # a row ends with a thousand of them
    for cell in row:
        if cell.tag not in {f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"}:
            continue
        text, repeated = _ods_text(cell), _repeats(cell, "columns")
        if not text:
            blank += repeated
            continue
        if len(cells) + blank + repeated > MAX_COLUMNS:
            raise too_many_columns(len(cells) + blank + repeated, name)
        cells += [""] * blank + [text] * repeated
        blank = 0
    return cells


def _ods_text(cell: Element) -> str:
    """What a cell shows. A date is written as in the file, since its form on the screen depends on the country."""
    dated = cell.get(f"{_OFFICE}date-value")
    return dated or "\n".join("".join(_ods_parts(paragraph)) for paragraph in cell.findall(f"{_TEXT}p"))


def _ods_parts(element: Element) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if child.tag == f"{_TEXT}s":
            yield " " * min(100, int(child.get(f"{_TEXT}c", "1")))
        elif child.tag == f"{_TEXT}line-break":
            yield "\n"
        elif child.tag.startswith(_TEXT):
            yield from _ods_parts(child)
        yield child.tail or ""


def _repeats(element: Element, what: str) -> int:
    return max(1, int(element.get(f"{_TABLE}number-{what}-repeated", "1")))
