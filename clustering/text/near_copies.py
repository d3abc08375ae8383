"""Finds near-copies: texts that are one text with small edits, such as those of a petition.

Texts that resemble one another share minimal hashes of their pairs of words (MinHash, Broder 1997; in bands, Indyk and
Motwani 1998). Each is then compared word by word with one text that many are like, never along a chain. What is an edit
and what another ask: docs/decisions/0040-near-copies-are-one-text.md.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Bools, Ints
from clustering.text.cleaning import strip_accents
from clustering.text.grammar import is_function_word, lemma
from clustering.text.word_lists import NEGATIONS

MIN_RESEMBLANCE = 0.6  # of the pairs of words of two texts, the share that both have (Jaccard, estimated)
MIN_RESEMBLANCE_IF_MANY = 0.25  # in a petition, to which people add sentences of their own
MIN_SHARED = 7  # content words that two near-copies share: in shorter texts a single word makes it another ask
MIN_MANY = 5  # ideas from which a text was sent by many: then some of its words may be replaced
MAX_REPLACED = 0.5  # words that may be replaced in it, for each content word that is shared
MAX_OWN = 0.25  # share of its copies that use a word: one that more use is another wording of the petition
MIN_PART = 0.55  # of the content words of the longer text that the other has too: with more it asks for more
SAME_SENTENCE = 0.3  # share of its content words from which a sentence is one that the other text has too
SAME_WORD = 0.75  # of the letters of two words, at both ends, from which they are one with a typing error

BANDS, HASHES = 36, 2  # two texts are candidates where HASHES minimal hashes of one band are equal
ROUNDS = 2  # in each, a text is compared with at most 2 * BANDS others
MAX_COMPARED = 50  # copies of a text that show whether it is a form, when one more comes

# A letter alone in scripts without spaces. "8 000" is one number.
_LETTER = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]")
_WORD = re.compile(rf"{_LETTER.pattern}|[^\W_]+")
_THOUSANDS = re.compile(r"(?<=\d)[ \u00a0\u202f.,](?=\d{3}(?!\d))")
_SENTENCE_END = re.compile(r"(?<=[.!?…;:])\s+|(?<=[。！？；])")
_CAPITAL_NOUNS = frozenset(("de",))  # languages where a capital marks no name


def find_near_copies(gists: Sequence[str], langs: Sequence[str | None], weights: Ints) -> Ints:
    """Returns (m,) for each of m distinct texts the place of the one that it is a near-copy of; its own for any other.

    `gists`: what the texts say; `weights`: (m,) how many ideas have each. A text that others copy copies none. Linear
    in the length of all texts.
    """
    same_as = np.arange(len(gists))
    alone = np.ones(len(gists), dtype=np.bool_)  # neither a copy nor copied
    form = np.zeros(len(gists), dtype=np.bool_)  # with words of its own in a text that people fill in
    ideas = weights.copy()  # with those of its copies
    texts = [_THOUSANDS.sub("", gist) for gist in gists]
    candidates = _Candidates(texts, weights)
    for _ in range(ROUNDS):
        for centre, near in candidates.by_centre(same_as, alone):
            if same_as[centre] != centre:  # it was found to be a copy meanwhile
                continue
            one = _Words.of(texts[centre], langs[centre])
            read = {text: one.edits(_Words.of(texts[text], langs[text])) for text in near if alone[text]}
            found = {text: edits for text, edits in read.items() if edits is not None}
            replacing = [text for text, edits in found.items() if edits.replaced]
            form[replacing] |= _is_form([found[text] for text in replacing])
            many = ideas[centre] + weights[list(found)].sum() >= MIN_MANY
            copies = [
                text
                for text, edits in found.items()
                if (many and not form[text]) or (near[text] >= MIN_RESEMBLANCE and not edits.replaced)
            ]
            if copies:
                same_as[copies] = centre
                alone[[centre, *copies]] = False
                ideas[centre] += weights[copies].sum()
    return same_as


def may_be_copy(gist: str) -> bool:
    """Whether a text has enough words to be a near-copy of another one."""
    return len(_WORD.findall(gist)) >= MIN_SHARED


class KnownTexts:
    """The texts of m ideas, those that say the same found already; finds the one that a further text is a near-copy of.

    As find_near_copies would, were the text among them, except that no text here changes its group.
    """

    def __init__(self, gists: Sequence[str], langs: Sequence[str | None], centres: Ints) -> None:
        """`gists`: m, what the ideas say; `centres`: (m,) the place of the one that each says the same as, or its own.

        Linear in the length of the texts.
        """
        self._texts = [_THOUSANDS.sub("", gist) for gist in gists]
        self._langs = langs
        self._centres = centres
        self._signatures = _signatures(self._texts)
        self._bands = _bands(self._signatures)

    def centre_of_copy(self, gist: str, lang: str | None, among: Bools) -> int | None:
        """Returns the place of the text that this one is a near-copy of, None if it says something of its own.

        `among`: (m,) the ideas that have their texts still. Of several, the one that most ideas say.
        """
        text = _THOUSANDS.sub("", gist)
        words = _Words.of(text, lang)
        if len(words.content) < MIN_SHARED:
            return None
        signature = _signatures([text])
        candidates = among & (self._bands == _bands(signature)).any(axis=1)
        centres = np.unique(self._centres[candidates])
        shares = (self._signatures[centres] == signature).mean(axis=1)
        ideas = np.bincount(self._centres[among], minlength=len(self._texts))[centres]
        for at in np.lexsort((-shares, -ideas)).tolist():
            centre, share = int(centres[at]), float(shares[at])
            if share >= MIN_RESEMBLANCE_IF_MANY and self._is_copy(words, centre, share, among):
                return centre
        return None

    def _is_copy(self, words: "_Words", centre: int, share: float, among: Bools) -> bool:
        one = _Words.of(self._texts[centre], self._langs[centre])
        edits = one.edits(words)
        if edits is None:
            return False
        if share >= MIN_RESEMBLANCE and not edits.replaced:
            return True
        copies = np.flatnonzero(among & (self._centres == centre))
        if len(copies) + 1 < MIN_MANY:
            return False
        known = (one.edits(_Words.of(self._texts[copy], self._langs[copy])) for copy in copies[:MAX_COMPARED].tolist())
        replacing = [other for other in known if other is not None and other.replaced]
        return not edits.replaced or not _is_form([*replacing, edits])


class _Candidates:
    """Pairs of texts that resemble one another. Of the texts with an equal hash, one is compared with all others."""

    def __init__(self, texts: Sequence[str], weights: Ints) -> None:
        self._signatures = _signatures(texts)
        self._bands = _bands(self._signatures)
        # The first of equals is the one that most ideas resemble.
        alike = np.zeros(len(texts))
        for band in self._bands.T:
            _, bucket = np.unique(band, return_inverse=True)
            alike += np.bincount(bucket, weights)[bucket]
        self._order = np.lexsort((-weights, -alike))
        self._rank = np.argsort(self._order)
        self._firsts = self._firsts_of(self._order)
        self._compared = np.zeros(0, dtype=np.intp)  # a centre's rank and another text, as one number

    def by_centre(self, same_as: Ints, alone: Bools) -> Iterator[tuple[int, dict[int, float]]]:
        """Yields texts, and how much those of `alone` resemble them. The texts that most ideas resemble come first."""
        rows = np.flatnonzero(alone)
        own = self._firsts_of(self._order[alone[self._order]])
        pairs = self._rank[np.hstack([same_as[self._firsts[rows]], own[rows]])] * len(alone) + rows[:, None]
        new = np.setdiff1d(pairs[self._rank[rows][:, None] != pairs // len(alone)], self._compared)
        self._compared = np.union1d(self._compared, new)
        ranks, texts = np.divmod(new, len(alone))
        ends = np.flatnonzero(np.diff(ranks, append=-1)) + 1
        for end, near in zip(ends.tolist(), np.split(texts, ends[:-1]), strict=False):
            centre = int(self._order[ranks[end - 1]])
            shares = (self._signatures[near] == self._signatures[centre]).mean(axis=1)
            enough = shares >= MIN_RESEMBLANCE_IF_MANY
            if enough.any():
                yield centre, dict(zip(near[enough].tolist(), shares[enough].tolist(), strict=True))

    def _firsts_of(self, order: Ints) -> Ints:
        """Returns (m, BANDS): of each text in `order` the first one with its hashes there; of any other itself."""
        firsts = np.repeat(np.arange(len(self._bands))[:, None], BANDS, axis=1)
        for number, band in enumerate(self._bands[order].T):
            _, first, bucket = np.unique(band, return_index=True, return_inverse=True)
            firsts[order, number] = order[first[bucket]]
        return firsts


def _signatures(texts: Sequence[str]) -> NDArray[np.uint32]:
    """Returns (m, BANDS * HASHES): the share of equal ones estimates the pairs of words that two texts share."""
    hash_of: dict[str, int] = {}
    flat: list[int] = []
    starts = []
    for text in texts:
        starts.append(len(flat))
        for word in _WORD.findall(text.lower()):
            if word not in hash_of:
                hash_of[word] = crc32(strip_accents(word).encode())
            flat.append(hash_of[word])
        flat.append(0)  # so that no text is empty, and none reaches into the next one
    words = np.array([*flat, 0], dtype=np.uint32)
    pairs = _mixed(_mixed(words[:-1]) + words[1:])
    random = np.random.default_rng(0)
    factors, offsets = random.integers(2**32, size=(2, BANDS * HASHES), dtype=np.uint32)
    least = [np.minimum.reduceat(pairs * (a | np.uint32(1)) + b, starts) for a, b in zip(factors, offsets, strict=True)]
    return np.stack(least, axis=1)


def _bands(signatures: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """Returns (m, BANDS): a number for the HASHES of each band of (m, BANDS * HASHES) signatures."""
    bands = np.zeros((len(signatures), BANDS), dtype=np.uint64)
    for number, hashes in enumerate(signatures.T):
        bands[:, number // HASHES] = bands[:, number // HASHES] * np.uint64(0x9E3779B97F4A7C15) + hashes
    return bands


def _mixed(hashes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Returns hashes whose bits all depend on all bits of the given ones."""
    result = (hashes ^ (hashes >> np.uint32(16))) * np.uint32(0x7FEB352D)
    return result ^ (result >> np.uint32(15))


class _Edits(NamedTuple):
    """Content words that only one of two texts has, in the sentences of both; `shared`: how many both have."""

    lost: frozenset[str]
    new: frozenset[str]
    shared: int

    @property
    def replaced(self) -> int:
        """Words of one that stand for words of the other."""
        return min(len(self.lost), len(self.new))


def _is_form(copies: Sequence[_Edits]) -> bool:
    """Whether most of some copies that replace words replace the same one, each by a word that few others have.

    Such a text is a form: what people fill in is what they ask for.
    """
    used = Counter(word for edits in copies for word in edits.new)
    few = max(1, MAX_OWN * len(copies))
    own = (edits for edits in copies if any(used[word] <= few for word in edits.new))
    lost = Counter(word for edits in own for word in edits.lost)
    return 2 * max(lost.values(), default=0) > len(copies)


@cache
def _read(word: str, lang: str | None) -> tuple[str, bool, bool]:
    """Returns the lemma of a word in lower case, whether it has a meaning, and whether it negates."""
    negates = word in NEGATIONS.get(lang or "", frozenset())
    letter_or_number = _LETTER.match(word) is not None or word.isdigit()
    return lemma(word, lang), negates or letter_or_number or not is_function_word(word, lang), negates


class _Words(NamedTuple):
    """The words of a text, by lemma. `words`: all; `content`: those with a meaning; `sentences`: these by sentence."""

    words: frozenset[str]
    content: frozenset[str]
    sentences: list[frozenset[str]]
    names: frozenset[str]  # and numbers: to replace one by another is to ask for something else
    negations: frozenset[str]  # to add or to drop one says the opposite

    @classmethod
    def of(cls, text: str, lang: str | None) -> "_Words":
        words: set[str] = set()
        sentences, names, negations = [], set(), set()
        for sentence in _SENTENCE_END.split(text):
            here = set()
            for place, written in enumerate(_WORD.findall(sentence)):
                word, has_meaning, negates = _read(written.lower(), lang)
                words.add(word)
                if has_meaning:
                    here.add(word)
                if negates:
                    negations.add(word)
                capital = place > 0 and len(written) > 1 and written.istitle() and lang not in _CAPITAL_NOUNS
                if capital or written.isdigit():
                    names.add(word)
            sentences.append(frozenset(here))
        content = frozenset().union(*sentences)
        return cls(frozenset(words), content, sentences, frozenset(names), frozenset(negations))

    def edits(self, other: "_Words") -> _Edits | None:
        """Returns how another text differs from this one, None where it says something else."""
        lost, new = _told(self, other) - other.words, _told(other, self) - self.words
        slips = [(one, two) for one in lost for two in new if _is_slip(one, two)]
        lost, new = lost - {one for one, _ in slips}, new - {two for _, two in slips}
        shared = len(self.content & other.content) + len(slips)
        if shared < max(MIN_SHARED, MIN_PART * max(len(self.content), len(other.content))):
            return None
        edits = _Edits(lost, new, shared)
        other_ask = (lost & self.names and new & other.names) or lost & self.negations or new & other.negations
        return None if other_ask or edits.replaced > MAX_REPLACED * shared else edits


def _told(one: _Words, other: _Words) -> frozenset[str]:
    """Returns the content words of one text in the sentences that the other has too, more or less."""
    sentences = (said for said in one.sentences if len(said & other.content) >= SAME_SENTENCE * len(said))
    return frozenset().union(*sentences)


def _is_slip(one: str, other: str) -> bool:
    """Whether two words differ in one place only, by a few letters, not the first: a typing error, or an ending."""
    start = _same_letters(one, other)
    end = _same_letters(one[start:][::-1], other[start:][::-1])
    return start > 0 and start + end >= SAME_WORD * max(len(one), len(other)) and not (one + other).isdigit()


def _same_letters(one: str, other: str) -> int:
    """Returns how many letters two words have in common at their beginning."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
