"""Cleaning of texts: no control characters, HTML or addresses, at most MAX_CHARACTERS."""

import html
import re
import unicodedata

import regex

from clustering.text.set_aside.courtesies import strip_courtesies, strip_mail

MAX_CHARACTERS = 4000  # used of one idea; the idea itself is never cut
MAX_CAPITALS = 1 / 3  # share of letters: a text with more is read in lower case
# Anchored to the start of a word: otherwise a text of nothing but "a@" takes a minute.
ADDRESS = re.compile(r"(?:https?://|www\.)\S+|(?<!\S)\S+@[^\s@]+\.\w+", re.IGNORECASE)
TAG = re.compile(r"<(?:/?(?P<name>[a-z][a-z0-9]*+)(?=[\s/>])[^<>]*+|!--[^<>]*--|![a-z][^<>]*+)>", re.IGNORECASE)
ENTITY = re.compile(r"&(?:[a-z]{2,31}\d{0,2}|#\d{1,7}|#x[0-9a-f]{1,6});", re.IGNORECASE)
INLINE_TAGS = frozenset(
    ("a", "abbr", "b", "em", "font", "i", "mark", "s", "small", "span", "strong", "sub", "sup", "u")
)
HIDDEN_TAGS = frozenset(("head", "script", "style", "title"))  # whose content is not read
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
    """Returns a text as any model is given it: at most MAX_CHARACTERS, without NUL or surrogate characters.

    A text in capitals is in lower case: models read it as another one. See docs/decisions/0038-capitals-are-lowered.md.
    """
    head = text[:MAX_CHARACTERS]
    if is_in_capitals(head):
        head = head.lower()
    return head.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")


def is_in_capitals(text: str) -> bool:
    """Whether more than MAX_CAPITALS of the letters of a text are capitals."""
    capitals = sum(map(str.isupper, text))
    return capitals > 1 and capitals > MAX_CAPITALS * sum(map(str.isalpha, text))


def gist(text: str) -> str:
    """Returns what a text says, on one line as clean_text does; empty if no letter or digit is left.

    Without HTML, web and mail addresses, quoted replies, greetings and signatures: for grouping and naming, not to be
    shown. `text`: as it was written, with its line breaks.
    """
    head = text[: MAX_CHARACTERS * 4]
    if "<" in head or "&" in head:
        head = strip_html(head)
    words = SPACES.sub(" ", ADDRESS.sub(" ", clean_text(strip_mail(head)))).strip()
    words = strip_courtesies(words)
    return words if any(character.isalnum() for character in words) else ""


def strip_html(text: str) -> str:
    """Returns the text of HTML, entities resolved; a tag that ends a paragraph or a line becomes a line break.

    Signs that make no tag or entity stay ("3 < 5", "R&D").
    """
    plain = ENTITY.sub(lambda entity: html.unescape(entity.group()), text)
    plain = ENTITY.sub(lambda entity: html.unescape(entity.group()), plain)  # some exports escape twice
    kept: list[str] = []
    start, hidden = 0, ""
    for tag in TAG.finditer(plain):
        name = (tag["name"] or "").lower()
        if not hidden:
            kept += (plain[start : tag.start()], " " if name in INLINE_TAGS else "\n")
        if name in HIDDEN_TAGS and hidden in ("", name):
            hidden = "" if tag.group().startswith("</") else name
        start = tag.end()
    return "".join(kept) + plain[start:]


def fold(text: str) -> str:
    """Returns a key that is the same for texts that differ only in capitals, punctuation and spaces."""
    return NOT_WORD.sub(" ", text.casefold()).strip()


def strip_accents(word: str) -> str:
    """Returns a word without accents, which many writers leave out."""
    if word.isascii():
        return word
    decomposed = unicodedata.normalize("NFD", word)
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if not unicodedata.combining(c)))
