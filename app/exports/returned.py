"""Read a returned table: the answers and actions of an export that were changed in a spreadsheet program.

What it changes is kept in the form that confirms it, packed, until then: the site stores nothing of the file.
"""

import base64
import binascii
import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from app.tables.faults import NoRows, UnusableFile
from app.tables.idea_file import open_table
from ideas.errors import message_id
from ideas.exports.returned.sheet import COLUMNS, OPTIONAL_COLUMNS, Sheet, SheetRow

MAX_ROWS = 2_000
# Of what a form carries: packed, and unpacked.
MAX_PACKED = 600_000
MAX_UNPACKED = 8_000_000


class OtherTable(UnusableFile):
    message = message_id(
        "This file holds neither answers nor actions of an export. Choose the workbook, or “decisions.csv” or"
        " “actions.csv” from the ZIP file."
    )


class ColumnMissing(UnusableFile):
    message = message_id("The column “%(name)s” is missing. Keep the columns and their names as they were exported.")


class TooManyReturned(UnusableFile):
    message = message_id("This file has more than %(most)s rows of answers or actions. Split it into several files.")


class TooMuchChanged(UnusableFile):
    message = message_id("These are too many changes at once. Split the file, and send one part after the other.")


def read_returned(content: bytes, filename: str) -> list[SheetRow]:
    """The rows of answers and actions in a workbook or a CSV file. Raises UnreadableFile."""
    with open_table(content, filename, most=0) as found:
        names = {name.casefold(): name for name in found.facts["sheets"]}
    sheets = [names[sheet] for sheet in Sheet if sheet in names]
    readings = [{"sheet": name, "header": 1} for name in sheets] or [{"header": 1}]
    rows: list[SheetRow] = []
    for how in readings:
        with suppress(NoRows), open_table(content, filename, how=how, as_is=True, most=MAX_ROWS + 1) as found:
            rows += _rows(found.facts["columns"], found.lines())
    if len(rows) > MAX_ROWS:
        raise TooManyReturned(most=MAX_ROWS)
    return rows


def _rows(columns: Sequence[str], lines: Iterable[tuple[int, Sequence[str]]]) -> Iterator[SheetRow]:
    """Raises OtherTable, ColumnMissing."""
    places = {name.strip().casefold(): place for place, name in enumerate(columns)}
    sheet = next((sheet for sheet in (Sheet.ACTIONS, Sheet.DECISIONS) if COLUMNS[sheet][0] in places), None)
    if sheet is None:
        raise OtherTable
    missing = [name for name in COLUMNS[sheet] if name not in places]
    if missing:
        raise ColumnMissing(name=missing[0])
    wanted = [name for name in (*COLUMNS[sheet], *OPTIONAL_COLUMNS) if name in places]
    for line, cells in lines:
        row = SheetRow(sheet, line, {name: cells[places[name]] for name in wanted})
        if any(cell.strip() for cell in row.cells.values()):
            yield row


def pack(rows: Iterable[SheetRow]) -> str:
    """The rows as a field of a form. Raises TooMuchChanged."""
    told = json.dumps([[row.sheet, row.line, dict(row.cells)] for row in rows], ensure_ascii=False)
    packed = base64.urlsafe_b64encode(zlib.compress(told.encode())).decode()
    if len(packed) > MAX_PACKED or len(told.encode()) > MAX_UNPACKED:
        raise TooMuchChanged
    return packed


def unpack(packed: str) -> list[SheetRow] | None:
    """The rows that a form sent back; None where they can't be read. They are as free as a file: rules check them."""
    try:
        told = zlib.decompressobj().decompress(base64.urlsafe_b64decode(packed.encode()), MAX_UNPACKED)
        rows = [
            SheetRow(Sheet(sheet), int(line), {str(name): str(cell) for name, cell in cells.items()})
            for sheet, line, cells in json.loads(told)
        ]
    except (ValueError, binascii.Error, zlib.error, AttributeError, TypeError, RecursionError):
        return None
    return rows[:MAX_ROWS]
