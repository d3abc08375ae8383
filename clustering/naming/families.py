"""Phrases that most themes of a family share.

A name of a theme sets it apart from the others; a name of a family must fit all of its themes. So a phrase counts by
how many of the themes use it, not by how often.
"""

from collections.abc import Sequence

import numpy as np

from clustering.arrays import Floats, Ints
from clustering.naming.phrases import LENGTH_FACTORS, Lexicon, Phrase

FULL_SHARE = 0.25  # of a theme's ideas that use a phrase, for the phrase to fit the theme fully
# Mean fit over the themes of a family, from which a phrase of (no,) one, two, three content words fits the family.
MIN_REACH = np.array([1.0, 0.7, 0.6, 0.6])
FULL_LIFT = 2.0  # how many times more often the family uses a phrase than the others do, for full weight
MIN_SCORE = 0.55  # from which a phrase may name a family
MAX_WORDS = 3  # of a phrase in the name of a family
MAX_PHRASES = 8  # returned for a family


def common_phrases(lexicon: Lexicon, families: Sequence[Sequence[Ints]]) -> list[list[Phrase]]:
    """Returns, for each family, the short phrases that fit most of its themes, best first, at most MAX_PHRASES.

    `families`: for each, the text of each idea of each of its themes. The `share` of a phrase is its reach, 0..1: its
    mean fit over the themes, each weighted by the square root of its size.
    """
    return [_common(lexicon, themes) for themes in families]


def _common(lexicon: Lexicon, themes: Sequence[Ints]) -> list[Phrase]:
    table = lexicon.count(themes)
    sizes = np.array([max(1, len(theme)) for theme in themes])
    share = table.data / np.repeat(sizes, np.diff(table.indptr))
    width = table.shape[1]
    weight = np.sqrt(sizes) / np.sqrt(sizes).sum()
    fit = np.minimum(1.0, share / FULL_SHARE) * np.repeat(weight, np.diff(table.indptr))
    reach = np.bincount(table.indices, fit, minlength=width)
    counts = np.bincount(table.indices, table.data, minlength=width).astype(np.float64)
    ideas = np.concatenate([np.zeros(0, dtype=np.intp), *themes])
    in_language = lexicon.in_language(lexicon.main_language(ideas))
    columns = np.flatnonzero((reach >= MIN_REACH[lexicon.length]) & in_language)
    scores = reach[columns] * _lift(lexicon, columns, counts, len(ideas)) * LENGTH_FACTORS[lexicon.length[columns]]
    best = columns[np.lexsort((columns, -scores))][: 4 * MAX_PHRASES].tolist()
    score_of = dict(zip(columns.tolist(), scores.tolist(), strict=True))
    found = [
        Phrase(column, lexicon.key(column), text, float(reach[column]), int(counts[column]), score_of[column])
        for column, text in zip(best, lexicon.write(best, ideas), strict=True)
        if score_of[column] >= MIN_SCORE and len(text.split()) <= MAX_WORDS and lexicon.is_subject(lexicon.key(column))
    ]
    return found[:MAX_PHRASES]


def _lift(lexicon: Lexicon, columns: Ints, counts: Floats, size: int) -> Floats:
    """Returns, in 0..1, how much more often a family uses phrases than the others do, on a logarithmic scale."""
    elsewhere = (lexicon.counts[columns] - counts[columns] + 0.5) / (lexicon.total - size + 1)
    lift: Floats = np.log(counts[columns] / max(1, size) / elsewhere) / np.log(FULL_LIFT)
    return np.clip(lift, 0.0, 1.0)
