"""Which column is what: by its name and by what its cells hold. What is found is the likely answer to a question."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from clustering.tabular.column import VARIED, Column
from clustering.tabular.kinds import Kind, are_numbered, plain
from clustering.tabular.names import (
    AMBIGUOUS_NAMES,
    AUTHOR_NAMES,
    DATE_NAMES,
    EMAIL_NAMES,
    KEY_NAMES,
    LANG_NAMES,
    NOT_TEXT_NAMES,
    SUPPORT_NAMES,
    TEXT_NAMES,
    TITLE_NAMES,
)
from clustering.tabular.states import is_off

JUDGED_ROWS = 2_000
MAX_TEXT_COLUMNS = 12
_NOT_TEXT_WORDS = {
    "id", "date", "nb", "nombre", "number", "numero", "count", "url", "author", "auteur", "autor", "username", "user",
    "status", "statut", "votes", "created", "updated", "published", "type", "category", "categorie", "tags",
}  # fmt: skip
_ANSWER_WORDS = {"answer", "answers", "reply", "replies", "reponse", "reponses", "antwort", "respuesta"}
_ID_WORDS = {"id", "uuid", "reference", "ref", "number", "numero", "nr", "key"}
# Two columns of one contribution, rather than two questions.
_PARTS = {
    "problem", "probleme", "constat", "solution", "why", "pourquoi", "benefit", "benefits", "benefice", "benefices",
    "details", "description", "impact", "objectif", "objectifs", "resume", "summary", "abstract", "body", "chapeau",
}  # fmt: skip
_TEXT_LENGTH = 12  # characters on average
_SHORT_TEXT_LENGTH = 6  # where no column has longer ones
_LONG = 150.0
_NUMBERED_NAME = re.compile(r"(?: n(?:o|r)?)? ?\d{1,2}$")
_NAME_LENGTH = 60
_LANG_LENGTH = 12
_PART_WORDS = 4
_QUESTION_WORDS = 5
_QUESTION_MARKS = ("?", "？")
_FEW = 3
# Rows that repeat a text, as an export with a row for each vote does.
_REPEATED = 0.7
_ALL_ALIKE = 0.8
_MIN_WITH_PREFIX = 4


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
    if "title" not in found:
        _first(found, "title", [column for column in columns if column.may_be_a_title])
    if "email" not in found:
        _first(found, "email", [column for column in columns if column.kind is Kind.EMAIL])
    if "date" not in found:
        _first(found, "date", [column for column in columns if column.kind is Kind.DATE])
    state = _state(columns, names, count=len(rows[:JUDGED_ROWS]))
    if state is not None:
        found["state"] = state
    ranked = _find_text(found, columns)
    key = _key_of_repeated(columns, rows[:JUDGED_ROWS], found)
    if key is not None:
        found["key"] = key
    others = ranked[1:MAX_TEXT_COLUMNS]
    more, apart = _more(names, ranked[0], others) if ranked else ((), False)
    texts = tuple(sorted(column.place for column in ranked[:MAX_TEXT_COLUMNS]))
    return Guess(
        more=more, apart=apart, texts=texts or tuple(found[part] for part in ("text",) if part in found), **found
    )


def _find_text(found: dict[str, int], columns: Sequence[Column]) -> list[Column]:
    """Find the column of the text. Returns those that may hold one, the likeliest first."""
    ranked = _texts(columns, taken=found)
    if not ranked and "title" not in found:
        ranked = _texts(columns, taken=found, length=_SHORT_TEXT_LENGTH)
    if ranked:
        found["text"] = ranked[0].place
    elif "title" in found:
        found["text"] = found.pop("title")
    elif "author" in found:  # what has a name, beside who made it
        _first(found, "text", [column for column in columns if column.name in AMBIGUOUS_NAMES and column.cells])
    return ranked


_BY_NAME: Mapping[str, Sequence[str]] = {
    "key": KEY_NAMES,
    "lang": LANG_NAMES,
    "email": EMAIL_NAMES,
    "author": AUTHOR_NAMES,
    "title": (*TITLE_NAMES, *sorted(AMBIGUOUS_NAMES)),
    "date": DATE_NAMES,
    "support": SUPPORT_NAMES,
}


def _columns(names: Sequence[str], rows: Sequence[Sequence[str]]) -> list[Column]:
    found = []
    for place, name in enumerate(_without_prefix([plain(name) for name in names])):
        cells = [row[place].strip() for row in rows if row[place].strip()]
        found.append(Column(place, name, cells, len(cells) / max(1, len(rows))))
    return found


def _without_prefix(names: Sequence[str]) -> Sequence[str]:
    """The names without what most begin with, as in "proposal_title", "proposal_body"."""
    named = [name for name in names if len(name.split()) in {2, 3} and not _NUMBERED_NAME.search(name)]
    firsts = Counter(name.partition(" ")[0] for name in named)
    prefix, count = firsts.most_common(1)[0] if firsts else ("", 0)
    if count < _MIN_WITH_PREFIX or 2 * count < len(names) or prefix in _ID_WORDS:
        return names
    return [name.removeprefix(f"{prefix} ") for name in names]


def _may_be(part: str, column: Column) -> bool:
    """False where the cells of a column contradict its name."""
    if not column.cells:
        return True
    is_thing = column.name in AMBIGUOUS_NAMES and not column.names_persons
    if part == "author":
        alike = len(column.cells) >= _FEW and len(set(column.cells)) == 1  # "Anonyme" on each line
        return column.length <= _NAME_LENGTH and column.kind is Kind.OTHER and not (alike or is_thing)
    if part == "title":
        return column.name not in AMBIGUOUS_NAMES or (is_thing and column.distinct >= VARIED)
    if part == "key":
        return column.distinct >= VARIED and column.length <= _NAME_LENGTH and column.kind is not Kind.EMAIL
    return (part != "lang" or column.length <= _LANG_LENGTH) and (part != "support" or column.kind is Kind.NUMBER)


def _find(found: dict[str, int], part: str, columns: Sequence[Column], usual: Sequence[str]) -> None:
    """Give the part the column with the likeliest name that no other part has."""
    free = [column for column in columns if column.name in usual and column.place not in found.values()]
    if free:
        found[part] = min(free, key=lambda column: (usual.index(column.name), column.place)).place


def _first(found: dict[str, int], part: str, columns: Sequence[Column]) -> None:
    place = next((column.place for column in columns if column.place not in found.values()), None)
    if place is not None:
        found[part] = place


def _state(columns: Sequence[Column], names: Sequence[str], *, count: int) -> int | None:
    """The column by which most rows would be left out, whatever its name if its cells say nothing but states.

    Without one, the first that is named as a state. Not a question of a survey, nor one that would leave out all rows.
    """
    off = {column.place: _off_rows(column) for column in columns}
    likely = [column for column in columns if not column.cells or off[column.place] < count]
    named = [column for column in likely if column.says_a_state and not _asks_for_more(names[column.place], column)]
    if not any(off[column.place] for column in named):
        named = [column for column in likely if column.holds_states and not _asks(names[column.place])] or named
    best = max(named, key=lambda column: off[column.place], default=None)
    return best.place if best else None


def _asks_for_more(name: str, column: Column) -> bool:
    """True for a question such as "What do you think of its status?", rather than "Published?"."""
    return name.rstrip().endswith(_QUESTION_MARKS) and len(column.words) > _FEW


def _off_rows(column: Column) -> int:
    return sum(is_off(column.name, cell) for cell in column.cells)


def _key_of_repeated(columns: Sequence[Column], rows: Sequence[Sequence[str]], found: Mapping[str, int]) -> int | None:
    """The identifier of the contributions, where an export has several rows for each, such as one for each vote.

    Each of its values stands beside one text only, and nearly each text beside one of them.
    """
    text = found.get("text")
    if text is None or "key" in found:
        return None
    texts = [row[text].strip() for row in rows]
    said = {cell for cell in texts if cell}
    if len(said) > _REPEATED * sum(map(bool, texts)):
        return None
    for column in columns:
        cells = [row[column.place].strip() for row in rows]
        pairs = {(cell, one) for cell, one in zip(cells, texts, strict=True) if one}
        alike = len({cell for cell, _ in pairs}) == len(pairs) and len(said) >= _ALL_ALIKE * len(pairs)
        if column.words & _ID_WORDS and column.place not in found.values() and column.length <= _NAME_LENGTH and alike:
            return column.place
    return None


def _texts(columns: Sequence[Column], *, taken: Mapping[str, int], length: int = _TEXT_LENGTH) -> list[Column]:
    """The columns that may hold a text, the likeliest first. Beside questions that people asked, no answers."""
    free = [column for column in columns if column.place not in taken.values()]
    if any(column.name == "question" and column.distinct >= VARIED for column in free):
        free = [column for column in free if not column.words & _ANSWER_WORDS]
    scored = [(_text_score(column, length), column) for column in free]
    likely = [(score, column) for score, column in scored if score > 0]
    return [column for _, column in sorted(likely, key=lambda pair: (-pair[0], pair[1].place))]


def _text_score(column: Column, length: int) -> float:
    """How much a column looks like the text: filled, long and varied, or named so. 0 for what can't be one."""
    exact = column.name in TEXT_NAMES
    contains = bool(column.words & set(TEXT_NAMES)) and not column.words & _NOT_TEXT_WORDS
    if (
        column.name in NOT_TEXT_NAMES
        or column.asks_for_a_person
        or (column.cells and column.kind is not Kind.OTHER and not exact)
    ):
        return 0.0
    if column.kind is Kind.DATE or (are_numbered(column.cells) and not (exact or contains)):
        return 0.0
    if not (exact or contains or column.is_written(length)):
        return 0.0
    named = 4.0 - TEXT_NAMES.index(column.name) / len(TEXT_NAMES) if exact else 2.0 if contains else 1.0
    if not column.cells:
        return named / 1_000 if exact or contains else 0.0
    seen = min(column.length, _LONG) / _LONG
    return named * (0.1 + seen) * float(column.filled**0.5) * column.distinct


def _more(names: Sequence[str], text: Column, others: Sequence[Column]) -> tuple[tuple[int, ...], bool]:
    """Which other text columns to take with the first, and whether they answer other questions."""
    base = _NUMBERED_NAME.sub("", text.name)
    alike = tuple(sorted(one.place for one in others if base and _NUMBERED_NAME.sub("", one.name) == base))
    if alike:  # "Idée 1", "Idée 2"
        return alike, True
    if _asks(names[text.place]):
        questions = tuple(
            sorted(column.place for column in others if _asks(names[column.place]) and column.distinct >= VARIED)
        )
        return questions, bool(questions)
    parts = [column.place for column in others if column.words & _PARTS and len(column.words) <= _PART_WORDS]
    return (tuple(sorted(parts)), False) if text.words & (_PARTS | set(TEXT_NAMES)) else ((), False)


def _asks(name: str) -> bool:
    """True for a name that is a question of a survey."""
    return name.rstrip().endswith(_QUESTION_MARKS) or len(name.split()) >= _QUESTION_WORDS
