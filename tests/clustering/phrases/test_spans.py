"""Spans of tokens, which phrases and names are made of."""

import numpy as np

from clustering.phrases.spans import find_spans, ranges
from clustering.text.tagging import TaggedTokens


def found(text, *, content_words):
    words = TaggedTokens([text], ["fr"], [1])
    start = np.flatnonzero(~words.function)
    inner = np.ones(len(words.function), dtype=bool)
    spans = find_spans(words, start, inner, content_words=content_words)
    return [words.surface(*place) for place in sorted(zip(spans.first.tolist(), spans.last.tolist(), strict=True))]


def test_a_span_starts_and_ends_at_content_words_without_a_pause():
    assert found("piste du canal, pont", content_words=2) == ["piste", "piste du canal", "canal", "pont"]
    assert found("piste du canal, pont", content_words=1) == ["piste", "canal", "pont"]


def test_a_span_has_few_function_words_in_a_row_and_its_first_word_once():
    assert found("pont et de la gare", content_words=2) == ["pont", "gare"]
    assert found("pont du pont", content_words=2) == ["pont", "pont"]


def test_the_same_lemmas_have_the_same_key():
    words = TaggedTokens(["piste cyclable", "pistes de cyclables", "cyclable piste"], ["fr"] * 3, [1] * 3)
    spans = find_spans(words, np.array([0, 2, 5]), np.ones(7, dtype=bool), content_words=2)
    both = spans.where(spans.content == 2)
    key = dict(zip(both.first.tolist(), both.key.tolist(), strict=True))
    assert key[0] == key[2] != key[5]
    entries, starts = both.tokens()
    assert [part.tolist() for part in np.split(entries, starts[1:])] == [[0, 1], [5, 6], [2, 3, 4]]


def test_ranges_of_integers_follow_each_other():
    assert ranges(np.array([3, 7, 7]), np.array([5, 7, 9])).tolist() == [3, 4, 7, 8]
    assert not len(ranges(np.array([], dtype=int), np.array([], dtype=int)))
