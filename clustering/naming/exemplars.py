"""Typical ideas of a theme: short, complete, unlike each other, close to its centre; and quotations as names."""

import re
from collections.abc import Iterable, Sequence

import numpy as np

from clustering.arrays import Scores, Vectors, normalize_rows
from clustering.naming.definitions import SENTENCE_WORDS
from clustering.phrases.lexicon import MAX_SAMPLE
from clustering.phrases.spans import MAX_WORDS
from clustering.text.grammar import is_function_word, is_known
from clustering.text.word_lists import QUOTES

SAME_TEXT = 0.9  # cosine from which two texts are nearly the same
MAX_QUOTED_CHARACTERS = 60  # of a quotation that names a theme; its words are at most those of a name
SIGNS = ".,;:!?…"
_SENTENCE_END = re.compile(r"(?<![.;:!?…])[.;:!?…]++(?:\s|$)")


def choose_exemplars(vectors: Vectors, texts: Sequence[str], strength: Scores, count: int = 3) -> list[int]:
    """Returns the indices of `count` typical texts, best first, each once; of all texts where there are fewer.

    `vectors`: (n, d) float32 rows of length 1; `strength`: (n,) in 0..1, how much each text belongs to the theme.
    Maximal marginal relevance (Carbonell and Goldstein 1998). Of many texts some are compared, evenly spread.
    """
    if not texts:
        return []
    some = np.arange(0, len(texts), max(1, -(-len(texts) // MAX_SAMPLE)))
    cosines = np.clip(vectors[some] @ vectors[some].T, 0.0, 1.0)
    copies = (cosines >= SAME_TEXT).sum(axis=1, keepdims=True)  # they count once in the centre
    centre = normalize_rows((vectors[some] / np.maximum(copies, 1)).sum(axis=0, keepdims=True))[0]
    readable = np.array([readability(texts[row]) for row in some.tolist()])
    relevance = readable * (0.2 + np.clip(vectors[some] @ centre, 0.0, 1.0)) * (0.2 + strength[some])
    chosen: list[int] = []
    while len(chosen) < min(count, len(some)):
        gain = relevance * (1.0 - cosines[:, chosen].max(axis=1, initial=0.0))
        gain[chosen] = -1.0
        chosen.append(int(gain.argmax()))
    return [int(some[at]) for at in chosen]


def readability(text: str) -> float:
    """Returns how well a text reads as a quotation, in 0..1: best is a full sentence or two of usual length."""
    words = len(text.split())
    least, most = SENTENCE_WORDS.start, SENTENCE_WORDS.stop
    length = 0.25 + 0.75 * words / least if words < least else min(1.0, most / words)
    letters = sum(map(str.isalpha, text))
    ending = 1.0 if text[-1:] in ".!?»)" and not text.endswith("..") else 0.85
    opening = 1.0 if text[:1].isupper() or not text[:1].isalpha() else 0.9
    capitals = 0.5 if sum(map(str.isupper, text)) * 2 > letters else 1.0
    signs = 1.0 if letters * 10 >= len(text) * 7 else 0.6  # lists, figures, rows of dots
    return max(0.15, length) * ending * opening * capitals * signs


def quotations(texts: Iterable[str], lang: str | None) -> list[str]:
    """Returns quotations to name a theme by where its ideas share no phrase, best first.

    `texts`: those closest to the centre first. A quotation is a short text, the short first sentence of a text or,
    where there are none, the start of the first text. A sentence does not end in an abbreviation ("sollte bspw. …").
    """
    plain = [" ".join(text.replace("'", "’").split()) for text in texts]
    wholes = [text.rstrip(f"{SIGNS} ") for text in plain]
    clauses = [_SENTENCE_END.split(text, maxsplit=1)[0] for text in plain]
    ended = [clause for clause in clauses if is_known((re.findall(r"\w+", clause.lower()) or [""])[-1], lang)]
    short = [quote for quote in [*wholes, *ended] if 1 < len(quote.split()) <= MAX_WORDS and _closed(quote)]
    found = list(dict.fromkeys(_quoted(quote, lang) for quote in short if len(quote) <= MAX_QUOTED_CHARACTERS))
    first = next((clause for clause in [*ended, *plain] if clause), "")
    if not found and first:
        found = [_quoted(_start(first, lang), lang)]
    return found or ["…"]


def _start(text: str, lang: str | None) -> str:
    """Returns a text that is too long up to a whole content word ("L’attente est interminable…"), with an ellipsis."""
    words = text.split()[:MAX_WORDS]
    while len(words) > 1 and (
        is_function_word(words[-1].lower(), lang) or len(" ".join(words)) > MAX_QUOTED_CHARACTERS
    ):
        words.pop()
    start = " ".join(words)[:MAX_QUOTED_CHARACTERS]
    return start + ("…" if len(start) < len(text) else "")


def _closed(text: str) -> bool:
    return text.count("(") == text.count(")")


def _quoted(text: str, lang: str | None) -> str:
    opening, closing = QUOTES.get(lang or "", ("“", "”"))
    said = text.strip('"«»“”„ ')
    return f"{opening}{said[:1].upper()}{said[1:]}{closing}"
