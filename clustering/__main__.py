"""The main job without the web: `python -m clustering IDEAS.csv --json OUT.json [--html REPORT.html] …`."""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from clustering.errors import ClusteringError, UnreadableTable, UnusablePrevious, UnusableVectors
from clustering.report.change import Earlier
from clustering.table import Table, read_table
from clustering.types import MAX_GRANULARITY, MIN_GRANULARITY, FoundTheme, Previous, ThemeMap

if TYPE_CHECKING:
    from clustering.arrays import Vectors
    from clustering.vectors.encoders import Encoder

FORMAT = 1  # of OUT.json
BAD_INPUT = 2  # exit status
INTERRUPTED = 130


@dataclass(frozen=True)
class Ideas:
    """The ideas of a file: one entry of each list for each row."""

    ids: list[str]
    texts: list[str]
    langs: list[str | None]


@dataclass(frozen=True)
class EarlierRun:
    """What an earlier OUT.json holds. `themes`: by id, as a reader knew them."""

    previous: Previous
    themes: dict[int, Earlier]


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line; returns its exit status: 0, or 2 after one plain line on standard error."""
    options = _parser().parse_args(argv)
    try:
        _run(options)
    except ClusteringError as error:
        print(_one_line(str(error)), file=sys.stderr)  # noqa: T201 - a command line speaks on its streams
        return BAD_INPUT
    except KeyboardInterrupt:
        print("Stopped: nothing was written.", file=sys.stderr)  # noqa: T201 - same
        return INTERRUPTED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m clustering", description="Groups the ideas of a CSV or XLSX file into themes."
    )
    parser.add_argument(
        "ideas", type=Path, help="CSV or XLSX with a column text (or title and body), maybe id and lang"
    )
    parser.add_argument("--json", type=Path, required=True, metavar="OUT.json", help="where the themes are written")
    parser.add_argument("--html", type=Path, metavar="REPORT.html", help="where a report to read offline is written")
    parser.add_argument("--text", metavar="COLUMN", help="the column that holds the ideas")
    parser.add_argument(
        "--vectors", type=Path, metavar="V.npy", help="an (ideas, dimensions) float array: no embedding"
    )
    parser.add_argument("--previous", type=Path, metavar="OLD.json", help="an earlier OUT.json, whose themes go on")
    parser.add_argument("--model", metavar="NAME", help="a sentence-transformers model, by name or folder")
    parser.add_argument("--kept", type=Path, metavar="FOLDER", help="vectors are kept there: a later run is faster")
    parser.add_argument(
        "--granularity",
        type=int,
        default=0,
        choices=range(MIN_GRANULARITY, MAX_GRANULARITY + 1),
        help="from -3 (fewer, larger themes) to 3 (more, finer ones)",
    )
    parser.add_argument("--question", default="", help="the words of the campaign's question, left out of names")
    return parser


def _run(options: argparse.Namespace) -> None:
    started = time.perf_counter()
    for path in (options.json, options.html):
        _check_writable(path, kept=[options.ideas, options.vectors])
    ideas = load_ideas(options.ideas, options.text)
    earlier = load_previous(options.previous) if options.previous else None
    vectors = load_vectors(options.vectors, len(ideas.texts)) if options.vectors else None
    loaded = time.perf_counter() - started

    from clustering.pipeline import find_themes

    encoder = _encoder(options.model, options.kept) if vectors is None else None
    with _bar() as progress:
        found = find_themes(
            ideas.texts,
            keys=ideas.ids,
            langs=ideas.langs,
            vectors=vectors,
            encoder=encoder,
            question=options.question,
            previous=earlier.previous if earlier else None,
            granularity=options.granularity,
            progress=progress,
        )
    found.seconds["read"] += loaded
    found.seconds["total"] = time.perf_counter() - started
    pages = [(options.json, json.dumps(as_json(found, ideas), ensure_ascii=False, allow_nan=False, indent=1) + "\n")]
    if options.html:
        from clustering.report.page import write_report

        title, themes = options.ideas.stem, earlier.themes if earlier else None
        pages.append((options.html, write_report(found, ideas.ids, ideas.texts, title=title, earlier=themes)))
    for path, text in pages:
        write_whole(path, text)


def _encoder(model: str | None, kept: Path | None) -> "Encoder | None":
    """The encoder that was asked for; none for the embedded model alone, which is loaded when it is needed."""
    from clustering.vectors.cache import FileStore, KeptEncoder
    from clustering.vectors.encoders import DEFAULT_MODEL, load_encoder

    store = FileStore(kept) if kept else None
    if store:
        return KeptEncoder(load_encoder(model or DEFAULT_MODEL), store)
    return load_encoder(model) if model else None


def load_ideas(path: Path, column: str | None = None) -> Ideas:
    """Reads a file of ideas. Raises UnreadableTable, in one plain sentence."""
    try:
        with path.open("rb") as source:
            table = read_table(source, path.name)
    except OSError as error:
        raise UnreadableTable(f"{path} can't be read: {_reason(error)}.", code="unreadable", name=path.name) from error
    if not table.rows:
        raise UnreadableTable(f"{path.name} has a header but no row of ideas.", code="no_rows", name=path.name)
    texts = _texts(table, path.name, column)
    return Ideas(_ids(table, path.name), texts, _langs(table))


def _texts(table: Table, name: str, wanted: str | None) -> list[str]:
    column = table.column(wanted or "text")
    title, body = table.column("title"), table.column("body")
    if column is not None:
        columns = [column]
    elif wanted is None and title is not None and body is not None:
        columns = [title, body]
    else:
        there = ", ".join(table.columns)
        raise UnreadableTable(
            f"{name} has no column {wanted or 'text'!r}; it has: {there}. Name the one with the ideas with --text.",
            code="no_column",
            name=name,
            columns=table.columns,
        )
    for row in table.rows:
        if row.extra:
            raise UnreadableTable(
                f"Line {row.line} of {name} has more cells than the header: put texts that hold a "
                f"{table.delimiter!r} between quotation marks.",
                code="extra_cells",
                name=name,
                line=row.line,
            )
    return [_sentences(row.cells[one].strip() for one in columns) for row in table.rows]


def _sentences(parts: Iterable[str]) -> str:
    """Returns a title and a body as sentences, so that no phrase goes from one into the other."""
    filled = [part for part in parts if part]
    ended = [part if part[-1] in ".!?…" else f"{part}." for part in filled[:-1]]
    return " ".join([*ended, *filled[-1:]])


def _ids(table: Table, name: str) -> list[str]:
    """The ids of the file; row numbers from 1 where there are none."""
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
                line=row.line,
            )
        first_line[key] = row.line
    return ids


def _langs(table: Table) -> list[str | None]:
    column = table.column("lang")
    return [(row.cells[column].strip() or None) if column else None for row in table.rows]


def load_vectors(path: Path, count: int) -> "Vectors":
    """Reads an (n, d) .npy file of floats. Raises UnusableVectors."""
    import numpy as np

    from clustering.vectors.checks import check_vectors

    try:
        vectors = np.load(path, allow_pickle=False)
    except OSError as error:
        raise UnusableVectors(f"{path} can't be read: {_reason(error)}.", code="vectors_unreadable") from error
    except (ValueError, EOFError, SyntaxError, MemoryError) as error:
        raise UnusableVectors(f"{path} is not a whole .npy file of numbers.", code="vectors_unreadable") from error
    if not isinstance(vectors, np.ndarray):
        raise UnusableVectors(f"{path} holds several arrays: give one, as .npy.", code="vectors_unreadable")
    check_vectors(vectors, count)
    return vectors.astype(np.float32)


def load_previous(path: Path) -> EarlierRun:
    """Reads an earlier OUT.json. Raises UnusablePrevious."""
    try:
        old = json.loads(path.read_text(encoding="utf-8"))
        if old["version"] != FORMAT:
            raise UnusablePrevious(f"{path} is of version {old['version']}, not {FORMAT}.", code="previous_version")
        theme_of = {str(idea["id"]): int(idea["theme"]) for idea in old["ideas"] if idea["theme"] is not None}
        sizes = Counter(theme_of.values())
        themes = {int(one["id"]): Earlier(str(one.get("name", "")), sizes[int(one["id"])]) for one in old["themes"]}
        granularity = int(old.get("granularity", 0))
        positions = {
            int(theme["id"]): (float(theme["x"]), float(theme["y"])) for theme in old["themes"] if "x" in theme
        }
    except OSError as error:
        raise UnusablePrevious(f"{path} can't be read: {_reason(error)}.", code="previous_unreadable") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UnusablePrevious(f"{path} is not the JSON of an earlier run.", code="previous_unreadable") from error
    next_id = max(themes, default=0) + 1
    return EarlierRun(Previous(theme_of, positions, {}, frozenset(), next_id, granularity=granularity), themes)


def as_json(found: ThemeMap, ideas: Ideas) -> dict[str, object]:
    """Returns what OUT.json holds."""
    return {
        "version": FORMAT,
        "model": found.model,
        "seconds": {stage: round(seconds, 3) for stage, seconds in found.seconds.items()},
        "granularity": found.granularity,
        "families": [{"name": family.name, "themes": list(family.themes)} for family in found.families],
        "events": [
            {"change": event.change, "theme": event.theme, "others": list(event.others)} for event in found.events
        ],
        "themes": [_theme_as_json(theme, found, ideas) for theme in found.themes],
        "ideas": [
            {
                "id": key,
                "theme": idea.theme,
                "leftover": idea.leftover,
                "nearest": [{"theme": near.theme, "strength": near.strength} for near in idea.nearest],
                "strength": idea.strength,
                "shared": list(idea.shared),
                "neighbours": [ideas.ids[row] for row in idea.neighbours],
                "x": idea.x,
                "y": idea.y,
            }
            for key, idea in zip(ideas.ids, found.ideas, strict=True)
        ],
    }


def _theme_as_json(theme: FoundTheme, found: ThemeMap, ideas: Ideas) -> dict[str, object]:
    parts = [found.tree[node] for node in theme.parts]
    return {
        "id": theme.id,
        "name": theme.name,
        "phrases": list(theme.phrases),
        "size": theme.size,
        "cohesion": theme.cohesion,
        "exemplars": [ideas.ids[row] for row in theme.exemplars],
        "parts": [{"name": part.name, "size": part.size, "phrases": list(part.phrases)} for part in parts],
        "languages": dict(theme.languages),
        "apart": asdict(theme.apart) if theme.apart else None,
        "warnings": list(theme.warnings),
        "x": theme.x,
        "y": theme.y,
    }


def write_whole(path: Path, text: str) -> None:
    """Writes all of a file or nothing: beside it first, then renamed."""
    try:
        with tempfile.NamedTemporaryFile(
            "w",
            encoding="utf-8",
            errors="replace",
            newline="\n",
            dir=path.parent,
            prefix=f".{path.name}.",
            delete=False,
        ) as file:
            beside = Path(file.name)
            try:
                file.write(text)
                file.flush()
                beside.chmod(0o666 & ~_umask())
                beside.replace(path)
            except BaseException:
                beside.unlink(missing_ok=True)
                raise
    except OSError as error:
        raise _unwritable(path, _reason(error)) from error


def _umask() -> int:
    """The process's mask can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _check_writable(path: Path | None, kept: Sequence[Path | None]) -> None:
    """Says before the work, not after it, that its result could not be kept, or would take the place of what is read.

    An earlier run may make room for the new one.
    """
    if path is None:
        return
    if any(read and path.exists() and read.exists() and path.samefile(read) for read in kept):
        raise _unwritable(path, "it is read, and would be lost")
    if path.is_dir():
        raise _unwritable(path, "it is a folder")
    if not path.parent.is_dir():
        raise _unwritable(path, f"there is no folder {path.parent}")
    if not os.access(path.parent, os.W_OK):
        raise _unwritable(path, f"the folder {path.parent} allows no writing")


def _unwritable(path: Path, reason: str) -> ClusteringError:
    return ClusteringError(f"{path} can't be written: {reason}.", code="unwritable")


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _one_line(text: str) -> str:
    """A terminal shows it as it is: no line breaks, nothing that moves the cursor."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


@contextmanager
def _bar() -> Iterator[Callable[[str, float], None]]:
    """A progress bar over all stages, on a terminal only."""
    from tqdm import tqdm

    from clustering.pipeline import STAGES

    shown = "{desc:<7}{percentage:3.0f}% |{bar}| {elapsed}"
    size = shutil.get_terminal_size()  # never 0, which some terminals say and tqdm takes to the letter
    with tqdm(
        total=100,
        bar_format=shown,
        ncols=min(80, size.columns),
        nrows=size.lines,
        disable=not sys.stderr.isatty(),
        leave=False,
        file=sys.stderr,
    ) as bar:

        def progress(stage: str, fraction: float) -> None:
            bar.set_description_str(stage, refresh=False)
            bar.update(100 * (STAGES.index(stage) + fraction) / len(STAGES) - bar.n)

        yield progress


if __name__ == "__main__":
    sys.exit(main())
