"""How large a table may be. An XLSX of a few kilobytes can name far more than any memory holds."""

from clustering.errors import UnreadableTable

MAX_UNPACKED_BYTES = 400 * 1024 * 1024  # of an XLSX or ODS
MAX_CELL_CHARACTERS = 32 * 1024 * 1024  # of a CSV; the default of the csv module is 128 k
MAX_ROWS = 200_000
MAX_COLUMNS = 200
MAX_CELLS = 2_000_000  # that hold something
MAX_CHARACTERS = 64 * 1024 * 1024
MAX_BLANK_ROWS = 1_048_576  # the last row of Excel
MAX_BLANK_CELLS = 20_000_000  # that are made up before a cell far to the right
MAX_PARTS = 1_000  # of an XLSX or ODS, which is an archive

# A line of a file, from 1, and its cells.
Record = tuple[int, list[str]]


def too_many_rows(name: str) -> UnreadableTable:
    return UnreadableTable(f"{name} has more than {MAX_ROWS} rows.", code="too_many_rows", name=name, most=MAX_ROWS)


def too_many_columns(count: int, name: str) -> UnreadableTable:
    return UnreadableTable(
        f"{name} has {count} columns or more; the limit is {MAX_COLUMNS}.",
        code="too_many_columns",
        name=name,
        count=count,
        most=MAX_COLUMNS,
    )


class Allowance:
    """What a table may still hold. `spend` raises UnreadableTable beyond a bound."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._rows, self._cells, self._characters = MAX_ROWS, MAX_CELLS, MAX_CHARACTERS

    def spend(self, cells: list[str]) -> None:
        self._rows -= 1
        self._cells -= sum(1 for cell in cells if cell)
        self._characters -= sum(map(len, cells))
        name = self._name
        if self._rows < 0:
            raise too_many_rows(name)
        if self._cells < 0:
            raise UnreadableTable(
                f"{name} has more than {MAX_CELLS} filled cells.", code="too_many_cells", name=name, most=MAX_CELLS
            )
        if self._characters < 0:
            most = MAX_CHARACTERS // 1_000_000
            raise UnreadableTable(
                f"{name} holds more than {most} million characters.", code="too_much_text", name=name, most=most
            )
