"""Cleaning of texts before they are stored: Unicode NFC, no invisible characters, a maximum length."""

import re
import unicodedata

from ideas.errors import EmptyText, TooLong

# Control, bidirectional-override and zero-width characters mean nothing to readers and can mislead them.
# The zero-width joiner stays: emoji and several scripts need it.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb]"
)
_COMBINING_RUN = re.compile(
    r"([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{4})[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]+"
)
_BLANK_LINES = re.compile(r"\n{4,}")


def clean(text: str) -> str:
    """The text in NFC, trimmed, with `\\n` line ends, without invisible characters and stacks of combining marks."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _INVISIBLE.sub("", text)
    text = unicodedata.normalize("NFC", text)
    text = _COMBINING_RUN.sub(r"\1", text)
    text = _BLANK_LINES.sub("\n\n\n", text).strip()
    return text if _has_substance(text) else ""


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


def _has_substance(text: str) -> bool:
    """False if the text holds nothing but spaces, joiners and combining marks."""
    return any(not unicodedata.category(character).startswith(("Z", "M", "C")) for character in text)
