"""Spans of words: what stands in one breath, from one word to another, however many small words are within."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Bools, Ints
from clustering.text.tagging import TaggedTokens

TOKENS = 7  # in one span, small words included
SMALL_IN_A_ROW = 2
BASE = np.uint64(1_000_003)  # of the number that stands for a row of lemmas


@dataclass(frozen=True)
class Spans:
    """m spans of tokens, (m,) each.

    `number`: uint64, the same for the same lemmas of full words in the same order; `full`: how many words are full.
    """

    first: Ints
    last: Ints
    number: NDArray[np.uint64]
    full: Ints

    def where(self, rows: Bools | Ints) -> "Spans":
        """Returns some of them."""
        return Spans(self.first[rows], self.last[rows], self.number[rows], self.full[rows])

    def words(self) -> tuple[Ints, Ints]:
        """Returns the words of all spans, one span after the other, and where each span starts among them: (m,)."""
        lengths = self.last + 1 - self.first
        return spread(self.first, self.last + 1), np.cumsum(lengths) - lengths


def find_spans(words: TaggedTokens, start: Ints, inner: Bools, *, full_words: int, spaced_words: int = TOKENS) -> Spans:
    """Returns the spans from one of some words to a full one, in one breath, none with its first word twice.

    `start`: the places of those words; `inner`: (words,) bool, which may stand inside. `full_words`: the most, those
    that stay together counted once; `spaced_words`: the most, as spaces part them.
    """
    lemma, full, needs_before = words.lemma, ~words.function, words.needs_before[words.lemma]
    growing = _Growing(start)
    found = []
    for step in range(TOKENS):
        growing.keep(growing.start + step < len(lemma))
        if step:
            growing.keep(words.linked[growing.start + step])
        at = growing.start + step
        growing.spaced += words.spaced[at] | (step == 0)
        growing.function = np.where(full[at], 0, growing.function + 1)
        growing.counted += full[at] & ~(needs_before[at] & (growing.counted > 0))
        fits = (growing.counted <= full_words) & (growing.spaced <= spaced_words)
        growing.keep(fits & inner[at] & (growing.function <= SMALL_IN_A_ROW))
        at = growing.start + step
        grown = growing.number * BASE + lemma[at].astype(np.uint64) + np.uint64(1)
        growing.number = np.where(full[at], grown, growing.number)
        growing.full += full[at]
        growing.again |= full[at] & (lemma[at] == lemma[growing.start]) & (step > 0)
        ends = full[at] & ~growing.again
        found.append((growing.start[ends], at[ends], growing.number[ends], growing.full[ends]))
    return Spans(*(np.concatenate(column) for column in zip(*found, strict=True)))


class _Growing:
    """Spans that grow word by word, one entry each."""

    def __init__(self, start: Ints) -> None:
        self.start = start
        self.spaced = np.zeros(len(start), dtype=np.intp)  # words, as spaces part them
        self.function = np.zeros(len(start), dtype=np.intp)  # small words in a row
        self.counted = np.zeros(len(start), dtype=np.intp)  # full words, those that stay together counted once
        self.full = np.zeros(len(start), dtype=np.intp)
        self.number = np.zeros(len(start), dtype=np.uint64)  # stands for the lemmas
        self.again = np.zeros(len(start), dtype=np.bool_)  # says its first word twice

    def keep(self, where: Bools) -> None:
        for name, values in vars(self).items():
            setattr(self, name, values[where])


def spread(starts: Ints, stops: Ints) -> Ints:
    """Returns all whole numbers from each start to its stop, which is left out, one range after the other."""
    lengths = stops - starts
    before = np.cumsum(lengths) - lengths
    return np.repeat(starts - before, lengths) + np.arange(lengths.sum())
