"""Typical verbatims of a theme: short, complete, unlike each other, close to its centre."""

from collections.abc import Sequence

import numpy as np

from clustering.arrays import Vectors, normalize_rows

LOOKED_AT = 400  # members of a large theme, evenly spread: the choice is as good, and the cost bounded
SAME_TEXT = 0.9  # cosine from which two texts are nearly the same words
UNLIKE = 0.6  # how much being like a verbatim already chosen counts, beside being typical
SHORTEST, LONGEST = 6, 28  # words of a text that reads well as a quotation


def choose_exemplars(vectors: Vectors, texts: Sequence[str], strength: Vectors, count: int = 3) -> list[int]:
    """Returns places (in 0..n-1) of typical verbatims, best first. Each text is there once.

    `vectors`: (n, d) float32 unit rows, what the texts mean; `strength`: (n,) in 0..1, how much each belongs. Maximal
    marginal relevance (Carbonell and Goldstein 1998); texts that say nearly the same count once in the centre.
    """
    if not texts:
        return []
    some = np.arange(0, len(texts), max(1, -(-len(texts) // LOOKED_AT)))
    alike = vectors[some] @ vectors[some].T
    copies = (alike >= SAME_TEXT).sum(axis=1, keepdims=True)
    centre = normalize_rows((vectors[some] / np.maximum(copies, 1)).sum(axis=0, keepdims=True))[0]
    readable = np.array([readability(texts[row]) for row in some.tolist()])
    typical = readable * (0.2 + np.clip(vectors[some] @ centre, 0.0, 1.0)) * (0.2 + strength[some])
    chosen: list[int] = []
    while len(chosen) < min(count, len(some)):
        closest = alike[:, chosen].max(axis=1) if chosen else np.zeros(len(some))
        gain = typical * (1.0 - UNLIKE * np.clip(closest, 0.0, 1.0))
        gain[closest >= SAME_TEXT] *= 0.1
        gain[chosen] = -1.0
        chosen.append(int(gain.argmax()))
    return [int(some[at]) for at in chosen]


def readability(text: str) -> float:
    """How well a text reads as a quotation, in 0..1: a full sentence or two, neither curt nor endless."""
    words = len(text.split())
    length = (0.25 + 0.75 * words / SHORTEST) if words < SHORTEST else min(1.0, LONGEST / words)
    letters = sum(map(str.isalpha, text))
    ending = 1.0 if text[-1:] in ".!?»)" and not text.endswith("..") else 0.85
    opening = 1.0 if text[:1].isupper() or not text[:1].isalpha() else 0.9
    shouting = 0.5 if sum(map(str.isupper, text)) * 2 > letters else 1.0
    signs = 1.0 if letters * 10 >= len(text) * 7 else 0.6  # lists, figures, rows of dots
    return max(0.15, length) * ending * opening * shouting * signs
