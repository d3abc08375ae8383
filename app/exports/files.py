"""Write the tables of a campaign into a file, row by row, so that a large campaign takes little memory.

Each file also holds the table `columns`, which says what every column means, in the language of whoever asked.
"""

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import xlsxwriter
from sqlalchemy.orm import Session

from app.web.csv_file import write_rows
from app.web.pages.language import gettext
from app.web.uploads import uploads
from ideas.campaigns.campaign import Campaign
from ideas.exports.export import ExportFormat
from ideas.exports.polis import COMMENTS, VOTES, PolisFiles
from ideas.exports.rows import Authors, Row, plain
from ideas.exports.tables import TABLES, Column, columns_in
from ideas.files import scratch

MAX_SHEET_ROWS = 1_048_575  # what a sheet of a workbook holds, without its heads
WIDTHS = {"text": 60, "reason": 60, "meaning": 60, "definition": 50, "words": 50, "title": 32, "theme": 32, "name": 32}


def write_export(
    path: Path,
    session: Session,
    campaign: Campaign,
    *,
    format_: ExportFormat,
    authors: Authors,
    address: str,
) -> None:
    """Write the campaign's content to the path. `address`: of the campaign's page."""
    if format_ is ExportFormat.POLIS:
        _write_polis(path, PolisFiles(session, campaign), address)
        return
    writers = {ExportFormat.XLSX: _write_xlsx, ExportFormat.CSV: _write_csv, ExportFormat.JSON: _write_json}
    writers[format_](path, _tables(session, campaign, authors))


def _tables(
    session: Session, campaign: Campaign, authors: Authors
) -> Iterator[tuple[str, Sequence[str], Iterator[Row]]]:
    """Name, columns and rows of each table."""
    known = {table.name: columns_in(session, campaign, table) for table in TABLES}
    for table in TABLES:
        rows = ([plain(value) for value in row] for row in table.rows(session, campaign, authors))
        yield table.name, [column.name for column in known[table.name]], rows
    yield "columns", ["table", "column", "meaning"], iter(_dictionary(known))


def _dictionary(tables: Mapping[str, Sequence[Column]]) -> list[Row]:
    return [[name, column.name, gettext(column.meaning)] for name, columns in tables.items() for column in columns]


def _write_xlsx(path: Path, tables: Iterable[tuple[str, Sequence[str], Iterator[Row]]]) -> None:
    """A sheet for each table; another one where it is full. Texts are texts: none is a formula or a link."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with scratch(uploads()) as folder, xlsxwriter.Workbook(path, options | {"tmpdir": folder}) as book:
        bold = book.add_format({"bold": True})
        for name, columns, rows in tables:
            sheet, used, at = _new_sheet(book, name, columns, bold), 1, 0
            for row in rows:
                if at == MAX_SHEET_ROWS:
                    used, at = used + 1, 0
                    sheet = _new_sheet(book, f"{name} {used}", columns, bold)
                at += 1
                sheet.write_row(at, 0, [_cell(value) for value in row])


def _cell(value: Any) -> Any:
    """A text between these two marks would be written as XML, whatever is in it. A space makes it a text."""
    is_marked = isinstance(value, str) and value.startswith("<r>") and value.endswith("</r>")
    return f"{value} " if is_marked else value


def _new_sheet(book: Any, name: str, columns: Sequence[str], bold: Any) -> Any:
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(columns):
        sheet.set_column(place, place, WIDTHS.get(column, 14))
    sheet.write_row(0, 0, columns, bold)
    return sheet


def _write_csv(path: Path, tables: Iterable[tuple[str, Sequence[str], Iterator[Row]]]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, columns, rows in tables:
            with _text_in(archive, f"{name}.csv", encoding="utf-8-sig") as out:
                write_rows(out, columns, rows)


def _write_json(path: Path, tables: Iterable[tuple[str, Sequence[str], Iterator[Row]]]) -> None:
    """An object with a list of objects for each table."""
    with path.open("w", encoding="utf-8") as out:
        before = '{"version": 1'
        for name, columns, rows in tables:
            out.write(f"{before},\n{json.dumps(name)}: [")
            before = "]"
            for place, row in enumerate(rows):
                line = json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False)
                out.write(f"{',' * (place > 0)}\n{line}")
        out.write("]}\n")


def _write_polis(path: Path, files: PolisFiles, address: str) -> None:
    """As Pol.is writes them: without a mark at the beginning, and numbers as they are."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        _add_plain(archive, "summary.csv", files.summary(address))
        _add_plain(archive, "comments.csv", files.comments(), COMMENTS)
        _add_plain(archive, "votes.csv", files.votes(), VOTES)
        if files.has_participants:
            _add_plain(archive, "participants-votes.csv", files.participants(), files.participants_columns())


def _add_plain(archive: zipfile.ZipFile, name: str, rows: Iterable[Row], head: Sequence[Any] | None = None) -> None:
    with _text_in(archive, name, encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        if head is not None:
            writer.writerow(head)
        writer.writerows(rows)


@contextmanager
def _text_in(archive: zipfile.ZipFile, name: str, *, encoding: str) -> Iterator[io.TextIOWrapper]:
    with archive.open(name, "w") as entry, io.TextIOWrapper(entry, encoding=encoding, newline="") as out:
        yield out
