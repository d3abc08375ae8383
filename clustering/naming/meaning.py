"""What words mean, learnt from the ideas' own vectors, so that any phrase can be placed among the ideas at once.

The vector of a text is nearly a sum over its words: ridge regression (Hoerl and Kennard 1970), solved by conjugate
gradients (Hestenes and Stiefel 1952), finds the word vectors that fit best. Where the embedding model itself is at hand
it has the last word; this tells which few phrases are worth asking it about, and names themes alone when there are only
vectors.
"""

from collections.abc import Iterator, Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from clustering.arrays import Floats, Ints, Vectors, normalize_rows
from clustering.naming.phrases import Lexicon, membership

DIMENSIONS = 128
TEXTS = 20_000  # that words are learnt from, at the most
RIDGE = 0.3
BLOCK = 4096  # rows summed at once
STEPS = 12  # of conjugate gradients: enough for two digits


class Meaning:
    """Texts and words in one space of d dimensions, at most DIMENSIONS; the vectors may have more.

    `texts`: (n, d) float32; `words`: (lemmas, d) float32, each as much as it weighs in a text; `rarity`: (lemmas,)
    float32, the weight of a word, 0 for a small one; `uses`: (n, lemmas) float32 sparse, 1 where a text uses a word.
    """

    def __init__(self, lexicon: Lexicon, vectors: NDArray[np.floating]) -> None:
        words = lexicon.words
        ones = np.ones(len(words.text_of), dtype=np.float32)
        self.uses = csr_array(
            (ones, words.lemma, words.starts), shape=(len(lexicon.langs), len(words.lemmas)), copy=True
        )
        self.uses.sum_duplicates()
        self.uses.data[:] = 1.0
        used = np.maximum(lexicon.weights @ self.uses, 1.0)
        weight = np.log1p(lexicon.total / used).astype(np.float32)
        self.rarity = weight * (words.uses > 0)
        self.texts = _principal(vectors, lexicon.weights)
        self.words = _fit(self.uses, weight, self.texts) * weight[:, None]

    def shares(self, groups: Sequence[Ints], beside: Sequence[int | None]) -> Iterator[tuple[Vectors, Vectors | None]]:
        """Yields, for each group, the share of its ideas that use each word: (lemmas,) float32, 0..1.

        And the same of the group `beside` it, where there is one. `groups`: the text of each idea.
        """
        counts = membership(groups, self.uses.shape[0]) @ self.uses

        def share(row: int) -> Vectors:
            found = np.zeros(counts.shape[1], dtype=np.float32)
            entries = slice(counts.indptr[row], counts.indptr[row + 1])
            found[counts.indices[entries]] = counts.data[entries] / max(1, len(groups[row]))
            return found

        for row, other in enumerate(beside):
            yield share(row), None if other is None else share(other)


def _principal(vectors: NDArray[np.floating], weights: Floats) -> Vectors:
    """Returns the vectors seen from their middle, along the directions in which they differ most."""
    middle = weighted_mean(vectors, weights)
    if vectors.shape[1] <= DIMENSIONS:
        return np.asarray(vectors - middle, dtype=np.float32)
    some = vectors[:: max(1, len(vectors) // TEXTS)] - middle
    _, axes = np.linalg.eigh(some.T @ some)
    axes = axes[:, -DIMENSIONS:].astype(np.float32)
    return cast("Vectors", vectors @ axes - middle @ axes)


def weighted_mean(vectors: NDArray[np.floating], weights: Floats) -> Vectors:
    """Returns the mean of (n, d) vectors, each as much as it weighs: (d,) float32, zeros where nothing does.

    Block by block, for all of them as float64 would take too much room.
    """
    total = np.zeros(vectors.shape[1])
    for start in range(0, len(vectors), BLOCK):
        total += weights[start : start + BLOCK] @ vectors[start : start + BLOCK]
    return (total / max(float(weights.sum()), 1e-12)).astype(np.float32)


def _fit(uses: csr_array, weight: Vectors, texts: Vectors) -> Vectors:
    """Returns word vectors whose weighted sum, for each text of length 1, is nearest to the text's own.

    Ridge regression by conjugate gradients, all dimensions at once.
    """
    step = max(1, uses.shape[0] // TEXTS)
    bag, wanted = uses[::step].copy(), texts[::step]
    bag.data = bag.data * weight[bag.indices]
    length = np.sqrt(np.asarray(bag.multiply(bag).sum(axis=1)).ravel())
    bag.data = (bag.data / np.repeat(np.maximum(length, 1e-9), np.diff(bag.indptr))).astype(np.float32)
    back = csr_array(bag.T)
    found = np.zeros((bag.shape[1], wanted.shape[1]), dtype=np.float32)
    left = np.asarray(back @ wanted)
    way, size = left.copy(), (left * left).sum(axis=0)
    for _ in range(STEPS):
        pushed = back @ (bag @ way) + np.float32(RIDGE) * way
        stride = size / np.maximum((way * pushed).sum(axis=0), np.float32(1e-12))
        found += stride * way
        left -= stride * pushed
        size, before = (left * left).sum(axis=0), size
        way = left + (size / np.maximum(before, np.float32(1e-12))) * way
    return found


def nearest_groups(vectors: NDArray[np.floating], groups: Sequence[Ints], common: Vectors) -> list[int | None]:
    """Returns, for each group, the place of the nearest one that shares no text with it, if there is one.

    `vectors`: (n, d); `groups`: the text of each idea; `common`: (d,), what is taken away from where each group lies.
    """
    belongs = membership(groups, len(vectors))
    apart = (belongs @ belongs.T).toarray() == 0
    middles = np.array([vectors[members].mean(axis=0) if len(members) else common for members in groups])
    alike = normalize_rows((middles - common).astype(np.float32)) if len(groups) else np.zeros((0, 1), dtype=np.float32)
    near = np.where(apart, alike @ alike.T, -np.inf)
    filled = np.array([len(members) > 0 for members in groups], dtype=np.bool_)
    near[:, ~filled] = -np.inf
    return [int(row.argmax()) if filled[at] and row.max() > -np.inf else None for at, row in enumerate(near)]


def centre(vectors: NDArray[np.floating], members: Ints) -> Vectors:
    """Returns the direction in which the members lie: (d,) float32 of length 1, zeros where they lie nowhere.

    `vectors`: (n, d) float32; `members`: at least one row.
    """
    mean = vectors[members].mean(axis=0, keepdims=True, dtype=np.float32)
    direction: Vectors = normalize_rows(mean)[0]
    return direction
