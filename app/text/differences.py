"""What differs between two texts, word by word."""

import re
from difflib import SequenceMatcher

# Comparing takes up to the square of the number of pieces: longer texts are compared by lines, or not at all.
MAX_PIECES = 1_000
_WORDS = re.compile(r"\S+\s*|\s+")
_LINES = re.compile(r"[^\n]*\n|[^\n]+")


def differences(before: str, after: str) -> list[tuple[str, str]]:
    """Pieces of both texts in reading order, each with its kind: "same", "removed" or "added"."""
    for pieces in (_WORDS, _LINES):
        old, new = pieces.findall(before), pieces.findall(after)
        if max(len(old), len(new)) <= MAX_PIECES:
            return _compared(old, new)
    return [("removed", before), ("added", after)]


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
