"""Phrases that name a family: those that hold for most of what it holds."""

from collections.abc import Sequence

import numpy as np

from clustering.arrays import Ints
from clustering.naming.phrases import Lexicon, Phrase

MIN_FAMILY_SHARE = 0.5  # of the ideas of its themes that use a phrase, on average, for it to name a family
MAX_FAMILY_WORDS = 3


def common_phrases(lexicon: Lexicon, themes: Sequence[Ints]) -> list[Phrase]:
    """Returns the short phrases that most ideas of a family use, best first. `themes`: the text of each idea of each.

    Each theme counts the same: a phrase of one large theme alone is no name of them all.
    """
    members = np.concatenate([np.zeros(0, dtype=np.intp), *themes])
    own = [lexicon.of_language(lexicon.main_language(members), theme) for theme in themes]
    table = lexicon.count(own)
    sizes = np.array([max(1, len(theme)) for theme in own])
    share = table.data / np.repeat(sizes, np.diff(table.indptr))
    held = np.bincount(table.indices, share, minlength=table.shape[1]) / max(1, len(themes))
    columns = np.flatnonzero((held >= MIN_FAMILY_SHARE) & lexicon.in_language(lexicon.main_language(members)))
    counts = np.bincount(table.indices, table.data, minlength=table.shape[1])[columns].astype(np.float64)
    scores = lexicon.scores(columns, counts, max(1, int(sizes.sum())))
    order = np.lexsort((columns, -scores))
    texts = lexicon.write(columns[order].tolist(), members)
    found = [
        Phrase(column, lexicon.key(column), text, float(held[column]), int(counts[at]), float(scores[at]))
        for at, column, text in zip(order.tolist(), columns[order].tolist(), texts, strict=True)
        if scores[at] > 0
    ]
    return [one for one in found if len(one.text.split()) <= MAX_FAMILY_WORDS and lexicon.is_subject(one.key)]
