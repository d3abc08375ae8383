"""Personal data in the rows of a file: whoever imports it is shown the rows, and chooses what becomes of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Self

from ideas.personal_data.personal_data import Kind, Span, pieces

# Rows are listed up to this number; of the others only the counts are shown.
MAX_LISTED_ROWS = 500
# Characters shown of what stands before, between and after the words that are marked.
MAX_AROUND = 60


class PersonalRows(StrEnum):
    """What becomes of the rows that seem to hold personal data. In a strict campaign they are held."""

    HOLD = "hold"  # until a moderator has read them
    LEAVE_OUT = "leave_out"
    KEEP = "keep"  # knowingly


@dataclass(frozen=True, slots=True)
class FoundRow:
    """A row that seems to hold personal data. `text` and `spans` are for the preview, and stored nowhere."""

    line: int
    kinds: Sequence[Kind]
    text: str = ""
    spans: Sequence[Span] = ()

    @property
    def excerpt(self) -> list[tuple[str, Kind | None]]:
        """The marked words with a little of what is around them: see `pieces`."""
        cut = pieces(self.text, self.spans)
        last = len(cut) - 1
        return [(words if kind else _around(words, place, last), kind) for place, (words, kind) in enumerate(cut)]


@dataclass(frozen=True, slots=True)
class PersonalReport:
    """The rows of an import with personal data: how many by kind, and how many were held, left out or kept.

    `unread`: rows that a preview did not look at. `listed`: the first that were found, at most MAX_LISTED_ROWS.
    """

    kinds: Mapping[str, int] = field(default_factory=dict)
    held: int = 0
    left_out: int = 0
    kept: int = 0
    unread: int = 0
    listed: Sequence[FoundRow] = ()

    @classmethod
    def of(cls, rows: Sequence[FoundRow], chosen: PersonalRows, *, unread: int) -> Self:
        """What becomes of these rows."""
        held, left_out, kept = (
            len(rows) if chosen is one else 0 for one in (PersonalRows.HOLD, PersonalRows.LEAVE_OUT, PersonalRows.KEEP)
        )
        kinds = Counter(str(kind) for row in rows for kind in row.kinds)
        return cls(kinds, held, left_out, kept, unread, rows[:MAX_LISTED_ROWS])

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        counts = {name: stored.get(name, 0) for name in ("held", "left_out", "kept")}
        listed = tuple(FoundRow(row["line"], [Kind(kind) for kind in row["kinds"]]) for row in stored.get("listed", ()))
        return cls(kinds=stored.get("kinds", {}), listed=listed, **counts)

    @property
    def total(self) -> int:
        """How many rows have personal data."""
        return self.held + self.left_out + self.kept

    @property
    def lines(self) -> list[tuple[int, list[Kind]]]:
        """The lines that are listed, each once, with the kinds that its ideas hold: a row may be several ideas."""
        found: dict[int, list[Kind]] = {}
        for row in self.listed:
            kinds = found.setdefault(row.line, [])
            kinds += [kind for kind in row.kinds if kind not in kinds]
        return list(found.items())

    def plus(self, other: Self) -> Self:
        return replace(
            self,
            kinds=Counter(self.kinds) + Counter(other.kinds),
            held=self.held + other.held,
            left_out=self.left_out + other.left_out,
            kept=self.kept + other.kept,
            unread=self.unread + other.unread,
            listed=(*self.listed, *other.listed)[:MAX_LISTED_ROWS],
        )

    def as_json(self) -> dict[str, Any]:
        """Which lines, and none of their words: the report stays when a row is left out or its idea is erased."""
        return {
            "kinds": dict(self.kinds),
            "held": self.held,
            "left_out": self.left_out,
            "kept": self.kept,
            "listed": [{"line": row.line, "kinds": list(row.kinds)} for row in self.listed],
        }


def _around(words: str, place: int, last: int) -> str:
    """What is shown of a piece that is not marked: its end before the first mark, its beginning after the last one."""
    before, after = place == 0, place == last
    if len(words) <= (MAX_AROUND if before or after else 2 * MAX_AROUND):
        return words
    if before:
        return f"…{words[-MAX_AROUND:]}"
    return f"{words[:MAX_AROUND]}…" if after else f"{words[:MAX_AROUND]}…{words[-MAX_AROUND:]}"
