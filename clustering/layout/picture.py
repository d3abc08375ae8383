"""The map of a run: where each theme's island lies, and each idea on it or around it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from clustering.arrays import Bools, Floats, Labels, Vectors, rows_by_label
from clustering.grouping.strengths import Strengths, centroids
from clustering.layout.islands import place_leftovers, place_members, place_themes

DIMENSIONS = 32  # by which members of a theme are put beside those that are like them


@dataclass(frozen=True)
class Picture:
    """Coordinates in 0..1, float64. `centres`: (k, 2) of the themes; `points`: (n, 2) of the ideas."""

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
    """Lays out n ideas in `count` themes, in 0..1: themes as islands, leftovers around them.

    `space`: (n, d) float32 unit rows, principal components first; `labels`: (n,) in 0..count-1, LEFT for a leftover;
    `strengths`: of each idea in the themes nearest to it; `ambiguous`: (n,) bool, leftovers that are drawn between
    their two nearest themes; `anchors`: theme -> x, y where it was before.
    """
    members = rows_by_label(labels, count)
    directions = centroids(space, labels, count)
    centres, radius = place_themes(directions, [len(rows) for rows in members], anchors)
    points = np.empty((len(labels), 2))
    near = space[:, :DIMENSIONS]
    for theme, rows in enumerate(members):
        points[rows] = place_members(near[rows], strengths.own[rows], centres[theme], float(radius[theme]))
    left = np.flatnonzero(labels < 0)
    targets = np.full((len(left), 2), np.nan)  # anywhere
    for at in np.flatnonzero(ambiguous[left]):
        row = left[at]
        nearest, weights = strengths.nearest[row, :2], strengths.strength[row, :2]
        targets[at] = np.average(centres[nearest], axis=0, weights=weights + 1e-6)
    points[left] = place_leftovers(targets, centres, radius)
    return Picture(centres, points)
