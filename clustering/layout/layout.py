"""The map of a run: where each theme's island lies, and each idea on it or around it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from clustering.arrays import Bools, Floats, Labels, Vectors
from clustering.grouping.strengths import Strengths, centroids
from clustering.layout import islands as layout

FLAT = 32  # axes that tell which members of a theme are alike


@dataclass(frozen=True)
class Picture:
    """`centres`: (k, 2) of the themes; `points`: (n, 2) of the ideas; all in 0..1."""

    centres: Floats
    points: Floats


def draw(
    space: Vectors,
    labels: Labels,
    strengths: Strengths,
    ambiguous: Bools,
    count: int,
    anchors: Mapping[int, tuple[float, float]],
) -> Picture:
    """Lays out n ideas in `count` themes.

    `space`: (n, d) unit rows; `labels`: (n,) 0..count-1, -1 for a leftover; `strengths`: how near each lies;
    `ambiguous`: (n,) leftovers that lie between two themes, not alone; `anchors`: theme -> where it lay before.
    """
    order = np.argsort(labels, kind="stable")
    starts = np.searchsorted(labels[order], np.arange(count + 1))
    members = [order[starts[theme] : starts[theme + 1]] for theme in range(count)]
    directions = centroids(space, labels, count)
    centres, radius = layout.place_themes(directions, [len(rows) for rows in members], anchors)
    points = np.empty((len(labels), 2))
    flat = space[:, :FLAT]
    for theme, rows in enumerate(members):
        points[rows] = layout.place_members(flat[rows], strengths.own[rows], centres[theme], float(radius[theme]))
    left = np.flatnonzero(labels < 0)
    wishes = np.full((len(left), 2), np.nan)  # anywhere
    for at in np.flatnonzero(ambiguous[left]):
        row = left[at]
        nearest, weights = strengths.nearest[row, :2], strengths.strength[row, :2]
        wishes[at] = np.average(centres[nearest], axis=0, weights=weights + 1e-6)
    points[left] = layout.place_leftovers(wishes, centres, radius)
    return Picture(centres, points)
