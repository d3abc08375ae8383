"""From vectors to groups: communities in a graph of neighbours, less the ideas that stand alone or between."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from clustering.arrays import Bools, Floats, Indices, Ints, Labels, Vectors, normalize_rows
from clustering.grouping.leiden import communities_like, finest_communities, largest_first
from clustering.text.lexical import lsa, tfidf
from clustering.vectors.neighbors import (
    Neighbours,
    centred,
    closeness,
    cosines_with,
    directed,
    nearest_neighbours,
    shared_words,
    undirected,
)

LOOKED_AT = 40  # neighbours found for each idea, among which each measure chooses its own
NEIGHBOURS = 15  # by meaning, and by meaning and words
NEIGHBOURS_BY_WORDS = 10
CLOSEST = 3  # neighbours that fine groups should not be parted from
DIMENSIONS = 128  # in which neighbours are looked for
WORDS_WEIGHT = 0.6  # of the words beside the meaning: helps short texts
BELONGS = 0.5  # strength from which an idea may go to a theme that it isn't of
LEFT = -1  # the label of an idea in no group
OUTLIER_DEVIATIONS = 2.2  # deviations below the usual closeness from which an idea stands alone,
TIED = 0.85  # unless so much of its links goes to one group
CROWD = 10  # neighbours that closeness is the mean over
DIVIDED = 0.5  # share of its links from which an idea is in its group without doubt
BLOCK = 4096  # rows measured at once
STAYS = 1.5  # how many times stronger a link is between ideas that were in one theme;
STAYS_KEPT = 5.0  # so many where a person chose how fine the themes are;
HELD = 3.0  # and again so many where a person put both into it
RIVAL = 0.85  # share of the links to its own group from which a second one makes it stand between


@dataclass(frozen=True)
class Grouping:
    """What `group` found among n texts.

    `labels`: (n,) in 0..k-1, the largest group first, or LEFT; `ambiguous`: (n,) whether a text is left over because
    several groups share its links; `space`: (n, d) float32 unit rows, the main axes of meaning and words; `graph`:
    (n, n) the links; `near`: the neighbours, nearest first.
    """

    labels: Labels
    ambiguous: Bools
    space: Vectors
    graph: sparse.csr_array
    near: Neighbours


def smallest_group(n: int) -> int:
    """How many ideas make a theme among n: three in a small campaign, five in a large one."""
    return 3 if n < 200 else 4 if n < 1000 else 5  # noqa: PLR2004 - the rule itself


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

    Communities of the graph of links (Leiden) are the groups. An idea far from all others stands alone; one whose
    links go to two groups alike stands between. `earlier`, `placed`: (n,) the theme that a text was in, and the one
    that a person put it in, below 0 where there is none: what was together is more likely to stay so. `kept`: as fine
    as the earlier ones, however many the ideas themselves suggest.
    """
    links = _link(vectors, texts, seed, lambda done: progress(0.6 * done))
    if not links.graph.nnz:
        nothing = np.zeros(len(vectors), dtype=np.bool_)
        return Grouping(np.full(len(vectors), LEFT, dtype=np.intp), nothing, links.space, links.graph, links.near)
    known = _remember(links.graph, earlier, placed, STAYS_KEPT if kept else STAYS)

    def tell(done: float) -> None:
        progress(0.6 + 0.4 * done)

    if kept and earlier is not None:
        labels = communities_like(known, earlier, seed=seed, progress=tell)
    else:
        labels = finest_communities(known, links.closest, earlier=earlier, seed=seed, progress=tell)
    return _leave(labels, links)


@dataclass(frozen=True)
class _Links:
    """`closest`: (n, CLOSEST) the rows nearest to each by meaning; the rest as in Grouping."""

    space: Vectors
    graph: sparse.csr_array
    closest: Indices
    near: Neighbours


def _link(vectors: Vectors, texts: Sequence[str], seed: int, progress: Callable[[float], None]) -> _Links:
    """Links each text to those that mean the same, to those that use the same words, and to those that do both.

    A few texts have no links. What is large and no longer needed ends here.
    """
    n = len(vectors)
    meaning = normalize_rows(centred(vectors), copy=False)
    counts = tfidf(texts)
    words = lsa(counts, seed=seed)
    space = normalize_rows(np.hstack([meaning, WORDS_WEIGHT * words]), copy=False)
    short = shorten(space)
    if n <= 2 * CLOSEST:
        return _unlinked(short)
    progress(0.25)
    rows = nearest_neighbours(short, min(LOOKED_AT, n - 1), seed=seed)
    progress(0.8)
    by_meaning = Neighbours(rows, cosines_with(meaning, rows))
    by_both = Neighbours(rows, cosines_with(space, rows)).nearest(NEIGHBOURS)
    by_words = Neighbours(rows, shared_words(counts, rows)).nearest(NEIGHBOURS_BY_WORDS)
    graph = undirected(closeness(by_meaning.nearest(NEIGHBOURS)) + closeness(by_both) + directed(by_words))
    progress(1.0)
    return _Links(short, graph, by_meaning.nearest(CLOSEST).rows, by_both)


def _remember(graph: sparse.csr_array, earlier: Labels | None, placed: Labels | None, stays: float) -> sparse.csr_array:
    """Returns the graph with what is known of its links.

    They are stronger within an earlier theme, `stays` times, and where people put ideas together (must-link); where
    people put them apart there are none (cannot-link).
    """
    if earlier is None or placed is None or (earlier.max(initial=-1) < 0 and placed.max(initial=-1) < 0):
        return graph
    links = graph.tocoo()
    one, other = links.row, links.col
    weights = links.data * np.where((earlier[one] >= 0) & (earlier[one] == earlier[other]), stays, 1.0)
    by_hand = (placed[one] >= 0) & (placed[other] >= 0)
    weights *= np.where(by_hand, np.where(placed[one] == placed[other], HELD, 0.0), 1.0)
    return undirected(sparse.csr_array((weights / 2, (one, other)), shape=graph.shape))


def _unlinked(space: Vectors) -> _Links:
    n = len(space)
    nobody = np.zeros((n, 0), dtype=np.int32)
    return _Links(space, sparse.csr_array((n, n)), nobody, Neighbours(nobody, np.zeros((n, 0), dtype=np.float32)))


def shorten(space: Vectors) -> Vectors:
    """Returns (n, DIMENSIONS) float32 unit rows: the main axes, enough to find who may be near."""
    return normalize_rows(principal_axes(space, DIMENSIONS)) if space.shape[1] > DIMENSIONS else space


def principal_axes(vectors: Vectors, dimensions: int) -> Vectors:
    """Returns the (n, dimensions) float32 coordinates on the main axes, by the eigenvectors of the covariance."""
    mean = vectors.mean(axis=0)
    spread = (vectors.T @ vectors).astype(np.float64) - len(vectors) * np.outer(mean, mean)
    _, axes = np.linalg.eigh(spread)
    main = axes[:, ::-1][:, :dimensions].astype(np.float32)
    coordinates: Vectors = vectors @ main - mean @ main
    return coordinates


def _leave(labels: Labels, links: _Links) -> Grouping:
    """Leaves over the ideas that stand alone or between groups, and the groups that are then too small.

    Alone: far from all others, with links to several groups. Between: nearly as many links to another group as to its
    own, and most of them to neither.
    """
    own, other = link_shares(links.graph, labels)
    ambiguous = (own < DIVIDED) & (other >= RIVAL * own) & (other > 0)
    kept = np.where(ambiguous | (find_outliers(links.near) & (own < TIED)), LEFT, labels)
    sizes = np.bincount(kept[kept >= 0], minlength=int(labels.max(initial=0)) + 1)
    kept[(kept >= 0) & (sizes[kept] < smallest_group(len(labels)))] = LEFT
    return Grouping(largest_first(kept), ambiguous & (kept == LEFT), links.space, links.graph, links.near)


def find_outliers(near: Neighbours) -> Bools:
    """Returns (n,) bool: which texts are far from their neighbours, compared with the campaign's others.

    Their mean cosine with the nearest CROWD lies more than OUTLIER_DEVIATIONS median deviations below the median.
    """
    crowd = near.cosines[:, :CROWD].mean(axis=1)
    usual = np.median(crowd)
    result: Bools = crowd < usual - OUTLIER_DEVIATIONS * np.median(np.abs(crowd - usual))
    return result


def link_shares(graph: sparse.csr_array, labels: Labels) -> tuple[Floats, Floats]:
    """Returns the share of each text's links that go to its own group, and to the other group that has most: (n,)."""
    n, count = len(labels), int(labels.max(initial=-1)) + 1
    inside = np.flatnonzero(labels >= 0)
    belongs = sparse.csr_array((np.ones(len(inside)), (inside, labels[inside])), shape=(n, max(count, 1)))
    links = (graph @ belongs).tocsr()
    total = np.maximum(graph.sum(axis=1), 1e-12)
    rows = np.repeat(np.arange(n), np.diff(links.indptr))
    is_own = links.indices == labels[rows]
    own, other = np.zeros(n), np.zeros(n)
    own[rows[is_own]] = links.data[is_own]
    np.maximum.at(other, rows[~is_own], links.data[~is_own])
    return own / total, other / total


def centroids(space: Vectors, labels: Labels, count: int) -> Vectors:
    """Returns (count, d) float32 unit rows: the mean direction of each group; zeros for a group without ideas."""
    inside = np.flatnonzero(labels >= 0)
    belongs = sparse.csr_array(
        (np.ones(len(inside), dtype=np.float32), (labels[inside], inside)), shape=(count, len(labels))
    )
    return normalize_rows(np.asarray(belongs @ space, dtype=np.float32))


@dataclass(frozen=True)
class Strengths:
    """How far each of n ideas belongs to its group and to those it is nearest to.

    `own`: (n,) in 0..1, 0 for one left over; `nearest`: (n, m) groups, strongest first; `strength`: (n, m) theirs.
    """

    own: Vectors
    nearest: Ints
    strength: Vectors


def strengths(space: Vectors, labels: Labels, count: int, most: int) -> Strengths:
    """Measures how far ideas belong, in blocks; at most `most` groups for each.

    0 is the cosine that ideas outside have with the group's centre on the average, 1 what its upper tenth has.
    """
    n = len(space)
    centres = centroids(space, labels, count)
    floor, top = _scales(space, labels, centres)
    most = min(most, count)
    found = Strengths(np.zeros(n, np.float32), np.zeros((n, most), np.intp), np.zeros((n, most), np.float32))
    if not count:
        return found
    for start in range(0, n, BLOCK):
        part = slice(start, start + BLOCK)
        scaled = np.clip((space[part] @ centres.T - floor) / np.maximum(top - floor, 1e-6), 0.0, 1.0)
        best = np.argsort(-scaled, axis=1, kind="stable")[:, :most]
        found.nearest[part] = best
        found.strength[part] = np.take_along_axis(scaled, best, axis=1)
        own = np.maximum(labels[part], 0)
        found.own[part] = np.where(labels[part] >= 0, scaled[np.arange(len(scaled)), own], 0.0)
    return found


def _scales(space: Vectors, labels: Labels, centres: Vectors) -> tuple[Vectors, Vectors]:
    """Returns for each group the mean cosine of the ideas outside with its centre, and the upper tenth's inside."""
    n, count = len(space), len(centres)
    sums = centres @ space.sum(axis=0)
    floor, top = np.zeros(count, np.float32), np.ones(count, np.float32)
    order = np.argsort(labels, kind="stable")
    starts = np.searchsorted(labels[order], np.arange(count + 1))
    for group_ in range(count):
        inside = space[order[starts[group_] : starts[group_ + 1]]] @ centres[group_]
        if len(inside):
            top[group_] = np.quantile(inside, 0.9)
            floor[group_] = max(0.0, (sums[group_] - inside.sum()) / max(n - len(inside), 1))
    return floor, top
