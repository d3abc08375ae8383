"""Candidate names of a theme: whole noun phrases and infinitive clauses that its own members wrote.

A candidate is judged by three figures between 0 and 1: its cosine with the centre of the theme, by the embedding model
(KeyBERT, Grootendorst 2020, doi:10.5281/zenodo.4461265); how well its words stand for those of the theme (the cosine of
their class-based TF-IDF); and how many members use its words: the mean of the share that uses any of them and of the
share that uses each. Its score is their sum. The words also choose the few candidates that the model reads.
docs/decisions/0041-names-by-meaning-words-and-coverage.md: why.
"""

import re
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from scipy.sparse import csr_array

from clustering.arrays import Bools, Ints, Scores, Vectors, normalize_rows
from clustering.phrases.lexicon import Lexicon
from clustering.phrases.ranking import MAX_READ, same_root
from clustering.phrases.spans import MAX_CONTENT_WORDS, MAX_WORDS, Spans, find_spans, ranges
from clustering.text.grammar import is_infinitive
from clustering.text.word_lists import COORDINATORS, DROPPED_ARTICLES, SECOND_ARTICLE

QUESTION_SHARE = 1 / 3  # of the other ideas: a word that more of them use is the question's


@dataclass(frozen=True)
class Candidate:
    """A possible name of a theme.

    `lemmas`: of its content words; `phrase`: whether it is a noun phrase, not an infinitive clause. `words`: the cosine
    of its words with the theme's; `covered`: (members,) bool, which members use one of its words; `each`: the share of
    members that use a word of it, the mean over its words; `spread`: the length of its word weights. `meaning`: its
    cosine with the theme's centre, and `vector`: (d,), of length 1, by the model; 0 and empty without it.
    """

    text: str
    lemmas: frozenset[str]
    phrase: bool
    words: float
    spread: float
    covered: Bools
    each: float
    meaning: float = 0.0
    vector: Vectors = field(default_factory=lambda: np.zeros(0, dtype=np.float32))

    @property
    def score(self) -> float:
        """Meaning, words, and use: half by the members that use any of its words, half by those that use each."""
        return self.meaning + self.words + (float(self.covered.mean()) + self.each) / 2


def find_candidates(lexicon: Lexicon, closest: Ints, theirs: Ints, share: Scores) -> list[Candidate]:
    """Returns candidate names of a theme, those with the most telling words first, at most MAX_READ.

    `closest`: unique texts to read, of its members in its language; `theirs`: the text of each of these members.
    `share`: (lemmas,) in 0..1, of `theirs` that use each lemma.
    """
    tokens = lexicon.tokens
    others = max(1.0, lexicon.total - len(theirs))
    elsewhere = np.maximum(0.0, lexicon.uses_of - share * len(theirs)) / others
    telling = lexicon.rarity * (share > elsewhere)  # a word as common elsewhere is the question's, or says nothing
    spans = _name_spans(lexicon, np.sort(closest))
    spans = spans.where(_not_opposite(lexicon, spans, theirs))
    spans = _without_end(spans, ~tokens.function, (elsewhere > QUESTION_SHARE)[tokens.lemma])
    if not len(spans.first):
        return []
    entries, starts = spans.tokens()
    lemma = tokens.lemma[entries]
    weight, of_theme = telling[lemma], share * telling
    spread = np.sqrt(np.add.reduceat(weight * weight, starts))
    length = np.maximum(spread * np.sqrt(float(of_theme @ of_theme)), 1e-9)
    words = np.add.reduceat(weight * of_theme[lemma], starts) / length
    value = words + np.maximum.reduceat(np.where(weight > 0, share[lemma], 0.0), starts)
    # A long phrase of one person may be a name, not a part of one made of two.
    _, key_of, times = np.unique(spans.key, return_inverse=True, return_counts=True)
    usual = (times[key_of] > 1) | (spans.content < MAX_CONTENT_WORDS)
    lang, uses = lexicon.main_language(theirs), lexicon.uses[theirs]
    found: dict[str, Candidate] = {}
    for at in np.lexsort((spans.first, -value)).tolist():
        first, last = int(spans.first[at]), int(spans.last[at])
        text, lemmas = _without_articles(tokens.surface(first, last), lang), lexicon.lemmas(first, last)
        redundant = any(same_root(one, other) for one, other in combinations(lemmas, 2))  # "respecter le respect"
        if text.casefold() in found or redundant or not spread[at]:
            continue
        inside = tokens.lemma[first : last + 1]
        covered = uses_any(uses, inside[telling[inside] > 0])
        if covered.sum() < min(2, len(theirs)):
            continue
        nominal = tokens.nominal[inside] | tokens.function[first : last + 1]
        joined = COORDINATORS.get(lang or "", frozenset()).intersection(text.split())
        phrase = bool(
            nominal.all() and tokens.named[last] and usual[at] and not tokens.infinitive[first] and not joined
        )
        found[text.casefold()] = Candidate(
            text,
            frozenset(lemmas),
            phrase,
            float(words[at]),
            float(spread[at]),
            covered,
            float(share[np.unique(inside[~tokens.function[first : last + 1]])].mean()),
        )
        if len(found) == MAX_READ:
            break
    return list(found.values())


def pairs(ranked: list[Candidate], conjunction: str, centre: Vectors) -> list[Candidate]:
    """Returns names made of two noun phrases, for a theme that no one phrase holds together.

    The vector of a pair is taken to be the mean of the two: nearly what the model says, and nothing to compute.
    """
    made = []
    for one, other in combinations([one for one in ranked if one.phrase], 2):
        text = f"{one.text} {conjunction} {other.text}"
        fits = len(text.split()) <= MAX_WORDS and text.split().count(conjunction) == 1
        if not fits or any(same_root(a, b) for a in one.lemmas for b in other.lemmas):
            continue
        spread = float(np.hypot(one.spread, other.spread))
        likeness = (one.words * one.spread + other.words * other.spread) / spread
        vector = normalize_rows((one.vector + other.vector)[None])[0] if len(one.vector) else one.vector
        meaning = float(vector @ centre) if len(vector) else 0.0
        lemmas, covered = one.lemmas | other.lemmas, one.covered | other.covered
        each = (one.each * len(one.lemmas) + other.each * len(other.lemmas)) / len(lemmas)
        made.append(Candidate(text, lemmas, True, likeness, spread, covered, each, meaning, vector))
    return made


def _name_spans(lexicon: Lexicon, texts: Ints) -> Spans:
    """Returns the spans of some texts that may be names."""
    tokens = lexicon.tokens
    at = ranges(tokens.starts[texts], tokens.starts[texts + 1])
    at = at[~tokens.function[at] & tokens.fits_inside[at] & ~tokens.cannot_start[at]]
    lemma = tokens.lemma[at]
    start = at[~tokens.needs_before[lemma] & (tokens.noun[lemma] | tokens.infinitive[at])]
    found = find_spans(tokens, start, tokens.fits_inside)
    ends = tokens.can_end[found.last] & ~tokens.needs_after[tokens.lemma[found.last]] & ~tokens.adverb[found.last]
    alone = (found.first == found.last) & ~tokens.noun[tokens.lemma[found.first]]
    found = found.where(ends & ~alone)
    return found.where(tokens.infinitive[found.first] | ~found.any(tokens.joined_infinitive))


def _without_end(spans: Spans, content: Bools, question: Bools) -> Spans:
    """Returns the spans less the words of the question that they end with: "bus de nuit" of "bus de nuit à Lyon".

    One that would be a single word stays as it is. `content`, `question`: (tokens,) which tokens are content words, and
    which are words of the question.
    """
    telling = np.where(content & ~question, np.arange(len(content)), -1)
    last = np.maximum.accumulate(telling)[spans.last]
    shorter = (last > spans.first) & (last < spans.last)
    return Spans(spans.first, np.where(shorter, last, spans.last), spans.key, spans.content)


def _not_opposite(lexicon: Lexicon, spans: Spans, theirs: Ints) -> Bools:
    """Returns the spans that don't drop the negation of what most members negate."""
    tokens = lexicon.tokens
    some = np.unique(theirs)
    at = ranges(tokens.starts[some], tokens.starts[some + 1])
    uses = np.bincount(tokens.lemma[at], minlength=len(tokens.lemmas))
    negated = np.bincount(tokens.lemma[at], tokens.negated[at], minlength=len(tokens.lemmas))
    opposite = ~tokens.function & (2 * negated > uses)[tokens.lemma]
    return spans.any(tokens.negation) | ~spans.any(opposite)


def _without_articles(text: str, lang: str | None) -> str:
    """Returns "vélo et marche" for "vélo et la marche": the first article is left out of a name, so the second is."""
    if lang not in SECOND_ARTICLE:
        return text
    second = SECOND_ARTICLE[lang].search(text)
    words = re.findall(r"\w+", text[: second.start()].lower()) if second else []
    if words and not is_infinitive(words[0], lang) and DROPPED_ARTICLES[lang].isdisjoint(words):
        return SECOND_ARTICLE[lang].sub(r"\1 ", text)
    return text


def uses_any(uses: csr_array, lemmas: Ints) -> Bools:
    """Returns, for each row of `uses`, whether it uses one of some lemmas."""
    wanted = np.zeros(uses.shape[1], dtype=np.float32)
    wanted[lemmas] = 1.0
    result: Bools = (uses @ wanted) > 0
    return result
