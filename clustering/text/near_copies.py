"""Finds near-copies: texts that are one text with small edits, such as those of a petition.

Candidates share minimal hashes of their pairs of words (MinHash, Broder 1997; in bands, Indyk and Motwani 1998). Each
is then compared word by word with one text that many are like, never along a chain. Figures and rules:
docs/decisions/0040-near-copies-are-one-text.md.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Bools, Ints
from clustering.text.cleaning import strip_accents
from clustering.text.grammar import is_function_word, lemma
from clustering.text.word_lists import NEGATIONS

MIN_CHARACTERS = 50  # of a text that may be a near-copy: in a shorter one a single word makes it another ask
MIN_SHARED = 7  # content words that two near-copies share, at least
MIN_PAIRS_SHARED = 0.4  # share of the pairs of words of the shorter one that the other one has
MIN_PART = 0.5  # share of the content words of the longer one that the shorter one has: more is a text of its own
MANY = 5  # ideas from which a text was sent by many: then some of its words may be replaced
MAX_REPLACED = 0.34  # words that may be replaced in it, for each content word that is shared
SLOT_SHARE = 0.5  # of the copies that replace one word: with so many different ones it is a form that people fill in
SAME_SENTENCE = 0.3  # share of its content words from which a sentence is one that the other text has too
SAME_WORD = 0.75  # of the letters of two words, at both ends, from which they are one with a typing error

BANDS, HASHES = 24, 3  # two texts are candidates where HASHES minimal hashes of one band are equal
MAX_TRIES = 12  # comparisons in vain after which a text is compared no more: bounds the time

MAX_READ = 20_000  # texts whose words are kept in memory

# A letter alone in scripts without spaces. "8 000" is one number.
_WORD = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]|[^\W_]+")
_THOUSANDS = re.compile(r"(?<=\d)[ \u00a0\u202f.,](?=\d{3}(?!\d))")
_SENTENCE_END = re.compile(r"(?<=[.!?…;:])\s+|(?<=[。！？；])")
_NAMES = frozenset(("de",))  # languages that write all nouns with a capital: there it marks no name


def find_near_copies(gists: Sequence[str], langs: Sequence[str | None], weights: Ints) -> Ints:
    """Returns (m,) for each of m distinct texts the place of the one that it is a near-copy of; its own for any other.

    `gists`: what the texts say; `weights`: (m,) how many ideas have each. A text that others copy copies none. Linear
    in the length of all texts, but for texts that resemble many without being copies: see MAX_TRIES.
    """
    same_as = np.arange(len(gists))
    rows = [row for row, words in enumerate(gists) if len(words) >= MIN_CHARACTERS]
    if len(rows) < 2:  # noqa: PLR2004 - a pair
        return same_as
    rows_of = np.array(rows, dtype=np.intp)
    texts = _Texts([gists[row] for row in rows], [langs[row] for row in rows])
    for centre, copies in _groups(texts, weights[rows_of]):
        same_as[rows_of[copies]] = rows_of[centre]
    return same_as


class _Texts:
    """m texts, read as far as it takes: the hashes of all at once, the words of those that are compared."""

    def __init__(self, gists: Sequence[str], langs: Sequence[str | None]) -> None:
        self._gists, self._langs = gists, langs
        hash_of: dict[str, int] = {}
        flat: list[int] = []
        starts = [0]
        for gist in gists:
            words = _WORD.findall(_without_thousands(gist).lower())
            for word in words:
                if word not in hash_of:
                    hash_of[word] = crc32(strip_accents(word).encode())
            flat += [hash_of[word] for word in words]
            starts.append(len(flat))
        hashes = np.array([*flat, 0], dtype=np.uint32)
        self._starts = np.array(starts, dtype=np.intp)
        self._pairs = _mixed(_mixed(hashes[:-1]) + hashes[1:])  # the last one of a text reaches into the next text
        self._read = lru_cache(maxsize=MAX_READ)(self._read_words)
        self.pairs = lru_cache(maxsize=MAX_READ)(self._read_pairs)

    def bands(self) -> NDArray[np.uint64]:
        """Returns (m, BANDS): texts with an equal value in a column are candidates."""
        random = np.random.default_rng(0)
        result = np.zeros((len(self._gists), BANDS), dtype=np.uint64)
        for number in range(BANDS * HASHES):
            factor, offset = random.integers(2**32, size=2, dtype=np.uint32)
            least = np.minimum.reduceat(self._pairs * (factor | np.uint32(1)) + offset, self._starts[:-1])
            result[:, number // HASHES] = result[:, number // HASHES] * np.uint64(0x9E3779B97F4A7C15) + least
        return result

    def compare(self, centre: int, text: int) -> "_Edits | None":
        """Returns how a text differs from the one at the centre, None where it says something else."""
        one, other = self.pairs(centre), self.pairs(text)
        if len(one & other) < MIN_PAIRS_SHARED * min(len(one), len(other)):
            return None
        return _compare(self._read(centre), self._read(text))

    def _read_pairs(self, text: int) -> frozenset[int]:
        return frozenset(self._pairs[self._starts[text] : self._starts[text + 1] - 1].tolist())

    def _read_words(self, text: int) -> "_Words":
        return _Words.of(self._gists[text], self._langs[text])


def _mixed(hashes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Returns hashes whose bits all depend on all bits of the given ones."""
    result = (hashes ^ (hashes >> np.uint32(16))) * np.uint32(0x7FEB352D)
    return result ^ (result >> np.uint32(15))


def _without_thousands(text: str) -> str:
    return _THOUSANDS.sub("", text) if any(map(str.isdigit, text)) else text


def _groups(texts: _Texts, weights: Ints) -> Iterator[tuple[int, list[int]]]:
    """Yields the text at the centre of each group, and its near-copies. The texts that most are like come first."""
    buckets, of_text, sizes = _buckets(texts.bands(), weights)
    order = np.lexsort((-weights, -sizes))  # of equals the first text
    tries = np.zeros(len(weights), dtype=np.intp)
    free = np.ones(len(weights), dtype=np.bool_)
    for centre in order.tolist():
        if not free[centre] or not of_text[centre]:
            continue
        near = _free_in(buckets, of_text[centre], free)
        found = _like(texts, centre, near)
        if int(weights[[centre, *found]].sum()) >= MANY:  # what is like its copies may be one too
            more = np.setdiff1d(_free_in(buckets, {at for text in found for at in of_text[text]}, free), near)
            found |= _like(texts, centre, more)
            near = np.concatenate([near, more])
        copies = _choose(found, weights, int(weights[centre]))
        tries[near] += 1
        free[[centre, *copies]] = False
        free[near[tries[near] >= MAX_TRIES]] = False
        if copies:
            yield centre, copies


def _free_in(buckets: list[Ints], places: Iterable[int], free: Bools) -> Ints:
    """Returns the texts of some buckets that are free, each once, ascending. Takes the others out of the buckets."""
    for place in places:
        buckets[place] = buckets[place][free[buckets[place]]]
    return np.unique(np.concatenate([buckets[place] for place in places]))


def _like(texts: _Texts, centre: int, others: Ints) -> dict[int, "_Edits"]:
    """Returns the texts that say what the one at the centre says, and how they differ from it."""
    found = {text: texts.compare(centre, text) for text in others.tolist() if text != centre}
    return {text: edits for text, edits in found.items() if edits is not None and edits.replaced <= MAX_REPLACED}


def _buckets(bands: NDArray[np.uint64], weights: Ints) -> tuple[list[Ints], list[list[int]], Ints]:
    """Returns the buckets of several texts, of each text the places of its buckets, and how many ideas are in these."""
    buckets: list[Ints] = []
    of_text: list[list[int]] = [[] for _ in range(len(bands))]
    sizes = np.zeros(len(bands), dtype=np.intp)
    for band in bands.T:
        order = np.argsort(band, kind="stable")
        starts = np.flatnonzero(np.diff(band[order], prepend=band[order[0]] ^ np.uint64(1)))
        ends = np.append(starts[1:], len(order))
        for start, end in zip(starts[ends - starts > 1].tolist(), ends[ends - starts > 1].tolist(), strict=True):
            bucket = order[start:end]
            sizes[bucket] += weights[bucket].sum()
            for text in bucket.tolist():
                of_text[text].append(len(buckets))
            buckets.append(bucket)
    return buckets, of_text, sizes


@dataclass(frozen=True)
class _Edits:
    """What a text changes in the one at the centre, in the sentences of both. `lost`, `new`: content words."""

    lost: frozenset[str]
    new: frozenset[str]
    replaced: float  # words of one that stand for words of the other, for each content word that is shared


def _choose(found: dict[int, _Edits], weights: Ints, own: int) -> list[int]:
    """Returns the near-copies among the texts that are like the centre."""
    if own + int(weights[list(found)].sum()) >= MANY and not _is_form(list(found.values())):
        return list(found)
    return [text for text, edits in found.items() if not edits.replaced]


def _is_form(copies: Sequence[_Edits]) -> bool:
    """Whether there is a word that most copies replace, each by another one: a form that they fill in."""
    lost = Counter(word for edits in copies if edits.replaced for word in edits.lost)
    for word, count in lost.items():
        if count >= max(2, SLOT_SHARE * len(copies)):
            instead = {new for edits in copies if word in edits.lost for new in edits.new}
            if len(instead) >= count:
                return True
    return False


@dataclass(frozen=True)
class _Words:
    """The words of a text, by lemma. `words`: all; `content`: those with a meaning; `sentences`: these by sentence."""

    words: frozenset[str]
    content: frozenset[str]
    sentences: list[frozenset[str]]
    strict: frozenset[str]  # names and numbers: to replace one by another is to ask for something else
    negations: frozenset[str]  # to add or to drop one says the opposite

    @classmethod
    def of(cls, gist: str, lang: str | None) -> "_Words":
        words: set[str] = set()
        sentences, strict, negations = [], set(), set()
        listed = NEGATIONS.get(lang or "", frozenset())
        for sentence in _SENTENCE_END.split(_without_thousands(gist)):
            here = set()
            for place, written in enumerate(_WORD.findall(sentence)):
                lower = written.lower()
                word = lemma(lower, lang)
                words.add(word)
                is_name = place > 0 and written[0].isupper() and len(written) > 1 and lang not in _NAMES
                if lower in listed:
                    negations.add(word)
                if lower.isdigit() or (is_name and not sentence.isupper()):
                    strict.add(word)
                if lower in listed or lower.isdigit() or not is_function_word(lower, lang):
                    here.add(word)
            sentences.append(frozenset(here))
        content = frozenset().union(*sentences)
        return cls(frozenset(words), content, sentences, frozenset(strict), frozenset(negations))

    def beside(self, other: "_Words") -> frozenset[str]:
        """Returns its content words in the sentences that the other text has too, more or less."""
        told = (own for own in self.sentences if len(own & other.content) >= SAME_SENTENCE * len(own))
        return frozenset().union(*told)


def _compare(centre: _Words, text: _Words) -> _Edits | None:
    """Returns how a text differs from the one at the centre, None where it says something else."""
    shared = len(centre.content & text.content)
    if shared < MIN_PART * max(len(centre.content), len(text.content)):
        return None
    lost, new = centre.beside(text) - text.words, text.beside(centre) - centre.words
    if min(len(lost), len(new)) > 2 * MAX_REPLACED * shared:
        return None
    misspelled = [(one, two) for one in lost for two in new if _same_word(one, two)]
    shared += len({one for one, _ in misspelled})
    lost, new = lost - {one for one, _ in misspelled}, new - {two for _, two in misspelled}
    if (
        shared < MIN_SHARED
        or (lost & centre.strict and new & text.strict)
        or lost & centre.negations
        or new & text.negations
    ):
        return None
    return _Edits(lost, new, min(len(lost), len(new)) / shared)


def _same_word(one: str, other: str) -> bool:
    """Whether two words differ in one place only, by a few letters: a typing error, or another ending."""
    if one.isdigit() or other.isdigit():
        return False
    start = _same_letters(one, other)
    end = _same_letters(one[start:][::-1], other[start:][::-1])
    return start + end >= SAME_WORD * max(len(one), len(other))


def _same_letters(one: str, other: str) -> int:
    """Returns how many letters two words have in common at their beginning."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
