"""Finds texts of different languages that say the same, so that themes form by what is said, not by its language."""

from collections.abc import Sequence

import numpy as np

from clustering.arrays import Ints, Vectors, normalize_rows
from clustering.vectors.neighbors import Neighbours, centred, cosines_with, nearest_neighbours

LOOKED_AT = 24  # neighbours among which the other languages' are
MIN_COSINE = 0.6  # with the campaign's mean taken away, from which texts in two languages say the same


def join_translations(vectors: Vectors, langs: Sequence[str | None], *, seed: int = 0) -> Ints:
    """Returns (n,) for each text the number, 0..m-1, of what is said, whatever the language.

    `vectors`: (n, d) float32. A text and the one in another language that is nearest to it are one: themes then form
    by what is said and not by how often it was translated. Within one language all stay apart.
    """
    n = len(vectors)
    codes = np.unique([lang or "" for lang in langs], return_inverse=True)[1]
    if n <= LOOKED_AT or codes.max(initial=0) == 0:
        return np.arange(n)
    around = normalize_rows(centred(vectors))
    rows = nearest_neighbours(around, LOOKED_AT, seed=seed)
    near = Neighbours(rows, cosines_with(around, rows)).nearest(LOOKED_AT)
    one, place = np.nonzero((near.cosines >= MIN_COSINE) & (codes[near.rows] != codes[:, None]))
    other, cosines = near.rows[one, place], near.cosines[one, place]
    together = {text: [text] for text in range(n)}
    for pair in np.lexsort((other, one, -cosines)).tolist():  # the most alike first
        mine, theirs = together[int(one[pair])], together[int(other[pair])]
        if {int(codes[text]) for text in mine}.isdisjoint(int(codes[text]) for text in theirs):
            mine += theirs
            together |= dict.fromkeys(theirs, mine)
    return np.unique([min(together[text]) for text in range(n)], return_inverse=True)[1]
