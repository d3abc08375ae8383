"""What the ideas say: each thing that is said is one voice, however many say it and in whatever language."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from clustering.text.cleaning import clean_text, fold, gist
from clustering.text.language import detect_languages
from clustering.vectors.neighbors import Neighbours, centred, cosines_with, nearest_neighbours, unit_rows

Vectors = NDArray[np.float32]
Rows = NDArray[np.intp]

SAME_SAID = 0.6  # cosine, the campaign's mean taken away, from which two texts in two languages say the same
LOOKED_AT = 24  # neighbours among which the other languages' are


@dataclass(frozen=True)
class Voices:
    """Ideas that say the same are one voice, or they would have no neighbours but each other.

    `texts`: what each row says, cleaned. `of`: (n,) the voice of each row, -1 for a row that says nothing. For each
    voice: its first row, how many rows share it, its words, its language. The order of the rows decides nothing.
    """

    texts: list[str]
    of: Rows
    rows: Rows
    weights: Rows
    gists: list[str]
    langs: list[str | None]


def read_voices(texts: Sequence[str], langs: Sequence[str | None] | None, vectors: Vectors | None) -> Voices:
    """Reads n texts. With `vectors` (n, d), those that have the same vector say the same."""
    cleaned = [clean_text(text) for text in texts]
    gists = [gist(text) for text in cleaned]
    first: dict[str, int] = {}
    keys = []
    for row, words in enumerate(gists):
        key = fold(words) if vectors is None else _digest(vectors[row])
        keys.append(key)
        if key and (key not in first or words < gists[first[key]]):  # of several writings the same one in any order
            first[key] = row
    order = sorted(first, key=lambda key: (gists[first[key]], key))
    place_of = {key: place for place, key in enumerate(order)}
    rows = [first[key] for key in order]
    spoken = [gists[row] for row in rows]
    spoken_langs = detect_languages(spoken, None if langs is None else [langs[row] for row in rows])
    of = np.array([place_of.get(key, -1) for key in keys], dtype=np.intp)
    weights = np.bincount(of[of >= 0], minlength=len(rows))
    return Voices(cleaned, of, np.array(rows, dtype=np.intp), weights, spoken, spoken_langs)


def _digest(vector: Vectors) -> str:
    """Returns what only equal vectors share; empty for zeros, which say nothing."""
    return blake2b(vector.tobytes(), digest_size=16).hexdigest() if vector.any() else ""


def join_translations(vectors: Vectors, langs: Sequence[str | None], *, seed: int = 0) -> Rows:
    """Returns (n,) for each voice the number, 0..m-1, of what is said, whatever the language.

    `vectors`: (n, d) float32. A voice and the one in another language that is nearest to it are one: themes then form
    by what is said and not by how often it was translated. Within one language all stay apart.
    """
    n = len(vectors)
    codes = np.unique([lang or "" for lang in langs], return_inverse=True)[1]
    if n <= LOOKED_AT or codes.max(initial=0) == 0:
        return np.arange(n)
    around = unit_rows(centred(vectors))
    rows = nearest_neighbours(around, LOOKED_AT, seed=seed)
    near = Neighbours(rows, cosines_with(around, rows)).nearest(LOOKED_AT)
    one, place = np.nonzero((near.cosines >= SAME_SAID) & (codes[near.rows] != codes[:, None]))
    other, cosines = near.rows[one, place], near.cosines[one, place]
    together = {voice: [voice] for voice in range(n)}
    for pair in np.lexsort((other, one, -cosines)).tolist():  # the most alike first
        mine, theirs = together[int(one[pair])], together[int(other[pair])]
        if {int(codes[voice]) for voice in mine}.isdisjoint(int(codes[voice]) for voice in theirs):
            mine += theirs
            together |= dict.fromkeys(theirs, mine)
    return np.unique([min(together[voice]) for voice in range(n)], return_inverse=True)[1]
