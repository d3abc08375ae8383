"""Reads a CSV or XLSX file of ideas into rows that know their line. The web process uses it too: no NumPy here."""

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
MAX_UNPACKED = 400 * 1024 * 1024  # bytes an XLSX may unpack to
MAX_CELL = 32 * 1024 * 1024  # characters in one CSV cell; the csv module stops at 128 k by default
DELIMITERS = (",", ";", "\t", "|")
BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
# Encodings that office programs still write in Western Europe; the likeliest is found by charset-normalizer.
OLD_ENCODINGS = ("cp1252", "mac_roman", "cp850")
# Two letters that UTF-8 read as Latin-1 leaves behind for one accented letter, as in "Ã©".
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
    """Reads CSV (usual encodings; comma, semicolon, tab or bar) or XLSX (first sheet), told apart by content.

    Raises UnreadableTable, with a `code` among: empty, old_excel, not_excel, too_large, encoding, broken, no_header.
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
    """Returns the text and its encoding: by its mark, else UTF-8, else what charset-normalizer finds likeliest."""
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
    """The separator that the header uses most, outside quotes; a comma if it uses none."""
    header = re.sub(r'"[^"]*"', "", text.lstrip("\r\n").split("\n", 1)[0])
    return max(DELIMITERS, key=header.count)


def _records(text: str, delimiter: str, name: str) -> list[tuple[int, list[str]]]:
    """Returns (line, cells) for each record. A quote that is never closed is an error; other liberties are taken."""
    csv.field_size_limit(MAX_CELL)
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
            warnings.simplefilter("ignore")  # remarks about styles, which no one reads here
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # some programs declare them wrongly
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
        if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED:
            raise UnreadableTable(f"{name} is too large once unpacked.", code="too_large", name=name)


def _plain(value: object) -> str:
    """What a person sees in the cell, more or less."""
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
    """Takes the first record that isn't blank as the header; skips blank ones."""
    filled = iter([(line, cells) for line, cells in records if any(cell.strip() for cell in cells)])
    header = next(filled, None)
    if header is None:
        raise UnreadableTable(f"{name} is empty.", code="empty", name=name)
    columns = _columns(header[1])
    return columns, tuple(_row(line, cells, columns, delimiter) for line, cells in filled)


def _columns(header: list[str]) -> tuple[str, ...]:
    """Names every column once: blanks by their place, repeated names by a number."""
    while header and not header[-1].strip():
        header = header[:-1]
    names: dict[str, None] = {}
    repeats: Counter[str] = Counter()
    for place, cell in enumerate(header, start=1):
        plain = name = " ".join(cell.split()) or f"column {place}"
        while name in names:
            repeats[plain] += 1
            name = f"{plain} ({repeats[plain] + 1})"
        names[name] = None
    return tuple(names)


def _row(line: int, cells: list[str], columns: tuple[str, ...], delimiter: str | None) -> Row:
    if delimiter and len(columns) == 1:  # a single column needs no quoting: its commas are just commas
        cells = [delimiter.join(cells)]
    padded = [*cells, *[""] * (len(columns) - len(cells))]
    extra = tuple(cell for cell in padded[len(columns) :] if cell.strip())
    return Row(line, dict(zip(columns, padded, strict=False)), extra)
