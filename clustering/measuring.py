"""What some ideas of a campaign have in common: for themes that people changed, without grouping anything again."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from clustering.arrays import Ints, Vectors, normalize_rows
from clustering.naming.exemplars import choose_exemplars
from clustering.phrases.lexicon import Lexicon
from clustering.phrases.ranking import rank_phrases, without_repeats
from clustering.quality.cohesion import cohesion
from clustering.quality.explanations import languages
from clustering.text.duplicates import UniqueTexts, dedupe_texts
from clustering.text.tokens import question_lemmas
from clustering.threads import one_blas_thread
from clustering.types import DIGITS, MeasuredTheme
from clustering.vectors.encoders import Encoder


def measure_themes(
    texts: Sequence[str],
    groups: Sequence[Sequence[int]],
    *,
    langs: Sequence[str | None] | None = None,
    encoder: Encoder,
    question: str = "",
    glossary: Mapping[str, str] | None = None,
    progress: Callable[[float], None] | None = None,
) -> list[MeasuredTheme]:
    """Measures groups of n texts as find_themes measures its themes.

    `texts`: of the whole campaign, which the groups are compared with. `groups`: rows of each, in any order. The rest
    as in find_themes. Exemplars are rows.
    """
    unique = dedupe_texts(texts, langs, None, glossary)
    meaning = encoder.encode(unique.gists, progress)
    with one_blas_thread():
        aside = question_lemmas(question, unique.langs)
        lexicon = Lexicon(unique.gists, unique.langs, unique.weights.tolist(), aside)
        centred = normalize_rows(meaning - meaning.mean(axis=0)) if len(meaning) else meaning
        members = [np.sort(np.asarray(group, dtype=np.intp)) for group in groups]
        ranked = rank_phrases(lexicon, [_texts_of(unique, rows) for rows in members])
        return [
            _measured(unique, meaning, centred, rows, tuple(phrase.text for phrase in without_repeats(phrases)))
            for rows, phrases in zip(members, ranked, strict=True)
        ]


def _measured(
    unique: UniqueTexts, meaning: Vectors, centred: Vectors, rows: Ints, phrases: tuple[str, ...]
) -> MeasuredTheme:
    texts, first, weights = np.unique(unique.index_of[rows], return_index=True, return_counts=True)
    with_words = texts >= 0
    texts, weights, distinct = texts[with_words], weights[with_words], rows[first][with_words]
    # How much each idea belongs to the theme is not known: only its closeness to the centre counts.
    chosen = choose_exemplars(
        meaning[texts], [unique.texts[row] for row in distinct], np.ones(len(texts), dtype=np.float32)
    )
    return MeasuredTheme(
        phrases=phrases,
        exemplars=tuple(int(distinct[at]) for at in chosen),
        cohesion=round(cohesion(centred[texts], weights.astype(np.float64)), DIGITS),
        languages=languages([unique.langs[text] for text in texts], weights),
    )


def _texts_of(unique: UniqueTexts, rows: Ints) -> Any:
    texts = unique.index_of[rows]
    return texts[texts >= 0]
