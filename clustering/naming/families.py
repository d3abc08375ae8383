"""What families of themes are called: by what most of their themes share, or else by their two largest themes.

A name for a theme tells it from the others; one for a family must hold for all of its themes. So a phrase counts by how
many of the themes use it, not by how often.
"""

from collections.abc import Sequence

import numpy as np

from clustering.arrays import Floats, Ints
from clustering.naming.phrases import LONGER, Lexicon, Phrase

COMMON = 0.25  # share of a theme's ideas that use a phrase from which it is all the theme's
# Of that, on the average of its themes, from which a phrase of (no,) one, two… words holds for a family.
REACHED = np.array([1.0, 0.7, 0.6, 0.6])
LIFT = 2.0  # how much oftener the family uses it than the others do, to count fully
WORTH = 0.55  # of a phrase, from reaching most themes and the others seldom, from which it names a family
SHORT = 3  # words of a phrase in a family's name
KEPT = 8  # phrases given back


def shared_by_themes(lexicon: Lexicon, families: Sequence[Sequence[Ints]]) -> list[list[Phrase]]:
    """Returns, for each family, the short phrases that hold for most of its themes, best first.

    `families`: for each, the text of each idea of each of its themes. `share`: how far a phrase reaches, 0..1.
    """
    return [_shared(lexicon, themes) for themes in families]


def _shared(lexicon: Lexicon, themes: Sequence[Ints]) -> list[Phrase]:
    table = lexicon.count(themes)
    sizes = np.array([max(1, len(theme)) for theme in themes])
    share = table.data / np.repeat(sizes, np.diff(table.indptr))
    width = table.shape[1]
    weight = np.sqrt(sizes) / np.sqrt(sizes).sum()
    own = np.minimum(1.0, share / COMMON) * np.repeat(weight, np.diff(table.indptr))
    reach = np.bincount(table.indices, own, minlength=width)
    counts = np.bincount(table.indices, table.data, minlength=width).astype(np.float64)
    everyone = np.concatenate([np.zeros(0, dtype=np.intp), *themes])
    columns = np.flatnonzero((reach >= REACHED[lexicon.length]) & lexicon.in_language(lexicon.main_language(everyone)))
    worth = reach[columns] * _lift(lexicon, columns, counts, len(everyone)) * LONGER[lexicon.length[columns]]
    best = columns[np.lexsort((columns, -worth))][: 4 * KEPT].tolist()
    worths = dict(zip(columns.tolist(), worth.tolist(), strict=True))
    found = [
        Phrase(column, lexicon.key(column), text, float(reach[column]), int(counts[column]), worths[column])
        for column, text in zip(best, lexicon.write(best, everyone), strict=True)
        if worths[column] >= WORTH and len(text.split()) <= SHORT and lexicon.is_subject(lexicon.key(column))
    ]
    return found[:KEPT]


def _lift(lexicon: Lexicon, columns: Ints, counts: Floats, size: int) -> Floats:
    """Returns, in 0..1, how far a family uses phrases oftener than the others do."""
    elsewhere = (lexicon.counts[columns] - counts[columns] + 0.5) / (lexicon.total - size + 1)
    lift: Floats = np.log(counts[columns] / max(1, size) / elsewhere) / np.log(LIFT)
    return np.clip(lift, 0.0, 1.0)
