"""Divides groups of many texts that are no more alike than groups found by chance: no one name would hold for them."""

import numpy as np
from scipy import sparse

from clustering.arrays import LEFT, Labels, Vectors, normalize_rows, rows_by_label
from clustering.grouping.leiden import MAX_GROUPS, communities, largest_first, rejoin_groups
from clustering.grouping.strengths import centroids, mean_cosine

MIN_SAMPLE, SAMPLE_OF_GROUP = 2000, 40  # vectors drawn: in all, and for each group
ROUNDS = 10  # of k-means
QUANTILE = 0.95  # of groups found by chance: the usual level of significance


def divide(
    graph: sparse.csr_array,
    labels: Labels,
    meaning: Vectors,
    *,
    smallest: int,
    earlier: Labels | None = None,
    seed: int = 0,
) -> Labels:
    """Divides groups that are no more alike than by chance; returns (n,) labels, the largest group first.

    A group is divided into communities of the links inside it, and these again, but for groups of fewer than twice the
    `smallest` texts and those that are one community; beyond MAX_GROUPS none is. `labels`: (n,) 0..k-1; `meaning`: (n,
    d) float32 unit rows, centred. `earlier`: (n,) the groups of an earlier run, below 0 where unknown. They decide
    where they are known: a group stays whole unless it holds most of two of them, and parts that were one are joined.
    """
    result, count = labels.copy(), int(labels.max(initial=-1)) + 1
    themes = np.full(len(labels), LEFT) if earlier is None else earlier
    sizes = np.bincount(themes[themes >= 0])
    enough, groups = cohesion_found_by_chance(meaning, count, seed=seed), rows_by_label(labels, count)
    while groups and count < MAX_GROUPS:
        rows = groups.pop(0)
        if len(rows) < 2 * smallest:
            continue
        before = themes[rows]
        inside = np.bincount(before[before >= 0], minlength=len(sizes))
        known = inside.any()
        whole = (2 * inside > sizes).sum() < 2 if known else mean_cosine(meaning[rows]) >= enough  # noqa: PLR2004 - themes
        if whole:
            continue
        parts = communities(graph[rows][:, rows].sorted_indices(), 1.0, seed=seed)
        parts = rejoin_groups(parts, before) if known else parts
        found = rows_by_label(parts, int(parts.max()) + 1)
        if len(found) > 1:
            for part in found[1:]:
                result[rows[part]], count = count, count + 1
            groups += [rows[part] for part in found]
    return largest_first(result)


def cohesion_found_by_chance(meaning: Vectors, count: int, *, seed: int = 0) -> float:
    """Returns the mean cosine in a group that 95 % of `count` groups found by chance stay under.

    They are found by k-means (spherical, Dhillon and Modha 2001) among normal vectors with the covariance of the
    texts, which have no groups: the null hypothesis of Liu et al. 2008 (SigClust), with as many groups, as in the gap
    statistic (Tibshirani et al. 2001). `meaning`: (n, d) float32 unit rows, centred.
    """
    scale, axes = np.linalg.eigh((meaning.T @ meaning).astype(np.float64) / len(meaning))
    shape = max(MIN_SAMPLE, SAMPLE_OF_GROUP * count), len(scale)
    drawn = np.random.default_rng(seed).standard_normal(shape) * np.sqrt(np.maximum(scale, 0.0)) @ axes.T
    drawn = normalize_rows((drawn - drawn.mean(axis=0)).astype(np.float32))
    centres = drawn[:count]
    for _ in range(ROUNDS):
        labels = (drawn @ centres.T).argmax(axis=1)
        centres = centroids(drawn, labels, count)
    found = [mean_cosine(drawn[rows]) for rows in rows_by_label(labels, count) if len(rows) > 1]
    return float(np.quantile(found, QUANTILE))
