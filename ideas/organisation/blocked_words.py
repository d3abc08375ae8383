"""Words that the organisation has listed: a text with one of them waits for a moderator. No machine refuses it.

They are found whatever the accents, capitals, spaces and signs between the letters, letters of other alphabets, digits
for letters and letters repeated. A word within a longer one is not found.
"""

import re
from functools import lru_cache

from ideas.people.person import folded_name
from ideas.text import clean_line

MAX_WORDS = 500
MIN_LETTERS = 2
_SIGNS = str.maketrans("@$€", "ase")
_TOKEN = re.compile(r"[\w|]+")
_REPEATED = re.compile(r"(.)\1+")


def listed(text: str) -> list[str]:
    """The words of a list, one a line, without empty and repeated lines, in their order."""
    return list(dict.fromkeys(word for line in text.splitlines() if (word := clean_line(line))))


def blocked_word(text: str, blocked: str) -> str | None:
    """The first word of the list that the text has, as the list has it; None where it has none."""
    words = _folded_list(blocked)
    if not words:
        return None
    tokens = [_folded(token) for token in _TOKEN.findall(text.translate(_SIGNS))]
    longest = max(map(len, words))
    for start in range(len(tokens)):
        joined = ""
        # More tokens than letters, since repeated letters count once; but not without end.
        for token in tokens[start : start + 2 * longest]:
            # Folded again: letters of two tokens may repeat, as in “i d i i o t”.
            joined = _REPEATED.sub(r"\1", joined + token)
            if len(joined) > longest:
                break
            if joined in words:
                return words[joined]
    return None


@lru_cache(8)
def _folded_list(blocked: str) -> dict[str, str]:
    """The words of the list as they are compared, and as they were written."""
    found = {_folded("".join(_TOKEN.findall(word.translate(_SIGNS)))): word for word in listed(blocked)}
    return {folded: word for folded, word in found.items() if len(folded) >= MIN_LETTERS}


def _folded(word: str) -> str:
    return _REPEATED.sub(r"\1", folded_name(word))
