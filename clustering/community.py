"""Communities of a graph, as fine as can be without parting ideas from their nearest neighbours."""

import math
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Labels = NDArray[np.intp]
ROUNDS = 4  # of the whole cycle of Leiden
# From a few large communities to many small ones: in modularity, how many times more links than by chance bind a group.
RESOLUTIONS = (0.7, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.5, 8.0, 10.0, 13.0, 16.0, 20.0, 25.0)
AROUND = 2  # steps of resolution that count as about as fine
TOGETHER_IF_FEW = 0.88  # the same, while there are few groups for so many ideas
TOGETHER = 0.965  # share of the closest pairs that must stay together, beside the most that any partition keeps


def communities(graph: sparse.csr_array, resolution: float, *, rounds: int = ROUNDS, seed: int = 0) -> Labels:
    """Returns (n,) labels 0..k-1, the largest first: the Leiden partition (Traag, Waltman and van Eck 2019).

    `graph`: (n, n) symmetric float64, indices sorted. `resolution`: in modularity, above 0; the higher, the finer.
    `rounds`: of the whole cycle. Same graph and seed, same labels.
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
        iterations=rounds,
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
    earlier: Labels | None = None,
    seed: int = 0,
    progress: Callable[[float], None] = lambda _: None,
) -> Labels:
    """Returns the finest partition that hardly parts the closest ideas: (n,) labels, the largest group first.

    `closest`: (n, few) the nearest neighbours of each row. How many themes there are is so told by the ideas: where
    they fall into small tight groups, fine ones keep neighbours together; where one runs into the next, only large do.
    Where there are few groups for n ideas, more pairs may be parted. `earlier`: (n,) the groups of an earlier run,
    below 0 where unknown: of partitions about as fine, the one that changes least is taken.
    """
    tried: list[Labels] = []
    chosen, most = 0, 0.0
    for place, labels in enumerate(_ever_finer(graph, seed)):
        together = float((labels[closest] == labels[:, None]).mean()) if closest.size else 0.0
        most = max(most, together)
        few = not tried or tried[chosen].max() + 1 < few_groups(graph.shape[0])
        tried.append(labels)
        if together >= (TOGETHER_IF_FEW if few else TOGETHER) * most:
            chosen = place
        elif earlier is None or place >= chosen + AROUND:
            break
        progress(0.9 * (place + 1) / len(RESOLUTIONS))
    if earlier is not None and (earlier >= 0).any():
        chosen = _least_change(tried, chosen, earlier)
    return communities(graph, RESOLUTIONS[chosen], seed=seed)


def few_groups(n: int) -> float:
    """How many groups are few for n ideas: the root in a small campaign, ten in a middling one, then n to the 0.3."""
    return max(min(10.0, math.sqrt(n)), math.pow(n, 0.3))


def _ever_finer(graph: sparse.csr_array, seed: int) -> Iterator[Labels]:
    """Yields a quick partition at each resolution; as many are made at once as there are cores."""
    cores = os.cpu_count() or 1
    with ThreadPoolExecutor(cores) as pool:
        for start in range(0, len(RESOLUTIONS), cores):
            some = RESOLUTIONS[start : start + cores]
            yield from pool.map(lambda resolution: communities(graph, resolution, rounds=1, seed=seed), some)


def _least_change(tried: list[Labels], chosen: int, earlier: Labels) -> int:
    """Returns the place of the partition about as fine as the chosen one that is most like the earlier groups."""
    from sklearn.metrics import adjusted_rand_score

    known = earlier >= 0
    around = range(max(0, chosen - AROUND), min(len(tried), chosen + AROUND + 1))
    return max(around, key=lambda place: float(adjusted_rand_score(earlier[known], tried[place][known])))
