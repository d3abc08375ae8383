"""Communities of a graph by Leiden, as fine as they can be without separating the nearest neighbours."""

import itertools
import math
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from scipy import sparse

from clustering.arrays import Indices, Labels

ROUNDS = 2  # of the whole cycle of Leiden
# Of modularity, from a few large communities to many small ones: how many times more links than by chance bind a group.
RESOLUTIONS = (0.7, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.5, 8.0, 10.0, 13.0, 16.0, 20.0, 25.0)
MAX_FINER = 1.5  # times as many groups as earlier: no finer partition is like them
STRIDE = 2  # steps of resolution taken at once, at first
THREADS = 2  # partitions made in parallel
MAX_GROUPS = 300  # people don't read more, and the hierarchy has finer ones
SIMILAR_STEPS = 2  # steps of resolution within which partitions are about as fine
MIN_PAIRS_KEPT = 0.965  # share of the closest pairs that stay together, relative to the coarsest partition
MIN_PAIRS_KEPT_IF_COARSE = 0.88  # the same while it has fewer groups than coarse_group_count


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
    # a node without links is not among those found: it is a community of one
    return largest_first(np.array([found.get(node, n + node) for node in range(n)], dtype=np.intp))


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
    closest: Indices,
    *,
    earlier: Labels | None = None,
    seed: int = 0,
    progress: Callable[[float], None] = lambda _: None,
) -> Labels:
    """Returns the finest partition that separates few of the closest ideas: (n,) labels, the largest group first.

    `closest`: (n, c) int32, the nearest neighbours of each row. The ideas themselves thus decide how many groups there
    are: where they form small tight groups, fine partitions keep neighbours together; where one group runs into the
    next, only coarse ones do. While there are few groups for n ideas, more pairs may be separated; there are never more
    than MAX_GROUPS, about. `earlier`: (n,) the groups of an earlier run, below 0 where unknown: of partitions about as
    fine, the one most like it is taken.
    """
    partitions = _Partitions(graph, seed, progress)
    place = _finest_place(partitions, closest)
    if earlier is not None and (earlier >= 0).any():
        around = range(max(0, place - SIMILAR_STEPS), min(len(RESOLUTIONS), place + SIMILAR_STEPS + 1))
        partitions.make(around)
        place = max(around, key=lambda near: partition_similarity(earlier, partitions.made[near]))
    return communities(graph, RESOLUTIONS[place], seed=seed)


def _finest_place(partitions: "_Partitions", closest: Indices) -> int:
    """Returns the last place of RESOLUTIONS up to which no step separates too many: in strides, then one by one."""
    coarse = coarse_group_count(len(closest))

    def together(place: int) -> float:
        labels = partitions.made[place]
        return float((labels[closest] == labels[:, None]).mean()) if closest.size else 0.0

    def may_follow(place: int, before: int) -> bool:
        if partitions.made[place].max() >= MAX_GROUPS:
            return False
        share = MIN_PAIRS_KEPT_IF_COARSE if partitions.made[before].max() + 1 < coarse else MIN_PAIRS_KEPT
        return together(place) >= share * together(0)

    far, strides = 0, range(0, len(RESOLUTIONS), STRIDE)
    for step, place in enumerate(strides):
        if step % THREADS == 0:
            partitions.make(strides[step : step + THREADS])
        if not may_follow(place, far):
            break
        far = place
    near = range(max(far - STRIDE + 1, 0), min(far + STRIDE, len(RESOLUTIONS)))
    partitions.make(near)
    return near[0] + sum(1 for _ in itertools.takewhile(lambda place: may_follow(place, place - 1), near[1:]))


def communities_like(
    graph: sparse.csr_array,
    earlier: Labels,
    *,
    seed: int = 0,
    progress: Callable[[float], None] = lambda _: None,
) -> Labels:
    """Returns the partition that is most like the groups of an earlier run: (n,) labels, the largest group first.

    `earlier`: (n,), below 0 where unknown, not everywhere. It is as fine as they were, whatever the ideas themselves
    suggest: groups that were one before are joined again, so that only new ideas can form new groups.
    """
    finest = MAX_FINER * len(np.unique(earlier[earlier >= 0]))
    partitions = _Partitions(graph, seed, progress)
    for place in range(0, len(RESOLUTIONS), THREADS):
        partitions.make(range(place, place + THREADS))
        if partitions.made[place].max() >= finest:
            break
    place = max(partitions.made, key=lambda place: (partition_similarity(earlier, partitions.made[place]), -place))
    return rejoin_groups(communities(graph, RESOLUTIONS[place], seed=seed), earlier)


def rejoin_groups(labels: Labels, earlier: Labels) -> Labels:
    """Joins the groups that have most of their members from one earlier group."""
    known = earlier >= 0
    themes, place = np.unique(earlier[known], return_inverse=True)
    votes = np.zeros((labels.max(initial=-1) + 1, len(themes)), dtype=np.intp)
    np.add.at(votes, (labels[known], place), 1)
    mostly = 2 * votes.max(axis=1) > np.bincount(labels, minlength=len(votes))
    joined = np.where(mostly, votes.argmax(axis=1), len(themes) + np.arange(len(votes)))
    return largest_first(joined[labels])


def coarse_group_count(n: int) -> float:
    """Returns how many groups make a partition of n ideas no longer coarse: min(10, sqrt(n)), but at least n ** 0.3."""
    return max(min(10.0, math.sqrt(n)), math.pow(n, 0.3))


class _Partitions:
    """One-round partitions at RESOLUTIONS, made on demand. `made`: place in RESOLUTIONS -> (n,) labels."""

    def __init__(self, graph: sparse.csr_array, seed: int, progress: Callable[[float], None]) -> None:
        self.made: dict[int, Labels] = {}
        self._graph, self._seed, self._progress = graph, seed, progress

    def make(self, places: Iterable[int]) -> None:
        """Makes the partitions at some places, in parallel, but for those already made."""
        missing = sorted(set(places) - self.made.keys())
        with ThreadPoolExecutor(THREADS) as pool:
            self.made |= zip(missing, pool.map(self._quick, missing), strict=True)
        self._progress(0.9 * len(self.made) / len(RESOLUTIONS))

    def _quick(self, place: int) -> Labels:
        return communities(self._graph, RESOLUTIONS[place], rounds=1, seed=self._seed)


def partition_similarity(earlier: Labels, labels: Labels) -> float:
    """Returns how alike two partitions are where the earlier one is known: adjusted Rand (Hubert and Arabie 1985)."""
    from sklearn.metrics import adjusted_rand_score

    known = earlier >= 0
    return float(adjusted_rand_score(earlier[known], labels[known]))
