"""Spans of words, as phrases and names are made of them."""

import numpy as np

from clustering.naming.spans import find_spans, spread
from clustering.text.tagging import TaggedTokens


def found(text, *, full_words):
    words = TaggedTokens([text], ["fr"], [1])
    start = np.flatnonzero(~words.function)
    inner = np.ones(len(words.function), dtype=bool)
    spans = find_spans(words, start, inner, full_words=full_words)
    return [words.surface(*place) for place in sorted(zip(spans.first.tolist(), spans.last.tolist(), strict=True))]


def test_a_span_starts_and_ends_at_full_words_in_one_breath():
    assert found("piste du canal, pont", full_words=2) == ["piste", "piste du canal", "canal", "pont"]
    assert found("piste du canal, pont", full_words=1) == ["piste", "canal", "pont"]


def test_a_span_has_few_small_words_in_a_row_and_its_first_word_once():
    assert found("pont et de la gare", full_words=2) == ["pont", "gare"]
    assert found("pont du pont", full_words=2) == ["pont", "pont"]


def test_the_same_lemmas_have_the_same_number():
    words = TaggedTokens(["piste cyclable", "pistes de cyclables", "cyclable piste"], ["fr"] * 3, [1] * 3)
    spans = find_spans(words, np.array([0, 2, 5]), np.ones(7, dtype=bool), full_words=2)
    both = spans.where(spans.full == 2)
    number = dict(zip(both.first.tolist(), both.number.tolist(), strict=True))
    assert number[0] == number[2] != number[5]
    entries, starts = both.words()
    assert [part.tolist() for part in np.split(entries, starts[1:])] == [[0, 1], [5, 6], [2, 3, 4]]


def test_nothing_spreads_to_nothing():
    assert spread(np.array([3, 7, 7]), np.array([5, 7, 9])).tolist() == [3, 4, 7, 8]
    assert not len(spread(np.array([], dtype=int), np.array([], dtype=int)))
