"""Communities of a graph, as fine as can be without parting ideas from their nearest neighbours."""

import itertools
import math
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from scipy import sparse

from clustering.arrays import Indices, Labels

ROUNDS = 2  # of the whole cycle of Leiden
# From a few large communities to many small ones: in modularity, how many times more links than by chance bind a group.
RESOLUTIONS = (0.7, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.5, 8.0, 10.0, 13.0, 16.0, 20.0, 25.0)
FINER = 1.5  # times as many groups as earlier: none finer is like them
STRIDE = 2  # steps of resolution taken in one, as long as they may be
AT_ONCE = 2  # partitions made side by side
MOST = 300  # groups: nobody reads more of them, and the hierarchy has finer ones
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
    closest: Indices,
    *,
    earlier: Labels | None = None,
    seed: int = 0,
    progress: Callable[[float], None] = lambda _: None,
) -> Labels:
    """Returns the finest partition that hardly parts the closest ideas: (n,) labels, the largest group first.

    `closest`: (n, few) the nearest neighbours of each row. How many themes there are is so told by the ideas: where
    they fall into small tight groups, fine ones keep neighbours together; where one runs into the next, only large do.
    Where there are few groups for n ideas, more pairs may be parted; MOST are enough for any number. `earlier`: (n,)
    the groups of an earlier run, below 0 where unknown: of partitions about as fine, the one that changes least is
    taken.
    """
    ladder = _Ladder(graph, seed, progress)
    place = _finest_place(ladder, closest)
    if earlier is not None and (earlier >= 0).any():
        around = range(max(0, place - AROUND), min(len(RESOLUTIONS), place + AROUND + 1))
        ladder.climb(around)
        place = max(around, key=lambda near: _likeness(earlier, ladder.tried[near]))
    return communities(graph, RESOLUTIONS[place], seed=seed)


def _finest_place(ladder: "_Ladder", closest: Indices) -> int:
    """Returns the last place up to which no step parts too many of the closest: in strides, then one by one."""
    few = few_groups(len(closest))

    def together(place: int) -> float:
        labels = ladder.tried[place]
        return float((labels[closest] == labels[:, None]).mean()) if closest.size else 0.0

    def may_follow(place: int, before: int) -> bool:
        if ladder.tried[place].max() >= MOST:
            return False
        share = TOGETHER_IF_FEW if ladder.tried[before].max() + 1 < few else TOGETHER
        return together(place) >= share * together(0)

    far, strides = 0, range(0, len(RESOLUTIONS), STRIDE)
    for step, place in enumerate(strides):
        if step % AT_ONCE == 0:
            ladder.climb(strides[step : step + AT_ONCE])
        if not may_follow(place, far):
            break
        far = place
    near = range(max(far - STRIDE + 1, 0), min(far + STRIDE, len(RESOLUTIONS)))
    ladder.climb(near)
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
    suggest: groups that were one before are joined again, so that only ideas and new groups come between them.
    """
    finest = FINER * len(np.unique(earlier[earlier >= 0]))
    ladder = _Ladder(graph, seed, progress)
    for place in range(0, len(RESOLUTIONS), AT_ONCE):
        ladder.climb(range(place, place + AT_ONCE))
        if ladder.tried[place].max() >= finest:
            break
    place = max(ladder.tried, key=lambda place: (_likeness(earlier, ladder.tried[place]), -place))
    return _rejoined(communities(graph, RESOLUTIONS[place], seed=seed), earlier)


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


class _Ladder:
    """Quick partitions at the RESOLUTIONS, made when they are asked for, AT_ONCE side by side."""

    def __init__(self, graph: sparse.csr_array, seed: int, progress: Callable[[float], None]) -> None:
        self.tried: dict[int, Labels] = {}
        self._graph, self._seed, self._progress = graph, seed, progress

    def climb(self, places: Iterable[int]) -> None:
        """Makes the partitions at some places of RESOLUTIONS, but for those that are there."""
        missing = sorted(set(places) - self.tried.keys())
        with ThreadPoolExecutor(AT_ONCE) as pool:
            self.tried |= zip(missing, pool.map(self._quick, missing), strict=True)
        self._progress(0.9 * len(self.tried) / len(RESOLUTIONS))

    def _quick(self, place: int) -> Labels:
        return communities(self._graph, RESOLUTIONS[place], rounds=1, seed=self._seed)


def _likeness(earlier: Labels, labels: Labels) -> float:
    """Returns how alike two partitions are where the earlier one is known: the adjusted Rand index."""
    from sklearn.metrics import adjusted_rand_score

    known = earlier >= 0
    return float(adjusted_rand_score(earlier[known], labels[known]))
