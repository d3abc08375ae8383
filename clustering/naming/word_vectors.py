"""Word vectors fitted to the ideas' own embeddings, so that any phrase can be compared with a theme at once.

The embedding of a text is nearly a weighted sum over its words. Ridge regression (Hoerl and Kennard 1970), solved by
conjugate gradients (Hestenes and Stiefel 1952), finds the word vectors that fit best. They choose the few candidates
that the embedding model then scores; where there are only vectors and no model, they alone decide.
"""

from collections.abc import Iterator, Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from clustering.arrays import Floats, Ints, Scores, Vectors, normalize_rows
from clustering.naming.phrases import Lexicon, membership

MAX_DIMENSIONS = 128
MAX_TEXTS = 20_000  # that word vectors are fitted to
RIDGE = 0.3  # weight of the regularisation
BLOCK = 4096  # rows summed at once
STEPS = 12  # of conjugate gradients: enough for two digits


class WordVectors:
    """Texts and words in one space of d dimensions, d at most MAX_DIMENSIONS.

    `texts`: (n, d) float32, embeddings reduced by principal components; `words`: (lemmas, d) float32, the contribution
    of each word to a text; `rarity`: (lemmas,) float32, the inverse document frequency of a word, 0 for a function
    word; `uses`: (n, lemmas) float32 sparse, 1 where a text uses a word.
    """

    def __init__(self, lexicon: Lexicon, vectors: NDArray[np.floating]) -> None:
        tokens = lexicon.tokens
        ones = np.ones(len(tokens.text_of), dtype=np.float32)
        self.uses = csr_array(
            (ones, tokens.lemma, tokens.starts), shape=(len(lexicon.langs), len(tokens.lemmas)), copy=True
        )
        self.uses.sum_duplicates()
        self.uses.data[:] = 1.0
        used = np.maximum(lexicon.weights @ self.uses, 1.0)
        weight = np.log1p(lexicon.total / used).astype(np.float32)
        self.rarity = weight * (tokens.uses > 0)
        self.texts = _reduce(vectors, lexicon.weights)
        self.words = _fit(self.uses, weight, self.texts) * weight[:, None]

    def shares(self, groups: Sequence[Ints], closest: Sequence[int | None]) -> Iterator[tuple[Scores, Scores | None]]:
        """Yields, for each group, the share of its ideas that use each word: (lemmas,) float32, 0..1.

        And the same of its closest group, if it has one. `groups`: the text of each idea; `closest`: an index in them.
        """
        counts = membership(groups, self.uses.shape[0]) @ self.uses

        def share(row: int) -> Scores:
            found = np.zeros(counts.shape[1], dtype=np.float32)
            entries = slice(counts.indptr[row], counts.indptr[row + 1])
            found[counts.indices[entries]] = counts.data[entries] / max(1, len(groups[row]))
            return found

        for row, other in enumerate(closest):
            yield share(row), None if other is None else share(other)


def _reduce(vectors: NDArray[np.floating], weights: Floats) -> Vectors:
    """Returns (n, d) vectors, d at most MAX_DIMENSIONS: centred, along their principal components if reduced."""
    mean = weighted_mean(vectors, weights)
    if vectors.shape[1] <= MAX_DIMENSIONS:
        return np.asarray(vectors - mean, dtype=np.float32)
    sample = vectors[:: max(1, len(vectors) // MAX_TEXTS)] - mean
    _, axes = np.linalg.eigh(sample.T @ sample)
    axes = axes[:, -MAX_DIMENSIONS:].astype(np.float32)
    return cast("Vectors", vectors @ axes - mean @ axes)


def weighted_mean(vectors: NDArray[np.floating], weights: Floats) -> Vectors:
    """Returns the weighted mean of (n, d) vectors: (d,) float32, zeros where all weights are 0.

    Block by block, because all of them as float64 would take too much memory.
    """
    total = np.zeros(vectors.shape[1])
    for start in range(0, len(vectors), BLOCK):
        total += weights[start : start + BLOCK] @ vectors[start : start + BLOCK]
    return (total / max(float(weights.sum()), 1e-12)).astype(np.float32)


def _fit(uses: csr_array, weight: Scores, texts: Vectors) -> Vectors:
    """Returns (lemmas, d) word vectors whose weighted sum, over the words of a text, is closest to the text's vector.

    The weights of each text are scaled to length 1. All dimensions are solved at once.
    """
    step = max(1, uses.shape[0] // MAX_TEXTS)
    bag, target = uses[::step].copy(), texts[::step]
    bag.data = bag.data * weight[bag.indices]
    length = np.sqrt(np.asarray(bag.multiply(bag).sum(axis=1)).ravel())
    bag.data = (bag.data / np.repeat(np.maximum(length, 1e-9), np.diff(bag.indptr))).astype(np.float32)
    transposed = csr_array(bag.T)
    solution = np.zeros((bag.shape[1], target.shape[1]), dtype=np.float32)
    residual = np.asarray(transposed @ target)
    direction, norm = residual.copy(), (residual * residual).sum(axis=0)
    for _ in range(STEPS):
        product = transposed @ (bag @ direction) + np.float32(RIDGE) * direction
        stride = norm / np.maximum((direction * product).sum(axis=0), np.float32(1e-12))
        solution += stride * direction
        residual -= stride * product
        norm, before = (residual * residual).sum(axis=0), norm
        direction = residual + (norm / np.maximum(before, np.float32(1e-12))) * direction
    return solution


def closest_groups(vectors: NDArray[np.floating], groups: Sequence[Ints], common: Vectors) -> list[int | None]:
    """Returns, for each group, the index of the closest one that shares no text with it, or None without any.

    `vectors`: (n, d); `groups`: the text of each idea; `common`: (d,), subtracted from the mean of each group.
    """
    belongs = membership(groups, len(vectors))
    disjoint = (belongs @ belongs.T).toarray() == 0
    means = np.array([vectors[members].mean(axis=0) if len(members) else common for members in groups])
    rows = normalize_rows((means - common).astype(np.float32)) if len(groups) else np.zeros((0, 1), dtype=np.float32)
    cosines = np.where(disjoint, rows @ rows.T, -np.inf)
    filled = np.array([len(members) > 0 for members in groups], dtype=np.bool_)
    cosines[:, ~filled] = -np.inf
    return [int(row.argmax()) if filled[at] and row.max() > -np.inf else None for at, row in enumerate(cosines)]


def mean_direction(vectors: NDArray[np.floating], members: Ints) -> Vectors:
    """Returns the mean of some rows, scaled to length 1: (d,) float32, or zeros where the mean is zero.

    `vectors`: (n, d) float32; `members`: at least one row.
    """
    mean = vectors[members].mean(axis=0, keepdims=True, dtype=np.float32)
    direction: Vectors = normalize_rows(mean)[0]
    return direction
