"""The language of a text that somebody wrote, so that figures in it are written as the text is."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from flask_babel import force_locale

# Words of grammar that one of the languages has and the other has not: some are in every sentence.
_FRENCH = (
    "au aux avec ce ces cette dans des du elle est et il la le les leur nos notre nous ou par pas pour qu que qui sera"
    " ses sont sur un une vos votre vous"
)
_ENGLISH = (
    "about and are been by for from has have how in is it of our that the their there these they this to was we were"
    " what which will with you your"
)
_WORDS = {"fr": frozenset(_FRENCH.split()), "en": frozenset(_ENGLISH.split())}
_WORD = re.compile(r"[^\W\d_]+")
MIN_WORDS = 2


def text_language(text: str) -> str:
    """“fr” or “en”, whichever has clearly more of its words in the text; else ""."""
    words = _WORD.findall(text.lower())
    counts = {language: sum(word in known for word in words) for language, known in _WORDS.items()}
    first, second = sorted(counts, key=counts.__getitem__, reverse=True)
    return first if counts[first] >= max(MIN_WORDS, 2 * counts[second]) else ""


@contextmanager
def written_as(text: str) -> Iterator[str]:
    """Inside, numbers and sentences are in the language of the text, else in the reader's. Passes that of the text."""
    language = text_language(text)
    if not language:
        yield ""
        return
    with force_locale(language):
        yield language
