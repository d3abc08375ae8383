"""Cohesion: how alike the ideas of a group are, so that a person sees which themes hold together."""

from dataclasses import dataclass

import numpy as np

from clustering.arrays import Floats, Vectors


@dataclass(frozen=True)
class Mass:
    """The sums from which a group's cohesion follows; those of two groups add up to those of both together.

    `resultant`: (d,) sum of its unit rows; `within`: what each row adds to its squared length by itself;
    `same`: ordered pairs of ideas that share a row; `total`: ideas.
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
    each row. The mean follows from the length of the sum (mean resultant length, Mardia and Jupp 2000), in O(n·d).
    """
    return Mass.of(vectors, np.ones(len(vectors)) if weights is None else weights).cohesion()
