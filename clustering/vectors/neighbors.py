"""The graph of neighbours: which ideas are near to each other, by what they mean and by the words that they use."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from clustering.arrays import Indices, Ints, Vectors, normalize_rows
from clustering.threads import in_parallel
from clustering.types import DIGITS

BLOCK = 512  # rows compared at once
EXACT = 6000  # rows up to which each is compared with every other
CELL = 400  # rows of a cell, about: beyond EXACT, a row is compared with those of the cells around its own
CELLS_AROUND = 24
CELL_ROUNDS = 4


def centred(vectors: Vectors) -> Vectors:
    """Returns (n, d): the vectors less their mean; n may be 0."""
    return vectors - vectors.mean(axis=0) if len(vectors) else vectors


def nearest_neighbours(vectors: Vectors, k: int, *, seed: int = 0) -> Indices:
    """Returns (n, k) int32: the k nearest other rows of each row, in no given order.

    `vectors`: (n, d) float32 unit rows, n > k. Exact up to EXACT rows. Beyond, an inverted file (Sivic and Zisserman
    2003): rows are sorted into cells, and each is compared with the cells nearest to its own, in time that grows as n.
    """
    n = len(vectors)
    everywhere = np.arange(n)
    tasks = (
        [(rows, everywhere) for rows in np.split(everywhere, range(BLOCK, n, BLOCK))]
        if n <= EXACT
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
    count = len(vectors) // CELL
    centres = vectors[np.sort(np.random.default_rng(seed).permutation(len(vectors))[:count])]
    for _ in range(CELL_ROUNDS):  # a few rounds of k-means are enough to sort by
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
    """For each row the same rows, told apart by several cosines: `rows` (n, k) int32, `cosines` (n, k) float32."""

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


def shared_words(counts: sparse.csr_array, rows: Indices) -> Vectors:
    """Returns (n, k): as cosines_with, for (n, words) sparse unit rows."""
    result = np.empty(rows.shape, dtype=np.float32)
    width = rows.shape[1]
    for start in range(0, len(rows), BLOCK * 8):
        part = rows[start : start + BLOCK * 8]
        own = counts[np.repeat(np.arange(start, start + len(part)), width)]
        result[start : start + len(part)] = own.multiply(counts[part.ravel()]).sum(axis=1).reshape(part.shape)
    return np.round(result, DIGITS)


def closeness(near: Neighbours) -> sparse.csr_array:
    """Returns the (n, n) graph in which each row gives its nearest 1, and the others less as they are further.

    Distances are measured beyond the nearest one and in units of their own mean, as UMAP does (McInnes et al. 2018):
    ideas in dense and in sparse regions then weigh the same.
    """
    distances = 1.0 - near.cosines.astype(np.float64)
    beyond = distances - distances.min(axis=1, keepdims=True)
    weights = np.exp(-beyond / np.maximum(beyond.mean(axis=1, keepdims=True), 1e-6))
    return directed(Neighbours(near.rows, (weights * (near.cosines > 0)).astype(np.float32)))


def directed(near: Neighbours) -> sparse.csr_array:
    """Returns the (n, n) float64 graph from each row to its neighbours, weighted as given."""
    n, k = near.rows.shape
    ends = (np.repeat(np.arange(n, dtype=np.int32), k), near.rows.ravel())
    return sparse.csr_array((near.cosines.ravel().astype(np.float64), ends), shape=(n, n))


def undirected(graph: sparse.csr_array) -> sparse.csr_array:
    """Returns the sum of a graph and its mirror, without edges of no weight, indices sorted."""
    both = (graph + graph.T).tocsr()
    both.eliminate_zeros()
    both.sort_indices()
    return both
