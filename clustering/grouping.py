"""From vectors to groups: diffusion over the graph of neighbours, then density, then a second look at what is left."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from clustering.graph import centred, diffuse, mutual_graph, nearest_neighbours, unit_rows

Vectors = NDArray[np.float32]
Labels = NDArray[np.intp]

SMALL = 30  # ideas up to which a campaign is small
NEIGHBOURS = 15
STEPS = 8
DIMENSIONS = 32
WORDS_WEIGHT = 0.6  # of the spelling beside the meaning: helps short texts and typing mistakes
WORDS_DIMENSIONS = 150
WORDS_SAMPLE = 6000  # rows that the spelling's axes are learnt from
WORDS_FEATURES = 30_000
LEFT = -1  # the label of an idea in no group
BELONGS = 0.5  # strength from which an idea belongs to a theme: weaker members are let go, stronger leftovers join
RIVAL = 0.9  # a second theme from this share of the first one's strength keeps a leftover from joining
NEAR = 0.25  # strength from which a theme counts as near
BETWEEN = 0.75  # a second theme from this share of the first one's strength puts an idea between the two


@dataclass(frozen=True)
class Grouping:
    """What `group` found: `labels` (n,) in 0..k-1 or LEFT; `space` (n, d) float32 unit rows that it was measured in."""

    labels: Labels
    space: Vectors


def smallest_group(n: int) -> int:
    """How many ideas make a theme among n: three in a small campaign, then five, then a quarter of the root."""
    if n < SMALL:
        return 3
    return max(4 if n < 2 * SMALL else 5, round(sqrt(n) / 4))


def group(
    vectors: Vectors, texts: Sequence[str], *, seed: int = 0, progress: Callable[[float], None] = lambda _: None
) -> Grouping:
    """Groups n distinct texts by their (n, d) float32 vectors. Same input and seed, same groups.

    Centred meaning and spelling side by side, exact nearest neighbours kept where mutual, diffusion, PCA, and HDBSCAN
    (Campello et al. 2013) with excess of mass.
    """
    space = fuse(vectors, texts, seed=seed)
    progress(0.3)
    n = len(space)
    if n < 2 * smallest_group(n):
        return Grouping(np.full(n, LEFT, dtype=np.intp), space)
    k = min(NEIGHBOURS, max(3, round(sqrt(n))), n - 1)
    graph = mutual_graph(*nearest_neighbours(space, k))
    progress(0.6)
    points = principal_axes(diffuse(space, graph, STEPS), DIMENSIONS)
    progress(0.7)
    return Grouping(_dense(points, smallest_group(n)), space)


def fuse(vectors: Vectors, texts: Sequence[str], *, seed: int = 0) -> Vectors:
    """Returns (n, d + w) float32 unit rows: the centred meaning, and beside it the spelling."""
    return unit_rows(np.hstack([unit_rows(centred(vectors)), WORDS_WEIGHT * _spelling(texts, seed)]))


def _spelling(texts: Sequence[str], seed: int) -> Vectors:
    """Latent semantic analysis of character 3- to 5-grams: (n, w) float32 unit rows, w = 0 when there is too little."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.utils.extmath import randomized_svd

    nothing = np.zeros((len(texts), 0), dtype=np.float32)
    vectorizer = TfidfVectorizer(
        analyzer="char_wb",
        ngram_range=(3, 5),
        min_df=2,
        max_features=WORDS_FEATURES,
        sublinear_tf=True,
        dtype=np.float32,
    )
    try:
        counts = vectorizer.fit_transform([text[:1000] for text in texts])
    except ValueError:  # no sequence of letters appears twice
        return nothing
    width = min(WORDS_DIMENSIONS, counts.shape[1] - 1, counts.shape[0] - 1)
    if width <= 1:
        return nothing
    sample = np.random.default_rng(seed).permutation(len(texts))[:WORDS_SAMPLE]
    _, _, axes = randomized_svd(counts[np.sort(sample)], width, n_iter=3, random_state=seed)
    return unit_rows((counts @ axes.T).astype(np.float32))


def principal_axes(vectors: Vectors, dimensions: int) -> NDArray[np.float64]:
    """Returns the (n, dimensions) coordinates on the main axes, by the eigenvectors of the covariance."""
    around = centred(vectors).astype(np.float64)
    _, axes = np.linalg.eigh(around.T @ around)
    coordinates: NDArray[np.float64] = around @ axes[:, ::-1][:, :dimensions]
    return coordinates


def _dense(points: NDArray[np.float64], smallest: int) -> Labels:
    from hdbscan import HDBSCAN

    model = HDBSCAN(min_cluster_size=smallest, min_samples=min(3, smallest), core_dist_n_jobs=1)
    return np.asarray(model.fit_predict(points), dtype=np.intp)


def centroids(space: Vectors, labels: Labels, count: int) -> Vectors:
    """Returns (count, d) float32 unit rows: the mean direction of each group; zeros for a group without ideas."""
    members = labels >= 0
    sums = np.zeros((count, space.shape[1]), dtype=np.float32)
    np.add.at(sums, labels[members], space[members])
    return unit_rows(sums)


def strengths(space: Vectors, labels: Labels, count: int) -> Vectors:
    """Returns (n, count) float32 in 0..1: how far each idea belongs to each group.

    0 is the cosine that ideas outside have with the group's centre on the average, 1 what its upper tenth has.
    """
    cosines = space @ centroids(space, labels, count).T
    result = np.zeros_like(cosines)
    for theme in range(count):
        inside = labels == theme
        if not inside.any():
            continue
        outside = cosines[~inside, theme]
        floor = max(0.0, float(outside.mean())) if outside.size else 0.0
        top = float(np.quantile(cosines[inside, theme], 0.9))
        result[:, theme] = np.clip((cosines[:, theme] - floor) / max(top - floor, 1e-6), 0.0, 1.0)
    return result


def settle(labels: Labels, strength: Vectors) -> Labels:
    """Lets go of members that hardly belong, and lets leftovers join the one group that they clearly belong to.

    `labels`: (n,); `strength`: (n, count) in 0..1. Returns new labels.
    """
    result = labels.copy()
    if not strength.shape[1]:
        return result
    rows = np.arange(len(labels))
    weak = (labels != LEFT) & (strength[rows, labels] < BELONGS)
    first, second = _two_best(strength)
    joins = (labels == LEFT) & (first >= BELONGS) & (second < RIVAL * first)
    result[weak] = LEFT
    result[joins] = strength[joins].argmax(axis=1)
    return result


def is_between(strength: Vectors) -> NDArray[np.bool_]:
    """Tells for each row of (n, count) strengths whether two groups are near, neither of them clearly nearer."""
    first, second = _two_best(strength)
    near: NDArray[np.bool_] = (second >= NEAR) & (second >= BETWEEN * first)
    return near


def _two_best(strength: Vectors) -> tuple[Vectors, Vectors]:
    """Returns the largest and the second largest of each row; 0 where there is none."""
    padded = np.pad(strength, ((0, 0), (2, 0)))
    best = np.partition(padded, (-2, -1), axis=1)
    return best[:, -1], best[:, -2]
