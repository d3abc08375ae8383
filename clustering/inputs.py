"""Reads the files that the command line is given: ideas, a glossary, vectors."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from clustering.errors import UnreadableTable, UnusableVectors
from clustering.messages import reason_of
from clustering.table import HowToRead, Table, read_table

if TYPE_CHECKING:
    from clustering.arrays import Vectors

# Of the first column of a glossary, in its first line: no abbreviation.
GLOSSARY_NAMES = frozenset(("abbreviation", "abréviation", "acronym", "sigle", "abkürzung", "sigla", "term", "terme"))


@dataclass(frozen=True)
class Ideas:
    """The ideas of a file, one entry in each list per row. `langs`: ISO 639-1 codes, None where not given.

    `texts`: as their cells hold them, spaces included, since the characters of passages are counted in them; a title
    and a body as `_sentences` joins them.
    """

    ids: list[str]
    texts: list[str]
    langs: list[str | None]


def load_ideas(path: Path, column: str | None = None) -> Ideas:
    """Reads a file of ideas. `column`: the one with the texts. Raises UnreadableTable."""
    table = _read(path)
    if not table.rows:
        raise UnreadableTable(f"{path.name} has a header but no row of ideas.", code="no_rows", name=path.name)
    texts = _texts(table, path.name, column)
    return Ideas(_ids(table, path.name), texts, _langs(table))


def load_glossary(path: Path) -> dict[str, str]:
    """Reads a file of abbreviations and meanings, with or without names of columns. Raises UnreadableTable."""
    meanings = {}
    for row in _read(path, HowToRead(header=0)).rows:
        cells = [cell.strip() for cell in row.cells.values()]
        if len(cells) == 1:  # a comma before a space does not separate columns
            cells = [part.strip() for part in cells[0].split(",", maxsplit=1)]
        abbreviation, meaning = (*cells, "")[:2]
        if not abbreviation or not meaning:
            raise UnreadableTable(
                f"Line {row.line} of {path.name} needs an abbreviation and its meaning.",
                code="glossary_row",
                name=path.name,
                line=row.line,
            )
        if row.line > 1 or abbreviation.casefold() not in GLOSSARY_NAMES:
            meanings[abbreviation] = meaning
    return meanings


def _read(path: Path, how: HowToRead | None = None) -> Table:
    try:
        with path.open("rb") as source:
            return read_table(source, path.name, how or HowToRead())
    except OSError as error:
        raise UnreadableTable(f"{path} can't be read: {reason_of(error)}.", code="unreadable", path=path) from error


def _texts(table: Table, name: str, wanted: str | None) -> list[str]:
    column = table.column(wanted or "text")
    title, body = table.column("title"), table.column("body")
    if column is not None:
        columns = [column]
    elif wanted is None and title is not None and body is not None:
        columns = [title, body]
    else:
        there, missing = ", ".join(table.columns), wanted or "text"
        raise UnreadableTable(
            f"{name} has no column {missing!r}; it has: {there}. Name the one with the ideas with --text.",
            code="no_column",
            name=name,
            column=missing,
            columns=there,
        )
    for row in table.rows:
        if row.extra:
            raise UnreadableTable(
                f"Line {row.line} of {name} has more cells than the header: put texts that hold a "
                f"{table.delimiter!r} between quotation marks.",
                code="extra_cells",
                name=name,
                line=row.line,
                delimiter=table.delimiter,
            )
    if len(columns) == 1:
        return [row.cells[columns[0]] for row in table.rows]
    return [_sentences(row.cells[one] for one in columns) for row in table.rows]


def _sentences(parts: Iterable[str]) -> str:
    """Joins a title and a body as sentences, so that no phrase spans both. Spaces around each are left out."""
    filled = [part.strip() for part in parts if part.strip()]
    ended = [part if part[-1] in ".!?…" else f"{part}." for part in filled[:-1]]
    return " ".join([*ended, *filled[-1:]])


def _ids(table: Table, name: str) -> list[str]:
    """Returns the ids of the file, or row numbers from 1 where there are none. Raises UnreadableTable."""
    column = table.column("id")
    ids = [
        (row.cells[column].strip() if column else "") or str(number) for number, row in enumerate(table.rows, start=1)
    ]
    first_line: dict[str, int] = {}
    for row, key in zip(table.rows, ids, strict=True):
        if key in first_line:
            raise UnreadableTable(
                f"Line {row.line} of {name} has the id {key!r} again, first seen on line {first_line[key]}.",
                code="same_id",
                name=name,
                key=key,
                line=row.line,
                first=first_line[key],
            )
        first_line[key] = row.line
    return ids


def _langs(table: Table) -> list[str | None]:
    column = table.column("lang")
    return [(row.cells[column].strip() or None) if column else None for row in table.rows]


def load_vectors(path: Path, count: int) -> "Vectors":
    """Reads a .npy file of numbers as (count, d) float32. Raises UnusableVectors."""
    import numpy as np

    from clustering.vectors.checks import check_vectors

    try:
        vectors = np.load(path, allow_pickle=False)
    except OSError as error:
        raise UnusableVectors(f"{path} can't be read: {reason_of(error)}.", code="unreadable", path=path) from error
    except (ValueError, EOFError, SyntaxError, MemoryError) as error:
        raise UnusableVectors(
            f"{path} is not a whole .npy file of numbers.", code="vectors_unreadable", path=path
        ) from error
    if not isinstance(vectors, np.ndarray):
        raise UnusableVectors(f"{path} holds several arrays: give one, as .npy.", code="vectors_unreadable", path=path)
    check_vectors(vectors, count)
    return vectors.astype(np.float32)
