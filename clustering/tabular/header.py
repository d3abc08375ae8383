"""Where the names of the columns are: below title rows, on one line or two, or nowhere."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median_low

from clustering.tabular.bounds import MAX_COLUMNS, Record, too_many_columns
from clustering.tabular.kinds import Kind, common_kind, kind_of, plain
from clustering.tabular.markup import as_text
from clustering.tabular.names import KNOWN_NAMES

NO_HEADER = 0
HEAD_RECORDS = 60
_MAX_TITLE_ROWS = 15
# What survey tools write below a question, on a second line.
_ANSWER_FORMS = {
    "open ended response", "response", "reponse", "reponse ouverte", "reponse libre", "texte libre", "commentaires",
}  # fmt: skip
_TOOL_NOTE = '{"ImportId"'
_MIN_KNOWN_NAMES = 2
_SENTENCE_WORDS = 5
_MIN_TYPED_COLUMNS = 2
_MIN_TYPED_ROWS = 3
_LONG_TEXT = 25  # characters, on average, below a name


@dataclass(frozen=True, slots=True)
class Header:
    """`line`: of the names, or NO_HEADER. `first`: the place of the first row among the records. `sure`: not to ask."""

    line: int
    names: list[str]
    first: int
    sure: bool


def find_header(head: Sequence[Record], wanted: int | None = None) -> Header:
    """The header among the first records, none of which is blank. `wanted`: its line, or NO_HEADER, as a person chose.

    Title rows above it are left out. Without names, columns are numbered.
    """
    if wanted == NO_HEADER:
        return Header(NO_HEADER, [], _title_rows(head), sure=True)
    place = next((place for place, (line, _) in enumerate(head) if line == wanted), None)
    chosen = place is not None
    if place is None:
        place = _title_rows(head)
    line, cells = head[place]
    following = [cells[:MAX_COLUMNS] for _, cells in head[place + 1 :]]
    is_header, sure = (True, True) if chosen else _looks_like_a_header(cells[:MAX_COLUMNS], following)
    if not is_header:
        return Header(NO_HEADER, [], place, sure)
    second = _second_lines(following)
    names = cells
    for extra in following[:second]:
        names = _joined(names, extra)
    return Header(line, names, place + 1 + second, sure)


def column_names(names: Sequence[str], width: int, table: str) -> tuple[str, ...]:
    """The name of each column, each different: blanks get their position, repeated names a number."""
    width = max([width, *(place for place, cell in enumerate(names, start=1) if cell.strip())])
    if width > MAX_COLUMNS:
        raise too_many_columns(width, table)
    found: dict[str, None] = {}
    repeats: Counter[str] = Counter()
    for position in range(1, width + 1):
        given = names[position - 1] if position <= len(names) else ""
        base = name = " ".join(as_text(given).split()) or f"column {position}"
        while name in found:
            repeats[base] += 1
            name = f"{base} ({repeats[base] + 1})"
        found[name] = None
    return tuple(found)


def _filled(cells: Sequence[str]) -> int:
    return sum(1 for cell in cells if cell.strip())


def _title_rows(head: Sequence[Record]) -> int:
    """How many of the first records are titles or notes: they fill few cells where the others fill many.

    Or a small table of facts about the report, above a line with names of columns that are usual.
    """
    usual = median_low([_filled(cells) for _, cells in head])
    found = 0
    for place, (_, cells) in enumerate(head[:_MAX_TITLE_ROWS]):
        filled = _filled(cells)
        if filled >= usual or filled > max(1, usual // 2):
            found = place
            break
    if _known_names(head[found][1]) >= _MIN_KNOWN_NAMES:
        return found
    later = range(found + 1, min(_MAX_TITLE_ROWS, len(head) - 1))
    return next((place for place in later if _names_what_follows(head, place, usual)), found)


def _known_names(cells: Sequence[str]) -> int:
    """How many names are usual ones. A line may hold millions of cells: a table that names so many is refused."""
    return sum(plain(cell) in KNOWN_NAMES for cell in cells[:MAX_COLUMNS])


def _names_what_follows(head: Sequence[Record], place: int, usual: int) -> bool:
    """True for a line below which none of its cells comes again, with several usual names of columns."""
    cells = head[place][1]
    if _filled(cells) < usual or _known_names(cells) < _MIN_KNOWN_NAMES:
        return False
    below = [row for _, row in head[place + 1 :]]
    return not any(cell.strip() and cell in [row[n] for row in below if n < len(row)] for n, cell in enumerate(cells))


def _looks_like_a_header(cells: Sequence[str], following: Sequence[Sequence[str]]) -> tuple[bool, bool]:
    """Whether these cells name columns, and whether that is sure."""
    if any(plain(cell) in KNOWN_NAMES for cell in cells):
        return True, True
    names, rows = 0, 0
    for place, cell in enumerate(cells):
        below = [row[place].strip() for row in following if place < len(row) and row[place].strip()]
        if cell.strip() and below:
            verdict = _verdict(cell.strip(), below)
            names, rows = names + (verdict > 0), rows + (verdict < 0)
    # Sentences may be the first ideas, which are not to be lost.
    several = _filled(cells) > 1 and any(len(cell.split()) < _SENTENCE_WORDS for cell in cells if cell.strip())
    return (names > rows or (names == rows and several)), bool(names) != bool(rows)


def _verdict(cell: str, below: Sequence[str]) -> int:
    """1: the cell is the name of what is below; -1: it is one more of them; 0: either."""
    kind = common_kind(below)
    if kind is not Kind.OTHER:
        return -1 if kind_of(cell) is kind else 1
    if cell in below and len(set(below)) <= len(below) / 2:
        return -1
    if cell.endswith(("?", ":")) and not any(other.endswith(("?", ":")) for other in below):
        return 1
    usual = sum(map(len, below)) / len(below)
    return 1 if usual >= _LONG_TEXT and len(cell) < usual / 3 else 0


def _second_lines(following: Sequence[Sequence[str]]) -> int:
    """How many lines below the names still belong to the header: codes, forms of answer, notes of the tool."""
    for place in (0, 1):
        if place < len(following) and any(cell.startswith(_TOOL_NOTE) for cell in following[place]):
            return place + 1
    if len(following) <= 1:
        return 0
    filled = [cell for cell in following[0] if cell.strip()]
    if all(plain(cell) in _ANSWER_FORMS for cell in filled):
        return 1
    return 1 if _is_untyped(following[0], following[1:]) else 0


def _is_untyped(cells: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """True where no cell has the form of its column, over at least two columns of dates, numbers or addresses."""
    if len(rows) < _MIN_TYPED_ROWS:
        return False
    typed = 0
    for place in range(max(map(len, rows))):
        below = [row[place] for row in rows if place < len(row) and row[place].strip()]
        kind = common_kind(below) if len(below) >= 0.9 * len(rows) else Kind.OTHER
        if kind is Kind.OTHER:
            continue
        if place < len(cells) and cells[place].strip() and kind_of(cells[place]) is kind:
            return False
        typed += 1
    return typed >= _MIN_TYPED_COLUMNS


def _joined(names: Sequence[str], extra: Sequence[str]) -> list[str]:
    """The names of two lines as one. A question over several columns is repeated before each of its options."""
    found, question = [], ""
    for place in range(max(len(names), len(extra))):
        name = names[place].strip() if place < len(names) else ""
        more = extra[place].strip() if place < len(extra) else ""
        question = name or question
        if more.startswith(_TOOL_NOTE) or plain(more) in _ANSWER_FORMS or more == name:
            more = ""
        if not name and more:
            found.append(f"{question} – {more}" if question else more)
        else:
            found.append(f"{name} – {more}" if more else name)
    return found
