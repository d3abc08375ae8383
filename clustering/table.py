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
from typing import BinaryIO

from clustering.errors import UnreadableTable

ZIP_MAGIC = b"PK\x03\x04"
OLD_EXCEL_MAGIC = b"\xd0\xcf\x11\xe0"
MAX_UNPACKED_BYTES = 400 * 1024 * 1024  # of an XLSX
MAX_CELL_CHARACTERS = 32 * 1024 * 1024  # of a CSV; the default of the csv module is 128 k
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
    old_excel, not_excel, too_large, encoding, broken.
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
    records = _records(text, delimiter, name)
    columns, rows = _assemble(records, name, delimiter)
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


def _records(text: str, delimiter: str, name: str) -> list[tuple[int, list[str]]]:
    """Returns (line, cells) for each record. Raises UnreadableTable only for a quote never closed, or broken CSV."""
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    try:
        return list(_parse(text, delimiter, strict=True))
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            raise UnreadableTable(
                f"{name} can't be read to its end: a quotation mark is opened and never closed.",
                code="broken",
                name=name,
            ) from None
    try:
        return list(_parse(text, delimiter, strict=False))
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
            records = [
                (line, [_plain(cell) for cell in cells])
                for line, cells in enumerate(sheet.iter_rows(values_only=True), start=1)
            ]
    except UnreadableTable:
        raise
    except Exception as error:  # a damaged workbook can break openpyxl anywhere
        raise UnreadableTable(
            f"{name} is not an Excel workbook that can be read.", code="not_excel", name=name
        ) from error
    columns, rows = _assemble(records, name, None)
    return Table(columns, rows, sheet=sheet.title)


def _refuse_bomb(content: bytes, name: str) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED_BYTES:
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
    filled = iter([(line, cells) for line, cells in records if any(cell.strip() for cell in cells)])
    header = next(filled, None)
    if header is None:
        raise UnreadableTable(f"{name} is empty.", code="empty", name=name)
    columns = _columns(header[1])
    return columns, tuple(_row(line, cells, columns, delimiter) for line, cells in filled)


def _columns(header: list[str]) -> tuple[str, ...]:
    """Returns the name of each column, each different: blanks get their position, repeated names a number."""
    while header and not header[-1].strip():
        header = header[:-1]
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
