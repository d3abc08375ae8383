"""How time and memory grow, from vectors to themes, on grown data: each size in a process of its own.

The vectors are written to a file first and read by the child, so that its peak memory is the pipeline's with its input.
Each child groups a thousand of its ideas before it measures, so that the extra cost of the first call (imports) is not
counted.
"""

import json
import math
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from benchmarks.data import grown
from benchmarks.figures import Target, peak_mb, report_progress, show_table, show_targets, timed
from clustering.arrays import Indices, Vectors
from clustering.grouping import graph
from clustering.pipeline import find_themes
from clustering.text.cleaning import gist
from clustering.text.passages import split_passages
from clustering.text.set_aside.fillers import strip_fillers
from clustering.vectors.encoders import Encoder, Progress, load_encoder
from clustering.vectors.neighbors import nearest_neighbours

SEED = 0
SIZES = (7_500, 10_000, 20_000, 100_000)
MILLION = 1_000_000
BOUNDS = {7_500: 2.0, 20_000: 6.0, 100_000: 60.0}  # seconds of the grouping stage
MEMORY = {100_000: 2_048.0}  # MB
GROWTH = (10_000, 100_000)  # sizes between which the exponent is measured,
EXPONENT = 1.25  # and its bound
FIRST = 1_000  # ideas of the first call
SAMPLE = 1_000  # rows whose neighbours are compared with the exact ones
CLOSEST = 15  # of the neighbours found, those that make most of the graph
ROOT = Path(__file__).resolve().parents[2]

Find = Callable[..., Indices]


@dataclass(frozen=True)
class Growth:
    """One size. `first`, `second`: seconds of two calls with FIRST ideas, the first of them in a new process.

    `group`: seconds of the grouping stage; `whole`: of all stages but embedding; `cpu`: of all stages in CPU seconds,
    of all threads. `memory`: the peak, in MB, the vectors among them (`given`). `recall`: share of the nearest
    neighbours, as many as are looked for, that are found; `recall_closest`: of the CLOSEST.
    """

    n: int
    themes: int
    first: float
    second: float
    group: float
    whole: float
    cpu: float
    memory: float
    given: float
    recall: float
    recall_closest: float
    stages: dict[str, float]


def show() -> dict[str, object]:
    """Prints and returns the growth from SIZES[0] to SIZES[-1]."""
    return _show(SIZES)


def show_million() -> dict[str, object]:
    """Prints and returns one run of a million, of which the vectors alone take 2 GB."""
    return _show((MILLION,))


def _show(sizes: Sequence[int]) -> dict[str, object]:
    print("\nFrom vectors to themes, grown data (texts mixed from halves of real ones), a process for each size")
    found = {n: growth for n in sizes if (growth := measure_growth(n)) is not None}
    if not found:
        print("absent")
        return {"absent": True}
    header = ["ideas", "group s", "all but embed s", "CPU s", "peak MB", "vectors MB", "themes", "recall"]
    show_table([*header, f"recall of {CLOSEST}"], [_row(growth) for growth in found.values()])
    smallest = found[min(found)]
    print(
        f"First call with {FIRST:,} ideas in a new process: {smallest.first:.2f} s, imports included; "
        f"second: {smallest.second:.2f} s"
    )
    targets = [Target(f"{n:,}: seconds of grouping", found[n].group, BOUNDS[n], True) for n in found if n in BOUNDS]
    targets += [Target(f"{n:,}: peak MB", found[n].memory, MEMORY[n], True) for n in found if n in MEMORY]
    results: dict[str, object] = {"sizes": [asdict(growth) for growth in found.values()]}
    if set(GROWTH) <= set(found):
        few, many = (found[n] for n in GROWTH)
        exponents = {
            what: math.log(getattr(many, what) / getattr(few, what)) / math.log(many.n / few.n)
            for what in ("group", "whole", "cpu")
        }
        print("Growth exponents: " + ", ".join(f"{what} {value:.2f}" for what, value in exponents.items()))
        targets.append(Target("growth exponent of grouping", exponents["group"], EXPONENT, True))
        results["exponents"] = exponents
    return results | {"targets": show_targets(targets)}


def _row(growth: Growth) -> list[str]:
    seconds = [f"{value:.1f}" for value in (growth.group, growth.whole, growth.cpu)]
    memory = [f"{growth.memory:,.0f}", f"{growth.given:,.0f}"]
    return [
        f"{growth.n:,}",
        *seconds,
        *memory,
        str(growth.themes),
        f"{growth.recall:.3f}",
        f"{growth.recall_closest:.3f}",
    ]


def measure_growth(n: int) -> Growth | None:
    """Grows n ideas, and groups them in a child; None when the sets that they grow from aren't there."""
    report_progress(f"{n:,} ideas: growing")
    with tempfile.TemporaryDirectory() as folder:
        if not _write(n, Path(folder)):
            return None
        report_progress(f"{n:,} ideas: grouping")
        return run_child(Path(folder))


def run_child(folder: Path) -> Growth:
    """Groups the texts.json and vectors.npy of a folder in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.themes.growth", str(folder)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    return Growth(**json.loads(done.stdout))


def _write(n: int, folder: Path) -> bool:
    data = grown(n)
    if data is None:
        return False
    texts, vectors = data
    np.save(folder / "vectors.npy", vectors)
    (folder / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
    return True


class RecordedSearch:
    """Wraps the search for neighbours, and records what it was given and what it found."""

    def __init__(self, find: Find) -> None:
        self._find = find
        self.space: Vectors = np.zeros((0, 0), dtype=np.float32)
        self.rows: Indices = np.zeros((0, 0), dtype=np.int32)

    def __call__(self, vectors: Vectors, k: int, *, seed: int = 0) -> Indices:
        self.space, self.rows = vectors, self._find(vectors, k, seed=seed)
        return self.rows

    def recall(self, closest: int) -> float:
        """Returns the share of the `closest` others of some rows that are among the neighbours found."""
        some = np.random.default_rng(SEED).permutation(len(self.space))[:SAMPLE]
        cosines = self.space[some] @ self.space.T
        cosines[np.arange(len(some)), some] = -np.inf
        right = np.argpartition(-cosines, closest, axis=1)[:, :closest]
        shares = [np.isin(near, found).mean() for near, found in zip(right, self.rows[some], strict=True)]
        return float(np.mean(shares))


class GrownEncoder:
    """Gives each text of a grown set the vector that was made for it, and a passage that of its text.

    What is neither, such as a candidate name, is embedded by the model.
    """

    def __init__(self, texts: Sequence[str], vectors: Vectors) -> None:
        self._model: Encoder = load_encoder()
        self.name = self._model.name
        self._vectors = vectors
        self._row_of: dict[str, int] = {}
        said = strip_fillers([gist(text) for text in texts])
        for row, words in enumerate(said):
            self._row_of.setdefault(words, row)
        for row, (text, words) in enumerate(zip(texts, said, strict=True)):
            for passage in split_passages(text, words):
                self._row_of.setdefault(passage.gist, row)

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """See Encoder."""
        rows = np.array([self._row_of.get(text, -1) for text in texts], dtype=np.intp)
        result: Vectors = self._vectors[rows] if len(rows) else self._vectors[:0]
        others = np.flatnonzero(rows < 0)
        if len(others):
            result[others] = self._model.encode([texts[at] for at in others.tolist()], progress)
        return result


def _measure(folder: Path) -> Growth:
    """Does what a child does."""
    vectors = np.load(folder / "vectors.npy")
    texts: list[str] = json.loads((folder / "texts.json").read_text(encoding="utf-8"))
    encoder = GrownEncoder(texts, vectors)
    calls = [timed(lambda: find_themes(texts[:FIRST], encoder=encoder, seed=SEED))[1] for _ in range(2)]
    search = RecordedSearch(nearest_neighbours)
    graph.nearest_neighbours = search  # type: ignore[attr-defined]  # records, changes nothing
    before = _cpu_seconds()
    found = find_themes(texts, encoder=encoder, seed=SEED)
    cpu, memory = _cpu_seconds() - before, peak_mb()
    return Growth(
        n=len(texts),
        themes=len(found.themes),
        first=calls[0],
        second=calls[1],
        group=found.seconds["group"],
        whole=found.seconds["total"] - found.seconds["embed"],
        cpu=cpu,
        memory=memory,
        given=vectors.nbytes / 2**20,
        recall=search.recall(search.rows.shape[1]),
        recall_closest=search.recall(CLOSEST),
        stages=found.seconds,
    )


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    print(json.dumps(asdict(_measure(Path(sys.argv[1])))))
