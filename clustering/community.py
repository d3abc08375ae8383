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
FINER = 1.5  # times as many groups as earlier: none finer is like them
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
        around = range(max(0, chosen - AROUND), min(len(tried), chosen + AROUND + 1))
        chosen = max(around, key=lambda place: _likeness(earlier, tried[place]))
    return communities(graph, RESOLUTIONS[chosen], seed=seed)


def communities_like(
    graph: sparse.csr_array,
    earlier: Labels,
    *,
    seed: int = 0,
    progress: Callable[[float], None] = lambda _: None,
) -> Labels:
    """Returns the partition that is most like the groups of an earlier run: (n,) labels, the largest group first.

    `earlier`: (n,), below 0 where unknown. It is as fine as they were, whatever the ideas themselves suggest: groups
    that were one before are joined again, so that only ideas and new groups come between them.
    """
    finest = FINER * len(np.unique(earlier[earlier >= 0]))
    likeness = []
    for place, labels in enumerate(_ever_finer(graph, seed)):
        likeness.append(_likeness(earlier, labels))
        if labels.max() >= finest:
            break
        progress(0.9 * (place + 1) / len(RESOLUTIONS))
    return _rejoined(communities(graph, RESOLUTIONS[int(np.argmax(likeness))], seed=seed), earlier)


def _rejoined(labels: Labels, earlier: Labels) -> Labels:
    """Joins the groups that have most of their members from one earlier group."""
    known = earlier >= 0
    themes, place = np.unique(earlier[known], return_inverse=True)
    votes = np.zeros((labels.max(initial=-1) + 1, len(themes)), dtype=np.intp)
    np.add.at(votes, (labels[known], place), 1)
    mostly = 2 * votes.max(axis=1) > np.bincount(labels, minlength=len(votes))
    joined = np.where(mostly, votes.argmax(axis=1), len(themes) + np.arange(len(votes)))
    return largest_first(joined[labels])


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


def _likeness(earlier: Labels, labels: Labels) -> float:
    """Returns how alike two partitions are where the earlier one is known: the adjusted Rand index."""
    from sklearn.metrics import adjusted_rand_score

    known = earlier >= 0
    return float(adjusted_rand_score(earlier[known], labels[known]))
