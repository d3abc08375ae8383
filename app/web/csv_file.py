"""Tables as CSV files that spreadsheets open as they are, and in which no cell is run as a formula."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import TextIO

from flask import Response, current_app

# A spreadsheet takes a cell that begins so for a formula. OWASP names these, and the tabulator and line ends. What
# would be read as if it were marked already is marked once more: an import takes one apostrophe away.
_FORMULA = re.compile(r"\A'* *[=+\-@\t\r\n＝＋－＠]")


def csv_response(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """The table as a file with this name."""
    answer = current_app.response_class(csv_text(head, rows), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def csv_text(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The table. It begins with the mark by which spreadsheets know UTF-8."""
    out = io.StringIO()
    write_rows(out, head, rows)
    return "\ufeff" + out.getvalue()


def write_rows(out: TextIO, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write the table into a file that is open."""
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([_cell(value) for value in row] for row in rows)


def _cell(value: object) -> str:
    """The value as text; an apostrophe before it where it would be taken for a formula. A number is none."""
    if isinstance(value, int | float):
        return str(value)
    text = "" if value is None else str(value)
    return f"'{text}" if _FORMULA.match(text) else text
