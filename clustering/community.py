"""Communities of a graph, as fine as can be without parting ideas from their nearest neighbours."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Labels = NDArray[np.intp]
ROUNDS = 4  # of the whole cycle of Leiden
# From a few large communities to many small ones: in modularity, how many times more links than by chance bind a group.
RESOLUTIONS = (0.7, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.5, 8.0, 10.0, 13.0, 16.0, 20.0, 25.0)
TOGETHER = 0.965  # share of the closest pairs that must stay together, beside the most that any partition keeps


def communities(graph: sparse.csr_array, resolution: float, *, seed: int = 0) -> Labels:
    """Returns (n,) labels 0..k-1, the largest first: the Leiden partition (Traag, Waltman and van Eck 2019).

    `graph`: (n, n) symmetric float64, indices sorted. `resolution`: in modularity, above 0; the higher, the finer.
    Same graph and seed, same labels.
    """
    from graspologic_native import leiden_csr  # type: ignore[import-untyped]  # it has no stubs

    n = graph.shape[0]
    if not graph.nnz:
        return np.arange(n, dtype=np.intp)
    _, found = leiden_csr(
        indptr=graph.indptr.astype(np.int64),
        indices=graph.indices.astype(np.int32),
        data=graph.data,
        n_nodes=n,
        resolution=resolution,
        iterations=ROUNDS,
        seed=seed,
    )
    alone = n + np.arange(n)  # a node without links is in no community that is found
    return largest_first(np.array([found.get(node, int(alone[node])) for node in range(n)], dtype=np.intp))


def largest_first(labels: Labels) -> Labels:
    """Renumbers labels (any integers, negative ones stay as they are): 0 is the largest; of two as large, the first."""
    result = labels.copy()
    inside = labels >= 0
    values, first, place, sizes = np.unique(labels[inside], return_index=True, return_inverse=True, return_counts=True)
    rank = np.empty(len(values), dtype=np.intp)
    rank[np.lexsort((first, -sizes))] = np.arange(len(values))
    result[inside] = rank[place]
    return result


def finest_communities(
    graph: sparse.csr_array,
    closest: NDArray[np.int32],
    *,
    seed: int = 0,
    progress: Callable[[float], None] = lambda _: None,
) -> tuple[Labels, float]:
    """Returns the finest partition that hardly parts the closest ideas, and its resolution.

    `closest`: (n, few) the nearest neighbours of each row. How many themes there are is so told by the ideas: where
    they fall into small tight groups, fine ones keep neighbours together; where one runs into the next, only large do.
    """
    best, resolution, most = np.zeros(graph.shape[0], dtype=np.intp), RESOLUTIONS[0], 0.0
    for place, candidate in enumerate(RESOLUTIONS):
        labels = communities(graph, candidate, seed=seed)
        together = float((labels[closest] == labels[:, None]).mean()) if closest.size else 0.0
        most = max(most, together)
        if together < TOGETHER * most:
            break
        best, resolution = labels, candidate
        progress((place + 1) / len(RESOLUTIONS))
    return best, resolution
