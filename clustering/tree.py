"""Makes the hierarchy: groups are parted into finer ones, and both are merged two by two up to the whole."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from clustering.community import communities

Labels = NDArray[np.intp]
Floats = NDArray[np.float64]

FINER = 4.0  # how many times the resolution of the groups, for the parts that they fall into


@dataclass(frozen=True, slots=True)
class Place:
    """A node, by its parent alone."""

    parent: int | None


@dataclass(frozen=True)
class Tree:
    """`leaf_of`: (n,) the finest group of each voice, below 0 for one left over; `group_node`: for each group its node.

    `parents`, `heights`: for each node, leaves first, each parent after its parts, None at the top. See types.Node.
    """

    leaf_of: Labels
    group_node: list[int]
    parents: list[int | None]
    heights: list[float]

    def placed(self) -> list["Place"]:
        """Returns the nodes as hierarchy.cut takes them."""
        return [Place(parent) for parent in self.parents]

    def leaves_under(self) -> list[list[int]]:
        """Returns the leaves of each node."""
        count = int(self.leaf_of.max(initial=-1)) + 1
        under = [[node] if node < count else [] for node in range(len(self.parents))]
        for node, parent in enumerate(self.parents):
            if parent is not None:
                under[parent] += under[node]
        return under


def build_tree(graph: sparse.csr_array, labels: Labels, resolution: float, *, smallest: int, seed: int = 0) -> Tree:
    """Returns the hierarchy above and below the groups `labels` (n,), which are 0..k-1 or below 0 for left over.

    `graph`: (n, n) the links that the groups were found in, at `resolution`. `smallest`: voices of a leaf, at least.
    """
    leaf_of = _leaves(graph, labels, resolution, smallest=smallest, seed=seed)
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


def _leaves(graph: sparse.csr_array, labels: Labels, resolution: float, *, smallest: int, seed: int) -> Labels:
    """Parts each group by itself; what is too small joins the part of its group that it has most links to."""
    links = graph.tocoo()
    inside = (labels[links.row] == labels[links.col]) & (labels[links.row] >= 0)
    within = sparse.csr_array((links.data[inside], (links.row[inside], links.col[inside])), shape=graph.shape)
    within.sort_indices()
    parts = communities(within, resolution * FINER, seed=seed)
    parts[labels < 0] = -1
    pairs, leaf_of = np.unique(np.column_stack([labels, parts]), axis=0, return_inverse=True)
    leaf_of = leaf_of.reshape(-1) - int((pairs[:, 0] < 0).any())  # those left over come first
    group_of = pairs[pairs[:, 0] >= 0, 0]
    return _join_small(group_links(graph, leaf_of, len(group_of)), leaf_of, group_of, smallest)


def _join_small(links: Floats, leaf_of: Labels, group_of: Labels, smallest: int) -> Labels:
    sizes = np.bincount(leaf_of[leaf_of >= 0], minlength=len(group_of))
    target = np.arange(len(group_of))
    for leaf in np.argsort(sizes, kind="stable"):
        others = np.flatnonzero((group_of == group_of[leaf]) & (target == np.arange(len(target))))
        others = others[others != leaf]
        if sizes[leaf] < smallest and len(others):
            best = others[np.lexsort((-sizes[others], -links[leaf, others]))[0]]
            target[target == leaf] = best
            links[best] += links[leaf]
            links[:, best] += links[:, leaf]
            sizes[best] += sizes[leaf]
    _, number = np.unique(target, return_inverse=True)
    return np.append(number.reshape(-1), -1)[leaf_of]  # -1, left over, picks the last


def merge_order(weights: Floats, group_of: Sequence[int] | None = None) -> list[tuple[int, int, float]]:
    """Merges k groups two by two until one is left, those with most links beside their sizes first.

    `weights`: (k, k) symmetric sums of links, those inside on the diagonal. Returns (one, other, height): numbers below
    k are groups, k + i is what the i-th merge made. Heights never fall. Modularity-based agglomeration (Bonald et al.
    2018, arXiv:1806.01664). `group_of`: larger groups that are completed first, each by itself.
    """
    count = len(weights)
    links = weights.astype(np.float64).copy()
    volume = np.maximum(links.sum(axis=1), 1e-12)
    total = max(float(volume.sum()), 1e-12)
    whole = np.zeros(count, dtype=np.intp) if group_of is None else np.asarray(group_of)
    alive, number = np.ones(count, dtype=np.bool_), list(range(count))
    merges: list[tuple[int, int, float]] = []
    height = 0.0
    for inside in (True, False):
        allowed = whole[:, None] == whole[None, :] if inside else np.ones((count, count), dtype=np.bool_)
        allowed &= alive[:, None] & alive[None, :]
        np.fill_diagonal(allowed, False)
        closeness = np.where(allowed, links / np.outer(volume, volume), -1.0)
        while allowed.any():
            one, other = divmod(int(closeness.argmax()), count)
            one, other = min(one, other), max(one, other)
            near = float(closeness[one, other]) * total
            height = max(height, 1.0 / (1.0 + near))
            merges.append((number[one], number[other], height))
            number[one] = count + len(merges) - 1
            links[one] += links[other]
            links[:, one] += links[:, other]
            volume[one] += volume[other]
            alive[other] = False
            allowed[other] = allowed[:, other] = False
            closeness[other] = closeness[:, other] = -1.0
            again = np.where(allowed[one], links[one] / (volume[one] * volume), -1.0)
            closeness[one] = closeness[:, one] = again
    return merges


def group_links(graph: sparse.csr_array, labels: Labels, count: int) -> Floats:
    """Returns (count, count): the sums of links between groups; rows labelled below 0 are left out."""
    inside = np.flatnonzero(labels >= 0)
    belongs = sparse.csr_array((np.ones(len(inside)), (inside, labels[inside])), shape=(len(labels), count))
    return np.asarray((belongs.T @ graph @ belongs).todense())
