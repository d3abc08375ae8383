"""Names of themes and families, chosen among candidates so that no two are alike."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Bools, Ints, Vectors, normalize_rows, weighted_mean
from clustering.naming.candidates import Candidate, find_candidates, pairs, uses_any
from clustering.phrases.lexicon import MAX_SAMPLE, Lexicon, Phrase, membership
from clustering.phrases.ranking import MAX_READ, rank_phrases, without_repeats
from clustering.phrases.spans import MAX_WORDS
from clustering.text.cleaning import strip_accents
from clustering.text.tokens import question_lemmas
from clustering.text.word_lists import AND, DETERMINERS, FAVOUR, FOR_AND_AGAINST, OPPOSE
from clustering.vectors.encoders import Encoder

MIN_COVERAGE = 0.7  # of the members that use a word of a name or are nearest to it, for it to hold
MIN_SHARED = 0.5  # of the members, by the same measure: a name of our own that fewer share gives way to another
MIN_MEANING = 0.15  # cosine of a name with the centre of its theme; below it a quotation says more
MIN_SIDE = 0.2  # of the members that agree, and of those that oppose, for a theme to hold both sides


@dataclass(frozen=True)
class Label:
    """What a group is called. `name`: empty for a group without ideas; `phrases`: shown, best first.

    `ranked`: all phrases of the group, best first; `exemplars`: rows of its typical ideas, best first; `definition`: a
    sentence of one of its ideas, empty where none is complete by itself; `other_names`: see FoundTheme.
    """

    name: str
    phrases: tuple[str, ...]
    ranked: tuple[Phrase, ...]
    exemplars: tuple[int, ...] = ()
    definition: str = ""
    other_names: tuple[tuple[str, str], ...] = ()


class Names:
    """Names groups of texts. It keeps the names that it gave, so that no two are alike.

    `vectors`: (n, d) floats, one row for each text of the lexicon; `encoder`: the model that they come from. Without an
    encoder, words alone choose the name.
    """

    def __init__(
        self, lexicon: Lexicon, vectors: NDArray[np.floating] | None = None, encoder: Encoder | None = None
    ) -> None:
        self._lexicon = lexicon
        self._vectors = np.zeros((len(lexicon.langs), 1), dtype=np.float32) if vectors is None else vectors
        self._encoder = encoder if vectors is not None else None
        self._mean: Vectors = weighted_mean(self._vectors, lexicon.weights)
        self._used: set[str] = set()  # the names used, case folded; and the sorted lemmas of each as one word
        self._name_of: dict[bytes, str] = {}  # by members: the same group keeps its name
        self._column = {lemma: at for at, lemma in enumerate(lexicon.tokens.lemmas)}

    def name_groups(
        self, groups: Sequence[Ints], fallbacks: Callable[[int], Sequence[str]], *, apart: bool = False
    ) -> list[Label]:
        """Returns the label of each group, without exemplars. The largest groups choose first.

        `groups`: the text of each idea, as rows of the lexicon. `fallbacks`: given the index of a group, names to use
        where no candidate will do, best first. `apart`: no idea is in two groups, so that names may be tried on the
        members of all: see _mend.
        """
        ranked = rank_phrases(self._lexicon, groups)
        candidates = self._candidates(groups)
        names = [""] * len(groups)
        for at in _largest_first(groups):
            key = np.sort(groups[at]).tobytes()
            if not key or key not in self._name_of:
                self._name_of[key] = self._name(candidates[at], partial(fallbacks, at))
            names[at] = self._name_of[key]
        if apart:
            self._mend(names, groups, candidates, fallbacks)
        return [
            Label(name, tuple(phrase.text for phrase in without_repeats(phrases)), tuple(phrases))
            for name, phrases in zip(names, ranked, strict=True)
        ]

    def name_families(self, families: Sequence[Sequence[Ints]], labels: Sequence[Sequence[Label]]) -> list[str]:
        """Returns a name for each family: a phrase that most of its ideas use, or the names of its two largest themes.

        `families`: for each, the text of each idea of each of its themes; `labels`: those of these themes.
        """
        return [self._family(*family) for family in zip(families, labels, strict=True)]

    def _family(self, themes: Sequence[Ints], labels: Sequence[Label]) -> str:
        """A phrase names a family if it holds for most of its themes' ideas, each theme counted the same."""
        members = np.concatenate([np.zeros(0, dtype=np.intp), *themes])
        phrases, lang = rank_phrases(self._lexicon, [members])[0], self._lexicon.main_language(members)
        columns = [phrase.column for phrase in phrases]
        own = [self._lexicon.of_main_language(rows, lang) for rows in themes]
        uses = [self._lexicon.incidence[rows][:, columns] for rows in own]
        share = np.mean([use.sum(axis=0) / max(1, use.shape[0]) for use in uses], axis=0) if uses else []
        for phrase, holds in zip(phrases, share, strict=True):
            # A single word may be a verb in a language without determiners.
            readable = self._lexicon.is_subject(phrase.key) and (" " in phrase.text or lang in DETERMINERS)
            if readable and 2 * holds >= 1 and phrase.text.casefold() not in self._used:
                return self._taken(phrase.text)
        order = sorted(range(len(themes)), key=lambda at: (-len(themes[at]), at))
        return " · ".join(labels[at].name for at in order[:2])

    def hold(self, names: Sequence[str], groups: Sequence[Ints]) -> list[bool]:
        """Returns whether each name holds for its group: at least MIN_COVERAGE of the members share it."""
        return [share >= MIN_COVERAGE for share in self.shares(names, groups)]

    def shares(self, names: Sequence[str], groups: Sequence[Ints]) -> list[float]:
        """Returns for each group how many of its members share its name, 0..1.

        A member does if it uses one of its content words, or is nearer to it than to any other name. `groups`: as for
        name_groups.
        """
        vectors = self._vectors_of(names)
        result = []
        for at, (name, members) in enumerate(zip(names, groups, strict=True)):
            own = self._lexicon.of_main_language(members)
            fits = self._use(own, name, self._lexicon.main_language(members))
            if len(vectors):
                fits |= (self._vectors[own] @ vectors.T).argmax(axis=1) == at
            result.append(float(fits.mean()) if len(own) else 0.0)
        return result

    def _use(self, own: Ints, name: str, lang: str | None) -> Bools:
        """Returns which of some texts use one of the content words of a name."""
        lemmas = question_lemmas(name, [lang])
        used = [self._column[lang, lemma] for lemma in lemmas if (lang, lemma) in self._column]
        return uses_any(self._lexicon.uses[own], np.array(used, dtype=np.intp))

    def _vectors_of(self, names: Sequence[str]) -> Vectors:
        """Returns a row for each name; no rows without a model."""
        encoded = self._encode(sorted(set(names)))
        return np.array([encoded[name] for name in names]) if encoded else self._vectors[:0]

    def _mend(
        self,
        names: list[str],
        groups: Sequence[Ints],
        candidates: Sequence[Sequence[Candidate]],
        fallbacks: Callable[[int], Sequence[str]],
    ) -> None:
        """Replaces each name that fewer than MIN_SHARED of the members share, in place, the largest groups first.

        By the best candidate that as many share, else by such a quotation; where there is none, it stays.
        """
        vectors, shares = self._vectors_of(names), self.shares(names, groups)
        for at in _largest_first(groups):
            if not names[at] or shares[at] >= MIN_SHARED:
                continue
            others = np.delete(vectors, at, axis=0) if len(vectors) else vectors
            better = self._shared(groups[at], candidates[at], fallbacks(at), others)
            if better is not None:
                names[at], vector = better
                self._name_of[np.sort(groups[at]).tobytes()] = names[at]
                if len(vectors):
                    vectors[at] = vector

    def _shared(
        self, members: Ints, candidates: Sequence[Candidate], quotations: Sequence[str], others: Vectors
    ) -> tuple[str, Vectors] | None:
        """Returns the first name that enough members share, and its vector. `others`: those of the other names."""
        own, lang = self._lexicon.of_main_language(members), self._lexicon.main_language(members)
        meaning = self._vectors[own]
        rival = (meaning @ others.T).max(axis=1) if len(others) else np.ones(len(own))
        whole = [text for text in quotations if "…" not in text]
        encoded, unknown = self._encode(whole), np.zeros(0, dtype=np.float32)

        def enough(text: str, vector: Vectors) -> bool:
            shares = self._use(own, text, lang)
            if len(vector):
                shares |= meaning @ vector > rival
            return bool(len(own) and shares.mean() >= MIN_SHARED)

        for one in candidates:
            several = " " in one.text or len(one.lemmas) > 1
            if several and not self._is_used(one) and enough(one.text, one.vector):
                self._used.add(_as_one_word(one.lemmas))
                return self._taken(one.text), one.vector
        for text in whole:
            if text.casefold() not in self._used and enough(text, encoded.get(text, unknown)):
                return self._taken(text), encoded.get(text, unknown)
        return None

    def closest(self, members: Ints, most: int) -> Ints:
        """Returns the unique texts of a group, in the language that names it, those closest to its centre first."""
        rows = np.unique(self._lexicon.of_main_language(members))
        closeness = self._vectors[rows] @ self.centre(members)
        closest: Ints = rows[np.argsort(-closeness, kind="stable")[:most]]
        return closest

    def quotable(self, members: Ints, most: int) -> Ints:
        """Returns the closest texts, less those that take a side which most members don't take.

        All of them where each does and there are no two sides.
        """
        own, side = self._lexicon.of_main_language(members), self._lexicon.tokens.side
        usual = [0, *(one for one in (-1, 1) if 2 * np.sum(side[own] == one) > len(own) and not self._has_sides(own))]
        closest = self.closest(members, most)
        fair: Ints = closest[np.isin(side[closest], usual)]
        return fair if len(fair) or self._has_sides(own) else closest

    def centre(self, members: Ints) -> Vectors:
        """Returns the mean of the members less the weighted mean of all ideas, of length 1: (d,) float32."""
        own = self._vectors[members].mean(axis=0, keepdims=True, dtype=np.float32) if len(members) else self._mean[None]
        direction: Vectors = normalize_rows((own - self._mean).astype(np.float32))[0]
        return direction

    def _candidates(self, groups: Sequence[Ints]) -> list[list[Candidate]]:
        """Returns the candidates of each group, and pairs of them, best first."""
        theirs = [self._lexicon.of_main_language(members) for members in groups]
        counts = membership(theirs, len(self._lexicon.langs)) @ self._lexicon.uses
        found: list[list[Candidate]] = []
        for at, own in enumerate(theirs):
            share = np.zeros(counts.shape[1], dtype=np.float32)
            entries = slice(counts.indptr[at], counts.indptr[at + 1])
            share[counts.indices[entries]] = counts.data[entries] / max(1, len(own))
            found.append(find_candidates(self._lexicon, self.closest(groups[at], MAX_SAMPLE), own, share))
        encoded = self._encode(sorted({one.text for candidates in found for one in candidates}))
        return [self._ranked(members, candidates, encoded) for members, candidates in zip(groups, found, strict=True)]

    def _encode(self, texts: list[str]) -> dict[str, Vectors]:
        """Returns the vector of each text; none without a model, or where the vectors come from another one."""
        if self._encoder is None or not texts:
            return {}
        vectors = self._encoder.encode(texts)
        return dict(zip(texts, vectors, strict=True)) if vectors.shape[1] == self._vectors.shape[1] else {}

    def _ranked(self, members: Ints, found: list[Candidate], encoded: dict[str, Vectors]) -> list[Candidate]:
        """Returns the best candidates of a group and pairs of them: those of several words first, then by score."""
        lang, centre = self._lexicon.main_language(members), self.centre(members)
        if encoded:
            vectors = [encoded[one.text] for one in found]
            found = [replace(one, meaning=float(v @ centre), vector=v) for one, v in zip(found, vectors, strict=True)]
        both = [*found, *pairs(sorted(found, key=_score), AND.get(lang or "", "&"), centre)]
        ranked = sorted((one for one in both if self._lexicon.is_subject(one.lemmas)), key=_score)
        ranked.sort(key=lambda one: " " not in one.text and len(one.lemmas) == 1)
        return [*self._neutral(members, ranked), *ranked[:MAX_READ]]

    def _neutral(self, members: Ints, ranked: Sequence[Candidate]) -> list[Candidate]:
        """Returns neutral names for a theme of which some members agree and some oppose; none for any other theme."""
        ending = FOR_AND_AGAINST.get(self._lexicon.main_language(members) or "")
        if ending is None or not self._has_sides(self._lexicon.of_main_language(members)):
            return []
        lists = {strip_accents(word) for words in (FAVOUR, OPPOSE) for some in words.values() for word in some}
        neutral = [
            replace(one, text=one.text + ending) for one in ranked if one.phrase and lists.isdisjoint(one.lemmas)
        ]
        return [one for one in neutral if len(one.text.split()) <= MAX_WORDS]

    def _has_sides(self, own: Ints) -> bool:
        """Whether some of these texts agree with what others oppose."""
        side = self._lexicon.tokens.side[own]
        return bool(min(np.sum(side > 0), np.sum(side < 0)) >= max(2, MIN_SIDE * len(own)))

    def _name(self, candidates: Sequence[Candidate], fallbacks: Callable[[], Sequence[str]]) -> str:
        """Returns the best candidate of several words, or a fallback, or a single word where there is no quotation."""
        unused = [one for one in candidates if not self._is_used(one)]
        best = next((one for one in unused[:1] if " " in one.text or len(one.lemmas) > 1), None)
        if best and len(best.vector) and best.meaning < MIN_MEANING and "…" not in fallbacks()[0]:
            best = None
        others = [] if best else fallbacks()
        if not best and (not unused or (others and "…" not in others[0])):
            return self._first_unused(others)
        best = best or unused[0]
        self._used.add(_as_one_word(best.lemmas))
        return self._taken(best.text)

    def _is_used(self, candidate: Candidate) -> bool:
        """Whether a name is written so, or has the same words: "covoiturage", "co-voiturage"."""
        return candidate.text.casefold() in self._used or _as_one_word(candidate.lemmas) in self._used

    def _taken(self, text: str) -> str:
        self._used.add(text.casefold())
        return text[:1].upper() + text[1:]

    def _first_unused(self, fallbacks: Sequence[str]) -> str:
        """Returns the first fallback not yet used, or the best one with a number where all are."""
        if not fallbacks:
            return ""
        text, number = next((text for text in fallbacks if text.casefold() not in self._used), fallbacks[0]), 1
        while text.casefold() in self._used:
            number += 1
            text = f"{fallbacks[0]} ({number})"
        return self._taken(text)


def _largest_first(groups: Sequence[Ints]) -> list[int]:
    return sorted(range(len(groups)), key=lambda at: (-len(groups[at]), at))


def _score(candidate: Candidate) -> float:
    return -candidate.score


def _as_one_word(lemmas: frozenset[str]) -> str:
    return "\0" + "".join(sorted(lemmas))
