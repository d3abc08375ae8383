"""What stays as it was when a tenth more ideas come, when the same input is given twice, when its rows are shuffled."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.agreement import Agreement, agreement, labels_of
from benchmarks.data import Texts, load, vectors_of
from benchmarks.table import Target, report_progress, show_table, show_targets
from clustering.arrays import Vectors
from clustering.pipeline import find_themes
from clustering.types import Previous, ThemeMap

SEED = 0
SETS = ("gdn_mobilite_fr", "gdn_questions_fr", "banking77_en")
TWICE = "gdn_mobilite_fr"  # is grouped in two processes, embedding included
EARLIER = 0.9  # share of the ideas in the earlier run
STAYS = 0.9  # pairs that must stay as they were
SAME = 0.95  # adjusted Rand between a set and itself in another order
MORE, UNKNOWN, SHUFFLED = "a tenth more", "a tenth more, not knowing the first run", "shuffled"
ROOT = Path(__file__).resolve().parent.parent


def show() -> dict[str, object]:
    """Prints and returns how much stays as it was."""
    print("\nTen per cent more ideas: the earlier ideas after a second run that knows the first; and rows shuffled")
    rows, targets = [], []
    results: dict[str, object] = {}
    for name in SETS:
        texts = load(name)
        if texts is None:
            rows.append([name, "absent"])
            results[name] = {"absent": True}
            continue
        stayed = measure_stability(texts, vectors_of(texts.texts))
        rows.append(_row(name, len(texts.texts), stayed))
        results[name] = {what: found.as_json() for what, found in stayed.items()}
        targets.append(Target(f"{name}: pairs that stay as they were", stayed[MORE].pairs, STAYS))
        targets.append(Target(f"{name}: adjusted Rand, shuffled", stayed[SHUFFLED].adjusted, SAME))
    header = ["set", "n", "pairs stay", "adjusted Rand", "still together", "same id"]
    show_table([*header, "adjusted Rand, not knowing the first", "adjusted Rand, shuffled"], rows)
    report_progress(f"{TWICE}: twice")
    same = is_same_twice()
    said = "absent" if same is None else "the same to the byte" if same else "NOT the same"
    print(f"{TWICE} in two processes: {said}")
    if same is not None:
        targets.append(Target("the same input gives the same output", float(same), 1.0))
    return results | {"same twice": same, "targets": show_targets(targets)}


def _row(name: str, n: int, stayed: dict[str, Agreement]) -> list[str]:
    more = stayed[MORE]
    figures = [more.pairs, more.adjusted, more.together, more.kept]
    figures += [stayed[UNKNOWN].adjusted, stayed[SHUFFLED].adjusted]
    return [name, f"{n:,}", *(f"{figure:.3f}" for figure in figures)]


def measure_stability(texts: Texts, vectors: Vectors) -> dict[str, Agreement]:
    """Compares nine tenths of a set grouped alone with how they are once all is grouped.

    MORE: by a run that continues the first one; UNKNOWN: by one that doesn't. SHUFFLED: all of the set beside
    itself in an order drawn by lot.
    """
    order = np.random.default_rng(SEED).permutation(len(vectors))
    earlier = np.sort(order[: round(EARLIER * len(order))])
    report_progress(f"{texts.name}: nine tenths, all of it, all of it shuffled")
    first, whole, shuffled = (_found(texts, vectors, rows) for rows in (earlier, np.arange(len(order)), order))
    report_progress(f"{texts.name}: a tenth more ideas")
    second = _found(texts, vectors, np.arange(len(order)), previous([str(row) for row in earlier], first))
    return {
        MORE: agreement(labels_of(first), labels_of(second)[earlier]),
        UNKNOWN: agreement(labels_of(first), labels_of(whole)[earlier]),
        SHUFFLED: agreement(labels_of(whole)[order], labels_of(shuffled)),
    }


def _found(texts: Texts, vectors: Vectors, rows: NDArray[np.intp], known: Previous | None = None) -> ThemeMap:
    said, keys = [texts.texts[row] for row in rows], [str(row) for row in rows]
    return find_themes(said, keys=keys, vectors=vectors[rows], previous=known, seed=SEED)


def previous(keys: list[str], found: ThemeMap) -> Previous:
    """What a run leaves for the next one, nobody having touched it."""
    return Previous(
        theme_of={key: idea.theme for key, idea in zip(keys, found.ideas, strict=True) if idea.theme is not None},
        positions={theme.id: (theme.x, theme.y) for theme in found.themes},
        placed={},
        kept=frozenset(),
        next_id=max((theme.id for theme in found.themes), default=-1) + 1,
    )


def is_same_twice() -> bool | None:
    """Whether two processes make the same of one file's texts, to the byte, but for the seconds that they took."""
    if load(TWICE) is None:
        return None
    command = [sys.executable, "-m", "benchmarks.stability", TWICE]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONHASHSEED"}
    digests = {
        json.loads(subprocess.run(command, check=True, capture_output=True, cwd=ROOT, env=environment).stdout)
        for _ in range(2)
    }
    return len(digests) == 1


def digest_of(found: ThemeMap) -> str:
    """Returns the SHA-256 of all that a run gives but its seconds."""
    return sha256(repr(replace(found, seconds={})).encode()).hexdigest()


if __name__ == "__main__":
    child = load(sys.argv[1])
    assert child is not None
    print(json.dumps(digest_of(find_themes(child.texts, seed=SEED))))
