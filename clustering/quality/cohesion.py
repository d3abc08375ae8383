"""How good a grouping is: what a person sees of it (cohesion), and what benchmarks measure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Floats, Labels, Vectors, normalize_rows


@dataclass(frozen=True)
class Mass:
    """What is needed of a group to tell its cohesion; that of two groups together is the sum of both.

    `resultant`: (d,) sum of its unit rows; `within`: what each row brings to its length by itself; `same`: ordered
    pairs of ideas that share a row; `total`: ideas.
    """

    resultant: Vectors
    within: float
    same: float
    total: float

    @classmethod
    def of(cls, vectors: Vectors, weights: Floats) -> "Mass":
        """Weighs (n, d) float32 unit rows (or zeros), centred on the campaign; `weights`: (n,) ideas of each."""
        return cls(
            (weights.astype(np.float32) @ vectors).astype(np.float32),
            float(weights**2 @ np.einsum("ij,ij->i", vectors, vectors)),
            float(weights @ (weights - 1)),
            float(weights.sum()),
        )

    def __add__(self, other: "Mass") -> "Mass":
        """Returns the mass of both groups together."""
        return Mass(
            self.resultant + other.resultant,
            self.within + other.within,
            self.same + other.same,
            self.total + other.total,
        )

    def cohesion(self) -> float:
        """Returns the mean cosine between two different ideas of the group, never below 0; 1 for a single idea."""
        if self.total <= 1:
            return 1.0 if self.total else 0.0
        # |sum|² counts every ordered pair: those within a row are taken out, for they are 1 even if the row is zeros
        pairs = float(self.resultant.astype(np.float64) @ self.resultant) - self.within + self.same
        return float(np.clip(pairs / (self.total * (self.total - 1)), 0.0, 1.0))


def cohesion(vectors: Vectors, weights: Floats | None = None) -> float:
    """Returns the mean cosine between two different ideas of a group, never below 0.

    `vectors`: (n, d) float32 unit rows (or zeros), centred on the campaign; `weights`: (n,) how many ideas share
    each row.
    """
    return Mass.of(vectors, np.ones(len(vectors)) if weights is None else weights).cohesion()


@dataclass(frozen=True)
class Score:
    """Agreement of a grouping with people's labels, each in 0..1 (AMI may fall a little below 0).

    `filled`: AMI with each leftover given to its nearest group; `as_is`: AMI with the leftovers as one group.
    """

    filled: float
    as_is: float
    homogeneity: float
    themes: int
    leftover: float


def score(truth: NDArray[np.str_], labels: Labels, vectors: Vectors) -> Score:
    """Scores `labels` (n,), -1 for left over, against `truth` (n,). `vectors` (n, d) tell which group is nearest.

    Adjusted mutual information: Vinh, Epps and Bailey 2010.
    """
    from sklearn.metrics import adjusted_mutual_info_score, homogeneity_score

    filled = fill(labels, vectors)
    return Score(
        filled=float(adjusted_mutual_info_score(truth, filled)),
        as_is=float(adjusted_mutual_info_score(truth, labels)),
        homogeneity=float(homogeneity_score(truth, filled)),
        themes=int(labels.max(initial=-1)) + 1,
        leftover=float((labels < 0).mean()),
    )


def fill(labels: Labels, vectors: Vectors) -> Labels:
    """Gives each leftover to the group whose mean vector is nearest; returns new labels.

    `labels`: (n,), 0..k-1 without gaps, -1 for left over; `vectors`: (n, d), of any length, not yet centred. The result
    is (n,) in 0..k-1; all 0 when nothing is grouped.
    """
    from clustering.grouping.strengths import centroids

    count = int(labels.max(initial=-1)) + 1
    if not count:
        return np.zeros_like(labels)
    space = normalize_rows(vectors - vectors.mean(axis=0))
    left = labels < 0
    result = labels.copy()
    result[left] = (space[left] @ centroids(space, labels, count).T).argmax(axis=1)
    return result
