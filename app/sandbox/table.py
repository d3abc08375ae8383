"""A table as lines: its columns and number of rows first, then a line for each row, then null."""

import io
from collections.abc import Iterator, Sequence
from typing import Any

from clustering.errors import UnreadableTable
from clustering.table import read_table


def read(
    content: bytes, *, filename: str, columns: Sequence[int] | None = None, skip: int = 0, most: int | None = None
) -> Iterator[Any]:
    """The lines of the table in a CSV or XLSX file.

    `columns`: the places of the columns wanted, or all. `skip`, `most`: which rows. A row is its line in the file and
    its cells.
    """
    try:
        table = read_table(io.BytesIO(content), filename)
    except UnreadableTable as fault:
        yield {"error": fault.code, "params": fault.params}
        return
    yield {"columns": table.columns, "rows": len(table.rows)}
    wanted = [table.columns[place] for place in (columns if columns is not None else range(len(table.columns)))]
    for row in table.rows[skip : None if most is None else skip + most]:
        yield [row.line, [row.cells[name] for name in wanted]]
    yield None
