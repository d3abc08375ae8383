"""Finds the ideas whose meaning is nearest to one, exactly: faster than an index would be up to a million or so."""

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Bools, Ints, Vectors
from clustering.vectors.checks import sound_rows

GROWTH_FACTOR = 1.25  # times the rows needed, when the array grows


class Similar:
    """Holds n vectors of d dimensions (4·n·d bytes) and finds the nearest by cosine. Recall is 1: all are compared.

    One pass over the rows without BLAS: the bits of a cosine do not depend on the rows around it, and there are no
    threads to wait for. 100,000 × 512 take about 10 ms on one core, as fast as memory is read.
    """

    def __init__(self, vectors: NDArray[np.generic]) -> None:
        """`vectors`: (n, d) finite numbers of any length and number type; n may be 0. Raises UnusableVectors."""
        self._rows = sound_rows(vectors)
        self._count = len(self._rows)

    def __len__(self) -> int:
        return self._count

    @property
    def rows(self) -> Vectors:
        """The (n, d) float32 unit rows themselves, not to be written to."""
        return self._rows[: self._count]

    def add(self, vectors: NDArray[np.generic]) -> None:
        """Adds (m, d) vectors, as rows n to n + m - 1. Raises UnusableVectors."""
        new = sound_rows(vectors, self._rows.shape[1])
        needed = self._count + len(new)
        if needed > len(self._rows):
            larger = np.empty((int(needed * GROWTH_FACTOR), self._rows.shape[1]), dtype=np.float32)
            larger[: self._count] = self.rows
            self._rows = larger
        self._rows[self._count : needed] = new
        self._count = needed

    def nearest(
        self, vector: NDArray[np.generic], count: int = 10, *, among: Bools | None = None
    ) -> tuple[Ints, Vectors]:
        """Returns the nearest rows and their cosines, nearest first; of equal ones the earlier row.

        `vector`: (d,) finite numbers of any length. `among`: (n,) which rows may be found; all if left out.
        Both results are (k,), int and float32, k = count or as many as there are. Raises UnusableVectors.
        """
        one = sound_rows(np.atleast_2d(vector), self._rows.shape[1])[0]
        cosines = np.einsum("ij,j->i", self.rows, one)
        if among is not None:
            cosines[~among] = -np.inf
        rows: Ints = np.arange(self._count, dtype=np.intp)
        if 0 < count < self._count:
            least = np.partition(cosines, self._count - count)[self._count - count]
            rows = np.flatnonzero(cosines >= least)
        rows = rows[np.argsort(-cosines[rows], kind="stable")][: max(0, count)]
        rows = rows[cosines[rows] > -np.inf]
        return rows, cosines[rows]
