"""Names that a person would have written: what the members themselves wrote, at the heart of the theme.

Each group has its candidates (clustering.candidate); the embedding model, where there is one, has the last word among
the best of them, as in KeyBERT (Grootendorst 2020, doi:10.5281/zenodo.4461265). No two names are alike.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from clustering.candidate import ENOUGH, LONGER, Candidate, candidates
from clustering.embedding import Encoder
from clustering.language import AND, JOINED_ARTICLE
from clustering.meaning import Meaning, centre
from clustering.phrase import FEW, Lexicon, Phrase, rank_phrases, repeats, telling_phrases
from clustering.word import Ints, is_action

ASKED = 10  # candidates of each group that the model is asked about
TRUST = 2.0  # how much its answer counts
LENGTH = 0.4  # how much length still counts then: the model tells itself what says more
TOO_ALIKE = 0.75  # share of words from which two names are one
AGAINST = 0.4  # what being like another name costs, where it doesn't rule out
SAME_MEANING = 0.7  # how much alike two names are that mean the same in other words
BALANCE = 0.25  # how common a phrase is beside a single word, at the least, for the two to make a name
PARTNER_WORDS = 3
LEAST_NAMED = 0.08  # of the members that use the commonest word of a name
LEAST_NAMING = 2  # members that use it, at the least
EPSILON = 1e-3  # shares are rounded
SPARE_WORDS = 6
SPARE_LENGTH = 60
CLAUSE_ENDS = re.compile(r"[.,;:!?()…]+(?:\s|$)")


@dataclass(frozen=True)
class Label:
    """What a group is called. `phrases`: those that tell it from the others; `ranked`: all of its own, best first."""

    name: str
    phrases: tuple[str, ...]
    ranked: tuple[Phrase, ...]


class Names:
    """Gives names to groups of texts; remembers them, so that no two are alike.

    `vectors`: (n, d), one row for each text of the lexicon; `encoder`: the model that they come from.
    """

    def __init__(
        self, lexicon: Lexicon, vectors: NDArray[np.floating] | None = None, encoder: Encoder | None = None
    ) -> None:
        self._lexicon = lexicon
        self._vectors = np.zeros((len(lexicon.langs), 1), dtype=np.float32) if vectors is None else vectors
        self._encoder = encoder if vectors is not None else None
        self._meaning = Meaning(lexicon, self._vectors)
        self._given = _Given()
        self._written: set[str] = set()
        self._known: dict[tuple[bool, bytes], str] = {}  # the same members have the same name

    def give(self, groups: Sequence[Ints], spare: Sequence[str], *, broad: bool = False) -> list[Label]:
        """Returns the label of each group: the text of each of its ideas, as places in the lexicon.

        The largest groups choose first. `spare`: what to call a group without any phrase, empty for one without ideas.
        `broad`: short names, as for families of themes.
        """
        ranked = rank_phrases(self._lexicon, groups)
        options = self._options(groups, broad=broad)
        names = [""] * len(groups)
        for place in sorted(range(len(groups)), key=lambda place: (-len(groups[place]), place)):
            if len(groups[place]):
                key = broad, np.sort(groups[place]).tobytes()
                if key not in self._known:
                    self._known[key] = self._name(groups[place], options[place], ranked[place], spare[place])
                names[place] = self._known[key]
            elif spare[place]:
                names[place] = self._number(spare[place])
        return [
            Label(name, tuple(phrase.text for phrase in telling_phrases(phrases)), tuple(phrases))
            for name, phrases in zip(names, ranked, strict=True)
        ]

    def _options(self, groups: Sequence[Ints], *, broad: bool) -> list[list[Candidate]]:
        shares = self._meaning.shares(groups)
        options = [
            candidates(self._lexicon, self._meaning, members, share, broad=broad)
            for members, share in zip(groups, shares, strict=True)
        ]
        enough = [
            [option for option in found if _agreed(option, len(members))]
            for found, members in zip(options, groups, strict=True)
        ]
        return self._ask(groups, enough) if self._encoder is not None else enough

    def _ask(self, groups: Sequence[Ints], options: list[list[Candidate]]) -> list[list[Candidate]]:
        """Keeps the best of each group's candidates, weighed by what the model tells of them."""
        places: dict[str, int] = {}
        for found in options:
            for option in found[:ASKED]:
                places.setdefault(option.text, len(places))
        if not places or self._encoder is None:
            return options
        told = self._encoder.encode(list(places))
        if told.shape[1] != self._vectors.shape[1]:
            return options  # the vectors come from elsewhere
        result = []
        for members, found in zip(groups, options, strict=True):
            if not found:
                result.append(found)
                continue
            near = told[[places[option.text] for option in found[:ASKED]]] @ centre(self._vectors, members)
            asked = [_weighed(option, value) for option, value in zip(found, near.tolist(), strict=False)]
            result.append(sorted(asked, key=lambda option: -option.worth) + found[ASKED:])
        return result

    def _name(self, members: Ints, options: Sequence[Candidate], ranked: Sequence[Phrase], spare: str) -> str:
        lang = self._lexicon.main_language(members)
        best = self._best(options[:ASKED], lang) or self._best(options[ASKED:], lang)
        return self._write(best, ranked, lang) if best else self._number(spare)

    def _best(self, options: Sequence[Candidate], lang: str | None) -> Candidate | None:
        """Returns what is worth most and isn't too much like a name already given."""
        found, most = None, -np.inf
        for option in options:
            alike = self._given.likeness(option)
            if alike < TOO_ALIKE and option.worth - AGAINST * alike > most and not self._taken(_plain(option, lang)):
                found, most = option, option.worth - AGAINST * alike
        return found

    def _write(self, chosen: Candidate, ranked: Sequence[Phrase], lang: str | None) -> str:
        """Returns the name as shown. A single word seldom tells enough: it gets another one beside it."""
        text = _plain(chosen, lang)
        roots = set(chosen.roots)
        if " " not in text:
            for phrase in ranked:
                pair = f"{text} {AND.get(lang or '', '&')} {phrase.text}"
                if _fits_beside(phrase, chosen) and not self._taken(pair):
                    text = pair
                    roots.update(phrase.key)
                    break
        self._given.add(replace(chosen, roots=frozenset(roots)))
        return self._take(text)

    def _taken(self, text: str) -> bool:
        return text.casefold() in self._written

    def _take(self, text: str) -> str:
        self._written.add(text.casefold())
        return text[:1].upper() + text[1:]

    def _number(self, spare: str) -> str:
        """Returns the spare name, with a number when it is already given."""
        text, number = spare, 1
        while self._taken(text):
            number += 1
            text = f"{spare} ({number})"
        return self._take(text)


class _Given:
    """The names given so far."""

    def __init__(self) -> None:
        self._names: list[Candidate] = []
        self._with: defaultdict[str, list[int]] = defaultdict(list)  # root -> names
        self._directions = np.zeros((0, 0), dtype=np.float32)

    def add(self, name: Candidate) -> None:
        place = len(self._names)
        if place == len(self._directions):
            room = np.zeros((max(16, place), len(name.direction)), dtype=np.float32)
            self._directions = np.concatenate([self._directions.reshape(place, -1), room]) if place else room
        self._directions[place] = name.direction
        self._names.append(name)
        for root in name.roots:
            self._with[root].append(place)
        self._with[_squashed(name.roots)].append(place)

    def likeness(self, option: Candidate) -> float:
        """Returns how much the most alike of them is like a possible name: 1 = the same words."""
        if not self._names:
            return 0.0
        if self._with.get(_squashed(option.roots)):
            return 1.0  # "covoiturage", "co-voiturage"
        said = {place for root in option.roots for place in self._with.get(root, ())}
        others = (self._names[place].roots for place in said)
        words = max((len(option.roots & other) / len(option.roots | other) for other in others), default=0.0)
        meaning = float((self._directions[: len(self._names)] @ option.direction).max())
        return max(words, SAME_MEANING * meaning)


def _squashed(roots: frozenset[str]) -> str:
    return "".join(sorted(roots))


def _plain(option: Candidate, lang: str | None) -> str:
    """Returns "vélo et marche" for "vélo et la marche": the first article is left out too."""
    if lang in JOINED_ARTICLE and not is_action(option.text.split(" ", maxsplit=1)[0], lang):
        return JOINED_ARTICLE[lang].sub(r"\1 ", option.text)
    return option.text


def _fits_beside(phrase: Phrase, chosen: Candidate) -> bool:
    """Whether a phrase may stand beside a single word: another one, short, about as common."""
    unlike = not repeats(phrase.key, tuple(chosen.roots))
    return unlike and phrase.share >= BALANCE * chosen.common and len(phrase.text.split()) <= PARTNER_WORDS


def _agreed(option: Candidate, size: int) -> bool:
    """Whether enough of a group's members use the words of a name: what one person says names no other's ideas."""
    least = LEAST_NAMING if size >= FEW else 1
    return option.common >= max(LEAST_NAMED, least / size) and option.rare * size >= least - EPSILON


def _weighed(option: Candidate, near: float) -> Candidate:
    words = min(ENOUGH, len(option.text.split()))
    return replace(option, worth=option.worth - option.near + TRUST * near - (1 - LENGTH) * LONGER * words)


def spare_name(text: str) -> str:
    """Returns the first clause of a verbatim, or its first words, to name a theme by when its ideas share no phrase."""
    first = CLAUSE_ENDS.split(text.strip(), maxsplit=1)[0].strip() or text.strip()
    words = first.replace("'", "’").split()
    short = " ".join(words[:SPARE_WORDS])[:SPARE_LENGTH]
    return short + ("…" if len(short) < len(first) else "") if words else "…"
