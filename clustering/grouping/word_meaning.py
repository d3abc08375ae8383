"""What few texts mean as a whole, and by their words.

Two short texts about one need often share no word and no turn of phrase, only words with related meanings: "banc",
"s'asseoir". So the mean of the words by themselves stands beside the text as a whole, rare words first. All is read in
lower case: people write three words with and without a capital. Figures: docs/decisions/0054-needs-of-few-ideas.md.
"""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from clustering.arrays import Vectors, normalize_rows
from clustering.text.grammar import is_function_word, lemma
from clustering.text.tokens import find_words
from clustering.vectors.encoders import Encoder
from clustering.vectors.neighbors import centred

WORDS_WEIGHT = 0.7  # of the words by themselves beside the text as a whole


def features_by_words(texts: Sequence[str], langs: Sequence[str | None], encoder: Encoder) -> Vectors:
    """Returns (n, 2 d) float32 unit rows for n texts, to be compared by cosine. `langs`: ISO 639-1 codes or None."""
    read = [_content_words(text, lang) for text, lang in zip(texts, langs, strict=True)]
    whole = normalize_rows(centred(encoder.encode([text.lower() for text in texts])))
    return normalize_rows(np.hstack([whole, WORDS_WEIGHT * _means_of_words(read, encoder)]))


def _content_words(text: str, lang: str | None) -> dict[str, str]:
    """Returns the lemma of each distinct content word of a text, in alphabetical order."""
    words = sorted({word.lower() for _, word in find_words(text, lang)})
    return {word: lemma(word, lang) for word in words if not is_function_word(word, lang)}


def _means_of_words(read: Sequence[dict[str, str]], encoder: Encoder) -> Vectors:
    """Returns (n, d) unit rows: for each text the mean of its words, weighted by their inverse document frequency."""
    uses = Counter(root for words in read for root in set(words.values()))
    distinct = sorted({word for words in read for word in words})
    vectors = normalize_rows(centred(encoder.encode(distinct)))
    place = {word: at for at, word in enumerate(distinct)}
    result = np.zeros((len(read), vectors.shape[1]), dtype=np.float32)
    for row, words in enumerate(read):
        if words:
            rarity = [math.log((len(read) + 1) / (uses[root] + 0.5)) for root in words.values()]
            result[row] = np.array(rarity, dtype=np.float32) @ vectors[[place[word] for word in words]]
    return normalize_rows(centred(result))
