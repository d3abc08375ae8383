"""Finds translations: texts of different languages with the same content, so that themes form by content."""

from collections.abc import Sequence

import numpy as np

from clustering.arrays import Ints, Vectors, normalize_rows
from clustering.vectors.neighbors import Neighbours, centred, cosines_with, nearest_neighbours

CANDIDATES = 24  # neighbours among which the other languages' are
MIN_COSINE = 0.6  # from which texts in two languages are translations; the campaign's mean is subtracted first


def join_translations(vectors: Vectors, langs: Sequence[str | None], *, seed: int = 0) -> Ints:
    """Returns (n,) for each text the number of its unit, 0..m-1: translations of each other are one unit.

    `vectors`: (n, d) float32. A text is joined with the nearest one in another language, the most similar pairs first.
    A unit never holds two texts of one language.
    """
    n = len(vectors)
    codes = np.unique([lang or "" for lang in langs], return_inverse=True)[1]
    if n <= CANDIDATES or codes.max(initial=0) == 0:
        return np.arange(n)
    around = normalize_rows(centred(vectors))
    rows = nearest_neighbours(around, CANDIDATES, seed=seed)
    near = Neighbours(rows, cosines_with(around, rows)).nearest(CANDIDATES)
    one, place = np.nonzero((near.cosines >= MIN_COSINE) & (codes[near.rows] != codes[:, None]))
    other, cosines = near.rows[one, place], near.cosines[one, place]
    together = {text: [text] for text in range(n)}
    for pair in np.lexsort((other, one, -cosines)).tolist():  # the most alike first
        first, second = together[int(one[pair])], together[int(other[pair])]
        if {int(codes[text]) for text in first}.isdisjoint(int(codes[text]) for text in second):
            first += second
            together |= dict.fromkeys(second, first)
    return np.unique([min(together[text]) for text in range(n)], return_inverse=True)[1]
