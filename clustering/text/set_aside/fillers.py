"""Fillers: sentences that many texts repeat after an ask of their own ("it would be easy to do, and cost little").

They say nothing of what is asked, and would bring together texts that have only them in common. A sentence that asks
for something is none, however often it is repeated: that is a petition (clustering.text.near_copies).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import combinations

from clustering.text.cleaning import fold, strip_accents

MIN_TEXTS = 3  # that repeat a sentence, each after another beginning
MIN_LETTERS = 20  # of a filler: a shorter sentence may be an ask in a word or two
MAX_FIRST = 0.1  # of the texts with a filler may begin with it
ALIKE = 0.3  # of their words are shared by two beginnings that ask for the same (Jaccard)
MAX_ALIKE = 0.1  # of the pairs of beginnings of a filler may ask for the same
MAX_COMPARED = 30  # beginnings of one sentence

_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])")
# Verbs of asking and of being obliged: French, English, German, Spanish.
_ASKS = re.compile(
    r"\b(?:demand|exig|propos|souhait|(?:je|on|nous) (?:veu[xt]|voul|voudr|appel)|aimer|soutien|soutenons|refus|suppli"
    r"|pri(?:e|ons)\b"
    r"|il fau(?:t|dr)|dev(?:ez|ons|rai)|doi(?:t|vent)\b"
    r"|ask|demand|urge|call(?:ing)? (?:on|for)|want|suggest|support|oppos|petition|must\b|should\b|need|please|stop\b"
    r"|keep\b"
    r"|forder|verlang|bitt|wollen|will\b|mochte|muss|soll|brauch"
    r"|pedimos|pido|exij|quer|quier|solicit|propon|debe|hay que)"
)


def strip_fillers(gists: Sequence[str]) -> list[str]:
    """Returns n texts without the sentences that several of them repeat after beginnings of their own.

    `gists`: n, what the texts say. Linear in their length; the order of the texts doesn't matter.
    """
    sentences = [_SENTENCE_END.split(words) for words in gists]
    keys = [[fold(sentence) for sentence in parts] for parts in sentences]
    first = Counter(parts[0] for parts in set(map(tuple, keys)))
    beginnings: dict[str, list[str]] = defaultdict(list)
    for parts in keys:
        for key in set(parts[1:]) - {parts[0]}:
            beginnings[key].append(parts[0])
    fillers = {key for key, found in beginnings.items() if _is_filler(key, found, first[key])}
    return [
        " ".join(sentence for sentence, key in zip(parts, its_keys, strict=True) if key not in fillers)
        if fillers.intersection(its_keys)
        else words
        for words, parts, its_keys in zip(gists, sentences, keys, strict=True)
    ]


def _is_filler(key: str, beginnings: Sequence[str], first: int) -> bool:
    return (
        len(beginnings) >= MIN_TEXTS
        and first <= MAX_FIRST * len(beginnings)
        and len(key) >= MIN_LETTERS
        and not _ASKS.search(strip_accents(key))
        and _differ(beginnings)
    )


def _differ(beginnings: Sequence[str]) -> bool:
    """Whether hardly any two beginnings share their words: copies of one ask do, edited or not."""
    step = -(-len(beginnings) // MAX_COMPARED)
    words = [set(beginning.split()) for beginning in sorted(beginnings)[::step]]
    pairs = list(combinations(words, 2))
    alike = sum(len(one & other) >= ALIKE * len(one | other) for one, other in pairs)
    return alike <= MAX_ALIKE * len(pairs)
