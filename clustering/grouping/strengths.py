"""How far ideas belong to groups: cosines with the centre of a group, brought to 0..1 by the group's own scale."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from clustering.arrays import Ints, Labels, Scores, Vectors, normalize_rows, rows_by_label

FULL_STRENGTH_QUANTILE = 0.9  # quantile of the members' cosines that counts as 1
MIN_SPAN = 1e-6  # of a scale: members no nearer to the centre than anybody else
BLOCK = 4096  # rows measured at once


@dataclass(frozen=True)
class Strengths:
    """How far each of n ideas belongs to its group and to those it is nearest to.

    `own`: (n,) float32 in 0..1, 0 for one left over; `nearest`: (n, m) groups, strongest first; `strength`: (n, m)
    float32 in 0..1, how far it belongs to these.
    """

    own: Scores
    nearest: Ints
    strength: Scores


@dataclass(frozen=True)
class Scales:
    """The scale of each of k groups.

    `centres`: (k, d) float32 unit rows; `floor`: (k,) the cosine with the centre that counts as 0, the mean of the
    ideas outside, never below 0; `top`: (k,) the cosine that counts as 1, a quantile of those inside.
    """

    centres: Vectors
    floor: Scores
    top: Scores

    @classmethod
    def of(cls, space: Vectors, labels: Labels, count: int) -> "Scales":
        """Measures `count` groups of (n, d) float32 unit rows. `labels`: (n,) in 0..count-1, below 0 for none."""
        centres = centroids(space, labels, count)
        sums = centres @ space.sum(axis=0)
        floor, top = np.zeros(count, np.float32), np.ones(count, np.float32)
        for group, rows in enumerate(rows_by_label(labels, count)):
            inside = space[rows] @ centres[group]
            if len(inside):
                top[group] = np.quantile(inside, FULL_STRENGTH_QUANTILE)
                floor[group] = max(0.0, (sums[group] - inside.sum()) / max(len(space) - len(inside), 1))
        return cls(centres, floor, top)

    def strengths(self, rows: Vectors) -> Scores:
        """Returns (m, k) float32 in 0..1: how far each of (m, d) unit rows belongs to each group."""
        spans = np.maximum(self.top - self.floor, MIN_SPAN)
        result: Scores = np.clip((rows @ self.centres.T - self.floor) / spans, 0.0, 1.0)
        return result


def measure_strengths(space: Vectors, labels: Labels, count: int, most: int) -> Strengths:
    """Returns how far n ideas belong to their group of `labels` (n,), and the `most` groups they are nearest to.

    `space`: (n, d) float32 unit rows; `count`: groups, of which some may be empty. The result names min(most, count)
    groups for each idea.
    """
    n, most = len(space), min(most, count)
    scales = Scales.of(space, labels, count)
    found = Strengths(np.zeros(n, np.float32), np.zeros((n, most), np.intp), np.zeros((n, most), np.float32))
    if not count:
        return found
    for start in range(0, n, BLOCK):
        part = slice(start, start + BLOCK)
        scaled = scales.strengths(space[part])
        best = np.argsort(-scaled, axis=1, kind="stable")[:, :most]
        found.nearest[part] = best
        found.strength[part] = np.take_along_axis(scaled, best, axis=1)
        own = np.maximum(labels[part], 0)
        found.own[part] = np.where(labels[part] >= 0, scaled[np.arange(len(scaled)), own], 0.0)
    return found


def centroids(space: Vectors, labels: Labels, count: int) -> Vectors:
    """Returns (count, d) float32 unit rows: the mean direction of each group; zeros for a group without ideas."""
    inside = np.flatnonzero(labels >= 0)
    members = sparse.csr_array(
        (np.ones(len(inside), dtype=np.float32), (labels[inside], inside)), shape=(count, len(labels))
    )
    return normalize_rows(np.asarray(members @ space, dtype=np.float32))


def mean_cosine(rows: Vectors) -> float:
    """Returns the mean cosine between two different ones of (n, d) unit rows, n at least 2; from their sum."""
    total, n = rows.sum(axis=0, dtype=np.float64), len(rows)
    return float(total @ total - n) / (n * (n - 1))
