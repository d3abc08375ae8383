"""Definitions of themes: one sentence in the words of their own ideas."""

import re
from collections.abc import Sequence

from clustering.arrays import Vectors
from clustering.phrases.ranking import MAX_READ
from clustering.text.cleaning import gist, is_in_capitals
from clustering.text.tokens import UNSPACED, find_words
from clustering.text.word_lists import LEANING_WORDS
from clustering.vectors.encoders import Encoder

SENTENCE_WORDS = range(6, 31)  # of a definition
SHORT_SENTENCE_WORDS = range(3, 6)  # of one for a theme of short ideas only
SENTENCE = re.compile(r"(?<=[.!?…])\s+(?=[^\W\d_a-zà-ÿ])|(?<=[。！？।])|[\r\n•]+")


def sentences(text: str, lang: str | None, words: range = SENTENCE_WORDS) -> list[str]:
    """Returns the sentences of a text with so many words that are complete by themselves, as they are written.

    Not greetings, questions, nor what leans on the sentence before ("But this …"). `text`: as it was written.
    """
    found = []
    for part in SENTENCE.split(gist(text)):
        sentence = part.strip(" -–—*\"'«»“”")
        first = re.split(r"[\W_]", sentence.lower(), maxsplit=1)[0]
        leans = first in LEANING_WORDS.get(lang or "", frozenset())
        whole = sentence.count("(") == sentence.count(")") and not sentence.endswith(("…", "...", "?", ":", ","))
        if _count_words(sentence, lang) in words and whole and not leans and not is_in_capitals(sentence):
            found.append(sentence)
    return found


def define_groups(
    groups: Sequence[Sequence[str]], langs: Sequence[str | None], centres: Sequence[Vectors], encoder: Encoder | None
) -> list[str]:
    """Returns a definition for each group: the sentence closest to its centre, "" where none is complete by itself.

    `groups`: texts of each, the closest to its centre first, at most MAX_READ of them are read; `centres`: (d,) of
    length 1. Without a model, or with vectors of another one, the first sentence of the closest text is taken.
    """
    offered = [
        _offered(texts[:MAX_READ], lang, SENTENCE_WORDS) or _offered(texts[:MAX_READ], lang, SHORT_SENTENCE_WORDS)
        for texts, lang in zip(groups, langs, strict=True)
    ]
    distinct = sorted({one for some in offered for one in some})
    vectors = encoder.encode(distinct) if encoder is not None and distinct else None
    if vectors is None or not len(centres) or vectors.shape[1] != len(centres[0]):
        return [some[0] if some else "" for some in offered]
    place = {sentence: at for at, sentence in enumerate(distinct)}
    return [
        some[int((vectors[[place[one] for one in some]] @ centre).argmax())] if some else ""
        for some, centre in zip(offered, centres, strict=True)
    ]


def _offered(texts: Sequence[str], lang: str | None, words: range) -> list[str]:
    return list(dict.fromkeys(one for text in texts for one in sentences(text, lang, words)))


def _count_words(sentence: str, lang: str | None) -> int:
    return len(list(find_words(sentence, lang))) if lang in UNSPACED else len(sentence.split())
