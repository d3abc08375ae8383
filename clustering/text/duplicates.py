"""Deduplicates ideas: those with the same words, or the same vector, and near-copies count as one text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from clustering.arrays import Ints, Vectors
from clustering.text.cleaning import clean_text, fold, gist, is_in_capitals
from clustering.text.glossary import spell_out
from clustering.text.language import detect_languages
from clustering.text.near_copies import find_near_copies
from clustering.text.set_aside.fillers import strip_fillers
from clustering.text.set_aside.residue import is_common_answer, residue_of
from clustering.types import Leftover


@dataclass(frozen=True)
class UniqueTexts:
    """The m unique texts of n rows. Equal rows in the graph would have no neighbours but each other.

    `texts`: n, the text of each row, cleaned. `index_of`: (n,) the unique text of each row, 0..m-1, -1 for a row
    without words, or one that is no proposal. `residue`: n, NOTHING, AGREES or DISAGREES for a row that is no proposal,
    None for any other. Of each unique text: `first_row`: (m,) a row with it, which stands for all; `weights`: (m,) the
    number of rows with it; `gists`: its words, abbreviations of the glossary spelt out; `written`: its words as
    they are; `langs`: its ISO 639-1 code, None if unknown. Neither the unique texts nor their order depend on the order
    of the rows.
    """

    texts: list[str]
    index_of: Ints
    first_row: Ints
    weights: Ints
    gists: list[str]
    written: list[str]
    langs: list[str | None]
    residue: list[Leftover | None]

    def same_as(self, row: int) -> int | None:
        """Returns the row that says the same with the same words or nearly so, None for one that stands for itself."""
        text = int(self.index_of[row])
        first = int(self.first_row[text]) if text >= 0 else row
        return first if first != row else None


def dedupe_texts(
    texts: Sequence[str],
    langs: Sequence[str | None] | None,
    vectors: Vectors | None,
    glossary: Mapping[str, str] | None = None,
) -> UniqueTexts:
    """Cleans and deduplicates n texts; finds the language where `langs` has none.

    `vectors`: (n, d); where given, texts are the same when their vectors are, whatever their words, and a row of zeros
    counts as a row without words; near-copies are found by their words all the same.
    `glossary`: meanings of abbreviations.
    """
    cleaned = [clean_text(text) for text in texts]
    written = strip_fillers([gist(text) for text in texts])
    residue = [residue_of(words or text) for words, text in zip(written, cleaned, strict=True)]
    gists = list(map(spell_out(glossary or {}), written))
    first: dict[str, int] = {}
    keys = []
    for row, words in enumerate(gists):
        key = "" if residue[row] else fold(words) if vectors is None else _digest(vectors[row])
        keys.append(key)
        other = first.setdefault(key, row) if key else row
        if _writing(words, written[row]) < _writing(gists[other], written[other]):
            first[key] = row
    order = sorted(first, key=lambda key: (gists[first[key]], key))
    position = {key: at for at, key in enumerate(order)}
    rows = [first[key] for key in order]
    unique_gists = [gists[row] for row in rows]
    unique_langs = detect_languages(unique_gists, None if langs is None else [langs[row] for row in rows])
    index_of = np.array([position.get(key, -1) for key in keys], dtype=np.intp)
    weights = np.bincount(index_of[index_of >= 0], minlength=len(rows))
    said = zip(unique_gists, unique_langs, weights.tolist(), strict=True)
    common = np.array([is_common_answer(*one) for one in said], dtype=np.bool_)
    if common.any():
        residue = [
            Leftover.NOTHING if at >= 0 and common[at] else one for at, one in zip(index_of, residue, strict=True)
        ]
        others = np.flatnonzero(~common).tolist()
        index_of = np.append(np.where(common, -1, np.cumsum(~common) - 1), -1)[index_of]
        rows, weights = [rows[at] for at in others], weights[others]
        unique_gists, unique_langs = [unique_gists[at] for at in others], [unique_langs[at] for at in others]
    same_as = find_near_copies(unique_gists, unique_langs, weights)
    kept, text_of = np.unique(same_as, return_inverse=True)
    index_of = np.append(text_of, -1)[index_of]
    return UniqueTexts(
        texts=cleaned,
        index_of=index_of,
        first_row=np.array(rows, dtype=np.intp)[kept],
        weights=np.bincount(index_of[index_of >= 0], minlength=len(kept)),
        gists=[unique_gists[text] for text in kept.tolist()],
        written=[written[rows[text]] for text in kept.tolist()],
        langs=[unique_langs[text] for text in kept.tolist()],
        residue=residue,
    )


def _writing(words: str, written: str) -> tuple[bool, str, str]:
    """The least of several writings of a text stands for all, in any order of the rows: not one in capitals."""
    return is_in_capitals(written), words, written


def _digest(vector: Vectors) -> str:
    """Returns a hash that only equal vectors share; empty for a vector of zeros, which has no meaning."""
    return blake2b(vector.tobytes(), digest_size=16).hexdigest() if vector.any() else ""
