"""A table as lines: what was found of it first, then a line for each row, then null."""

import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from clustering.errors import UnreadableTable
from clustering.table import HowToRead, Row, Table, read_table
from clustering.tabular.columns import JUDGED_ROWS, guess
from clustering.tabular.markup import as_text
from clustering.tabular.states import is_off

MAX_SHOWN_CELL = 60
MAX_SHOWN_CELLS = 12


def read(
    content: bytes,
    *,
    filename: str,
    how: dict[str, Any] | None = None,
    columns: Sequence[int] | None = None,
    state: int | None = None,
    skip: int = 0,
    most: int | None = None,
    as_is: bool = False,
) -> Iterator[Any]:
    """The lines of the table in a CSV, XLSX or ODS file.

    `how`: what a person chose of its encoding, sheet and header. `columns`: the places of the columns wanted, or all.
    `state`: the place of the column that may say that a row was taken off its page. `skip`, `most`: which rows.
    `as_is`: cells with HTML are left so, else they become plain text.
    A row is its line in the file, its cells and, with `state`, whether it was taken off.
    """
    try:
        table = read_table(io.BytesIO(content), filename, HowToRead(**(how or {})))
    except UnreadableTable as fault:
        yield {"error": fault.code, "params": fault.params}
        return
    except LookupError:
        yield {"error": "encoding", "params": {"line": 1}}
        return
    yield _facts(table, full=columns is None)
    places = columns if columns is not None else range(len(table.columns))
    if any(place >= len(table.columns) for place in (*places, state or 0)):
        yield {"error": "other_columns"}
        return
    wanted = [table.columns[place] for place in places]
    told = None if state is None else table.columns[state]
    for row in table.rows[skip : None if most is None else skip + most]:
        cells = [row.cells[name] if as_is else as_text(row.cells[name]) for name in wanted]
        yield [row.line, cells] if told is None else [row.line, cells, is_off(told, row.cells[told])]
    yield None


def _facts(table: Table, *, full: bool) -> dict[str, Any]:
    """What is known of a table. `full`: with the likely columns, for which every row is looked at."""
    facts: dict[str, Any] = {"columns": table.columns, "rows": len(table.rows)}
    if not full:
        return facts
    likely = guess(table.columns, [_cells(row) for row in table.rows[:JUDGED_ROWS]])
    return facts | {
        "encoding": table.encoding,
        "sheet": table.sheet,
        "sheets": table.sheets,
        "header": table.header,
        "header_is_sure": table.header_is_sure,
        "head": [
            [line, [cell[:MAX_SHOWN_CELL] for cell in cells if cell.strip()][:MAX_SHOWN_CELLS]]
            for line, cells in table.head
        ],
        "guess": asdict(likely),
        "off": {} if likely.state is None else _off(table, table.columns[likely.state]),
    }


def _off(table: Table, name: str) -> dict[str, int]:
    """The states that take rows off their page, the most frequent first, with how many rows have each."""
    found = Counter(row.cells[name].strip()[:MAX_SHOWN_CELL] for row in table.rows if is_off(name, row.cells[name]))
    return dict(found.most_common(MAX_SHOWN_CELLS))


def _cells(row: Row) -> list[str]:
    return list(row.cells.values())
