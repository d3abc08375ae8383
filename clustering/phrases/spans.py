"""Spans of tokens: the stretches of text, without a pause inside, that phrases and names are made of."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Bools, Ints
from clustering.text.tagging import TaggedTokens

MAX_WORDS = 7  # of a name or a phrase, function words included
MAX_CONTENT_WORDS = 3  # of one phrase, a fixed expression counted as one
MAX_FUNCTION_WORDS = 2  # in a row


@dataclass(frozen=True)
class Spans:
    """m spans of tokens, arrays of shape (m,).

    `first`, `last`: the tokens at both ends. `key`: uint64, a hash of the lemmas of the content words in order, the
    same for the same lemmas. `content`: the number of content words.
    """

    first: Ints
    last: Ints
    key: NDArray[np.uint64]
    content: Ints

    def where(self, rows: Bools | Ints) -> "Spans":
        """Returns some of the spans."""
        return Spans(self.first[rows], self.last[rows], self.key[rows], self.content[rows])

    def tokens(self) -> tuple[Ints, Ints]:
        """Returns the tokens of all spans, one span after the other, and where each span starts in them: (m,)."""
        lengths = self.last + 1 - self.first
        return ranges(self.first, self.last + 1), np.cumsum(lengths) - lengths

    def any(self, flags: Bools) -> Bools:
        """Returns which spans hold a token with a flag. `flags`: (tokens,)."""
        before = np.cumsum(np.append(0, flags))
        result: Bools = before[self.last + 1] > before[self.first]
        return result


def find_spans(tokens: TaggedTokens, start: Ints, inner: Bools, *, content_words: int = MAX_CONTENT_WORDS) -> Spans:
    """Returns all spans that start at one of some tokens and end at a content word, without their first word twice.

    `start`: (k,) tokens; `inner`: (tokens,) bool, the tokens that may be in a span. `content_words`: the most in a
    span, a fixed expression counted as one.
    """
    lemma, content, needs_before = tokens.lemma, ~tokens.function, tokens.needs_before[tokens.lemma]
    none = np.zeros(len(start), dtype=np.intp)
    # The spans that still grow: first token, function words in a row, expressions, content words, key, whether one
    # repeats its first word.
    growing = (start, none, none, none, none.astype(np.uint64), none > 0)
    found = []
    for step in range(MAX_WORDS):
        at = np.minimum(growing[0] + step, len(lemma) - 1)
        fits = inner[at] & (growing[0] + step == at) & ((step == 0) | tokens.linked[at])
        first, in_a_row, expressions, count, key, repeats = (values[fits] for values in growing)
        at, ends = at[fits], content[at[fits]]
        in_a_row = np.where(ends, 0, in_a_row + 1)
        expressions = expressions + (ends & ~(needs_before[at] & (expressions > 0)))
        key = np.where(ends, key * np.uint64(1_000_003) + lemma[at].astype(np.uint64) + np.uint64(1), key)
        repeats = repeats | (ends & (lemma[at] == lemma[first]) & (step > 0))
        fits = (expressions <= content_words) & (in_a_row <= MAX_FUNCTION_WORDS)
        grown = (first, in_a_row, expressions, count + ends, key, repeats)
        growing = tuple(values[fits] for values in grown)
        ends = ends[fits] & ~growing[5]
        found.append((growing[0][ends], growing[0][ends] + step, growing[4][ends], growing[3][ends]))
    return Spans(*(np.concatenate(column) for column in zip(*found, strict=True)))


def ranges(starts: Ints, stops: Ints) -> Ints:
    """Returns the integers from each start to its stop (exclusive), one range after the other."""
    lengths = stops - starts
    before = np.cumsum(lengths) - lengths
    return np.repeat(starts - before, lengths) + np.arange(lengths.sum())
