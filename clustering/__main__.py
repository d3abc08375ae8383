"""The command line: `python -m clustering IDEAS.csv --json OUT.json [--html REPORT.html] …`."""

import argparse
import json
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from clustering.errors import ClusteringError
from clustering.inputs import load_glossary, load_ideas, load_vectors
from clustering.messages import STOPPED, message_of, reason_of, terminal_language
from clustering.saved_run import as_json, read_earlier_run
from clustering.types import MAX_GRANULARITY, MIN_GRANULARITY

if TYPE_CHECKING:
    from clustering.vectors.encoders import Encoder

BAD_INPUT = 2  # exit status
INTERRUPTED = 130  # exit status


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line. Returns its exit status: 0, or 2 or 130 after one line on standard error."""
    options = _parser().parse_args(argv)
    lang = terminal_language(os.environ)
    try:
        _run(options)
    except ClusteringError as error:
        print(_one_line(message_of(error, lang)), file=sys.stderr)  # noqa: T201 - the output of a command line
        return BAD_INPUT
    except KeyboardInterrupt:
        print(STOPPED[lang], file=sys.stderr)  # noqa: T201 - same
        return INTERRUPTED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m clustering",
        description="Groups the ideas of a CSV or XLSX file into themes.",
        epilog="Passages in OUT.json: start and end count the characters of the text as its cell holds it, from 0. "
        "A title and a body are one text: each without the spaces around it, joined by a full stop and a space, or by "
        "a space alone if the title ends with one of . ! ? …",
    )
    parser.add_argument(
        "ideas", type=Path, help="CSV or XLSX file with a column text (or title and body); optional: id, lang"
    )
    parser.add_argument("--json", type=Path, required=True, metavar="OUT.json", help="file to write the themes to")
    parser.add_argument("--html", type=Path, metavar="REPORT.html", help="file to write a report to, readable offline")
    parser.add_argument("--text", metavar="COLUMN", help="column with the ideas (default: text, or title and body)")
    parser.add_argument(
        "--vectors",
        type=Path,
        metavar="V.npy",
        help="use these embeddings (.npy, one row per idea) instead of computing them",
    )
    parser.add_argument(
        "--previous", type=Path, metavar="OLD.json", help="result of an earlier run; keeps its theme ids"
    )
    parser.add_argument(
        "--model", metavar="NAME", help="sentence-transformers model, by name or folder (default: the included one)"
    )
    parser.add_argument(
        "--kept", type=Path, metavar="FOLDER", help="cache folder for embeddings; makes later runs faster"
    )
    parser.add_argument(
        "--granularity",
        type=int,
        default=0,
        choices=range(MIN_GRANULARITY, MAX_GRANULARITY + 1),
        help="from -3 (fewer, broader themes) to 3 (more, narrower ones); default: 0",
    )
    parser.add_argument(
        "--question", default="", help="question of the campaign; its words are not used as theme names"
    )
    parser.add_argument(
        "--lang",
        metavar="CODE",
        type=_language,
        help="language of the campaign, as fr; its themes are named in it (default: the commonest)",
    )
    parser.add_argument(
        "--glossary",
        type=Path,
        metavar="FILE",
        help="CSV of abbreviations and their meanings, spelt out for grouping and naming; ideas are shown as they are",
    )
    return parser


def _language(code: str) -> str:
    """Returns the ISO 639-1 code of a language, also of one with a country ("fr_FR")."""
    lang = re.split("[-_.]", code.strip(), maxsplit=1)[0].lower()
    if not re.fullmatch("[a-z]{2}", lang):
        raise argparse.ArgumentTypeError(f"{code!r} is no code of a language: use two letters, such as fr")
    return lang


def _run(options: argparse.Namespace) -> None:
    started = time.perf_counter()
    for path in (options.json, options.html):
        _check_writable(path, inputs=[options.ideas, options.vectors, options.glossary])
    ideas = load_ideas(options.ideas, options.text)
    earlier = read_earlier_run(options.previous) if options.previous else None
    vectors = load_vectors(options.vectors, len(ideas.texts)) if options.vectors else None
    glossary = load_glossary(options.glossary) if options.glossary else None
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
            lang=options.lang,
            glossary=glossary,
            previous=earlier.previous if earlier else None,
            granularity=options.granularity,
            progress=progress,
        )
    found.seconds["read"] += loaded
    found.seconds["total"] = time.perf_counter() - started
    result = json.dumps(as_json(found, ideas.ids), ensure_ascii=False, allow_nan=False, indent=1)
    files = [(options.json, result + "\n")]
    if options.html:
        from clustering.report.page import write_report

        title, themes = options.ideas.stem, earlier.themes if earlier else None
        files.append((options.html, write_report(found, ideas.ids, ideas.texts, title=title, earlier=themes)))
    for path, text in files:
        write_whole(path, text)


def _encoder(model: str | None, cache_folder: Path | None) -> "Encoder | None":
    """Returns the encoder asked for, or None for the embedded model: the pipeline loads it when needed."""
    from clustering.vectors.cache import FileStore, KeptEncoder
    from clustering.vectors.encoders import DEFAULT_MODEL, load_encoder

    store = FileStore(cache_folder) if cache_folder else None
    if store:
        return KeptEncoder(load_encoder(model or DEFAULT_MODEL), store)
    return load_encoder(model) if model else None


def write_whole(path: Path, text: str) -> None:
    """Writes a whole file or nothing: a temporary one first, then renamed. Raises ClusteringError."""
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
        raise _unwritable(path, reason_of(error), code="unwritable") from error


def _umask() -> int:
    """Returns the process's mask, which can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _check_writable(path: Path | None, inputs: Sequence[Path | None]) -> None:
    """Raises ClusteringError before the work where a result could not be written, or would overwrite an input.

    It may overwrite the result of an earlier run, even the one given by --previous.
    """
    if path is None:
        return
    if any(read and path.exists() and read.exists() and path.samefile(read) for read in inputs):
        raise _unwritable(path, "it is read, and would be lost", code="would_overwrite")
    if path.is_dir():
        raise _unwritable(path, "it is a folder", code="is_folder")
    if not path.parent.is_dir():
        raise _unwritable(path, f"there is no folder {path.parent}", code="no_folder")
    if not os.access(path.parent, os.W_OK):
        raise _unwritable(path, f"the folder {path.parent} allows no writing", code="read_only_folder")


def _unwritable(path: Path, reason: str, *, code: str) -> ClusteringError:
    return ClusteringError(f"{path} can't be written: {reason}.", code=code, path=path, folder=path.parent)


def _one_line(text: str) -> str:
    """Removes line breaks and control characters, which a terminal would obey."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


@contextmanager
def _bar() -> Iterator[Callable[[str, float], None]]:
    """Shows a progress bar over all stages, on a terminal only."""
    from tqdm import tqdm

    from clustering.pipeline import STAGES

    shown = "{desc:<7}{percentage:3.0f}% |{bar}| {elapsed}"
    size = shutil.get_terminal_size()  # tqdm would take a size of 0, which some terminals report, literally
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
