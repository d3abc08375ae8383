"""The graph of neighbours: each text is linked to those that mean the same and to those that use the same words.

A run builds the whole graph here; clustering.tracking.incremental measures the links of one more text with the same
functions and constants.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from clustering.arrays import Floats, Indices, Vectors, normalize_rows
from clustering.text.lexical import lsa, tfidf
from clustering.types import DIGITS
from clustering.vectors.neighbors import Neighbours, centred, cosines_with, nearest_neighbours

CANDIDATES = 40  # neighbours found for each text, among which each measure chooses its own
NEIGHBOURS = 15  # by meaning, and by meaning and words
NEIGHBOURS_BY_WORDS = 10
CLOSEST = 3  # neighbours that fine groups should not be parted from
DIMENSIONS = 128  # in which neighbours are looked for
WORDS_WEIGHT = 0.6  # of the words beside the meaning: helps short texts
BLOCK = 4096  # rows measured at once


@dataclass(frozen=True)
class TextGraph:
    """n texts and their links.

    `space`: (n, d) float32 unit rows, the principal components of meaning and words; `links`: (n, n) float64, symmetric
    and without loops, indices sorted, the larger the closer; `closest`: (n, CLOSEST) int32, the rows nearest by meaning
    (fewer columns when there are few texts); `near`: the NEIGHBOURS by meaning and words, nearest first; `meaning`:
    (n, d) float32 unit rows, centred; `words`: (n, w) TF-IDF.
    """

    space: Vectors
    links: sparse.csr_array
    closest: Indices
    near: Neighbours
    meaning: Vectors
    words: sparse.csr_array


def link_texts(
    vectors: Vectors, texts: Sequence[str], *, seed: int = 0, progress: Callable[[float], None] = lambda _: None
) -> TextGraph:
    """Returns the graph of n distinct texts. `vectors`: (n, d) float32. At most 2·CLOSEST texts get no links.

    The sum of three k-NN graphs: by meaning (cosine of the centred vectors), by shared words (TF-IDF), by both.
    """
    n = len(vectors)
    meaning = normalize_rows(centred(vectors), copy=False)
    counts = tfidf(texts)
    features = join_features(meaning, lsa(counts, seed=seed))
    space = reduce_dimensions(features)
    if n <= 2 * CLOSEST:
        nobody = np.zeros((n, 0), dtype=np.int32)
        near = Neighbours(nobody, np.zeros((n, 0), dtype=np.float32))
        return TextGraph(space, sparse.csr_array((n, n)), nobody, near, meaning, counts)
    progress(0.25)
    rows = nearest_neighbours(space, min(CANDIDATES, n - 1), seed=seed)
    progress(0.8)
    by_meaning = Neighbours(rows, cosines_with(meaning, rows))
    by_both = Neighbours(rows, cosines_with(features, rows)).nearest(NEIGHBOURS)
    by_words = Neighbours(rows, shared_words(counts, rows)).nearest(NEIGHBOURS_BY_WORDS)
    links = undirected(closeness(by_meaning.nearest(NEIGHBOURS)) + closeness(by_both) + directed(by_words))
    progress(1.0)
    return TextGraph(space, links, by_meaning.nearest(CLOSEST).rows, by_both, meaning, counts)


def join_features(meaning: Vectors, words: Vectors) -> Vectors:
    """Returns (n, d + w) float32 unit rows: (n, d) meaning beside (n, w) words, these WORDS_WEIGHT times as long."""
    return normalize_rows(np.hstack([meaning, WORDS_WEIGHT * words]), copy=False)


def reduce_dimensions(features: Vectors) -> Vectors:
    """Returns (n, DIMENSIONS) float32 unit rows, enough to find who may be near; narrower features as they are."""
    if features.shape[1] <= DIMENSIONS:
        return features
    return normalize_rows(principal_components(features, DIMENSIONS))


def principal_components(vectors: Vectors, count: int) -> Vectors:
    """Returns the (n, count) float32 coordinates on the first principal components (Pearson 1901).

    By the eigenvectors of the (d, d) covariance: exact, without randomness, in one pass over the rows.
    """
    mean = vectors.mean(axis=0)
    covariance = (vectors.T @ vectors).astype(np.float64) - len(vectors) * np.outer(mean, mean)
    _, axes = np.linalg.eigh(covariance)
    main = axes[:, ::-1][:, :count].astype(np.float32)
    coordinates: Vectors = vectors @ main - mean @ main
    return coordinates


def shared_words(counts: sparse.csr_array, rows: Indices) -> Vectors:
    """Returns (n, k) float32: the cosine of each of (n, words) sparse unit rows with those named by (n, k) `rows`.

    Rounded, as cosines_with does.
    """
    result = np.empty(rows.shape, dtype=np.float32)
    width = rows.shape[1]
    for start in range(0, len(rows), BLOCK):
        part = rows[start : start + BLOCK]
        own = counts[np.repeat(np.arange(start, start + len(part)), width)]
        result[start : start + len(part)] = own.multiply(counts[part.ravel()]).sum(axis=1).reshape(part.shape)
    return np.round(result, DIGITS)


def closeness(near: Neighbours) -> sparse.csr_array:
    """Returns the (n, n) float64 graph of each row's `nearness` to its neighbours, in 0..1."""
    return directed(Neighbours(near.rows, nearness(near.cosines, near.cosines).astype(np.float32)))


def nearness(cosines: Vectors, neighbours: Vectors) -> Floats:
    """Returns (n, j) float64 in 0..1: 1 as near as the nearest neighbour, less further away, 0 for no cosine above 0.

    `cosines`: (n, j) of each row with some others; `neighbours`: (n, k) of it with its own neighbours, in any
    order; with k = 0 whatever is near counts 1. Distances are measured beyond the nearest neighbour and in units of the
    neighbours' mean, as UMAP does (McInnes et al. 2018): ideas in dense and in sparse regions then weigh the same.
    """
    if not neighbours.shape[1]:
        return np.ones(cosines.shape)
    nearest = neighbours.max(axis=1, keepdims=True).astype(np.float64)
    usual = np.maximum((nearest - neighbours).mean(axis=1, keepdims=True), 1e-6)
    weights: Floats = np.exp(-np.maximum(nearest - cosines, 0.0) / usual) * (cosines > 0)
    return weights


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
