"""Cleaning of texts: no control characters, HTML or addresses, at most MAX_CHARACTERS."""

import re
import unicodedata

import regex

MAX_CHARACTERS = 4000  # used of one idea; the idea itself is never cut
# Anchored to the start of a word: otherwise a text of nothing but "a@" takes a minute.
ADDRESS = re.compile(r"(?:https?://|www\.)\S+|(?<!\S)\S+@[^\s@]+\.\w+", re.IGNORECASE)
MARKUP = re.compile(r"</?[a-z][^<>]*>|&(?:[a-z]+|#\d+);", re.IGNORECASE)
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
# Unicode's normal form sorts the marks of a letter in quadratic time: no language needs more than four.
LONG_RUN_OF_MARKS = regex.compile(r"(\p{M}{4})\p{M}+")
SPACES = re.compile(r"\s+")
NOT_WORD = re.compile(r"[\W_]+")


def clean_text(text: str) -> str:
    """Returns a text in NFC on one line, without control, bidirectional or surrogate characters."""
    head = LONG_RUN_OF_MARKS.sub(r"\1", UNPRINTABLE.sub(" ", text[: MAX_CHARACTERS * 4]))
    return SPACES.sub(" ", unicodedata.normalize("NFC", head)).strip()[:MAX_CHARACTERS]


def encodable(text: str) -> str:
    """Returns a text as any model accepts it: at most MAX_CHARACTERS, without NUL or surrogate characters."""
    return text[:MAX_CHARACTERS].replace("\0", " ").encode("utf-8", "replace").decode("utf-8")


def gist(text: str) -> str:
    """Returns a cleaned text without HTML, web and mail addresses; empty if no letter or digit is left."""
    words = SPACES.sub(" ", ADDRESS.sub(" ", MARKUP.sub(" ", text))).strip()
    return words if any(character.isalnum() for character in words) else ""


def fold(text: str) -> str:
    """Returns a key that is the same for texts that differ only in capitals, punctuation and spaces."""
    return NOT_WORD.sub(" ", text.casefold()).strip()


def strip_accents(word: str) -> str:
    """Returns a word without accents, which many writers leave out."""
    if word.isascii():
        return word
    decomposed = unicodedata.normalize("NFD", word)
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if not unicodedata.combining(c)))
