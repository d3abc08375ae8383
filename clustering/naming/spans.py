"""Spans of tokens: the stretches of text, without a pause inside, that phrases and names are made of."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Bools, Ints
from clustering.text.tagging import TaggedTokens

MAX_TOKENS = 7  # in one span, function words included
MAX_FUNCTION_WORDS = 2  # in a row
HASH_BASE = np.uint64(1_000_003)  # of the polynomial hash of a sequence of lemmas


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


def find_spans(
    tokens: TaggedTokens, start: Ints, inner: Bools, *, content_words: int, spaced_words: int = MAX_TOKENS
) -> Spans:
    """Returns all spans that start at one of some tokens and end at a content word, without their first word twice.

    `start`: (k,) tokens; `inner`: (tokens,) bool, the tokens that may be in a span. `content_words`: the most in a
    span, a fixed expression counted as one; `spaced_words`: the most, counting words between spaces.
    """
    lemma, content, needs_before = tokens.lemma, ~tokens.function, tokens.needs_before[tokens.lemma]
    growing = _GrowingSpans(start)
    found = []
    for step in range(MAX_TOKENS):
        growing.keep(growing.start + step < len(lemma))
        if step:
            growing.keep(tokens.linked[growing.start + step])
        at = growing.start + step
        growing.spaced += tokens.spaced[at] | (step == 0)
        growing.function = np.where(content[at], 0, growing.function + 1)
        growing.expressions += content[at] & ~(needs_before[at] & (growing.expressions > 0))
        fits = (growing.expressions <= content_words) & (growing.spaced <= spaced_words)
        growing.keep(fits & inner[at] & (growing.function <= MAX_FUNCTION_WORDS))
        at = growing.start + step
        grown = growing.key * HASH_BASE + lemma[at].astype(np.uint64) + np.uint64(1)
        growing.key = np.where(content[at], grown, growing.key)
        growing.content += content[at]
        growing.repeats |= content[at] & (lemma[at] == lemma[growing.start]) & (step > 0)
        ends = content[at] & ~growing.repeats
        found.append((growing.start[ends], at[ends], growing.key[ends], growing.content[ends]))
    return Spans(*(np.concatenate(column) for column in zip(*found, strict=True)))


class _GrowingSpans:
    """Spans that grow token by token: arrays with one entry for each."""

    def __init__(self, start: Ints) -> None:
        self.start = start
        self.spaced = np.zeros(len(start), dtype=np.intp)  # words between spaces
        self.function = np.zeros(len(start), dtype=np.intp)  # function words in a row
        self.expressions = np.zeros(len(start), dtype=np.intp)  # content words, a fixed expression counted as one
        self.content = np.zeros(len(start), dtype=np.intp)  # content words
        self.key = np.zeros(len(start), dtype=np.uint64)
        self.repeats = np.zeros(len(start), dtype=np.bool_)  # whether the first word is there again

    def keep(self, where: Bools) -> None:
        for name, values in vars(self).items():
            setattr(self, name, values[where])


def ranges(starts: Ints, stops: Ints) -> Ints:
    """Returns the integers from each start to its stop (exclusive), one range after the other."""
    lengths = stops - starts
    before = np.cumsum(lengths) - lengths
    return np.repeat(starts - before, lengths) + np.arange(lengths.sum())
