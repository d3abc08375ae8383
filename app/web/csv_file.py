"""Tables as CSV files that spreadsheets open as they are, and in which no cell is run as a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

from flask import Response, current_app

# A spreadsheet takes a cell that begins so for a formula. OWASP names these, and the tabulator and line ends.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_response(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """The table as a file with this name."""
    answer = current_app.response_class(csv_text(head, rows), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def csv_text(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The table. It begins with the mark by which spreadsheets know UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return "\ufeff" + out.getvalue()


def _cell(value: object) -> str:
    """The value as text; an apostrophe before it where it would be taken for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text
