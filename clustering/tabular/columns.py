"""Which column is what: by its name and by what its cells hold. What is found is the likely answer to a question."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from clustering.tabular.kinds import Kind, common_kind, plain
from clustering.tabular.names import (
    AUTHOR_NAMES,
    DATE_NAMES,
    EMAIL_NAMES,
    KEY_NAMES,
    LANG_NAMES,
    NOT_TEXT_NAMES,
    STATE_NAMES,
    SUPPORT_NAMES,
    TEXT_NAMES,
    TITLE_NAMES,
)
from clustering.tabular.states import is_off

JUDGED_ROWS = 2_000
MAX_TEXT_COLUMNS = 12
_NOT_TEXT_WORDS = {"id", "date", "nb", "nombre", "number", "numero", "count", "url"}
# Two columns of one contribution, rather than two questions.
_PARTS = {
    "problem", "probleme", "constat", "solution", "why", "pourquoi", "benefit", "benefits", "benefice", "benefices",
    "details", "description", "impact", "objectif", "objectifs", "resume", "summary", "abstract", "body", "chapeau",
}  # fmt: skip
_TEXT_LENGTH = 12  # characters on average
_SHORT_TEXT_LENGTH = 6  # where no column has longer ones
# Scripts that write several words without a space.
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{4}")
_LONG = 150.0
_VARIED = 0.5  # share of cells that differ
_NAME_LENGTH = 60
_LANG_LENGTH = 12
_PART_WORDS = 4
_QUESTION_WORDS = 5
_MAX_STATES = 20
_FEW = 3
_STATE_WORDS = {"state", "status", "etat", "statut", "moderation"}


@dataclass(frozen=True, slots=True)
class Guess:
    """The place of each column, from 0, or None where there is none.

    `more`: other text columns to take. `apart`: as ideas of their own, answers to questions, rather than joined.
    `texts`: every column that may hold a text of its own.
    """

    text: int | None = None
    more: tuple[int, ...] = ()
    apart: bool = False
    title: int | None = None
    author: int | None = None
    lang: int | None = None
    key: int | None = None
    state: int | None = None
    email: int | None = None
    date: int | None = None
    support: int | None = None
    texts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Column:
    place: int
    name: str
    cells: Sequence[str]  # that hold something, trimmed
    filled: float
    kind: Kind = field(init=False)
    length: float = field(init=False)
    distinct: float = field(init=False)

    def __post_init__(self) -> None:
        count = max(1, len(self.cells))
        object.__setattr__(self, "kind", common_kind(self.cells))
        object.__setattr__(self, "length", sum(map(len, self.cells)) / count)
        object.__setattr__(self, "distinct", len(set(self.cells)) / count)

    @property
    def words(self) -> set[str]:
        return set(self.name.split())

    def is_written(self, length: int) -> bool:
        """True where the cells are sentences, or a few words of this length on average."""
        unspaced = sum(1 for cell in self.cells if _UNSPACED.search(cell))
        spaced = unspaced + sum(1 for cell in self.cells if " " in cell)
        long = self.length >= length or 2 * unspaced >= len(self.cells)
        return self.kind is Kind.OTHER and long and 2 * spaced >= len(self.cells)


def guess(names: Sequence[str], rows: Sequence[Sequence[str]] = ()) -> Guess:
    """The columns as their names and their cells suggest. Without rows, as their names alone do.

    A single column is the text; so is the title where no text is found.
    """
    if len(names) == 1:
        return Guess(text=0, texts=(0,))
    columns = [column for column in _columns(names, rows[:JUDGED_ROWS]) if column.cells or not rows]
    found: dict[str, int] = {}
    for part, usual in _BY_NAME.items():
        _find(found, part, [column for column in columns if _may_be(part, column)], usual)
    if "email" not in found:
        _first(found, "email", [column for column in columns if column.kind is Kind.EMAIL])
    if "date" not in found:
        _first(found, "date", [column for column in columns if column.kind is Kind.DATE])
    state = _state(columns)
    if state is not None:
        found["state"] = state
    ranked = _texts(columns, taken=found)
    if not ranked and "title" not in found:
        ranked = _texts(columns, taken=found, length=_SHORT_TEXT_LENGTH)
    if ranked:
        found["text"] = ranked[0].place
    elif "title" in found:
        found["text"] = found.pop("title")
    others = ranked[1:MAX_TEXT_COLUMNS]
    more, apart = _more(names, ranked[0], others) if ranked else ((), False)
    texts = tuple(sorted(column.place for column in ranked[:MAX_TEXT_COLUMNS]))
    return Guess(
        more=more, apart=apart, texts=texts or tuple(found[part] for part in ("text",) if part in found), **found
    )


_BY_NAME: Mapping[str, Sequence[str]] = {
    "key": KEY_NAMES,
    "lang": LANG_NAMES,
    "email": EMAIL_NAMES,
    "author": AUTHOR_NAMES,
    "title": TITLE_NAMES,
    "date": DATE_NAMES,
    "support": SUPPORT_NAMES,
}


def _columns(names: Sequence[str], rows: Sequence[Sequence[str]]) -> list[_Column]:
    found = []
    for place, name in enumerate(names):
        cells = [row[place].strip() for row in rows if row[place].strip()]
        found.append(_Column(place, plain(name), cells, len(cells) / max(1, len(rows))))
    return found


def _may_be(part: str, column: _Column) -> bool:
    """False where the cells of a column contradict its name."""
    if not column.cells:
        return True
    if part == "key":
        return column.distinct >= _VARIED and column.length <= _NAME_LENGTH and column.kind is not Kind.EMAIL
    if part == "author":
        alike = len(column.cells) >= _FEW and len(set(column.cells)) == 1  # "Anonyme" on each line
        return column.length <= _NAME_LENGTH and column.kind in {Kind.OTHER, Kind.EMAIL} and not alike
    if part == "lang":
        return column.length <= _LANG_LENGTH
    if part == "support":
        return column.kind is Kind.NUMBER
    return True


def _find(found: dict[str, int], part: str, columns: Sequence[_Column], usual: Sequence[str]) -> None:
    """Give the part the column with the likeliest name that no other part has."""
    free = [column for column in columns if column.name in usual and column.place not in found.values()]
    if free:
        found[part] = min(free, key=lambda column: (usual.index(column.name), column.place)).place


def _first(found: dict[str, int], part: str, columns: Sequence[_Column]) -> None:
    place = next((column.place for column in columns if column.place not in found.values()), None)
    if place is not None:
        found[part] = place


def _state(columns: Sequence[_Column]) -> int | None:
    """The column by which most rows would be left out; without one, the first that is named as a state."""
    named = [
        column
        for column in columns
        if column.name in STATE_NAMES or (column.words & _STATE_WORDS and len(set(column.cells)) <= _MAX_STATES)
    ]
    best = max(named, key=lambda column: sum(is_off(column.name, cell) for cell in column.cells), default=None)
    return best.place if best else None


def _texts(columns: Sequence[_Column], *, taken: Mapping[str, int], length: int = _TEXT_LENGTH) -> list[_Column]:
    """The columns that may hold a text, the likeliest first."""
    free = [column for column in columns if column.place not in taken.values()]
    scored = [(_text_score(column, length), column) for column in free]
    likely = [(score, column) for score, column in scored if score > 0]
    return [column for _, column in sorted(likely, key=lambda pair: (-pair[0], pair[1].place))]


def _text_score(column: _Column, length: int) -> float:
    """How much a column looks like the text: filled, long and varied, or named so. 0 for what can't be one."""
    exact = column.name in TEXT_NAMES
    contains = bool(column.words & set(TEXT_NAMES)) and not column.words & _NOT_TEXT_WORDS
    if column.name in NOT_TEXT_NAMES or (column.cells and column.kind is not Kind.OTHER and not exact):
        return 0.0
    if not (exact or contains or column.is_written(length)):
        return 0.0
    named = 4.0 - TEXT_NAMES.index(column.name) / len(TEXT_NAMES) if exact else 2.0 if contains else 1.0
    if not column.cells:
        return named / 1_000 if exact or contains else 0.0
    seen = min(column.length, _LONG) / _LONG
    return named * (0.1 + seen) * float(column.filled**0.5) * column.distinct


def _more(names: Sequence[str], text: _Column, others: Sequence[_Column]) -> tuple[tuple[int, ...], bool]:
    """Which other text columns to take with the first, and whether they answer other questions."""
    if _asks(names[text.place]):
        questions = tuple(
            sorted(column.place for column in others if _asks(names[column.place]) and column.distinct >= _VARIED)
        )
        return questions, bool(questions)
    parts = [column.place for column in others if column.words & _PARTS and len(column.words) <= _PART_WORDS]
    return (tuple(sorted(parts)), False) if text.words & (_PARTS | set(TEXT_NAMES)) else ((), False)


def _asks(name: str) -> bool:
    """True for a name that is a question of a survey."""
    return name.rstrip().endswith(("?", "？")) or len(name.split()) >= _QUESTION_WORDS
