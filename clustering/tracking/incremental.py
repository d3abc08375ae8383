"""The links that one more text, and its passages, would have in the graph of a run, found at once.

The measures are those of clustering.grouping.graph and clustering.tracking.passages, on the new text and the texts
nearest to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from clustering.arrays import Bools, Floats, Ints, Labels, Scores, Vectors, normalize_rows
from clustering.grouping.graph import CANDIDATES, NEIGHBOURS, NEIGHBOURS_BY_WORDS, join_features, nearness
from clustering.grouping.groups import NEAREST, isolation_threshold
from clustering.text.lexical import LexicalFeatures
from clustering.text.passages import Passage
from clustering.threads import one_blas_thread
from clustering.tracking.passages import NearTexts, PassageLinks, Passages, Votes
from clustering.types import DIGITS
from clustering.vectors.similar import Similar

POOL = 400  # of the nearest texts, among which those of each are found: enough for who is near to it as well
SAMPLE = 1000  # texts that the usual mean cosine with the nearest is measured on
ALIGNMENT = 16  # float32 numbers, 64 bytes: rows that begin elsewhere take twice the time
MAX_COSINES = 1 << 22  # measured at once


@dataclass(frozen=True)
class Links:
    """`rows`: (m,) the texts that are near, nearest first; `weights`: (m,) float64 of the links with these, 0 or more.

    `isolated`: the text is far from all, see groups.find_isolated.
    """

    rows: Ints
    weights: Floats
    isolated: bool


class IncrementalNeighbours:
    """n texts, by meaning and by words, and the links of any further text with them."""

    def __init__(self, meaning: Vectors, texts: Sequence[str]) -> None:
        """`meaning`: (n, d) float32 unit rows, centred on the campaign; `texts`: n different ones."""
        self._width = meaning.shape[1]
        with one_blas_thread():
            self._lexical = LexicalFeatures(texts)
            self._similar = Similar(_aligned_features(meaning, self._lexical.lsa()))
            self._threshold = self._isolation_threshold()

    def links(self, meaning: Vectors, text: str, among: Bools) -> Links:
        """Returns the links of a text with those `among` (n,) bool. `meaning`: (d,) float32, of length 1.

        It links to the texts nearest to it, and those to it that would have it among their nearest: see link_texts.
        """
        with one_blas_thread():
            return self._links(meaning, text, among)

    def _links(self, meaning: Vectors, text: str, among: Bools) -> Links:
        counts = self._lexical.transform([text])
        features = _aligned_features(meaning[None], self._lexical.lsa(counts))
        pool, by_both = self._similar.nearest(features[0], POOL, among=among)
        near = pool[:CANDIDATES]
        if not len(near):
            return Links(near, np.zeros(0), isolated=False)
        by_both, space = by_both[: len(near)], self._similar.rows
        meanings = normalize_rows(space[pool, : self._width])
        by_meaning = meanings[: len(near)] @ meaning
        words = self._lexical.tfidf[pool]
        by_words = _dense(words[: len(near)] @ counts.T)[:, 0]
        theirs = space[near] @ space[pool].T
        np.fill_diagonal(theirs, -np.inf)  # nobody's own neighbour
        others = np.argsort(-theirs, axis=1, kind="stable")[:, : min(CANDIDATES, len(pool) - 1)]
        weights = (
            _closeness(by_meaning, _sorted_among(meanings[: len(near)] @ meanings.T, others)[:, :NEIGHBOURS])
            + _closeness(by_both, _sorted_among(theirs, others)[:, :NEIGHBOURS])
            + _shared_words(by_words, _sorted_among(_dense(words[: len(near)] @ words.T), others))
        )
        return Links(near, weights, isolated=bool(by_both[:NEAREST].mean() < self._threshold))

    def _isolation_threshold(self) -> float:
        """Returns the threshold of groups.isolation_threshold, measured on a SAMPLE; -1 for too few texts."""
        space = self._similar.rows
        if len(space) <= NEAREST:
            return -1.0
        sample = np.sort(np.random.default_rng(0).permutation(len(space))[:SAMPLE])
        means = []
        for some in np.array_split(sample, -(-len(sample) * len(space) // MAX_COSINES)):
            cosines = space[some] @ space.T
            nearest = np.partition(cosines, len(space) - NEAREST - 1, axis=1)[:, len(space) - NEAREST - 1 :]
            means.append((nearest.sum(axis=1) - nearest.max(axis=1)) / NEAREST)  # but for itself, which is nearest
        return isolation_threshold(np.concatenate(means))


class IncrementalPassages:
    """n texts and their passages, by meaning, and the themes that the passages of any further text go to."""

    def __init__(self, meaning: Vectors, passages: Passages, meanings: Vectors) -> None:
        """`meaning`: (n, d) float32 unit rows of the texts, centred; `meanings`: (p, d), those of their passages."""
        self._count = len(meaning)
        self._passages = passages
        self._text = np.concatenate([np.arange(self._count), passages.text_of])
        with one_blas_thread():
            self._similar = Similar(np.vstack([meaning, meanings]))

    def of_text(self, text: int) -> tuple[list[Passage], Vectors]:
        """Returns the passages of one of the texts, and what they mean; none of a text of one passage."""
        places = self._passages.places_of(text)
        rows = self._similar.rows[self._count :]
        return [self._passages.passages[place] for place in places], rows[places.start : places.stop]

    def vote(self, meanings: Vectors, theme_of_text: Labels, among: Bools) -> Votes:
        """Returns where the passages of one text go. `meanings`: (q, d), as those of the others.

        `theme_of_text`: (n,) the theme of each text, LEFT for none; `among`: (n,) bool, those that vote.
        """
        with one_blas_thread():
            found = [self._similar.nearest(one, CANDIDATES, among=among[self._text]) for one in meanings]
        near = np.array([rows for rows, _ in found], dtype=np.int32).reshape(len(meanings), -1)
        order = np.argsort(near, axis=1)  # of equals the first votes, as in a run
        near = np.take_along_axis(near, order, axis=1)
        cosines = np.array([cosine for _, cosine in found], dtype=np.float64).reshape(near.shape)
        cosines = np.round(np.take_along_axis(cosines, order, axis=1), DIGITS)
        those = NearTexts.of(near, self._passages, self._count)
        return PassageLinks.of(those, cosines, np.ones_like(those.whole)).vote(theme_of_text)


def _aligned_features(meaning: Vectors, words: Vectors) -> Vectors:
    """Returns the features of graph.join_features, with zeros after them, so that every row begins ALIGNMENT apart."""
    missing = -(meaning.shape[1] + words.shape[1]) % ALIGNMENT
    return join_features(meaning, np.hstack([words, np.zeros((len(words), missing), dtype=np.float32)]))


def _dense(products: sparse.sparray) -> Vectors:
    result: Vectors = products.toarray()
    return result


def _sorted_among(cosines: Vectors, others: Ints) -> Vectors:
    """Returns (m, c): of (m, p) cosines those with the `others` (m, c) of each row, the largest first."""
    return -np.sort(-np.take_along_axis(cosines, others, axis=1), axis=1)


def _closeness(cosines: Scores, theirs: Vectors) -> Floats:
    """Returns (m,) float64: what a text gives to each of m near ones and these to it, as graph.closeness measures.

    `cosines`: (m,) with them; `theirs`: (m, c) of each with its own neighbours, the largest first.
    """
    mine = -np.sort(-cosines)[None, :NEIGHBOURS]
    given: Floats = nearness(cosines[None], mine)[0] * (cosines >= mine[0, -1])
    received: Floats = nearness(cosines[:, None], theirs)[:, 0] * _is_among(cosines, theirs)
    return given + received


def _shared_words(cosines: Scores, theirs: Vectors) -> Floats:
    """Returns (m,) float64: the words shared with each of m near ones, where it is a neighbour on one side or both."""
    mine = -np.sort(-cosines)[:NEIGHBOURS_BY_WORDS]
    sides = (cosines >= mine[-1]).astype(np.float64) + _is_among(cosines, theirs[:, :NEIGHBOURS_BY_WORDS])
    shared: Floats = cosines * sides
    return shared


def _is_among(cosines: Scores, theirs: Vectors) -> Bools:
    """Returns where (m,) cosines are above the least of each of (m, c): who is nearer than some neighbour is one."""
    result: Bools = cosines > (theirs[:, -1] if theirs.shape[1] else 0.0)
    return result
