"""Lexical features: words in common, names of things above all, which embeddings of short texts miss."""

import re
from collections.abc import Sequence

import numpy as np
from scipy import sparse

from clustering.arrays import Vectors, normalize_rows
from clustering.text.cleaning import strip_accents

WORD = re.compile(r"\w\w+")
STEM_LETTERS = 6  # kept of a word: endings for plural, feminine and tense mostly come after them
MAX_CHARACTERS = 1000  # read of a text
MAX_SHARE = 0.2  # of the texts that use a word, for it to be a feature
MIN_TEXTS = 50  # for MAX_SHARE to apply
MAX_COMPONENTS = 150
MAX_SAMPLE = 6000  # rows that the components are learnt from


def stems(text: str) -> list[str]:
    """Returns the first letters of each word of a text, in lower case without accents."""
    return [word[:STEM_LETTERS] for word in WORD.findall(strip_accents(text[:MAX_CHARACTERS].lower()))]


def tfidf(texts: Sequence[str]) -> sparse.csr_array:
    """Returns TF-IDF as (n, words) float32 sparse rows of length 1, for stems that at least two texts use."""
    return LexicalFeatures(texts).tfidf


def lsa(counts: sparse.csr_array, *, seed: int = 0) -> Vectors:
    """Returns (n, k) float32 rows of length 1, k at most MAX_COMPONENTS: latent semantic analysis of TF-IDF counts.

    `counts`: (n, words), see tfidf. Source: Deerwester et al. 1990.
    """
    return normalize_rows((counts @ _components(counts, seed).T).astype(np.float32))


def _components(counts: sparse.csr_array, seed: int) -> Vectors:
    """Returns (k, words) float32: the directions in which texts differ most, by randomized SVD of a sample."""
    from sklearn.utils.extmath import randomized_svd

    width = min(MAX_COMPONENTS, counts.shape[0] - 1, counts.shape[1] - 1)
    if width <= 1:
        return np.zeros((0, counts.shape[1]), dtype=np.float32)
    sample = np.sort(np.random.default_rng(seed).permutation(counts.shape[0])[:MAX_SAMPLE])
    components: Vectors = randomized_svd(counts[sample], width, n_iter=3, random_state=seed)[2]
    return components


class LexicalFeatures:
    """TF-IDF and LSA fitted to n texts, which other texts can be transformed by. `tfidf`: (n, words), see tfidf."""

    def __init__(self, texts: Sequence[str]) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        max_share = 1.0 if len(texts) < MIN_TEXTS else MAX_SHARE
        self._read = TfidfVectorizer(analyzer=stems, sublinear_tf=True, min_df=2, max_df=max_share, dtype=np.float32)
        try:
            self.tfidf = sparse.csr_array(self._read.fit_transform(texts))
        except ValueError:  # no word is used twice
            self.tfidf = sparse.csr_array((len(texts), 0), dtype=np.float32)
        self._fitted_components: Vectors | None = None

    def lsa(self, counts: sparse.csr_array | None = None, *, seed: int = 0) -> Vectors:
        """Returns LSA components, see lsa: of the rows of `counts`, (m, words), or of the fitted texts themselves."""
        if self._fitted_components is None:
            self._fitted_components = _components(self.tfidf, seed)
        return normalize_rows(
            ((self.tfidf if counts is None else counts) @ self._fitted_components.T).astype(np.float32)
        )

    def transform(self, texts: Sequence[str]) -> sparse.csr_array:
        """Returns the TF-IDF of m other texts over the fitted words: (m, words)."""
        if not self.tfidf.shape[1]:
            return sparse.csr_array((len(texts), 0), dtype=np.float32)
        return sparse.csr_array(self._read.transform(texts))
