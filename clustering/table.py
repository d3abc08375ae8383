"""Reads a CSV or XLSX file into rows with their line numbers. The web process imports it: no NumPy here."""

import csv
import io
import re
import warnings
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import PurePath
from typing import Any, BinaryIO

from clustering.errors import UnreadableTable

ZIP_MAGIC = b"PK\x03\x04"
OLD_EXCEL_MAGIC = b"\xd0\xcf\x11\xe0"
MAX_UNPACKED_BYTES = 400 * 1024 * 1024  # of an XLSX
MAX_CELL_CHARACTERS = 32 * 1024 * 1024  # of a CSV; the default of the csv module is 128 k
# Of one table. An XLSX of a few kilobytes can name far more than any memory holds.
MAX_ROWS = 200_000
MAX_COLUMNS = 200
MAX_CELLS = 2_000_000  # that hold something
MAX_CHARACTERS = 64 * 1024 * 1024
MAX_BLANK_ROWS = 1_048_576  # the last row of Excel
MAX_BLANK_CELLS = 20_000_000  # that openpyxl makes up before a cell far to the right
MAX_PARTS = 1_000  # of an XLSX, which is an archive
DELIMITERS = (",", ";", "\t", "|")
BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
# Encodings that office programs in Western Europe still write; charset-normalizer finds the likeliest.
OLD_ENCODINGS = ("cp1252", "mac_roman", "cp850")
# What one accented letter in UTF-8 becomes when read as Latin-1, as in "Ã©".
MOJIBAKE = re.compile("[\u00c2\u00c3][\u0080-\u00bf]")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True)
class Row:
    """One record. `line`: where it starts in the file, from 1. `extra`: its cells past the header."""

    line: int
    cells: Mapping[str, str]
    extra: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A header and its rows. `encoding` and `delimiter` are None for XLSX, `sheet` is None for CSV."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None

    def column(self, name: str) -> str | None:
        """Returns the column called `name`, whatever its capitals, or None."""
        if name in self.columns:
            return name
        wanted = name.strip().casefold()
        return next((column for column in self.columns if column.casefold() == wanted), None)


def read_table(source: BinaryIO, filename: str) -> Table:
    """Reads CSV (usual encodings; comma, semicolon, tab or bar) or XLSX (first sheet), recognised by content.

    `filename`: for error messages and its extension only. Raises UnreadableTable, with a `code` among: empty,
    old_excel, not_excel, too_large, encoding, broken, too_many_rows, too_many_columns, too_many_cells, too_much_text.
    """
    content = source.read()
    name = PurePath(filename).name or "the file"
    if not content.strip():
        raise UnreadableTable(f"{name} is empty.", code="empty", name=name)
    if content.startswith(OLD_EXCEL_MAGIC):
        raise UnreadableTable(
            f"{name} is in the old Excel format: save it as .xlsx or .csv first.", code="old_excel", name=name
        )
    if content.startswith(ZIP_MAGIC):
        return _read_xlsx(content, name)
    if name.lower().endswith((".xlsx", ".xlsm")):
        raise UnreadableTable(
            f"{name} is not an Excel workbook, although its name says so.", code="not_excel", name=name
        )
    return _read_csv(content, name)


def _read_csv(content: bytes, name: str) -> Table:
    text, encoding = _decode(content, name)
    delimiter = _delimiter(text)
    columns, rows = _strictly_or_not(text, delimiter, name)
    return Table(columns, rows, encoding=encoding, delimiter=delimiter)


def _decode(content: bytes, name: str) -> tuple[str, str]:
    """Returns the text and its encoding: that of its byte order mark, else UTF-8, else the likeliest old one."""
    try:
        for mark, encoding in BYTE_ORDER_MARKS:
            if content.startswith(mark):
                return content.decode(encoding), encoding
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
    guess = _old_encoding(content)
    if guess is None:
        raise UnreadableTable(
            f"{name} is not text in an encoding that can be recognised (line {line}): save it as CSV in UTF-8.",
            code="encoding",
            name=name,
            line=line,
        )
    return content.decode(guess), guess


def _old_encoding(content: bytes) -> str | None:
    from charset_normalizer import from_bytes

    best = from_bytes(content, cp_isolation=[*OLD_ENCODINGS, "utf_16_le", "utf_16_be"]).best()
    if best is None:
        return None
    text = content.decode(best.encoding, errors="replace")
    if "\ufffd" in text or CONTROL.search(text) or MOJIBAKE.search(text):
        return None
    return best.encoding


def _delimiter(text: str) -> str:
    """Returns the separator used most in the header, outside quotes; a comma if it uses none."""
    header = re.sub(r'"[^"]*"', "", text.lstrip("\r\n").split("\n", 1)[0])
    return max(DELIMITERS, key=header.count)


def _strictly_or_not(text: str, delimiter: str, name: str) -> tuple[tuple[str, ...], tuple[Row, ...]]:
    """Returns columns and rows. Raises UnreadableTable: beyond a bound, for a quote never closed, or for broken CSV."""
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    try:
        return _assemble(_parse(text, delimiter, strict=True), name, delimiter)
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            raise UnreadableTable(
                f"{name} can't be read to its end: a quotation mark is opened and never closed.",
                code="broken",
                name=name,
            ) from None
    try:
        return _assemble(_parse(text, delimiter, strict=False), name, delimiter)
    except csv.Error as error:
        raise UnreadableTable(f"{name} can't be read as CSV: {error}.", code="broken", name=name) from None


def _parse(text: str, delimiter: str, *, strict: bool) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)
    line = 1
    for cells in reader:
        yield line, cells
        line = reader.line_num + 1


def _read_xlsx(content: bytes, name: str) -> Table:
    import openpyxl

    try:
        _refuse_bomb(content, name)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles, which do not matter here
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # some programs write wrong ones
            columns, rows = _assemble(_sheet_records(sheet, name), name, None)
            return Table(columns, rows, sheet=sheet.title)
    except (UnreadableTable, MemoryError):
        raise
    except Exception as error:  # a damaged workbook can break openpyxl anywhere
        raise UnreadableTable(
            f"{name} is not an Excel workbook that can be read.", code="not_excel", name=name
        ) from error


def _sheet_records(sheet: Any, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yields (line, cells) for each row of the sheet, and for the blank ones that openpyxl makes up between them.

    Raises UnreadableTable for a row beyond the last one of Excel, or a cell beyond the last column that is read.
    """
    blank_left = MAX_BLANK_CELLS
    for line, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
        if line > MAX_BLANK_ROWS:
            raise _too_many_rows(name)
        if len(cells) > MAX_COLUMNS:
            last = max((place for place, cell in enumerate(cells, start=1) if cell not in {None, ""}), default=0)
            blank_left -= len(cells)
            if last > MAX_COLUMNS or blank_left < 0:
                raise _too_many_columns(len(cells), name)
            cells = cells[:MAX_COLUMNS]  # noqa: PLW2901 -- the others are blank
        yield line, [_plain(cell) for cell in cells]


def _too_many_rows(name: str) -> UnreadableTable:
    return UnreadableTable(f"{name} has more than {MAX_ROWS} rows.", code="too_many_rows", name=name, most=MAX_ROWS)


def _too_many_columns(count: int, name: str) -> UnreadableTable:
    return UnreadableTable(
        f"{name} has {count} columns or more; the limit is {MAX_COLUMNS}.",
        code="too_many_columns",
        name=name,
        count=count,
        most=MAX_COLUMNS,
    )


def _refuse_bomb(content: bytes, name: str) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        if len(parts) > MAX_PARTS or sum(entry.file_size for entry in parts) > MAX_UNPACKED_BYTES:
            raise UnreadableTable(f"{name} is too large once unpacked.", code="too_large", name=name)


def _plain(value: object) -> str:
    """Returns the text of a cell, roughly as Excel shows it."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value)


def _assemble(
    records: Iterable[tuple[int, list[str]]], name: str, delimiter: str | None
) -> tuple[tuple[str, ...], tuple[Row, ...]]:
    """Returns the columns and the rows: the first record that isn't blank is the header; blank records are skipped."""
    filled = ((line, cells) for line, cells in records if any(cell.strip() for cell in cells))
    header = next(filled, None)
    if header is None:
        raise UnreadableTable(f"{name} is empty.", code="empty", name=name)
    columns = _columns(header[1], name)
    rows: list[Row] = []
    cells_left, characters_left = MAX_CELLS, MAX_CHARACTERS
    for line, cells in filled:
        if len(rows) == MAX_ROWS:
            raise _too_many_rows(name)
        row = _row(line, cells, columns, delimiter)
        cells_left -= sum(1 for cell in cells if cell)
        characters_left -= sum(map(len, cells))
        if cells_left < 0:
            raise UnreadableTable(
                f"{name} has more than {MAX_CELLS} filled cells.", code="too_many_cells", name=name, most=MAX_CELLS
            )
        if characters_left < 0:
            most = MAX_CHARACTERS // 1_000_000
            raise UnreadableTable(
                f"{name} holds more than {most} million characters.", code="too_much_text", name=name, most=most
            )
        rows.append(row)
    return columns, tuple(rows)


def _columns(header: list[str], table: str) -> tuple[str, ...]:
    """Returns the name of each column, each different: blanks get their position, repeated names a number."""
    width = max(place for place, cell in enumerate(header, start=1) if cell.strip())
    if width > MAX_COLUMNS:
        raise _too_many_columns(width, table)
    header = header[:width]
    names: dict[str, None] = {}
    repeats: Counter[str] = Counter()
    for position, cell in enumerate(header, start=1):
        plain = name = " ".join(cell.split()) or f"column {position}"
        while name in names:
            repeats[plain] += 1
            name = f"{plain} ({repeats[plain] + 1})"
        names[name] = None
    return tuple(names)


def _row(line: int, cells: list[str], columns: tuple[str, ...], delimiter: str | None) -> Row:
    if delimiter and len(columns) == 1:  # a single column is not quoted: its commas are text
        cells = [delimiter.join(cells)]
    padded = [*cells, *[""] * (len(columns) - len(cells))]
    extra = tuple(cell for cell in padded[len(columns) :] if cell.strip())
    return Row(line, dict(zip(columns, padded, strict=False)), extra)
