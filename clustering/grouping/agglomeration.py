"""Groups of few texts, by average linkage: the graph of neighbours is too coarse where a need is five texts of fifty.

Average linkage (Sokal and Michener 1958) has no seed, and removing one text changes little. It compares all texts with
all, so it serves up to MAX_TEXTS. Constants and figures: docs/benchmarks.md, "Few ideas".
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from clustering.arrays import LEFT, Bools, Floats, Labels, Vectors, rows_by_label
from clustering.grouping.chance import cohesion_by_chance
from clustering.grouping.leiden import largest_first, partition_similarity, rejoin_groups
from clustering.grouping.strengths import mean_cosine
from clustering.types import DIGITS

MAX_TEXTS = 1000
WORDS_WEIGHT = 0.3  # of shared words (TF-IDF) beside meaning
GROUPS_FACTOR, GROUPS_POWER = 0.6, 0.75  # groups among n texts: 5 among 16, 13 among 60
ROOT_FACTOR = 2.6  # times the root of n: no more groups than this, so that people can read them
MAX_APART = 0.2  # similarity from which two groups are one, whatever their number
SAME_THEME = 0.1  # added to the similarity of two texts that were in one theme;
SAME_KEPT_THEME = 0.5  # so much where a person chose how fine the themes are;
MUST_LINK = 1.0  # and so much where a person put both into it; taken away where a person put them into two
RANGE = 1.4  # times more or fewer groups: among these, the partition most like the earlier themes is taken
RIVAL_MARGIN = 0.05  # of mean similarity: a text nearer by more to another group than to its own is ambiguous
MANY_TEXTS = 120  # among so many, some are alike by chance: such a group is left over
MIN_SPLIT = 4  # texts of a group that has parts, for themes that are finer than what the texts suggest
PART_TEXTS = 3  # of a part, about


@dataclass(frozen=True)
class Agglomerated:
    """Groups of n texts. `labels`: (n,) in 0..k-1, the largest first, or LEFT.

    `parts`: (n,) the part of its group that each text is in; `ambiguous`: (n,) bool, left over because another group is
    nearer than its own.
    """

    labels: Labels
    parts: Labels
    ambiguous: Bools


def agglomerate(
    meaning: Vectors,
    words: sparse.csr_array,
    *,
    smallest: int,
    earlier: Labels | None = None,
    placed: Labels | None = None,
    kept: bool = False,
) -> Agglomerated:
    """Groups n texts, at most MAX_TEXTS and at least two.

    `meaning`: (n, d) float32 unit rows, centred; `words`: (n, w) TF-IDF; `smallest`: texts of a group, smaller ones are
    left over. `earlier`, `placed`, `kept`: see groups.group.
    """
    similarity = _with_constraints(measure_similarity(meaning, words), earlier, placed, kept=kept)
    tree = _average_linkage(similarity)
    count = suggest_count(tree)
    groups = _cut(tree, count)
    if earlier is not None and (earlier >= 0).any():
        groups = _cut_like(tree, count, earlier, kept=kept)
        count = int(groups.max()) + 1
    labels = _keep_large(groups, smallest)
    own, other = mean_similarities(similarity, labels)
    ambiguous = (labels >= 0) & (other > own + RIVAL_MARGIN)
    if placed is not None:
        ambiguous &= placed < 0
    labels = _keep_large(np.where(ambiguous, LEFT, labels), smallest)
    if len(labels) >= MANY_TEXTS and not kept:  # a person may want themes so coarse that they are no more than that
        labels = keep_telling(labels, meaning)
    labels = largest_first(labels)
    parts = np.zeros(len(labels), dtype=np.intp)
    for rows in rows_by_label(labels, int(labels.max(initial=-1)) + 1):
        parts[rows] = split_group(similarity[np.ix_(rows, rows)])
    return Agglomerated(labels, parts, ambiguous)


def measure_similarity(meaning: Vectors, words: sparse.csr_array) -> Floats:
    """Returns (n, n) float64, symmetric, at most 1: the cosine by meaning with that by shared words beside it."""
    shared = (words @ words.T).toarray() if words.shape[1] else 0.0
    return np.round((meaning @ meaning.T + WORDS_WEIGHT * shared) / (1 + WORDS_WEIGHT), DIGITS).astype(np.float64)


def suggest_count(tree: Floats) -> int:
    """Returns how many groups the texts suggest: by their number, fewer where that would part groups that are alike.

    `tree`: (n - 1, 4), as scipy's linkage returns it.
    """
    n = len(tree) + 1
    usual = round(min(GROUPS_FACTOR * math.pow(n, GROUPS_POWER), ROOT_FACTOR * math.sqrt(n)))
    distinct = int((tree[:, 2] > 1 - MAX_APART).sum()) + 1
    return max(1, min(usual, distinct))


def mean_similarities(similarity: Floats, labels: Labels) -> tuple[Floats, Floats]:
    """Returns for each text its mean similarity with the others of its group, and with the other group most like it.

    `labels`: (n,) in 0..k-1 or LEFT; -1 where there is no such group or nobody else in it.
    """
    n = len(labels)
    own, other = np.full(n, -1.0), np.full(n, -1.0)
    for group, rows in enumerate(rows_by_label(labels, int(labels.max(initial=-1)) + 1)):
        if not len(rows):
            continue
        sums = similarity[:, rows].sum(axis=1)
        if len(rows) > 1:
            own[rows] = (sums[rows] - similarity[rows, rows]) / (len(rows) - 1)
        outside = labels != group
        other[outside] = np.maximum(other[outside], sums[outside] / len(rows))
    return own, other


def split_group(similarity: Floats) -> Labels:
    """Returns (n,) the part of each of the n texts of a group: at least two parts from MIN_SPLIT texts on.

    No part has one text alone: it joins the largest, or the others that would be alone. `similarity`: (n, n).
    """
    n = len(similarity)
    if n < MIN_SPLIT:
        return np.zeros(n, dtype=np.intp)
    tree = _average_linkage(similarity)
    for count in (max(2, n // PART_TEXTS), *range(2, n)):
        parts = largest_first(_cut(tree, count))
        sizes = np.bincount(parts)
        alone: Bools = sizes[parts] == 1
        if (sizes > 1).sum() > 1:
            return np.asarray(np.where(alone, 0, parts), dtype=np.intp)
        if sizes[0] > 1 and alone.sum() > 1:
            return np.asarray(alone, dtype=np.intp)
    return np.asarray(np.arange(n) >= n // 2, dtype=np.intp)  # all as near to each other


def number_parts(labels: Labels, parts: Labels) -> Labels:
    """Returns (n,) the part of each text among all, those of the first group numbered first; LEFT stays.

    `labels`: (n,) groups 0..k-1 or LEFT; `parts`: (n,) any numbers within each group.
    """
    result = np.full(len(labels), LEFT, dtype=np.intp)
    inside = labels >= 0
    pairs = np.stack([labels[inside], parts[inside]], axis=1)
    if len(pairs):
        result[inside] = np.unique(pairs, axis=0, return_inverse=True)[1].ravel()
    return result


def _with_constraints(similarity: Floats, earlier: Labels | None, placed: Labels | None, *, kept: bool) -> Floats:
    """Returns the (n, n) similarity, larger within earlier themes and where people put two texts together."""
    result = similarity
    for themes, more in ((earlier, SAME_KEPT_THEME if kept else SAME_THEME), (placed, MUST_LINK)):
        if themes is not None and (themes >= 0).any():
            known = themes >= 0
            same = (themes[:, None] == themes[None, :]) & known[:, None]
            result = result + more * same
    if placed is not None and (placed >= 0).any():
        known = placed >= 0
        result = result - MUST_LINK * ((placed[:, None] != placed[None, :]) & known[:, None] & known[None, :])
    return result


def _average_linkage(similarity: Floats) -> Floats:
    """Returns (n - 1, 4), as scipy's linkage does: the height of a merge is 1 less the mean similarity, 0 at least."""
    from scipy.cluster.hierarchy import linkage

    distances = np.maximum(1.0 - similarity[np.triu_indices(len(similarity), 1)], 0.0)
    tree: Floats = linkage(distances, "average")
    return tree


def _cut(tree: Floats, count: int) -> Labels:
    """Returns (n,) labels 0..k-1 of at most `count` groups: fewer merges at one height are all undone or none."""
    from scipy.cluster.hierarchy import fcluster

    return np.asarray(fcluster(tree, max(1, min(count, len(tree) + 1)), "maxclust"), dtype=np.intp) - 1


def _cut_like(tree: Floats, count: int, earlier: Labels, *, kept: bool) -> Labels:
    """Returns the cut most like the earlier themes, of about `count` groups; `kept`: of about as many as there were.

    `earlier`: (n,) below 0 where unknown, not everywhere. `kept`: groups that were one are joined again.
    """
    about = len(np.unique(earlier[earlier >= 0])) if kept else count
    counts = sorted({about, *(round(about * RANGE ** (step / 4)) for step in range(-4, 9 if kept else 5))})
    cuts = [_cut(tree, one) for one in counts]
    best = max(cuts, key=lambda groups: partition_similarity(earlier, groups))
    return rejoin_groups(best, earlier) if kept else best


def _keep_large(labels: Labels, smallest: int) -> Labels:
    """Returns the labels with groups of fewer than `smallest` texts left over; LEFT stays."""
    inside = labels >= 0
    sizes = np.bincount(labels[inside], minlength=int(labels.max(initial=0)) + 1)
    return np.where(inside & (sizes[np.maximum(labels, 0)] >= smallest), labels, LEFT)


def keep_telling(labels: Labels, meaning: Vectors) -> Labels:
    """Returns the labels with groups that are no more alike than by chance left over.

    `meaning`: (n, d) float32 unit rows, centred.
    """
    result = labels.copy()
    for rows in rows_by_label(labels, int(labels.max(initial=-1)) + 1):
        if len(rows) > 1 and mean_cosine(meaning[rows]) < cohesion_by_chance(len(rows)):
            result[rows] = LEFT
    return result
