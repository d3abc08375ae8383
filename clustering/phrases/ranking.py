"""The phrases that a theme uses and others don't: ranked, shown, shared by its ideas, contrasted with another's.

Class-based TF-IDF (Grootendorst 2022, arXiv:2203.05794).
"""

from collections.abc import Iterable, Sequence

import numpy as np

from clustering.arrays import Floats, Ints
from clustering.phrases.lexicon import Lexicon, Phrase

MAX_PHRASES = 6  # shown for a theme, for an idea, and for each of two themes that are contrasted
MAX_READ = 20  # of a theme: phrases and candidates that are kept, and texts that are read, the closest to its centre


def rank_phrases(lexicon: Lexicon, groups: Sequence[Ints]) -> list[list[Phrase]]:
    """Returns the phrases of each group, best first, at most MAX_READ, in the language of most of its ideas.

    `groups`: the text of each idea, see Lexicon.count; a group without ideas has no phrases.
    """
    table = lexicon.count(groups)
    return [
        _rank(lexicon, members, table.indices[start:stop], table.data[start:stop].astype(np.float64))
        for members, start, stop in zip(groups, table.indptr[:-1], table.indptr[1:], strict=True)
    ]


def _rank(lexicon: Lexicon, members: Ints, columns: Ints, counts: Floats) -> list[Phrase]:
    total = len(lexicon.of_main_language(members))
    kept = lexicon.in_language(lexicon.main_language(members))[columns] & (counts >= min(2, len(members)))
    columns, counts = columns[kept], counts[kept]
    elsewhere = (lexicon.counts[columns] - counts + 0.5) / (lexicon.total - total + 1)
    scores = lexicon.lifted(columns, counts / total, elsewhere)
    order = [int(at) for at in np.lexsort((columns, -scores))[:MAX_READ] if scores[at] > 0]
    texts = lexicon.write([int(columns[at]) for at in order], members)
    return [
        Phrase(column, lexicon.key(column), text, float(counts[at]) / total, int(counts[at]), float(scores[at]))
        for at, column, text in zip(order, columns[order].tolist(), texts, strict=True)
    ]


def without_repeats(ranked: Sequence[Phrase]) -> list[Phrase]:
    """Returns the best phrases that don't repeat a better one, at most MAX_PHRASES."""
    chosen: list[Phrase] = []
    for phrase in ranked:
        if len(chosen) < MAX_PHRASES and not any(repeats(phrase.key, other.key) for other in chosen):
            chosen.append(phrase)
    return chosen


def repeats(one: Iterable[str], other: Iterable[str]) -> bool:
    """Whether each word of the shorter key has a word with the same root in the longer one."""
    short, long = sorted((tuple(one), tuple(other)), key=len)
    return all(any(same_root(word, candidate) for candidate in long) for word in short)


def same_root(one: str, other: str) -> bool:
    """Whether two lemmas seem to have the same root: "migrant" and "migratoire", "klima" and "klimaschutz"."""
    shortest = min(len(one), len(other))
    shared = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), shortest)
    return one == other or shared >= max(5, min(shortest, 0.6 * max(len(one), len(other))))


def shared_phrases(lexicon: Lexicon, texts: Ints, ranked: Sequence[Phrase]) -> list[tuple[str, ...]]:
    """Returns, for each of some texts, the phrases of a theme that it uses, best first, at most MAX_PHRASES.

    `texts`: (m,) rows of the lexicon; `ranked`: the phrases of the theme, best first.
    """
    if not ranked:
        return [()] * len(texts)
    table = lexicon.incidence[texts][:, [phrase.column for phrase in ranked]]
    chosen: dict[tuple[int, ...], tuple[str, ...]] = {}
    shared = []
    for start, stop in zip(table.indptr[:-1], table.indptr[1:], strict=True):
        used = tuple(sorted(table.indices[start:stop].tolist()))
        if used not in chosen:
            chosen[used] = tuple(phrase.text for phrase in without_repeats([ranked[at] for at in used]))
        shared.append(chosen[used])
    return shared


def contrast_phrases(lexicon: Lexicon, here: Ints, there: Ints) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Returns the phrases that the first of two themes uses more often; and the reverse.

    At most MAX_PHRASES each, best first. `here`, `there`: the text of each idea, as rows of the lexicon.
    """
    counts = lexicon.count([here, there]).toarray().astype(np.float64)
    return (
        _contrasts(lexicon, here, counts[0], counts[1] / max(1, len(there))),
        _contrasts(lexicon, there, counts[1], counts[0] / max(1, len(here))),
    )


def _contrasts(lexicon: Lexicon, here: Ints, counts: Floats, elsewhere: Floats) -> tuple[str, ...]:
    """`counts`: (phrases,) of the ideas here; `elsewhere`: (phrases,) shares, 0..1, of the ideas there."""
    columns = np.flatnonzero(lexicon.in_language(lexicon.main_language(here)) & (counts >= min(2, len(here))))
    scores = lexicon.lifted(columns, counts[columns] / max(1, len(here)), elsewhere[columns] + 1 / (len(here) + 1))
    best = [int(columns[at]) for at in np.lexsort((columns, -scores))[:MAX_READ] if scores[at] > 0]
    found = [Phrase(column, lexicon.key(column), "", 0.0, 0, 0.0) for column in best]
    return tuple(lexicon.write([phrase.column for phrase in without_repeats(found)], here))
