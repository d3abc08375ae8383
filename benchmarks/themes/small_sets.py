"""Ten small campaigns written for this project (benchmarks/themes/few/), with the needs that a reader sees in them.

People, places and wording are invented: a hospital ward, a town library, a school canteen, a shop run by its members, a
bus line, a museum, users of a program, a call centre, residents, a sports club. Each has typing mistakes, needs of one
idea, answers that say nothing, and ideas with two asks.
"""

import csv
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.data import CASES, HERE, kept_encoder, vectors_of
from benchmarks.figures import report_progress, show_table
from benchmarks.themes import quality
from benchmarks.themes.agreement import labels_of
from clustering.arrays import Labels, Vectors, normalize_rows
from clustering.pipeline import find_themes

FOLDER = HERE / "themes" / "few"
OPEN = ("hospital_ward_fr", "school_canteen_fr", "bus_users_fr", "software_users_en", "residents_es")
HELD_OUT = (
    "town_library_fr",
    "coop_shop_fr",
    "museum_fr",
    "call_centre_en",
    "sports_club_de",
)  # nothing is chosen by them
ALONE, NOTHING = "alone", "nothing"  # instead of a need: an idea that no other resembles, and an answer without an idea
TWO = "+"  # between the needs of an idea with two asks
IDEAS_OF_A_GROUP = 4  # on average, of plain average linkage
SAME = 0.6  # of a need in one theme, and of that theme in the need, for it to be found

# Files from the field, in the folder `field` of CASES: column of the texts, and of what people see in them.
FIELD = {
    "small_cafe_16": ("texte", "besoin"),
    "small_appli_patients_32": ("texte", "besoin"),
    "capitals": ("texte", "verite"),
    "short_long": ("texte", "verite"),
}

SOLO = "solo"  # what these files call an idea that stands alone

Grouper = Callable[[list[str], Vectors], Labels]


@dataclass(frozen=True)
class SmallSet:
    """Texts with the needs of each: none for one that stands alone or says nothing, two for one with two asks."""

    name: str
    texts: list[str]
    needs: list[frozenset[str]]


def read(name: str) -> SmallSet:
    """Reads a set of FOLDER."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    needs = [frozenset(row["need"].split(TWO)) - {ALONE, NOTHING} for row in rows]
    return SmallSet(name, [row["text"] for row in rows], needs)


def read_field(folder: Path) -> list[SmallSet]:
    """Reads those files from the field that are there."""
    found = []
    for name, (text, need) in FIELD.items():
        path = folder / "field" / f"{name}.csv"
        if path.is_file():
            with path.open(encoding="utf-8", newline="") as file:
                rows = list(csv.DictReader(file))
            needs = [frozenset({row[need]} - {"", SOLO, ALONE, NOTHING}) for row in rows]
            found.append(SmallSet(name, [row[text] for row in rows], needs))
    return found


def found_needs(needs: list[frozenset[str]], labels: Labels) -> dict[str, bool]:
    """Returns for each need of two ideas or more whether a theme holds SAME of it and is SAME made of it.

    An idea with two asks may be in the theme of either, so it counts for none and against none. `labels`: (n,), below 0
    for an idea without theme.
    """
    size: Counter[str] = Counter(need for one in needs if len(one) == 1 for need in one)
    inside: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for label, one in zip(labels.tolist(), needs, strict=True):
        if label >= 0 and len(one) < 2:
            inside[label][next(iter(one), NOTHING)] += 1
    return {
        need: any(theme[need] >= SAME * max(count, theme.total()) for theme in inside.values())
        for need, count in sorted(size.items())
        if count > 1
    }


def groupers() -> dict[str, Grouper]:
    """Ours, as people get it; plain average linkage; and the peers that are installed."""
    found: dict[str, Grouper] = {quality.OURS: ours, "average linkage, n/4": linkage}
    peers = {"BERTopic": ("bertopic", quality.bertopic), "EVoC": ("evoc", quality.evoc)}
    return found | {name: partial(_peer, make) for name, (module, make) in peers.items() if find_spec(module)}


def ours(texts: list[str], _vectors: Vectors) -> Labels:
    """Themes as people get them, ideas with several asks included."""
    return labels_of(find_themes(texts, encoder=kept_encoder()))


def linkage(texts: list[str], vectors: Vectors) -> Labels:
    """Average linkage on centred vectors, in groups of IDEAS_OF_A_GROUP on average."""
    from scipy.cluster.hierarchy import fcluster
    from scipy.cluster.hierarchy import linkage as link

    tree = link(normalize_rows(vectors - vectors.mean(axis=0)), "average", "cosine")
    labels: Labels = fcluster(tree, round(len(texts) / IDEAS_OF_A_GROUP), "maxclust").astype(np.intp)
    return labels


def _peer(make: quality.Grouper, texts: list[str], vectors: NDArray[np.float32]) -> Labels:
    """A peer with its defaults; one that can't group so few leaves all of them over."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the peers' own
        try:
            return make(texts, vectors)[0]
        except (TypeError, ValueError, IndexError, ZeroDivisionError):
            return np.full(len(texts), -1, dtype=np.intp)


def show(names: tuple[str, ...] = (*OPEN, *HELD_OUT)) -> dict[str, dict[str, list[int]]]:
    """Prints and returns, for each set and method, how many needs are found, and of how many.

    Beside the sets written for this, those from the field, where CONVERGENCE_CASES names their folder.
    """
    print("\nNeeds found in small campaigns written for this, and in files from the field")
    sets = {"open": [read(name) for name in names if name in OPEN]}
    sets["held out"] = [read(name) for name in names if name in HELD_OUT]
    sets["field"] = read_field(Path(CASES)) if CASES else []
    found: dict[str, dict[str, list[int]]] = {}
    methods = groupers()
    rows: list[list[str]] = []
    for kind, some in sets.items():
        for small in some:
            found[small.name] = _needs_by_method(small, methods)
            rows.append([small.name, kind, str(len(small.texts)), *_cells(found[small.name], methods)])
        sums = {method: [sum(found[one.name][method][at] for one in some) for at in (0, 1)] for method in methods}
        rows.append(["sum", kind, "", *_cells(sums, methods)] if some else [kind, "absent"])
    show_table(["set", "", "ideas", *methods], rows)
    return found


def _needs_by_method(small: SmallSet, methods: Mapping[str, Grouper]) -> dict[str, list[int]]:
    vectors = vectors_of([text.lower() for text in small.texts])
    found = {}
    for method, grouper in methods.items():
        report_progress(f"{small.name}: {method}")
        needs = found_needs(small.needs, grouper(small.texts, vectors))
        found[method] = [sum(needs.values()), len(needs)]
    return found


def _cells(by: Mapping[str, list[int]], methods: Iterable[str]) -> list[str]:
    return [f"{by[method][0]} of {by[method][1]}" for method in methods]
