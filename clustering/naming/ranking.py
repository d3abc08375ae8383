"""Names of themes and families, chosen among candidates so that no two are alike."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Ints, Vectors, normalize_rows, weighted_mean
from clustering.naming.candidates import MAX_MEMBERS, Candidate, find_candidates, pairs, with_meaning
from clustering.naming.exemplars import CUT
from clustering.naming.families import MAX_FAMILY_WORDS, common_phrases
from clustering.naming.phrases import Lexicon, Phrase, membership, rank_phrases, repeats, without_repeats
from clustering.text.grammar import is_infinitive
from clustering.text.word_lists import AND, DETERMINERS
from clustering.vectors.encoders import Encoder

MAX_ENCODED = 10  # candidates of each group that the model reads
MAX_ENCODED_THOROUGH = 30  # the same, for thorough naming
PAIR_MARGIN = 0.5  # of the score, by which a name of two phrases must be better than one of one
COMMON_WEIGHT = 0.4  # of the mean of all ideas, subtracted from the mean of a group


@dataclass(frozen=True)
class Label:
    """What a group is called. `name`: empty for a group without ideas; `phrases`: shown, best first.

    `ranked`: all phrases of the group, best first; `exemplars`: rows of its typical ideas, best first; `definition`: a
    sentence of one of its ideas, empty where none is complete by itself.
    """

    name: str
    phrases: tuple[str, ...]
    ranked: tuple[Phrase, ...]
    exemplars: tuple[int, ...] = ()
    definition: str = ""


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
        self._common: Vectors = COMMON_WEIGHT * weighted_mean(self._vectors, lexicon.weights)
        self._used: set[str] = set()  # the names used, case folded; and the sorted lemmas of each as one word
        self._name_of: dict[bytes, str] = {}  # by members: the same group keeps its name

    def name_groups(
        self, groups: Sequence[Ints], fallbacks: Callable[[int], Sequence[str]], *, thorough: bool = False
    ) -> list[Label]:
        """Returns the label of each group, without exemplars. The largest groups choose first.

        `groups`: the text of each idea, as rows of the lexicon. `fallbacks`: given the index of a group, names to use
        where no candidate will do, best first. `thorough`: the model reads more candidates.
        """
        ranked = rank_phrases(self._lexicon, groups)
        candidates = self._candidates(groups, MAX_ENCODED_THOROUGH if thorough else MAX_ENCODED)
        names = [""] * len(groups)
        for at in sorted(range(len(groups)), key=lambda at: (-len(groups[at]), at)):
            key = np.sort(groups[at]).tobytes()
            if not key or key not in self._name_of:
                self._name_of[key] = self._name(candidates[at], partial(fallbacks, at))
            names[at] = self._name_of[key]
        return [
            Label(name, tuple(phrase.text for phrase in without_repeats(phrases)), tuple(phrases))
            for name, phrases in zip(names, ranked, strict=True)
        ]

    def name_families(self, families: Sequence[Sequence[Ints]], labels: Sequence[Sequence[Label]]) -> list[str]:
        """Returns a name for each family: a phrase that most of its ideas use, or else phrases of its largest themes.

        `families`: for each, the text of each idea of each of its themes; `labels`: those of these themes.
        """
        return [self._family(*family) for family in zip(families, labels, strict=True)]

    def _family(self, themes: Sequence[Ints], labels: Sequence[Label]) -> str:
        order = sorted(range(len(themes)), key=lambda at: (-len(themes[at]), at))
        members = np.concatenate([np.zeros(0, dtype=np.intp), *themes])
        lang = self._lexicon.main_language(members)
        for phrase in common_phrases(self._lexicon, themes):
            # A single word may be a verb in a language without determiners.
            if (" " in phrase.text or lang in DETERMINERS) and phrase.text.casefold() not in self._used:
                return self._use(phrase.text)
        of_themes = [self._short_phrases(labels[at].ranked, lang) for at in order]
        phrases = [phrase for turn in zip_longest(*of_themes) for phrase in turn if phrase]
        for first in phrases:
            for other in phrases:
                name = f"{first.text} {AND.get(lang or '', '&')} {other.text}"
                if not repeats(first.key, other.key) and name.casefold() not in self._used:
                    return self._use(name)
        return labels[order[0]].name if labels else ""

    def _short_phrases(self, ranked: Sequence[Phrase], lang: str | None) -> list[Phrase]:
        """Returns the best two phrases of a theme that may be in the name of its family."""
        in_language = self._lexicon.in_language(lang)
        return [
            phrase
            for phrase in without_repeats(ranked)
            if in_language[phrase.column]
            and len(phrase.text.split()) <= MAX_FAMILY_WORDS
            and not is_infinitive(phrase.text.split()[0], lang)
            and self._lexicon.is_subject(phrase.key)
        ][:2]

    def _candidates(self, groups: Sequence[Ints], most: int) -> list[list[Candidate]]:
        """Returns the candidates of each group, and pairs of them, best first."""
        theirs = [self._lexicon.of_main_language(members) for members in groups]
        counts = membership(theirs, len(self._lexicon.langs)) @ self._lexicon.uses
        found: list[list[Candidate]] = []
        for at, own in enumerate(theirs):
            share = np.zeros(counts.shape[1], dtype=np.float32)
            entries = slice(counts.indptr[at], counts.indptr[at + 1])
            share[counts.indices[entries]] = counts.data[entries] / max(1, len(own))
            found.append(find_candidates(self._lexicon, self._closest(own, groups[at]), own, share, most))
        encoded = self._encode(sorted({one.text for candidates in found for one in candidates}))
        return [self._ranked(members, candidates, encoded) for members, candidates in zip(groups, found, strict=True)]

    def _closest(self, own: Ints, members: Ints) -> Ints:
        """Returns the unique texts of a group, in its language, that are closest to its centre."""
        rows = np.unique(own)
        if len(rows) <= MAX_MEMBERS:
            return rows
        closeness = self._vectors[rows] @ self._centre(members)
        closest: Ints = rows[np.argsort(-closeness, kind="stable")[:MAX_MEMBERS]]
        return closest

    def _encode(self, texts: list[str]) -> dict[str, Vectors]:
        """Returns the vector of each text; none without a model, or where the vectors come from another one."""
        if self._encoder is None or not texts:
            return {}
        vectors = self._encoder.encode(texts)
        return dict(zip(texts, vectors, strict=True)) if vectors.shape[1] == self._vectors.shape[1] else {}

    def _ranked(self, members: Ints, found: list[Candidate], encoded: dict[str, Vectors]) -> list[Candidate]:
        """Returns the candidates of a group with those made of two, best first."""
        centre = None
        if encoded and found:
            centre = self._centre(members)
            found = with_meaning(found, np.array([encoded[one.text] for one in found]), centre)
        ranked = sorted(found, key=lambda one: -one.score)
        conjunction = AND.get(self._lexicon.main_language(members) or "", "&")
        scored = [(one.score, one) for one in ranked]
        scored += [(one.score - PAIR_MARGIN, one) for one in pairs(ranked, conjunction, centre)]
        scored.sort(key=lambda each: -each[0])
        return [one for _, one in scored if self._lexicon.is_subject(one.lemmas)]

    def _centre(self, members: Ints) -> Vectors:
        """Returns the mean of the members less the weighted mean of all ideas, of length 1: (d,) float32."""
        own = self._vectors[members].mean(axis=0, keepdims=True, dtype=np.float32) - self._common
        direction: Vectors = normalize_rows(own.astype(np.float32))[0]
        return direction

    def _name(self, candidates: Sequence[Candidate], fallbacks: Callable[[], Sequence[str]]) -> str:
        """Returns the best candidate of several words, or a fallback, or a single word where there is no quotation."""
        unused = [one for one in candidates if not self._is_used(one)]
        best = next((one for one in unused if " " in one.text), None) or next(iter(unused), None)
        others = fallbacks() if best is None or " " not in best.text else []
        if best is None or (others and CUT not in others[0]):
            return self._first_unused(others)
        self._used.add(_as_one_word(best.lemmas))
        return self._use(best.text)

    def _is_used(self, candidate: Candidate) -> bool:
        """Whether a name is written so, or has the same words: "covoiturage", "co-voiturage"."""
        return candidate.text.casefold() in self._used or _as_one_word(candidate.lemmas) in self._used

    def _use(self, text: str) -> str:
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
        return self._use(text)


def _as_one_word(lemmas: frozenset[str]) -> str:
    return "\0" + "".join(sorted(lemmas))
