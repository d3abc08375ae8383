"""What differs between two texts, word by word."""

import re
from difflib import SequenceMatcher
from functools import lru_cache

# Comparing takes up to the square of the number of pieces: longer texts are compared by lines, or not at all.
MAX_PIECES = 1_000
# Comparisons that are kept: published versions are read again and again, and never change.
MAX_KEPT = 500
# Characters of what is the same that are shown beside a change.
CONTEXT = 120
_WORDS = re.compile(r"\S+\s*|\s+")
_LINES = re.compile(r"[^\n]*\n|[^\n]+")


def differences(before: str, after: str) -> list[tuple[str, str]]:
    """Pieces of both texts in reading order, each with its kind: "same", "removed" or "added"."""
    return list(_kept(before, after))


def around_changes(pieces: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The same pieces, with “…” in the place of what is the same and far from a change."""
    last = len(pieces) - 1
    return [
        (kind, _ends(words, before=place > 0, after=place < last) if kind == "same" else words)
        for place, (kind, words) in enumerate(pieces)
    ]


def _ends(words: str, *, before: bool, after: bool) -> str:
    """The beginning of a text where a change comes before it, its end where one comes after it; all of a short one."""
    if len(words) <= 3 * CONTEXT:
        return words
    start = words[:CONTEXT].rpartition(" ")[0] + " …" if before else "…"
    end = " " + words[-CONTEXT:].partition(" ")[2] if after else ""
    return f"{start}\n\n…{end}" if before and after else start + end


def forget() -> None:
    """Forget every text."""
    _kept.cache_clear()


@lru_cache(MAX_KEPT)
def _kept(before: str, after: str) -> tuple[tuple[str, str], ...]:
    for pieces in (_WORDS, _LINES):
        old, new = pieces.findall(before), pieces.findall(after)
        if max(len(old), len(new)) <= MAX_PIECES:
            return tuple(_compared(old, new))
    return ("removed", before), ("added", after)


def _compared(old: list[str], new: list[str]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for kind, i, j, k, m in SequenceMatcher(None, old, new).get_opcodes():
        if kind == "equal":
            found.append(("same", "".join(old[i:j])))
            continue
        if i < j:
            found.append(("removed", "".join(old[i:j])))
        if k < m:
            found.append(("added", "".join(new[k:m])))
    return found
