"""Answers and actions as the rows of a table: what an export writes of them, and what a returned table says.

A row has a stamp, a number made of its content. So a row that comes back is one of three: as it was exported, whatever
became of it on the site; changed in the table alone; or changed in both, which is refused.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from zlib import crc32

from ideas.answers.action import COMPLETE, Action
from ideas.answers.decision import Decision, DecisionStatus
from ideas.base import MAX_ID
from ideas.errors import DomainError, message_id
from ideas.text import clean, clean_line

_DAY = re.compile(r"(\d{1,4})[-/. ](\d{1,2})[-/. ](\d{1,4})(?:[T ]00:00(?::00)?)?", re.ASCII)
_NUMBER = re.compile(r"(\d{1,10})(?:[.,]0+)?", re.ASCII)
YEAR_DIGITS = 4
_NO_IMPACT = ", community_impact='')"


class Sheet(StrEnum):
    DECISIONS = "decisions"
    ACTIONS = "actions"


# What is read of each table. A table without `version` was exported by an earlier version of the product.
DECISION_COLUMNS = ("decision_id", "theme_id", "status", "reason", "respondent", "decided_on", "expected_on")
ACTION_COLUMNS = (
    "action_id", "theme_id", "title", "impact", "owner", "due_on", "progress", "abandoned_reason",
)  # fmt: skip
COLUMNS = {Sheet.DECISIONS: DECISION_COLUMNS, Sheet.ACTIONS: ACTION_COLUMNS}
# What a row may have besides: its stamp, why a published answer changes, and what an earlier version did not export.
OPTIONAL_COLUMNS = ("version", "change_reason", "community_impact")


class NotAStatus(DomainError):
    message = message_id("“%(cell)s” is no answer. Write one of: %(codes)s.")


class NotADay(DomainError):
    message = message_id("“%(cell)s” is not a clear date. Write it as 2026-11-30.")


class NotANumber(DomainError):
    message = message_id(
        "“%(cell)s” is not the number of a theme, an answer or an action. Leave it as it was exported."
    )


class NotAPercentage(DomainError):
    message = message_id("“%(cell)s” is no progress. Write a number from 0 to 100.")


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row of a returned table. `line`: in its file; `cells`: by the names of the columns that are read."""

    sheet: Sheet
    line: int
    cells: Mapping[str, str]

    def cell(self, name: str) -> str:
        return clean_line(self.cells.get(name, ""))

    @property
    def change_reason(self) -> str:
        return clean(self.cells.get("change_reason", ""))

    @property
    def is_empty(self) -> bool:
        """True where nothing is said, such as in a list of themes that was pasted below."""
        return not any(self.cell(name) for name in self.cells if name not in {"theme_id", "version"})


@dataclass(frozen=True, slots=True)
class AnswerCells:
    """What a row says of an answer."""

    status: str
    reason: str
    respondent: str
    decided_on: date | None
    expected_on: date | None
    community_impact: str = ""


@dataclass(frozen=True, slots=True)
class ActionCells:
    """What a row says of an action."""

    title: str
    impact: str
    owner: str
    due_on: date | None
    progress: int
    abandoned_reason: str


def answer_cells(decision: Decision, respondent: str) -> AnswerCells:
    """What the table of an export says of this answer."""
    return AnswerCells(
        decision.status.value, decision.reason, clean_line(respondent), decision.decided_on, decision.expected_on,
        decision.community_impact,
    )  # fmt: skip


def action_cells(action: Action, owner: str) -> ActionCells:
    """What the table of an export says of this action."""
    return ActionCells(
        action.title, action.impact, clean_line(owner), action.due_on, action.progress, action.abandoned_reason
    )


def stamp(cells: AnswerCells | ActionCells) -> int:
    """A number that changes with what the row says: short enough for a spreadsheet to leave it as it is.

    An empty impact is left out, so that it is the number that an earlier version gave.
    """
    said = repr(cells)
    if said.endswith(_NO_IMPACT):
        said = said.removesuffix(_NO_IMPACT) + ")"
    return crc32(said.encode()) % 10**9 + 1


def read_answer(row: SheetRow, current: AnswerCells | None, *, day_first: bool) -> AnswerCells:
    """What a row says of an answer. Raises NotAStatus, NotADay.

    `current`: what is stored: it stays where the row has no name or day of the answer, and says which day a date means
    that can be read in two ways; `day_first`: how it is read else.
    """
    status = row.cell("status").casefold().replace(" ", "_").replace("-", "_")
    if status not in set(DecisionStatus):
        raise NotAStatus(cell=row.cell("status"), codes=", ".join(DecisionStatus))
    pending = status == DecisionStatus.PENDING
    decided = read_day(row.cell("decided_on"), current.decided_on if current else None, day_first=day_first)
    expected = read_day(row.cell("expected_on"), current.expected_on if current else None, day_first=day_first)
    if current is not None:
        decided = decided or current.decided_on
    respondent = row.cell("respondent") or (current.respondent if current is not None else "")
    impact = current.community_impact if current is not None else ""
    if "community_impact" in row.cells:
        impact = clean(row.cells["community_impact"])
    words = clean(row.cells.get("reason", ""))
    return AnswerCells(status, words, respondent, decided, expected if pending else None, "" if pending else impact)


def read_action(row: SheetRow, current: ActionCells | None, *, day_first: bool) -> ActionCells:
    """What a row says of an action. Raises NotADay, NotAPercentage. As `read_answer`."""
    return ActionCells(
        row.cell("title"),
        clean(row.cells.get("impact", "")),
        row.cell("owner"),
        read_day(row.cell("due_on"), current.due_on if current else None, day_first=day_first),
        _percentage(row.cell("progress"), current.progress if current else 0),
        clean(row.cells.get("abandoned_reason", "")),
    )


def read_id(cell: str) -> int | None:
    """The number in a cell, also as a spreadsheet writes it back; None in an empty one. Raises NotANumber."""
    if not cell:
        return None
    found = _NUMBER.fullmatch(cell)
    if found is None or int(found[1]) > MAX_ID:
        raise NotANumber(cell=cell[:40])
    return int(found[1])


def read_stamp(cell: str) -> int | None:
    """The stamp of a row, or None where there is none that can be read."""
    found = _NUMBER.fullmatch(cell)
    return int(found[1]) if found is not None else None


def read_day(cell: str, current: date | None, *, day_first: bool) -> date | None:
    """The day in a cell, as exported or as spreadsheets of several countries write it. Raises NotADay.

    What can be read in two ways is the day that is stored, if it is one of them; else the day comes first with
    `day_first`, and nothing is guessed without.
    """
    if not cell:
        return None
    found = _DAY.fullmatch(cell)
    if found is None:
        raise NotADay(cell=cell[:40])
    if len(found[1]) == YEAR_DIGITS:
        days = [_date(found[1], found[2], found[3])]
    elif len(found[3]) == YEAR_DIGITS:
        days = [_date(found[3], found[2], found[1]), _date(found[3], found[1], found[2])]
    else:
        days = []
    known = list(dict.fromkeys(day for day in days if day is not None))
    if current in known and (len(known) == 1 or not day_first):
        return current
    if not known or (len(known) > 1 and not day_first):
        raise NotADay(cell=cell[:40])
    return known[0]


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _percentage(cell: str, current: int) -> int:
    """What is stored, where the cell is empty. Raises NotAPercentage."""
    if not cell:
        return current
    found = _NUMBER.fullmatch(cell.removesuffix("%").strip())
    if found is None or int(found[1]) > COMPLETE:
        raise NotAPercentage(cell=cell[:40])
    return int(found[1])
