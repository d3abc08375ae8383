"""The words of a text as a search compares them: without accents, capitals, apostrophes and endings.

A word becomes a few *tokens* of `a-z`, `0-9` and `_`: the word itself and its stems in French and in English. Two words
are the same word where they share a token of a stem. Both databases store and compare these tokens and nothing else, so
they find the same texts.
"""

import re
import unicodedata
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache, lru_cache

from snowballstemmer.english_stemmer import EnglishStemmer
from snowballstemmer.french_stemmer import FrenchStemmer

# Letters of a word that count. A longer word is found by these.
MAX_WORD_LENGTH = 40
# Distinct words whose tokens are kept in memory.
MAX_KEPT = 32_768
# Stemming again removes the second ending of “achetée”. More than three rounds change nothing.
MAX_ROUNDS = 3
# Words that are in nearly every text, without accents. A search ignores them, and single letters, if it has another.
STOP_WORDS = frozenset({
    "ai", "as", "au", "aux", "avec", "ce", "ces", "cet", "cette", "dans", "de", "des", "du", "elle", "elles", "en",
    "es", "est", "et", "eu", "il", "ils", "je", "la", "le", "les", "leur", "leurs", "lui", "ma", "mais", "me", "mes",
    "mon", "ne", "nos", "notre", "nous", "on", "ont", "ou", "par", "pas", "pour", "qu", "que", "qui", "sa", "se",
    "ses", "si", "son", "sont", "sur", "ta", "te", "tes", "toi", "ton", "tu", "un", "une", "vos", "votre", "vous",
    "an", "and", "are", "at", "be", "by", "for", "from", "he", "in", "is", "it", "its", "my", "of", "or", "our", "she",
    "so", "than", "that", "the", "their", "they", "this", "to", "was", "we", "were", "will", "with", "you", "your",
})  # fmt: skip

# Marks that are written above or below a letter and can be left out: accents, Hebrew points, Arabic vowels and their
# filler. Not those of Thai or Hindi, which are letters.
_MARKS = re.compile(
    "[\u0300-\u036f\u0591-\u05c7\u0640\u064b-\u0652\u0670\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f]"
)
_MARKED = "[\u0300-\u036f]*"  # an accent that is a character of its own
_ALPHABETS = 0x2000  # where those of Unicode end: signs and Chinese come after them
_LETTERS = {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i"}
_HYPHENS = frozenset("-\u2010\u2011\u2012\u00ad")
# Unicode has these apostrophes among the letters.
_APOSTROPHES = frozenset("\u02b9\u02bb\u02bc\u02bd\ua78c")
# Tones of skin, which belong to the emoji before them; and where signs that are words begin: arrows, then pictures.
_TONES = frozenset("\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff")
_FIRST_PICTURE = "\u2190"
# Chinese, Japanese, Thai, Lao, Burmese and Khmer are written without spaces: their words are found by pairs of signs.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff]+"
)
_RUN = re.compile(rf"{_UNSPACED.pattern}|(?:(?!{_UNSPACED.pattern[:-1]}).)+")


class _Folds(dict[int, str]):
    """What each character becomes, found once. Characters are folded one by one, so any text takes linear time."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _fold_character(chr(code))
        return folded


_FOLDS = _Folds()


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text: where it is there, as it is compared, and its tokens.

    `stems`: the tokens that it shares with the same word in another form. `parts`: a compound's words, else empty.
    `same`: in a search, what means the same, such as an abbreviation and its meaning.
    """

    start: int
    end: int
    folded: str
    stems: frozenset[str]
    parts: tuple["Word", ...] = ()
    same: tuple["Word", ...] = ()

    def is_among(self, found: AbstractSet[str]) -> bool:
        """True where these stems of a text have it, or what means the same."""
        whole = bool(self.parts) and all(part.is_among(found) for part in self.parts)
        return whole or bool(self.stems & found) or any(other.is_among(found) for other in self.same)

    def forms(self) -> Iterator["Word"]:
        """The word, its parts, and those of what means the same."""
        yield self
        for other in (*self.parts, *self.same):
            yield from other.forms()


def index_tokens(text: str) -> str:
    """Every token of a text once, in alphabetical order, with spaces between: what the databases index."""
    tokens: set[str] = set()
    for chunk in text.translate(_FOLDS).split():
        # Only words are kept. A text without a space, such as a Chinese one, has thousands of tokens in one chunk.
        tokens.update(_kept_tokens(chunk) if len(chunk) <= MAX_WORD_LENGTH else _chunk_tokens(chunk))
    return " ".join(sorted(tokens))


def words_of(text: str) -> Iterator[Word]:
    """The words of a text in their order. A compound (“porte-vélo”) is one word, with its parts."""
    starts, folded = _positions(text)
    for found in re.finditer(r"\S+", folded):
        chunk = found[0]
        parts = tuple(
            _word(part, starts, found.start() + at)
            for at, run in _runs(chunk)
            for at, part in ([(at, run)] if not _UNSPACED.match(run) else _pairs(run, at))
        )
        if len(parts) == 1 or _UNSPACED.search(chunk):
            yield from parts
        elif parts:
            joined = chunk.replace("-", "")
            yield Word(parts[0].start, parts[-1].end, joined[:MAX_WORD_LENGTH], stems(joined), parts)


def spelled(folded: str) -> str:
    """A regular expression for both databases, of the ways to write a folded word that may go on. It matches anywhere.

    Empty where a letter is of a script that it does not know: what it is for then does without.
    """
    known, pattern, at = _spellings(), "", 0
    if not all(letter in known for letter in folded):
        return ""
    while at < len(folded):
        pair = folded[at : at + 2]
        if len(pair) == 1:  # of a sign that stands for two letters, the second is not typed yet
            pattern += f"[{''.join(signs for letters, signs in known.items() if letters[0] == pair)}]"
        elif pair in known:
            pattern += f"(?:[{known[pair[0]]}]{_MARKED}[{known[pair[1]]}]|[{known[pair]}])"
        else:
            pattern, pair = f"{pattern}[{known[pair[0]]}]", pair[0]
        pattern, at = pattern + _MARKED, at + len(pair)
    return pattern


@cache
def _spellings() -> dict[str, str]:
    """By what they become, the characters of the alphabets that come first in Unicode: Latin, Greek, Arabic, Thai…"""
    found: dict[str, str] = {}
    for code in range(_ALPHABETS):
        if (folded := _FOLDS[code]).isalnum():
            found[folded] = found.get(folded, "") + chr(code)
    return found


def token(folded: str) -> str:
    """The token of a folded word: the word, or the numbers of its characters where one is not of `a-z` and `0-9`.

    The token of the beginning of a word is the beginning of its token.
    """
    if folded.isascii():
        return folded
    return "_" + "".join(f"{ord(character):06x}" for character in folded)


def stems(folded: str) -> frozenset[str]:
    """The tokens of a folded word without its endings: in French, and in English. Of other alphabets, the word."""
    return _stems(folded[:MAX_WORD_LENGTH])


@lru_cache(MAX_KEPT)
def _stems(folded: str) -> frozenset[str]:
    if not folded.isascii() or folded.isdigit():
        return frozenset({token(folded)})
    # A stemmer holds the word that it works on: each call has its own, as several threads search at once.
    return frozenset({_stem(FrenchStemmer(), folded), _stem(EnglishStemmer(), folded)})


def _stem(stemmer: FrenchStemmer | EnglishStemmer, word: str) -> str:
    for _round in range(MAX_ROUNDS):
        shorter: str = stemmer.stemWord(word)
        if shorter == word:
            break
        word = shorter
    return word


def _chunk_tokens(chunk: str) -> frozenset[str]:
    """The tokens of what stands between two spaces: of each part of a compound, and of the whole."""
    tokens: set[str] = set()
    for at, run in _runs(chunk):
        if _UNSPACED.match(run):
            tokens.update(token(sign) for sign in run)
            tokens.update(token(pair) for _at, pair in _pairs(run, at))
        else:
            tokens |= {token(run[:MAX_WORD_LENGTH]), *stems(run)}
    if "-" in chunk and not _UNSPACED.search(chunk):
        joined = chunk.replace("-", "")
        if joined:
            tokens |= {token(joined[:MAX_WORD_LENGTH]), *stems(joined)}
    return frozenset(tokens)


_kept_tokens = lru_cache(MAX_KEPT)(_chunk_tokens)


def _runs(chunk: str) -> Iterator[tuple[int, str]]:
    """The parts of a chunk, each with its place: between hyphens, and where a script without spaces begins or ends."""
    for part in re.finditer("[^-]+", chunk):
        for run in _RUN.finditer(part[0]):
            yield part.start() + run.start(), run[0]


def _pairs(run: str, at: int) -> Iterator[tuple[int, str]]:
    """Each two neighbours of a run of signs, or its only sign."""
    for place in range(max(1, len(run) - 1)):
        yield at + place, run[place : place + 2]


def _word(folded: str, starts: list[int], at: int) -> Word:
    return Word(starts[at], starts[at + len(folded) - 1] + 1, folded[:MAX_WORD_LENGTH], stems(folded))


def _positions(text: str) -> tuple[list[int], str]:
    """The folded text, and for each of its characters the place in the text that it comes from."""
    starts: list[int] = []
    folds = [_FOLDS[ord(character)] for character in text]
    for place, fold in enumerate(folds):
        starts.extend([place] * len(fold))
    return starts, "".join(folds)


def _fold_character(character: str) -> str:
    """The lower-case letters and digits that a character stands for; a hyphen; a space for any other sign.

    An emoji is a word by itself.
    """
    if character in _HYPHENS:
        return "-" if character != "\u00ad" else ""
    if character in _TONES:
        return ""
    bare = _MARKS.sub("", unicodedata.normalize("NFKD", character.casefold()))
    folded = ""
    for letter in unicodedata.normalize("NFC", bare):
        category = unicodedata.category(letter)
        if category[0] in "LMN" and letter not in _APOSTROPHES:
            folded += _LETTERS.get(letter, letter)
        elif category == "So" and letter >= _FIRST_PICTURE:
            folded += f" {letter} "
        elif category != "Cf":  # of joiners nothing is left
            folded += " "
    return folded
