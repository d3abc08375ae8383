"""Makes the hierarchy: groups are split into finer ones, and both are merged two by two up to the whole."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy import sparse

from clustering.arrays import Floats, Labels, Vectors, normalize_rows, rows_by_label
from clustering.grouping.agglomeration import number_parts
from clustering.grouping.graph import principal_components
from clustering.grouping.strengths import centroids
from clustering.types import DIGITS

DIFFUSION_STEPS = 3  # among the members of a group
DIMENSIONS = 16  # in which their density is measured
MIN_PARTS = 3  # times the smallest part: a smaller group is not split
NEVER = -1.0  # the closeness of two groups that may not merge
PART_SCALE = 1.4  # times the root of a group's size: how many ideas make a part of it


@dataclass(frozen=True, slots=True)
class Branch:
    """A node as granularity.cut takes it."""

    parent: int | None


@dataclass(frozen=True)
class Tree:
    """The hierarchy of n texts, from the finest groups (leaves) to the whole campaign.

    `leaf_of`: (n,) the leaf of each text, below 0 for one left over; `group_node`: for each group its node. For each
    node, leaves first, parts before the whole that they make: `parents`, None at the top; `heights`, see types.Node.
    """

    leaf_of: Labels
    group_node: list[int]
    parents: list[int | None]
    heights: list[float]

    def nodes(self) -> list["Branch"]:
        """Returns the nodes as granularity.cut takes them."""
        return [Branch(parent) for parent in self.parents]


def build_tree(
    graph: sparse.csr_array, space: Vectors, labels: Labels, *, smallest: int, parts: Labels | None = None
) -> Tree:
    """Returns the hierarchy above and below the groups `labels` (n,), which are 0..k-1 or below 0 for left over.

    `graph`: (n, n) the links that the groups were found in; `space`: (n, d) unit rows; `smallest`: texts of a leaf, at
    least. `parts`: (n,) the part of its group that each text is in, where they are known.
    """
    leaf_of = _leaves(graph, space, labels, smallest) if parts is None else number_parts(labels, parts)
    count = int(leaf_of.max(initial=-1)) + 1
    group_of = np.zeros(count, dtype=np.intp)
    group_of[leaf_of[leaf_of >= 0]] = labels[leaf_of >= 0]
    merges = merge_order(group_links(graph, leaf_of, count), group_of.tolist())
    parents: list[int | None] = [None] * (count + len(merges))
    heights = [0.0] * count + [height for _, _, height in merges]
    of_node = [*group_of.tolist(), *([-1] * len(merges))]
    for place, (one, other, _) in enumerate(merges):
        parents[one] = parents[other] = count + place
        of_node[count + place] = of_node[one] if of_node[one] == of_node[other] else -1
    group_node = [0] * (int(labels.max(initial=-1)) + 1)
    for node, group in enumerate(of_node):
        if group >= 0:
            group_node[group] = node  # the last one is the whole of it
    return Tree(leaf_of, group_node, parents, heights)


def _leaves(graph: sparse.csr_array, space: Vectors, labels: Labels, smallest: int) -> Labels:
    """Splits each group by itself; returns (n,) the part of each text, those of the first group numbered first."""
    groups = rows_by_label(labels, int(labels.max(initial=-1)) + 1)

    def part(rows: Labels) -> Labels:
        return dense_parts(graph[rows][:, rows], space[rows], smallest)

    leaf_of = np.full(len(labels), -1, dtype=np.intp)
    count = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for rows, parts in zip(groups, pool.map(part, groups), strict=True):
            leaf_of[rows] = count + parts
            count += int(parts.max(initial=-1)) + 1
    return leaf_of


def dense_parts(graph: sparse.csr_array, space: Vectors, smallest: int) -> Labels:
    """Returns (n,) labels 0..k-1 of the parts that a group falls into; all 0 where it is one whole.

    HDBSCAN (Campello et al. 2013) finds the dense cores, after diffusion has drawn members towards their neighbours
    (Coifman and Lafon 2006). The other members join the core nearest to them.
    """
    least = max(smallest, round(PART_SCALE * sqrt(len(space))))
    if len(space) < MIN_PARTS * least:
        return np.zeros(len(space), dtype=np.intp)
    from hdbscan import HDBSCAN

    points = principal_components(diffuse(space, graph), DIMENSIONS).astype(np.float64)
    model = HDBSCAN(min_cluster_size=least, min_samples=2, core_dist_n_jobs=1)
    cores = np.asarray(model.fit_predict(np.round(points, DIGITS)), dtype=np.intp)
    count = int(cores.max(initial=-1)) + 1
    if count < 2:  # noqa: PLR2004 - parts
        return np.zeros(len(space), dtype=np.intp)
    nearest = (space @ centroids(space, cores, count).T).argmax(axis=1)
    return np.where(cores < 0, nearest, cores)


def diffuse(space: Vectors, graph: sparse.csr_array) -> Vectors:
    """Returns (n, d) unit rows after DIFFUSION_STEPS of the random walk on the graph, which each row may also stay out.

    A row's weight for itself is that of the strongest link.
    """
    stay = max(float(graph.max()), 1.0) if graph.nnz else 1.0
    walk = graph + stay * sparse.eye_array(graph.shape[0], format="csr")
    walk = (sparse.diags_array(1.0 / walk.sum(axis=1)) @ walk).tocsr().astype(np.float32)
    for _ in range(DIFFUSION_STEPS):
        space = walk @ space
    return normalize_rows(space)


def merge_order(weights: Floats, group_of: Sequence[int] | None = None) -> list[tuple[int, int, float]]:
    """Merges k groups two by two until one is left, those with most links for their sizes first.

    `weights`: (k, k) symmetric sums of links, those inside on the diagonal. Returns (one, other, height): numbers below
    k are groups, k + i is what the i-th merge made. Heights never fall. Modularity-based agglomeration (Bonald et al.
    2018, arXiv:1806.01664). `group_of`: larger groups that are completed first, each by itself.
    """
    count = len(weights)
    links = weights.astype(np.float64).copy()
    volume = np.maximum(links.sum(axis=1), 1e-12)
    total = max(float(volume.sum()), 1e-12)
    alive, number = np.ones(count, dtype=np.bool_), list(range(count))
    merges: list[tuple[int, int, float]] = []
    height = 0.0
    anywhere = np.zeros(count, dtype=np.intp)
    for whole in (anywhere if group_of is None else np.asarray(group_of), anywhere):
        allowed = (whole[:, None] == whole[None, :]) & alive[:, None] & alive[None, :]
        np.fill_diagonal(allowed, False)
        pairs = _Pairs(np.where(allowed, links / np.outer(volume, volume), NEVER))
        while (pair := pairs.closest()) is not None:
            one, other, near = pair
            height = max(height, 1.0 / (1.0 + near * total))
            merges.append((number[one], number[other], height))
            number[one] = count + len(merges) - 1
            links[one] += links[other]
            links[:, one] += links[:, other]
            volume[one] += volume[other]
            alive[other] = False
            beside = alive & (whole == whole[one])
            beside[one] = False
            pairs.merge(one, other, np.where(beside, links[one] / (volume[one] * volume), NEVER))
    return merges


class _Pairs:
    """The closest pair among k groups, while they merge. `closeness`: (k, k) symmetric, NEVER where none may be."""

    def __init__(self, closeness: Floats) -> None:
        self._closeness = closeness
        self._partner = closeness.argmax(axis=1) if len(closeness) else np.zeros(0, dtype=np.intp)
        self._best = closeness.max(axis=1, initial=NEVER)

    def closest(self) -> tuple[int, int, float] | None:
        """Returns the pair, the lower number first, and how close it is; of pairs as close, the first."""
        if self._best.max(initial=NEVER) == NEVER:
            return None
        one = int(self._best.argmax())
        return one, int(self._partner[one]), float(self._best[one])

    def merge(self, one: int, other: int, closeness: Floats) -> None:
        """Takes `other` away; `closeness`: (k,) of `one` to each group from now on."""
        self._closeness[other] = self._closeness[:, other] = NEVER
        self._closeness[one] = self._closeness[:, one] = closeness
        nearer = (closeness > self._best) | ((closeness == self._best) & (one < self._partner))
        lost = ~nearer & ((self._partner == one) | (self._partner == other))
        self._partner[nearer], self._best[nearer] = one, closeness[nearer]
        lost[[one, other]] = True
        for row in np.flatnonzero(lost).tolist():
            self._partner[row] = self._closeness[row].argmax()
            self._best[row] = self._closeness[row, self._partner[row]]


def group_links(graph: sparse.csr_array, labels: Labels, count: int) -> Floats:
    """Returns (count, count): the sums of links between groups; rows labelled below 0 are left out."""
    inside = np.flatnonzero(labels >= 0)
    belongs = sparse.csr_array((np.ones(len(inside)), (inside, labels[inside])), shape=(len(labels), count))
    return np.asarray((belongs.T @ graph @ belongs).todense())
