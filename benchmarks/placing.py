"""How well, and how fast, a new idea finds its theme without a full run."""

from collections import Counter
from functools import partial

import numpy as np
from numpy.typing import NDArray

from benchmarks.agreement import Labels, labels_of
from benchmarks.data import Texts, Vectors, grown, load, vectors_of
from benchmarks.table import Target, show_table, show_targets, tell
from benchmarks.timing import quantiles, timed
from clustering.pipeline import find_themes
from clustering.placing import Placer

SEED = 0
SETS = ("gdn_questions_fr", "clinc150_en", "gdn_mobilite_fr", "banking77_en")
MANY = 100_000  # ideas among which one is placed
ASKED = 200  # times
AMONG_MANY = "among many"
PLACED_MS = 50.0  # at most, for 95 of a hundred


def show() -> dict[str, object]:
    """Prints and returns where new ideas go, beside where a full run puts them, and how long one takes."""
    print("\nA tenth of each set placed among the themes of the others, beside a full run on all")
    found = measure_placing()
    columns = list(dict.fromkeys(column for name in SETS for column in found[name] if column != "absent"))
    rows = [
        [name, "absent"] if "absent" in found[name] else [name, *(_cell(found[name], column) for column in columns)]
        for name in SETS
    ]
    show_table(["set", *columns], rows)
    if AMONG_MANY not in found:
        print(f"Among {MANY:,}: absent")
        return {"sets": found}
    times = found[AMONG_MANY]
    print(f"Among {MANY:,}: " + ", ".join(f"{what} {value}" for what, value in times.items()))
    targets = [Target("one idea placed among many: p95 ms", times["place: p95 ms"], PLACED_MS, at_most=True)]
    return {"sets": found, "targets": show_targets(targets)}


def _cell(figures: dict[str, float], column: str) -> str:
    return f"{figures[column]:.3f}" if column in figures else ""


def measure_placing() -> dict[str, dict[str, float]]:
    """A tenth of each set placed among the themes of the others, beside a full run on all; and how long one takes."""
    results: dict[str, dict[str, float]] = {}
    for name in SETS:
        tell(f"placing {name}")
        found = load(name)
        results[name] = _placing(found, vectors_of(found.texts)) if found else {"absent": True}
    tell("placing among many")
    data = grown(MANY)
    if data:
        texts, vectors = data
        centres = vectors[:500]
        labels = [int(row) for row in np.argmax(vectors @ centres.T, axis=1)]
        placer = Placer(vectors, texts, labels)
        asked = range(0, MANY, MANY // ASKED)
        times = [timed(partial(placer.place, vectors[row], texts[row]))[1] for row in asked]
        results[AMONG_MANY] = quantiles("place", times)
    return results


def _placing(found: Texts, vectors: Vectors) -> dict[str, float]:
    """`as a full run`: the share of the new tenth that went where a full run puts it, its themes matched by overlap.

    Beside it the share of the earlier ideas that a full run leaves where they were, which is as well as anyone can do.
    `labels right`: the share of those in a theme whose label is the theme's most frequent.
    """
    order = np.random.default_rng(SEED).permutation(len(vectors))
    cut = len(order) * 9 // 10
    before, new = np.sort(order[:cut]), order[cut:]
    earlier, full = _themes(found, vectors, before), _themes(found, vectors, np.arange(len(vectors)))
    full = _matched(full, full[before], earlier)
    placer = Placer(
        vectors[before],
        [found.texts[row] for row in before],
        [None if theme < 0 else theme for theme in earlier.tolist()],
    )
    places = [placer.place(vectors[row], found.texts[row]) for row in new]
    placed = np.array([-1 if place.theme is None else place.theme for place in places])
    usual = {theme: Counter(found.labels[before][earlier == theme]).most_common(1)[0][0] for theme in set(earlier)}

    def right(themes: Labels) -> float:
        inside = np.flatnonzero(themes >= 0)
        return float(np.mean([usual.get(themes[at]) == found.labels[new[at]] for at in inside]))

    figures = {
        "as a full run": float((placed == full[new]).mean()),
        "earlier ideas as a full run": float((earlier == full[before]).mean()),
        "left over": float((placed < 0).mean()),
        "left over by a full run": float((full[new] == -1).mean()),
    }
    if found.labels[0]:
        figures |= {"labels right": right(placed), "labels right in a full run": right(full[new])}
    oos = found.labels[new] == "oos"
    if oos.any():
        figures |= {"left over of oos": float((placed[oos] < 0).mean()), "of others": float((placed[~oos] < 0).mean())}
    return figures


def _themes(found: Texts, vectors: Vectors, rows: NDArray[np.intp]) -> Labels:
    return labels_of(find_themes([found.texts[row] for row in rows], vectors=vectors[rows], seed=SEED))


def _matched(themes: Labels, here: Labels, there: Labels) -> Labels:
    """Renames `themes` one to one by what `here` shares with `there`, the largest share first; -2 for a new theme."""
    name_of: dict[int, int] = {-1: -1}
    for (one, other), _ in Counter(zip(here.tolist(), there.tolist(), strict=True)).most_common():
        if one not in name_of and other not in name_of.values():
            name_of[one] = other
    return np.array([name_of.get(theme, -2) for theme in themes.tolist()], dtype=np.intp)
