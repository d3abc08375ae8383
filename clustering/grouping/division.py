"""Divides groups of many texts that are no more alike than groups found by chance: no one name would hold for them."""

import numpy as np
from scipy import sparse

from clustering.arrays import Labels, Vectors, normalize_rows, rows_by_label
from clustering.grouping.leiden import communities, largest_first
from clustering.grouping.strengths import centroids, mean_cosine

SAMPLE = 2000  # vectors drawn
ROUNDS = 10  # of k-means
QUANTILE = 0.95  # of groups found by chance: the usual level of significance


def divide(graph: sparse.csr_array, labels: Labels, meaning: Vectors, *, smallest: int, seed: int = 0) -> Labels:
    """Divides groups that are no more alike than by chance; returns (n,) labels, the largest group first.

    A group is divided into communities of the links inside it, and these again, but for groups of fewer than twice the
    `smallest` texts and those that are one community. `labels`: (n,) 0..k-1; `meaning`: (n, d) float32 unit rows,
    centred.
    """
    result, count = labels.copy(), int(labels.max(initial=-1)) + 1
    enough, groups = cohesion_found_by_chance(meaning, count, seed=seed), rows_by_label(labels, count)
    while groups:
        rows = groups.pop()
        if len(rows) < 2 * smallest or mean_cosine(meaning[rows]) >= enough:
            continue
        parts = communities(graph[rows][:, rows].sorted_indices(), 1.0, seed=seed)
        found = rows_by_label(parts, int(parts.max()) + 1)
        if len(found) > 1:
            for part in found[1:]:
                result[rows[part]], count = count, count + 1
            groups += [rows[part] for part in found]
    return largest_first(result)


def cohesion_found_by_chance(meaning: Vectors, count: int, *, seed: int = 0) -> float:
    """Returns the mean cosine in a group that 95 % of `count` groups found by chance stay under.

    They are found by k-means (spherical, Dhillon and Modha 2001) among SAMPLE normal vectors with the covariance of the
    texts, which have no groups: the null hypothesis of Liu et al. 2008 (SigClust), with as many groups, as in the gap
    statistic (Tibshirani et al. 2001). `meaning`: (n, d) float32 unit rows, centred.
    """
    scale, axes = np.linalg.eigh((meaning.T @ meaning).astype(np.float64) / len(meaning))
    rng = np.random.default_rng(seed)
    drawn = rng.standard_normal((SAMPLE, len(scale))) * np.sqrt(np.maximum(scale, 0.0)) @ axes.T
    drawn = normalize_rows((drawn - drawn.mean(axis=0)).astype(np.float32))
    centres = drawn[:count]
    for _ in range(ROUNDS):
        labels = (drawn @ centres.T).argmax(axis=1)
        centres = centroids(drawn, labels, count)
    found = [mean_cosine(drawn[rows]) for rows in rows_by_label(labels, count) if len(rows) > 1]
    return float(np.quantile(found, QUANTILE))
