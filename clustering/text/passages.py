"""Passages: the sentences and lines of a text, each of which may ask for something else."""

from dataclasses import dataclass
from itertools import pairwise

import regex

from clustering.text.cleaning import MAX_CHARACTERS, fold, gist
from clustering.text.set_aside.residue import residue_of

MIN_LETTERS = 6  # letters and digits of a passage; a shorter stretch ("M.", "1.") belongs to what follows
MAX_PASSAGES = 12  # of one text; what follows them is part of the last one

ONE_MORE = r"et\s(?:aussi|également|ensuite)|and\s(?:also|then)|und\s(?:auch|außerdem)|y\s(?:también|además)"
# The end of a sentence before a space or a capital, in a script without spaces, of a line, of a block of HTML; before
# what opens one more ask ("and also", "2)").
_BREAK = regex.compile(
    r"""(?<![.!?…;])[.!?…;]++(?:[^\S\n]?»|["”’)\]])*+(?=\s)|(?<=\p{Ll}{3})\.(?=\p{Lu}\p{Ll})|[。！？；।]++|[\n\r•]++"""
    rf"|\s(?=(?:\d{{1,2}}\)|/|{ONE_MORE})\s)"
    r"|</?(?:p|li|ul|ol|div|br|h[1-6]|tr)\b[^<>]{0,200}+>",
    regex.IGNORECASE,
)
# What joins a passage to the one before it, and says nothing of what is asked.
_NUMBER = regex.compile(r"\d{1,2}[).]")
_JOINING = regex.compile(
    rf"(?:{ONE_MORE}|(?:et\s)?puis|ensuite|enfin|par\sailleurs|de\splus|en\soutre|aussi|finally|then|besides|moreover|also"
    r"|außerdem|zudem|ferner|schließlich|dann|además|también|luego|por\súltimo|[/-]|{_NUMBER.pattern})(?=[\s,:])[,:]?\s*+",
    regex.IGNORECASE,
)
_MARGIN = "•\n\r\t\f\v \u00a0\u202f\u3000"  # around a passage, not shown


@dataclass(frozen=True, slots=True)
class Passage:
    """One passage of a text: `start`, `end` are its characters in the text as given; `gist` is what it says.

    Its gist has no words that only join it to the passage before ("et puis", "also").
    """

    start: int
    end: int
    gist: str


def split_passages(text: str, said: str) -> list[Passage]:
    """Returns the passages of a text in their order, those that say something.

    `said`: the gist of the whole text. Greetings, signatures, quoted replies, non-answers and agreement are left out,
    so the result may be empty. Linear in the length of the text.
    """
    whole, found = fold(said), []
    for start, end in _stretches(text[: MAX_CHARACTERS * 4]):
        words = gist(text[start:end])
        if words and residue_of(words) is None and fold(words) in whole:
            found.append(_trimmed(text, start, end, _asked(words, first=not start)))
    return found


def _asked(words: str, *, first: bool) -> str:
    """Returns the words of a passage less those that join it to the one before, or its number in a list."""
    joining = _NUMBER.match(words) if first else _JOINING.match(words)
    return words[joining.end() :].lstrip() or words if joining else words


def _stretches(text: str) -> list[tuple[int, int]]:
    """Returns where each stretch between two breaks begins and ends; together they cover the text."""
    ends = [0]
    letters = counted = 0
    for found in _BREAK.finditer(text):
        letters += sum(map(str.isalnum, text[counted : found.end()]))
        counted = found.end()
        if letters >= MIN_LETTERS and len(ends) < MAX_PASSAGES:
            ends.append(found.end())
            letters = 0
    rest = letters + sum(map(str.isalnum, text[counted:]))
    if rest < MIN_LETTERS and len(ends) > 1:
        ends.pop()
    return list(pairwise([*ends, len(text)]))


def _trimmed(text: str, start: int, end: int, words: str) -> Passage:
    stretch = text[start:end]
    before, after = len(stretch) - len(stretch.lstrip(_MARGIN)), len(stretch) - len(stretch.rstrip(_MARGIN))
    return Passage(start + before, end - after, words)
