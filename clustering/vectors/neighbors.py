"""Nearest neighbours of every row, and cosines with them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from clustering.arrays import Indices, Ints, Vectors, normalize_rows
from clustering.threads import in_parallel
from clustering.types import DIGITS

BLOCK = 512  # rows compared at once
MAX_EXACT_ROWS = 6000  # rows up to which each is compared with every other
CELL_ROWS = (
    400  # rows of a cell, about: beyond MAX_EXACT_ROWS, a row is compared with those of the CELLS_AROUND its own
)
CELLS_AROUND = 24
CELL_ROUNDS = 4  # of k-means: enough to sort rows into cells


def centred(vectors: Vectors) -> Vectors:
    """Returns (n, d): the vectors less their mean; n may be 0."""
    return vectors - vectors.mean(axis=0) if len(vectors) else vectors


def nearest_neighbours(vectors: Vectors, k: int, *, seed: int = 0) -> Indices:
    """Returns (n, k) int32: the k nearest other rows of each row, in no given order.

    `vectors`: (n, d) float32 unit rows, n > k. Exact up to MAX_EXACT_ROWS. Beyond, an inverted file (Sivic and
    Zisserman 2003): k-means sorts rows into cells, and each row is compared with those of the cells nearest to its own.
    The time then grows as n.
    """
    n = len(vectors)
    everywhere = np.arange(n)
    tasks = (
        [(rows, everywhere) for rows in np.split(everywhere, range(BLOCK, n, BLOCK))]
        if n <= MAX_EXACT_ROWS
        else list(_cells(vectors, k, seed))
    )
    result = np.empty((n, k), dtype=np.int32)

    def compare(task: tuple[Ints, Ints]) -> None:
        rows, pool = task
        cosines = vectors[rows] @ vectors[pool].T
        cosines[rows[:, None] == pool[None, :]] = -np.inf  # not one's own neighbour
        result[rows] = pool[np.argpartition(cosines, len(pool) - k, axis=1)[:, len(pool) - k :]]

    in_parallel(compare, tasks)
    return result


def _cells(vectors: Vectors, k: int, seed: int) -> Iterator[tuple[Ints, Ints]]:
    """Yields rows of one cell, and those of the cells around it: more than k."""
    count = len(vectors) // CELL_ROWS
    centres = vectors[np.sort(np.random.default_rng(seed).permutation(len(vectors))[:count])]
    for _ in range(CELL_ROUNDS):
        cell_of = _nearest_row(vectors, centres)
        sums = np.zeros_like(centres)
        np.add.at(sums, cell_of, vectors)
        centres = normalize_rows(sums)
    cell_of = _nearest_row(vectors, centres)
    members = np.split(np.argsort(cell_of, kind="stable"), np.cumsum(np.bincount(cell_of, minlength=count))[:-1])
    around = np.argsort(-(centres @ centres.T), axis=1, kind="stable")
    for cell in range(count):
        near = CELLS_AROUND
        pool = np.concatenate([members[other] for other in around[cell, :near]])
        while len(pool) <= k:
            near *= 2
            pool = np.concatenate([members[other] for other in around[cell, :near]])
        for rows in np.split(members[cell], range(BLOCK, len(members[cell]), BLOCK)):
            if len(rows):
                yield rows, pool


def _nearest_row(vectors: Vectors, centres: Vectors) -> Ints:
    parts = np.split(vectors, range(BLOCK * 8, len(vectors), BLOCK * 8))
    return np.concatenate([(part @ centres.T).argmax(axis=1) for part in parts])


@dataclass(frozen=True)
class Neighbours:
    """k neighbours of each of n rows: `rows` (n, k) int32, `cosines` (n, k) float32."""

    rows: Indices
    cosines: Vectors

    def nearest(self, k: int) -> "Neighbours":
        """Returns the k nearest, nearest first; of two that are as near, the one that comes first."""
        order = np.lexsort((self.rows, -self.cosines))[:, :k]
        return Neighbours(np.take_along_axis(self.rows, order, axis=1), np.take_along_axis(self.cosines, order, axis=1))


def cosines_with(vectors: Vectors, rows: Indices) -> Vectors:
    """Returns (n, k): the cosine of each of n unit rows with k others, named by (n, k) `rows`; rounded."""
    result = np.empty(rows.shape, dtype=np.float32)

    def compare(part: slice) -> None:
        result[part] = np.einsum("id,ijd->ij", vectors[part], vectors[rows[part]])

    in_parallel(compare, [slice(start, start + BLOCK) for start in range(0, len(rows), BLOCK)])
    return np.round(result, DIGITS)
