"""The words that ideas share: what the embedding of a short text misses, names of things above all."""

import re
from collections.abc import Sequence

import numpy as np
from scipy import sparse

from clustering.arrays import Vectors, normalize_rows
from clustering.text.cleaning import strip_accents

WORD = re.compile(r"\w\w+")
STEM = 6  # first letters by which a word is known: plural, feminine and tense mostly come after them
LONGEST = 1000  # characters read
COMMON = 0.2  # share of the ideas from which a word tells nothing
FEW = 50  # ideas among which no word is too common
DIMENSIONS = 150
SAMPLE = 6000  # rows that the axes are learnt from


def stems(text: str) -> list[str]:
    """Returns the beginnings of the words of a text, in lower case without accents."""
    return [word[:STEM] for word in WORD.findall(strip_accents(text[:LONGEST].lower()))]


def tfidf(texts: Sequence[str]) -> sparse.csr_array:
    """Returns (n, words) float32 sparse unit rows: TF-IDF of the stems that two texts use and not too many."""
    return LexicalFeatures(texts).tfidf


def lsa(counts: sparse.csr_array, *, seed: int = 0) -> Vectors:
    """Returns (n, w) float32 unit rows, w at most DIMENSIONS: latent semantic analysis (Deerwester et al. 1990)."""
    return normalize_rows((counts @ _main_axes(counts, seed).T).astype(np.float32))


def _main_axes(counts: sparse.csr_array, seed: int) -> Vectors:
    """Returns (w, words): the directions in which texts differ most."""
    from sklearn.utils.extmath import randomized_svd

    width = min(DIMENSIONS, counts.shape[0] - 1, counts.shape[1] - 1)
    if width <= 1:
        return np.zeros((0, counts.shape[1]), dtype=np.float32)
    sample = np.sort(np.random.default_rng(seed).permutation(counts.shape[0])[:SAMPLE])
    axes: Vectors = randomized_svd(counts[sample], width, n_iter=3, random_state=seed)[2]
    return axes


class LexicalFeatures:
    """The words of some texts, and how another text uses them. `tfidf`: (n, words), see tfidf."""

    def __init__(self, texts: Sequence[str]) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        common = 1.0 if len(texts) < FEW else COMMON
        self._read = TfidfVectorizer(analyzer=stems, sublinear_tf=True, min_df=2, max_df=common, dtype=np.float32)
        try:
            self.tfidf = sparse.csr_array(self._read.fit_transform(texts))
        except ValueError:  # no word is used twice
            self.tfidf = sparse.csr_array((len(texts), 0), dtype=np.float32)
        self._axes: Vectors | None = None

    def lsa(self, counts: sparse.csr_array | None = None, *, seed: int = 0) -> Vectors:
        """Returns where texts are on the axes of these, see lsa: those of (m, words) `counts`, or of these."""
        if self._axes is None:
            self._axes = _main_axes(self.tfidf, seed)
        return normalize_rows(((self.tfidf if counts is None else counts) @ self._axes.T).astype(np.float32))

    def transform(self, texts: Sequence[str]) -> sparse.csr_array:
        """Returns (m, words): how other texts use these words."""
        if not self.tfidf.shape[1]:
            return sparse.csr_array((len(texts), 0), dtype=np.float32)
        return sparse.csr_array(self._read.transform(texts))
