"""The words that ideas share: what the embedding of a short text misses, names of things above all."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from clustering.graph import unit_rows
from clustering.text import strip_accents

Vectors = NDArray[np.float32]
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


def word_counts(texts: Sequence[str]) -> sparse.csr_array:
    """Returns (n, words) float32 sparse unit rows: TF-IDF of the stems that two texts use and not too many."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    common = 1.0 if len(texts) < FEW else COMMON
    vectorizer = TfidfVectorizer(analyzer=stems, sublinear_tf=True, min_df=2, max_df=common, dtype=np.float32)
    try:
        return sparse.csr_array(vectorizer.fit_transform(texts))
    except ValueError:  # no word is used twice
        return sparse.csr_array((len(texts), 0), dtype=np.float32)


def word_axes(counts: sparse.csr_array, *, seed: int = 0) -> Vectors:
    """Returns (n, w) float32 unit rows, w at most DIMENSIONS: latent semantic analysis (Deerwester et al. 1990)."""
    from sklearn.utils.extmath import randomized_svd

    width = min(DIMENSIONS, counts.shape[0] - 1, counts.shape[1] - 1)
    if width <= 1:
        return np.zeros((counts.shape[0], 0), dtype=np.float32)
    sample = np.sort(np.random.default_rng(seed).permutation(counts.shape[0])[:SAMPLE])
    _, _, axes = randomized_svd(counts[sample], width, n_iter=3, random_state=seed)
    return unit_rows((counts @ axes.T).astype(np.float32))
