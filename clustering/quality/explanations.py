"""Why an idea is where it is, and what is near a theme."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from clustering.arrays import Ints, Labels, Vectors
from clustering.types import DIGITS
from clustering.vectors.neighbors import Neighbours


def nearest_ideas(
    near: Neighbours, unit_of: Ints, first_row: Ints, labels: Labels, count: int
) -> list[tuple[int, ...]]:
    """Returns for each of n rows the `count` rows of its theme that are most like it (of all, for a leftover).

    Nearest first. `near`: of the m units (see units.Found); `unit_of`: (n,) the unit of each row, -1 for one
    without words; `first_row`: (m,) a row of each unit; `labels`: (n,) themes, below 0 for a leftover.
    """
    if not near.rows.shape[1]:
        return [()] * len(unit_of)
    rows = first_row[near.rows][np.maximum(unit_of, 0)]
    fits = (labels[rows] == labels[:, None]) | (labels[:, None] < 0)
    fits &= (unit_of >= 0)[:, None]
    keep = fits & (np.cumsum(fits, axis=1) <= count)
    return [tuple(row[kept].tolist()) for row, kept in zip(rows, keep, strict=True)]


def languages(langs: Sequence[str | None], weights: Ints) -> tuple[tuple[str, float], ...]:
    """Returns the languages of n texts with their shares, 0..1, the commonest first; texts without one don't count.

    `weights`: (n,) how many ideas share each text.
    """
    counts: Counter[str] = Counter()
    for lang, weight in zip(langs, weights.tolist(), strict=True):
        if lang:
            counts[lang] += weight
    total = counts.total()
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple((lang, round(count / total, DIGITS)) for lang, count in ordered)


def nearest_theme(centres: Vectors, floor: float) -> list[tuple[int, float] | None]:
    """Returns for each of k centres the nearest other one and how alike the two are, in 0..1; None for an only one.

    `centres`: (k, d) float32 unit rows; `floor`: the cosine that counts as 0, what any two have in common. A theme
    without ideas has a centre of zeros: it is near to none.
    """
    held = centres.any(axis=1)
    result: list[tuple[int, float] | None] = [None] * len(centres)
    if held.sum() < 2:  # noqa: PLR2004 - another one is needed
        return result
    cosines = centres @ centres.T
    np.fill_diagonal(cosines, -np.inf)
    cosines[:, ~held] = -np.inf
    best = cosines.argmax(axis=1)
    alike = np.clip((cosines[np.arange(len(centres)), best] - floor) / max(1 - floor, 1e-6), 0.0, 1.0)
    for place in np.flatnonzero(held).tolist():
        result[place] = int(best[place]), round(float(alike[place]), DIGITS)
    return result
