"""Decides which texts are outliers and which are ambiguous: the groups are communities of the graph, less those.

The rules are in `leave_over`, their thresholds above it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from clustering.arrays import LEFT, Bools, Floats, Labels, Scores, Vectors
from clustering.grouping.agglomeration import MAX_TEXTS, agglomerate
from clustering.grouping.constraints import strengthen_known_links
from clustering.grouping.division import divide
from clustering.grouping.graph import TextGraph, link_texts
from clustering.grouping.leiden import communities_like, finest_communities, largest_first
from clustering.vectors.neighbors import Neighbours

LINKING = 0.6  # share of the time that linking takes, for progress
NEAREST = 10  # nearest neighbours whose mean cosine measures how isolated a text is
OUTLIER_DEVIATIONS = 2.2  # median deviations below the usual mean cosine from which a text is isolated
MIN_TIED_SHARE = 0.85  # share of its links to one group from which an isolated text belongs to it all the same
MIN_OWN_SHARE = 0.5  # share of its links from which a text belongs to its group, whatever its rivals
RIVAL_SHARE = 0.85  # of the links to its own group: a second group with so many is a rival


@dataclass(frozen=True)
class Grouping:
    """What `group` found among n texts.

    `labels`: (n,) in 0..k-1, the largest group first, or LEFT; `ambiguous`: (n,) bool, left over because a second group
    is about as near as the first; `space`, `links`, `near`: see TextGraph; `parts`: (n,) the part of its group that
    each text is in, None where it is not known yet.
    """

    labels: Labels
    ambiguous: Bools
    space: Vectors
    links: sparse.csr_array
    near: Neighbours
    parts: Labels | None = None


def smallest_group(n: int) -> int:
    """Returns how many ideas make a theme among n: three in a small campaign, five in a large one."""
    return 3 if n <= MAX_TEXTS else 5


def group(
    vectors: Vectors,
    texts: Sequence[str],
    *,
    earlier: Labels | None = None,
    placed: Labels | None = None,
    kept: bool = False,
    seed: int = 0,
    progress: Callable[[float], None] = lambda _: None,
) -> Grouping:
    """Groups n distinct texts by their (n, d) float32 vectors. Same input and seed, same groups.

    Up to agglomeration.MAX_TEXTS by average linkage; beyond, communities of the graph of links (Leiden) are the groups,
    less what `leave_over` takes out. `earlier`, `placed`: (n,) the theme that a text was in, and the one that a person
    put it in, below 0 where there is none: what was together is more likely to stay so. `kept`: as fine as the earlier
    ones, however many the ideas themselves suggest.
    """
    graph = link_texts(vectors, texts, seed=seed, progress=lambda done: progress(LINKING * done))
    if not graph.links.nnz:
        nothing = np.zeros(len(vectors), dtype=np.bool_)
        labels = np.full(len(vectors), LEFT, dtype=np.intp)
        return Grouping(labels, nothing, graph.space, graph.links, graph.near)
    if len(vectors) <= MAX_TEXTS:
        few = agglomerate(
            graph.meaning, graph.words, smallest=smallest_group(len(vectors)), earlier=earlier, placed=placed, kept=kept
        )
        return Grouping(few.labels, few.ambiguous, graph.space, graph.links, graph.near, few.parts)
    known = strengthen_known_links(graph.links, earlier, placed, kept=kept)

    def report(done: float) -> None:
        progress(LINKING + (1 - LINKING) * done)

    if kept and earlier is not None:
        labels = communities_like(known, earlier, seed=seed, progress=report)
    else:
        labels = finest_communities(known, graph.closest, earlier=earlier, seed=seed, progress=report)
        smallest = smallest_group(len(vectors))
        labels = divide(known, labels, graph.meaning, smallest=smallest, earlier=earlier, seed=seed)
    return leave_over(labels, graph)


def leave_over(labels: Labels, graph: TextGraph) -> Grouping:
    """Takes outliers and ambiguous texts out of the communities `labels` (n,), then the groups that are too small.

    An outlier is isolated, with links to several groups. An ambiguous text has nearly as many links to another group as
    to its own, and most of them to neither.
    """
    own, other = link_shares(graph.links, labels)
    ambiguous = (own < MIN_OWN_SHARE) & has_rival(own, other)
    outlier = is_outlier(find_isolated(graph.near), own)
    kept = np.where(ambiguous | outlier, LEFT, labels)
    sizes = np.bincount(kept[kept >= 0], minlength=int(labels.max(initial=0)) + 1)
    kept[(kept >= 0) & (sizes[kept] < smallest_group(len(labels)))] = LEFT
    return Grouping(largest_first(kept), ambiguous & (kept == LEFT), graph.space, graph.links, graph.near)


def has_rival(own: Floats, other: Floats) -> Bools:
    """Returns where a text has nearly as many links to another group (`other`, a share) as to its own (`own`)."""
    return (other >= RIVAL_SHARE * own) & (other > 0)


def is_outlier(isolated: Bools, own: Floats) -> Bools:
    """Returns where a text is isolated and not tied to its group. `own`: the share of its links to that group."""
    return isolated & (own < MIN_TIED_SHARE)


def find_isolated(near: Neighbours) -> Bools:
    """Returns (n,) bool: which texts are far from their NEAREST neighbours, compared with other texts."""
    means = near.cosines[:, :NEAREST].mean(axis=1)
    result: Bools = means < isolation_threshold(means)
    return result


def isolation_threshold(means: Scores) -> float:
    """Returns the mean cosine with its NEAREST below which a text is isolated: by median and median deviation.

    `means`: (n,) float32, that mean cosine for the texts of a campaign, or for a sample of them.
    """
    usual = np.median(means)
    threshold: float = usual - OUTLIER_DEVIATIONS * np.median(np.abs(means - usual))
    return threshold


def link_shares(links: sparse.csr_array, labels: Labels) -> tuple[Floats, Floats]:
    """Returns the share of each text's links that go to its own group, and to the other group that has most: (n,)."""
    n, count = len(labels), int(labels.max(initial=-1)) + 1
    inside = np.flatnonzero(labels >= 0)
    members = sparse.csr_array((np.ones(len(inside)), (inside, labels[inside])), shape=(n, max(count, 1)))
    to_groups = (links @ members).tocsr()
    total = np.maximum(links.sum(axis=1), 1e-12)
    rows = np.repeat(np.arange(n), np.diff(to_groups.indptr))
    is_own = to_groups.indices == labels[rows]
    own, other = np.zeros(n), np.zeros(n)
    own[rows[is_own]] = to_groups.data[is_own]
    np.maximum.at(other, rows[~is_own], to_groups.data[~is_own])
    return own / total, other / total
