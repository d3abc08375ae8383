"""Names of themes and families, chosen among candidates so that no two are alike.

Candidates come from clustering.naming.candidates. The embedding model, where there is one, scores the best of them by
their cosine with the theme, as KeyBERT does (Grootendorst 2020, doi:10.5281/zenodo.4461265).
"""

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Ints, Vectors, normalize_rows
from clustering.naming.candidates import Candidate, find_candidates
from clustering.naming.exemplars import CUT
from clustering.naming.families import common_phrases
from clustering.naming.phrases import MIN_IDEAS, Lexicon, Phrase, rank_phrases, repeats, without_repeats
from clustering.naming.word_vectors import WordVectors, closest_groups, weighted_mean
from clustering.text.grammar import is_infinitive
from clustering.text.word_lists import AND, DETERMINERS, DROPPED_ARTICLES, SECOND_ARTICLE
from clustering.vectors.encoders import Encoder

MAX_ENCODED = 10  # candidates of each group that the model scores
MAX_ENCODED_THOROUGH = 30  # the same, for thorough naming
COMMON_WEIGHT = 0.4  # of the mean of all ideas, subtracted from the mean of a group
MAX_LIKENESS = 0.75  # to a name already used; from there a candidate is ruled out
LIKENESS_COST = 0.04  # of the score, below
VECTOR_WEIGHT = 0.7  # of the cosine of two names, beside the share of words in common, in their likeness
MIN_PARTNER_RATIO = 0.25  # how common a phrase is beside a single word, for the two to make a name
MAX_PARTNER_WORDS = 3
MAX_THEME_PHRASES = 2  # of each theme, for the name of its family
MIN_NAMING_SHARE = 0.08  # of the members that use the commonest word of a name
MIN_NAMING_IDEAS = 2  # that use it
EPSILON = 1e-3  # shares are rounded


@dataclass(frozen=True)
class Label:
    """What a group is called. `name`: empty for a group without ideas; `phrases`: shown, best first.

    `ranked`: all phrases of the group, best first; `exemplars`: rows of its typical ideas, best first.
    """

    name: str
    phrases: tuple[str, ...]
    ranked: tuple[Phrase, ...]
    exemplars: tuple[int, ...] = ()


class Names:
    """Names groups of texts. It keeps the names that it gave, so that no two are alike.

    `vectors`: (n, d) floats, one row for each text of the lexicon; `encoder`: the model that they come from. Without an
    encoder, word vectors alone score the candidates; without vectors, words alone.
    """

    def __init__(
        self, lexicon: Lexicon, vectors: NDArray[np.floating] | None = None, encoder: Encoder | None = None
    ) -> None:
        self._lexicon = lexicon
        self._vectors = np.zeros((len(lexicon.langs), 1), dtype=np.float32) if vectors is None else vectors
        self._encoder = encoder if vectors is not None else None
        self._word_vectors = WordVectors(lexicon, self._vectors)
        self._used = _UsedNames()
        self._common: Vectors = COMMON_WEIGHT * weighted_mean(self._vectors, lexicon.weights)
        self._written: set[str] = set()  # the names used, case folded
        self._name_of: dict[bytes, str] = {}  # by members: the same group keeps its name

    def name_groups(
        self, groups: Sequence[Ints], fallbacks: Callable[[int], Sequence[str]], *, thorough: bool = False
    ) -> list[Label]:
        """Returns the label of each group, without exemplars. The largest groups choose first.

        `groups`: the text of each idea, as rows of the lexicon. `fallbacks`: given the index of a group, names to use
        where no candidate will do, best first. `thorough`: the model scores more candidates.
        """
        ranked = rank_phrases(self._lexicon, groups)
        candidates = self._candidates(groups, thorough=thorough)
        names = [""] * len(groups)
        for at in sorted(range(len(groups)), key=lambda at: (-len(groups[at]), at)):
            key = np.sort(groups[at]).tobytes()
            if not key or key not in self._name_of:
                self._name_of[key] = self._name(groups[at], candidates[at], ranked[at], partial(fallbacks, at))
            names[at] = self._name_of[key]
        return [
            Label(name, tuple(phrase.text for phrase in without_repeats(phrases)), tuple(phrases))
            for name, phrases in zip(names, ranked, strict=True)
        ]

    def name_families(self, families: Sequence[Sequence[Ints]], labels: Sequence[Sequence[Label]]) -> list[str]:
        """Returns a name for each family: a phrase that its themes share, or else phrases of its largest themes.

        `families`: for each, the text of each idea of each of its themes; `labels`: those of these themes.
        """
        shared = common_phrases(self._lexicon, families)
        return [self._family(*family) for family in zip(shared, families, labels, strict=True)]

    def _family(self, shared: Sequence[Phrase], themes: Sequence[Ints], labels: Sequence[Label]) -> str:
        lang = self._lexicon.main_language(np.concatenate([np.zeros(0, dtype=np.intp), *themes]))
        order = sorted(range(len(themes)), key=lambda at: (-len(themes[at]), at))
        of_themes = [self._short_phrases(labels[at].ranked, lang) for at in order]
        phrases = [*shared, *(phrase for turn in zip_longest(*of_themes) for phrase in turn if phrase)]
        in_language = self._lexicon.in_language(lang)
        phrases = [phrase for phrase in phrases if in_language[phrase.column]]
        for phrase in shared or phrases:
            several = " " in phrase.text
            # A single word may be a verb in a language without determiners.
            fits_all = (shared or len(themes) == 1) and (several or lang in DETERMINERS)
            alone = [phrase.text] if fits_all else []
            pairs = [_pair(phrase.text, other.text, lang) for other in phrases if not repeats(phrase.key, other.key)]
            for text in [*alone, *pairs] if several else [*pairs, *alone]:
                if not self._is_used(text):
                    return self._use(text)
        return labels[order[0]].name if labels else ""

    def _short_phrases(self, ranked: Sequence[Phrase], lang: str | None) -> list[Phrase]:
        """Returns the best phrases of a theme that may be in the name of its family."""
        frequent = [phrase for phrase in without_repeats(ranked) if phrase.share >= MIN_NAMING_SHARE]
        return [phrase for phrase in frequent if self._may_pair(phrase, lang)][:MAX_THEME_PHRASES]

    def _may_pair(self, phrase: Phrase, lang: str | None) -> bool:
        """Whether "and" may join a phrase to another in a name: it is short, a subject, and starts with no verb."""
        words = phrase.text.split()
        short = len(words) <= MAX_PARTNER_WORDS
        return short and not is_infinitive(words[0], lang) and self._lexicon.is_subject(phrase.key)

    def _candidates(self, groups: Sequence[Ints], *, thorough: bool) -> list[list[Candidate]]:
        """Returns the candidates of each group that enough of its members agree on, best first."""
        closest = closest_groups(self._vectors, groups, self._common)
        theirs = [self._lexicon.of_main_language(members) for members in groups]
        found = [
            find_candidates(self._lexicon, self._word_vectors, members, *shares)
            for members, shares in zip(groups, self._word_vectors.shares(theirs, closest), strict=True)
        ]
        agreed = [
            [one for one in options if _agreed(one, len(own), MIN_NAMING_IDEAS if len(members) >= MIN_IDEAS else 1)]
            for options, own, members in zip(found, theirs, groups, strict=True)
        ]
        if self._encoder is None:
            return agreed
        return self._score_with_model(groups, agreed, MAX_ENCODED_THOROUGH if thorough else MAX_ENCODED)

    def _score_with_model(
        self, groups: Sequence[Ints], candidates: list[list[Candidate]], most: int
    ) -> list[list[Candidate]]:
        """Sorts the first `most` candidates of each group by a score in which the model's cosine is the closeness."""
        index: dict[str, int] = {}
        for found in candidates:
            for candidate in found[:most]:
                index.setdefault(candidate.text, len(index))
        if not index or self._encoder is None:
            return candidates
        encoded = self._encoder.encode(list(index))
        if encoded.shape[1] != self._vectors.shape[1]:
            return candidates  # the vectors come from another model
        result = []
        for members, found in zip(groups, candidates, strict=True):
            if not found:
                result.append(found)
                continue
            cosines = encoded[[index[candidate.text] for candidate in found[:most]]] @ self._direction(members)
            scored = [
                replace(candidate, score=candidate.score - candidate.closeness + cosine)
                for candidate, cosine in zip(found, cosines.tolist(), strict=False)
            ]
            result.append(sorted(scored, key=lambda candidate: -candidate.score) + found[most:])
        return result

    def _direction(self, members: Ints) -> Vectors:
        """Returns the mean of the members less the weighted mean of all ideas, of length 1: (d,) float32."""
        own = self._vectors[members].mean(axis=0, keepdims=True, dtype=np.float32) - self._common
        direction: Vectors = normalize_rows(own.astype(np.float32))[0]
        return direction

    def _name(
        self,
        members: Ints,
        candidates: Sequence[Candidate],
        ranked: Sequence[Phrase],
        fallbacks: Callable[[], Sequence[str]],
    ) -> str:
        """Returns the best candidate, or a fallback where there is none or it is a single word."""
        lang = self._lexicon.main_language(members)
        best = self._best(candidates[:MAX_ENCODED], lang) or self._best(candidates[MAX_ENCODED:], lang)
        text, lemmas = self._complete(best, ranked, lang) if best else ("", frozenset[str]())
        others = fallbacks() if " " not in text else []
        if best is None or (others and CUT not in others[0]):
            return self._first_unused(others)
        self._used.add(replace(best, lemmas=lemmas))
        return self._use(text)

    def _best(self, candidates: Sequence[Candidate], lang: str | None) -> Candidate | None:
        """Returns the candidate with the best score, less its likeness to names already used."""
        found, highest = None, -np.inf
        for candidate in candidates:
            likeness = self._used.likeness(candidate)
            score = candidate.score - LIKENESS_COST * likeness
            unused = likeness < MAX_LIKENESS and score > highest
            if unused and not self._is_used(_without_articles(candidate.text, lang)):
                found, highest = candidate, score
        return found

    def _complete(self, chosen: Candidate, ranked: Sequence[Phrase], lang: str | None) -> tuple[str, frozenset[str]]:
        """Returns the name as shown, and its lemmas. A single word says little: other words are added to it."""
        text = _without_articles(chosen.text, lang)
        for longer, phrase in self._longer(text, chosen, ranked, lang) if " " not in text else []:
            if not self._is_used(longer):
                return longer, chosen.lemmas.union(phrase.key)
        return text, chosen.lemmas

    def _longer(
        self, text: str, chosen: Candidate, ranked: Sequence[Phrase], lang: str | None
    ) -> list[tuple[str, Phrase]]:
        """Returns names with a single word in them: phrases that contain it, then pairs with a phrase as common."""
        common = [phrase for phrase in ranked if phrase.share >= MIN_PARTNER_RATIO * chosen.max_share]
        containing = [
            (_without_articles(phrase.text, lang), phrase) for phrase in common if chosen.lemmas < set(phrase.key)
        ]
        others = [phrase for phrase in common if self._may_pair(phrase, lang)]
        partners = [phrase for phrase in others if not repeats(phrase.key, tuple(chosen.lemmas))]
        return [*containing, *((_pair(text, phrase.text, lang), phrase) for phrase in partners)]

    def _is_used(self, text: str) -> bool:
        return text.casefold() in self._written

    def _use(self, text: str) -> str:
        self._written.add(text.casefold())
        return text[:1].upper() + text[1:]

    def _first_unused(self, fallbacks: Sequence[str]) -> str:
        """Returns the first fallback not yet used, or the best one with a number where all are."""
        if not fallbacks:
            return ""
        text, number = next((text for text in fallbacks if not self._is_used(text)), fallbacks[0]), 1
        while self._is_used(text):
            number += 1
            text = f"{fallbacks[0]} ({number})"
        return self._use(text)


class _UsedNames:
    """The candidates used as names so far."""

    def __init__(self) -> None:
        self._names: list[Candidate] = []
        self._with: defaultdict[str, list[int]] = defaultdict(list)  # lemma, or all lemmas as one word -> names
        self._vectors = np.zeros((0, 0), dtype=np.float32)  # with room for more rows than there are names

    def add(self, name: Candidate) -> None:
        at = len(self._names)
        if at == len(self._vectors):
            room = np.zeros((max(16, at), len(name.vector)), dtype=np.float32)
            self._vectors = np.concatenate([self._vectors.reshape(at, -1), room]) if at else room
        self._vectors[at] = name.vector
        self._names.append(name)
        for lemma in name.lemmas:
            self._with[lemma].append(at)
        self._with[_as_one_word(name.lemmas)].append(at)

    def likeness(self, candidate: Candidate) -> float:
        """Returns the likeness of a candidate to the most similar name, 1 for the same words.

        It is the larger of the Jaccard index of their lemmas and VECTOR_WEIGHT times the cosine of their vectors.
        """
        if not self._names:
            return 0.0
        if self._with.get(_as_one_word(candidate.lemmas)):
            return 1.0  # "covoiturage", "co-voiturage"
        sharing = {at for lemma in candidate.lemmas for at in self._with.get(lemma, ())}
        others = (self._names[at].lemmas for at in sharing)
        words = max((len(candidate.lemmas & other) / len(candidate.lemmas | other) for other in others), default=0.0)
        cosine = float((self._vectors[: len(self._names)] @ candidate.vector).max())
        return max(words, VECTOR_WEIGHT * cosine)


def _pair(one: str, other: str, lang: str | None) -> str:
    return f"{one} {AND.get(lang or '', '&')} {other}"


def _as_one_word(lemmas: frozenset[str]) -> str:
    return "".join(sorted(lemmas))


def _without_articles(text: str, lang: str | None) -> str:
    """Returns "vélo et marche" for "vélo et la marche": the first article is left out of a name, so the second is."""
    if lang not in SECOND_ARTICLE:
        return text
    second = SECOND_ARTICLE[lang].search(text)
    words = re.findall(r"\w+", text[: second.start()].lower()) if second else []
    if words and not is_infinitive(words[0], lang) and DROPPED_ARTICLES[lang].isdisjoint(words):
        return SECOND_ARTICLE[lang].sub(r"\1 ", text)
    return text


def _agreed(candidate: Candidate, size: int, needed: int) -> bool:
    """Whether enough members use the words of a name: those of one person don't name the ideas of others.

    `size`: the number of members in the language. Of a whole segment the commonest word counts, else the rarest.
    """
    share = candidate.max_share if candidate.whole else candidate.min_share
    return candidate.max_share >= max(MIN_NAMING_SHARE, needed / size) and share * size >= needed - EPSILON
