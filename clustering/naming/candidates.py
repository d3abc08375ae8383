"""Candidate names of a theme: spans of up to six words that its own members wrote.

A candidate has a score without the embedding model: a weighted sum of features, in the units of a cosine. The main one
is the cosine of its word vectors with the centre of the theme; the others say how many members use its words and how
complete the span is.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from clustering.arrays import Bools, Ints, Scores, Vectors, normalize_rows
from clustering.naming.phrases import Lexicon, same_root
from clustering.naming.spans import Spans, find_spans, ranges
from clustering.naming.word_vectors import WordVectors, mean_direction

MAX_NAME_WORDS = 6  # counting words between spaces
MAX_MEMBERS = 120  # read for candidates, those closest to the centre
MAX_CANDIDATES = 40  # of a theme

# Weights of the features, added to or subtracted from the score.
CLOSENESS = 0.2  # cosine with the centre of the theme
TFIDF = 0.01  # cosine between the TF-IDF of the span and of the theme
RAREST_WORD = 0.01  # logarithm of the share of members that use its rarest word
FREQUENCY = 0.004  # logarithm of how often members wrote this span
LENGTH = 0.008  # words, up to:
MAX_LENGTH_WORDS = 5
RARE_WORD = 0.06  # against a word that hardly any member uses: a slip, or one person's own; less than this share:
RARE_WORD_SHARE = 0.015
SINGLE_WORD = 0.15  # against
MID_PHRASE_START = 0.03  # against starting where no phrase may start
UNUSUAL_ENDS = 0.003  # logarithm of how often its first word starts phrases, and its last word ends them
INFINITIVE = 0.015  # penalty for an infinitive at the start: a name is a subject, rather than what to do about it
WHOLE_SEGMENT = 0.015  # for a whole segment, the text between two breaks
ATTACHED = 0.15  # against what may belong to a verb left outside ("envoyer au patient des documents")
NOT_DISTINCT = 0.05  # against words as common in the closest theme
DISTINCT_RATIO = 3.0  # how many times as common a word is here as there, to be fully distinct
SMOOTHING_SHARE = 0.02  # added to both shares: a rare word proves nothing
RARE_BIGRAM = 0.02  # against two words that are side by side nowhere else: mostly slips
TINY = 1e-4


@dataclass(frozen=True)
class Candidate:
    """A possible name of a theme.

    `lemmas`: of its content words; `max_share`, `min_share`: the share, 0..1, of the members in its language that use
    the commonest and the rarest of them. `vector`: (d,) float32, the sum of its word vectors, of length 1. `score`: the
    higher, the better; `closeness`: the part of it that is closeness to the centre. `whole`: whether it is a whole
    segment.
    """

    text: str
    lemmas: frozenset[str]
    max_share: float
    min_share: float
    score: float
    closeness: float
    vector: Vectors
    whole: bool = False


def find_candidates(
    lexicon: Lexicon, vectors: WordVectors, members: Ints, share: Scores, closest_share: Scores | None = None
) -> list[Candidate]:
    """Returns candidate names of a theme, best first, at most MAX_CANDIDATES, in the language of most of its ideas.

    `members`: the text of each of its ideas, as rows of the lexicon. `share`: (lemmas,) in 0..1, of the members in that
    language that use each lemma; `closest_share`: the same for the closest theme, from which a name should differ.
    """
    theirs = lexicon.of_main_language(members)
    if not len(theirs):
        return []
    rows = np.unique(theirs)
    centre = mean_direction(vectors.texts, members)
    closeness = normalize_rows(vectors.texts[rows]) @ centre
    read = np.sort(rows[np.argsort(-closeness, kind="stable")[:MAX_MEMBERS]])
    spans = _name_spans(lexicon, read)
    if not len(spans.first):
        return []
    scores, near, directions = _score(lexicon, vectors, spans, centre, share, len(theirs))
    if closest_share is not None:
        scores -= NOT_DISTINCT * (1 - _distinctness(lexicon, spans, share, closest_share))
    return _best(lexicon, spans, scores, near, directions, share)


def _name_spans(lexicon: Lexicon, texts: Ints) -> Spans:
    """Returns the spans of some texts that may be names."""
    tokens = lexicon.tokens
    at = ranges(tokens.starts[texts], tokens.starts[texts + 1])
    at = at[~tokens.function[at]]
    lemma = tokens.lemma[at]
    start = at[~tokens.cannot_start[at] & ~tokens.needs_before[lemma] & (tokens.noun[lemma] | tokens.infinitive[at])]
    found = find_spans(tokens, start, tokens.fits_inside, content_words=MAX_NAME_WORDS, spaced_words=MAX_NAME_WORDS)
    lone_other = (found.first == found.last) & ~tokens.noun[tokens.lemma[found.first]]
    ends = tokens.can_end[found.last] | (tokens.infinitive[found.first] & tokens.before_attaching[found.last])
    ends &= ~tokens.needs_after[tokens.lemma[found.last]] & ~tokens.adverb[found.last]
    found = found.where(ends & ~lone_other)
    return found.where(_well_coordinated(lexicon, found)) if len(found.first) else found


def _well_coordinated(lexicon: Lexicon, spans: Spans) -> Bools:
    """Returns the spans in which "and" joins infinitives with infinitives and prepositions with prepositions."""
    tokens = lexicon.tokens
    entries, starts = spans.tokens()
    first = np.repeat(spans.first, spans.last + 1 - spans.first)
    same_before = tokens.linked[first] & (tokens.lemma[first - 1] == tokens.lemma[entries])
    first_preposition = (tokens.last_function[np.maximum(entries - 2, 0)] < first) & ~same_before
    unlike = np.where(tokens.function[entries], first_preposition, ~tokens.infinitive[first])
    return ~np.logical_or.reduceat(tokens.coordinated[entries] & unlike, starts)


def _score(
    lexicon: Lexicon, vectors: WordVectors, spans: Spans, centre: Vectors, share: Scores, size: int
) -> tuple[Scores, Scores, Vectors]:
    """Returns, for m spans, their scores (m,), the closeness that is a part of them (m,), and their vectors (m, d).

    `centre`: (d,) of length 1; `share`: (lemmas,); `size`: the number of members in the language.
    """
    tokens = lexicon.tokens
    entries, starts = spans.tokens()
    lemma = tokens.lemma[entries]
    directions = normalize_rows(np.add.reduceat(vectors.words[lemma], starts, axis=0))
    closeness = CLOSENESS * (directions @ centre)
    weight = vectors.rarity[lemma]
    theirs = share * vectors.rarity
    norms = np.sqrt(np.maximum(np.add.reduceat(weight * weight, starts), TINY) * max(float(theirs @ theirs), TINY))
    tfidf = np.add.reduceat(weight * theirs[lemma], starts) / norms
    rarest = np.minimum.reduceat(np.where(tokens.function[entries], 1.0, np.maximum(share[lemma], TINY)), starts)
    words = 1 + np.add.reduceat(tokens.spaced[entries].astype(np.intp), starts) - tokens.spaced[spans.first]
    first, last = tokens.lemma[spans.first], tokens.lemma[spans.last]
    scores = (
        closeness
        - INFINITIVE * tokens.infinitive[spans.first]
        + TFIDF * tfidf
        + RAREST_WORD * np.log(rarest)
        + LENGTH * np.minimum(words, MAX_LENGTH_WORDS)
        - SINGLE_WORD * (words == 1)
        - RARE_WORD * (rarest * size < max(2.0, RARE_WORD_SHARE * size) - TINY)
        - RARE_BIGRAM * np.logical_or.reduceat(tokens.rare_bigram[entries], starts)
        + WHOLE_SEGMENT * (tokens.starts_segment[spans.first] & tokens.ends_segment[spans.last])
        - ATTACHED * (tokens.after_verb[spans.first] & np.logical_or.reduceat(tokens.attaching[entries], starts))
        - MID_PHRASE_START * (1.0 - tokens.can_start[spans.first])
        + UNUSUAL_ENDS * (np.log(tokens.start_share[first]) + np.log(tokens.end_share[last]))
    )
    return scores, closeness, directions


def _distinctness(lexicon: Lexicon, spans: Spans, share: Scores, closest_share: Scores) -> Scores:
    """Returns, in 0..1, how much commoner here than in the closest theme the most distinct word of each span is."""
    tokens = lexicon.tokens
    entries, starts = spans.tokens()
    ratio = np.log((share + SMOOTHING_SHARE) / (closest_share + SMOOTHING_SHARE))[tokens.lemma[entries]]
    distinctness = ratio / np.log(DISTINCT_RATIO)
    highest = np.maximum.reduceat(np.where(tokens.function[entries], 0.0, distinctness), starts)
    return np.clip(highest, 0.0, 1.0).astype(np.float32)


def _best(
    lexicon: Lexicon, spans: Spans, scores: Scores, closeness: Scores, directions: Vectors, share: Scores
) -> list[Candidate]:
    """Returns the best spans, best first, each sequence of lemmas once, written with its most usual bigrams."""
    tokens = lexicon.tokens
    _, same, count = np.unique(spans.key, return_inverse=True, return_counts=True)
    by_score = np.lexsort((spans.first, -scores, same))
    best = by_score[np.searchsorted(same[by_score], np.arange(len(count)))]
    entries, starts = spans.tokens()
    rarest = np.minimum.reduceat(tokens.log_bigram[entries], starts)
    mean = np.add.reduceat(tokens.log_bigram[entries], starts) / (spans.last + 1 - spans.first)
    by_use = np.lexsort((spans.first, -mean, -rarest, same))
    usual = by_use[np.searchsorted(same[by_use], np.arange(len(count)))]
    total = scores[best] + FREQUENCY * np.log(count)
    whole = tokens.starts_segment[spans.first] & tokens.ends_segment[spans.last]
    found: list[Candidate] = []
    for at in np.lexsort((spans.first[best], -total)).tolist():
        span, written = int(best[at]), int(usual[at])
        lemmas = lexicon.lemmas(int(spans.first[span]), int(spans.last[span]))
        redundant = any(same_root(one, other) for one, other in combinations(lemmas, 2))  # "respecter le respect"
        if not redundant and lexicon.is_subject(lemmas):
            inside = slice(int(spans.first[span]), int(spans.last[span]) + 1)
            shares = share[tokens.lemma[inside][~tokens.function[inside]]]
            found.append(
                Candidate(
                    text=tokens.surface(int(spans.first[written]), int(spans.last[written])),
                    lemmas=frozenset(lemmas),
                    max_share=float(shares.max()),
                    min_share=float(shares.min()),
                    score=float(total[at]),
                    closeness=float(closeness[span]),
                    vector=directions[span].copy(),  # a view would keep all of them in memory
                    whole=bool(whole[span]),
                )
            )
        if len(found) == MAX_CANDIDATES:
            break
    return found
