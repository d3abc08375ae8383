"""The links that one more idea would have in the graph of a run, found at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from clustering.arrays import Bools, Floats, Ints, Vectors, normalize_rows
from clustering.grouping.groups import (
    CROWD,
    LOOKED_AT,
    NEIGHBOURS,
    NEIGHBOURS_BY_WORDS,
    OUTLIER_DEVIATIONS,
    WORDS_WEIGHT,
)
from clustering.text.lexical import LexicalFeatures
from clustering.threads import one_blas_thread
from clustering.vectors.similar import Similar

POOL = 400  # of the nearest texts, among which those of each are found: enough for who is near to it as well
SAMPLE = 1000  # texts that tell how near to each other texts usually are
ALIGNED = 16  # numbers, 64 bytes: rows that begin elsewhere take twice the time
BLOCK = 1 << 22  # cosines measured at once


@dataclass(frozen=True)
class Links:
    """`rows`: (m,) the texts that are near, nearest first; `weights`: (m,) of its links with these, 0 or more.

    `outlier`: it is far from all.
    """

    rows: Ints
    weights: Floats
    outlier: bool


class IncrementalNeighbours:
    """Knows n texts, by meaning and by words, as grouping.group does."""

    def __init__(self, meaning: Vectors, texts: Sequence[str]) -> None:
        """`meaning`: (n, d) float32 unit rows, centred on the campaign; `texts`: n different ones."""
        self._width = meaning.shape[1]
        with one_blas_thread():
            self._lexical = LexicalFeatures(texts)
            self._similar = Similar(_space(meaning, self._lexical.lsa()))
            self._outlier_below = self._usual_crowd()

    def links(self, meaning: Vectors, text: str, among: Bools) -> Links:
        """Returns the links of a text with those `among` (n,). `meaning`: (d,) float32, of length 1.

        It links to those nearest to it, and those to it that would have it among their nearest: see grouping.group.
        """
        with one_blas_thread():
            return self._links(meaning, text, among)

    def _links(self, meaning: Vectors, text: str, among: Bools) -> Links:
        counts = self._lexical.transform([text])
        one = _space(meaning[None], self._lexical.lsa(counts))
        pool, by_both = self._similar.nearest(one[0], POOL, among=among)
        near = pool[:LOOKED_AT]
        if not len(near):
            return Links(near, np.zeros(0), outlier=False)
        by_both, space = by_both[: len(near)], self._similar.rows
        about = normalize_rows(space[pool, : self._width])
        by_meaning = about[: len(near)] @ meaning
        words = self._lexical.tfidf[pool]
        shared = words[: len(near)]
        by_words = _dense(shared @ counts.T)[:, 0]
        theirs = _without_self(space[near] @ space[pool].T)
        company = np.argsort(-theirs, axis=1, kind="stable")[:, : min(LOOKED_AT, len(pool) - 1)]
        weights = (
            _closeness(by_meaning, _of(about[: len(near)] @ about.T, company), NEIGHBOURS)
            + _closeness(by_both, _of(theirs, company), NEIGHBOURS)
            + _shared(by_words, _of(_dense(shared @ words.T), company), NEIGHBOURS_BY_WORDS)
        )
        return Links(near, weights, outlier=bool(by_both[:CROWD].mean() < self._outlier_below))

    def _usual_crowd(self) -> float:
        """Returns the mean cosine with the nearest below which a text is outlier: see grouping.outlier."""
        space = self._similar.rows
        if len(space) <= CROWD:
            return -1.0
        sample = np.sort(np.random.default_rng(0).permutation(len(space))[:SAMPLE])
        crowds = []
        for some in np.array_split(sample, -(-len(sample) * len(space) // BLOCK)):
            cosines = space[some] @ space.T
            nearest = np.partition(cosines, len(space) - CROWD - 1, axis=1)[:, len(space) - CROWD - 1 :]
            crowds.append((nearest.sum(axis=1) - nearest.max(axis=1)) / CROWD)  # but for itself, which is nearest
        crowd = np.concatenate(crowds)
        usual = np.median(crowd)
        return float(usual - OUTLIER_DEVIATIONS * np.median(np.abs(crowd - usual)))


def _space(meaning: Vectors, words: Vectors) -> Vectors:
    """Returns unit rows of meaning and words side by side, so wide that each begins where memory is read fastest."""
    short = -(meaning.shape[1] + words.shape[1]) % ALIGNED
    return normalize_rows(np.hstack([meaning, WORDS_WEIGHT * words, np.zeros((len(meaning), short), dtype=np.float32)]))


def _dense(products: sparse.sparray) -> Vectors:
    result: Vectors = products.toarray()
    return result


def _without_self(cosines: Vectors) -> Vectors:
    """Leaves out of (m, p) cosines those of each row with itself."""
    np.fill_diagonal(cosines, -np.inf)
    return cosines


def _of(cosines: Vectors, company: Ints) -> Vectors:
    """Returns of (m, p) cosines those with the company of each row, the largest first."""
    return -np.sort(-np.take_along_axis(cosines, company, axis=1), axis=1)


def _closeness(cosines: Vectors, theirs: Vectors, most: int) -> Floats:
    """Returns (m,): what a text gives to each of m near ones and these to it, as graph.closeness measures.

    `cosines`: (m,) with them; `theirs`: (m, c) of each with its own company, the largest first.
    """
    mine = -np.sort(-cosines)[None, :most]
    given = _nearness(cosines, mine) * (cosines >= mine[:, -1])
    return given + _nearness(cosines, theirs[:, :most]) * _is_among(cosines, theirs[:, :most])


def _nearness(cosines: Vectors, company: Vectors) -> Floats:
    """Measures (m,) cosines by the (m or 1, k) of a company: 1 for as near as its nearest, less for further ones."""
    if not company.shape[1]:
        return np.ones(len(cosines))
    beyond = company[:, :1].astype(np.float64) - company
    further = np.maximum(company[:, 0] - cosines, 0.0)
    nearness: Floats = np.exp(-further / np.maximum(beyond.mean(axis=1), 1e-6)) * (cosines > 0)
    return nearness


def _shared(cosines: Vectors, theirs: Vectors, most: int) -> Floats:
    """Returns (m,): the words shared with each of m near ones, where they are among the most on one side or both."""
    mine = -np.sort(-cosines)[:most]
    sides: Floats = (cosines >= mine[-1]).astype(np.float64) + _is_among(cosines, theirs[:, :most])
    return cosines * sides


def _is_among(cosines: Vectors, company: Vectors) -> Bools:
    """Tells where (m,) cosines are above the least of each (m, k) company."""
    result: Bools = cosines > (company[:, -1] if company.shape[1] else 0.0)
    return result
