"""Cleaning of texts before they are stored: Unicode NFC, no invisible characters, a maximum length."""

import re
import unicodedata

import regex

from ideas.errors import EmptyText, TooLong

# Control, bidirectional-override and zero-width characters mean nothing to readers and can mislead them.
# The zero-width joiner stays: emoji and several scripts need it.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb]"
)
# Four marks on one letter are as many as languages need. Longer runs draw over other lines, and Unicode's normal form
# sorts the marks of a run in quadratic time.
_MARKS = r"[\p{M}\u200d\uff9e\uff9f]"
_LONG_RUN_OF_MARKS = regex.compile(rf"({_MARKS}{{4}}){_MARKS}+")
# Before the normal form, which may join the first marks with their letter.
_VERY_LONG_RUN_OF_MARKS = regex.compile(rf"({_MARKS}{{16}}){_MARKS}+")
# What leaves a trace on paper: no space, no mark alone, nothing that fonts draw as nothing.
_VISIBLE = regex.compile(r"[^\p{Z}\p{M}\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Default_Ignorable_Code_Point}\u2800\ufffc\U0001d159]")
_BLANK_LINES = re.compile(r"\n{4,}")
# A stop behind a word of two letters or more, or another sign that ends a sentence; or the end of a line.
_SENTENCE_END = re.compile(r"(?:(?<=[\w)»”%]{2}\.)|(?<=[!?…]))[ \t]++|\n++")


def clean(text: str) -> str:
    """The text in NFC, trimmed, with `\\n` line ends, without invisible characters and stacks of combining marks."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _INVISIBLE.sub("", text)
    bounded: str = _VERY_LONG_RUN_OF_MARKS.sub(r"\1", text)
    text = _shorten_runs(unicodedata.normalize("NFC", bounded))
    text = _BLANK_LINES.sub("\n\n\n", text).strip()
    return text if _VISIBLE.search(text) else ""


def clean_line(text: str) -> str:
    """As `clean`, on one line."""
    return " ".join(clean(text).split())


def required(text: str, *, max_length: int) -> str:
    """The cleaned text. Raises EmptyText if it is empty, TooLong beyond `max_length` characters."""
    return optional(text, max_length=max_length) or _refuse_empty()


def optional(text: str, *, max_length: int) -> str:
    """The cleaned text, possibly empty. Raises TooLong beyond `max_length` characters."""
    text = clean(text)
    if len(text) > max_length:
        raise TooLong(over=len(text) - max_length, most=max_length)
    return text


def shorten(text: str, max_length: int) -> str:
    """The text on one line, with “…” where it is cut."""
    line = clean_line(text)
    return line if len(line) <= max_length else f"{line[: max_length - 1].rstrip()}…"


def _refuse_empty() -> str:
    raise EmptyText


def _shorten_runs(text: str) -> str:
    shorter: str = _LONG_RUN_OF_MARKS.sub(r"\1", text)
    return shorter


def sentences(text: str) -> list[str]:
    """The sentences of a text, in its order. A line ends one too; a single letter with a stop (“M. Ba”) does not."""
    return [sentence.strip() for sentence in _SENTENCE_END.split(text) if sentence.strip()]
