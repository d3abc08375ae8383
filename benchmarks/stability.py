"""What stays as it was when a tenth more ideas come, when the same input is given twice, when its rows are shuffled."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np

from benchmarks.agreement import Agreement, agreement, labels_of
from benchmarks.data import Texts, Vectors, load, vectors_of
from benchmarks.table import Target, show_table, show_targets, tell
from clustering.pipeline import find_themes
from clustering.types import Previous, ThemeMap

SEED = 0
SETS = ("gdn_mobilite_fr", "gdn_questions_fr", "banking77_en")
TWICE = "gdn_mobilite_fr"  # is grouped in two processes, embedding included
EARLIER = 0.9  # share of the ideas in the earlier run
STAYS = 0.9  # pairs that must stay as they were
SHUFFLED = 0.95  # adjusted Rand between a set and itself in another order
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
        vectors = vectors_of(texts.texts)
        tell(f"{name}: a tenth more ideas")
        grown = measure_growth(texts, vectors)
        tell(f"{name}: shuffled")
        shuffled = measure_shuffled(texts, vectors)
        rows.append(_row(name, len(texts.texts), grown, shuffled))
        results[name] = {"a tenth more": grown.as_json(), "shuffled": shuffled.as_json()}
        targets.append(Target(f"{name}: pairs that stay as they were", grown.pairs, STAYS))
        targets.append(Target(f"{name}: adjusted Rand, shuffled", shuffled.adjusted, SHUFFLED))
    show_table(
        ["set", "n", "pairs stay", "adjusted Rand", "still together", "same id", "shuffled: adjusted Rand"], rows
    )
    tell(f"{TWICE}: twice")
    same = is_same_twice()
    print(
        f"{TWICE} in two processes: {'absent' if same is None else 'the same to the byte' if same else 'NOT THE SAME'}"
    )
    if same is not None:
        targets.append(Target("the same input gives the same output", float(same), 1.0))
    return results | {"same twice": same, "targets": show_targets(targets)}


def _row(name: str, n: int, grown: Agreement, shuffled: Agreement) -> list[str]:
    figures = [grown.pairs, grown.adjusted, grown.together, grown.kept, shuffled.adjusted]
    return [name, f"{n:,}", *(f"{figure:.3f}" for figure in figures)]


def measure_growth(texts: Texts, vectors: Vectors) -> Agreement:
    """Groups nine tenths, then all with what the first run left: how the nine tenths are then."""
    order = np.random.default_rng(SEED).permutation(len(vectors))
    earlier = np.sort(order[: round(EARLIER * len(order))])
    keys = [str(row) for row in range(len(vectors))]
    first = find_themes(
        [texts.texts[row] for row in earlier], keys=[keys[row] for row in earlier], vectors=vectors[earlier], seed=SEED
    )
    known = previous([keys[row] for row in earlier], first)
    second = find_themes(texts.texts, keys=keys, vectors=vectors, previous=known, seed=SEED)
    return agreement(labels_of(first), labels_of(second)[earlier])


def previous(keys: list[str], found: ThemeMap) -> Previous:
    """What a run leaves for the next one, nobody having touched it."""
    return Previous(
        theme_of={key: idea.theme for key, idea in zip(keys, found.ideas, strict=True) if idea.theme is not None},
        positions={theme.id: (theme.x, theme.y) for theme in found.themes},
        placed={},
        kept=frozenset(),
        next_id=max((theme.id for theme in found.themes), default=-1) + 1,
    )


def measure_shuffled(texts: Texts, vectors: Vectors) -> Agreement:
    """Groups the rows as they come, and in an order drawn by lot."""
    order = np.random.default_rng(SEED).permutation(len(vectors))
    straight = labels_of(find_themes(texts.texts, vectors=vectors, seed=SEED))
    shuffled = labels_of(find_themes([texts.texts[row] for row in order], vectors=vectors[order], seed=SEED))
    return agreement(straight[order], shuffled)


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
