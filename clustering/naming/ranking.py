"""Names that a person would have written: what the members themselves wrote, at the heart of the theme.

Each group has its candidates (clustering.naming.candidates); the embedding model, where there is one, has the last word
among the best of them, as in KeyBERT (Grootendorst 2020, doi:10.5281/zenodo.4461265). No two names are alike.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Ints, Vectors, normalize_rows
from clustering.naming.candidates import Candidate, candidates
from clustering.naming.families import shared_by_themes
from clustering.naming.meaning import Meaning, nearest_groups, weighted_mean
from clustering.naming.phrases import FEW, Lexicon, Phrase, rank_phrases, repeats, telling_phrases
from clustering.text.grammar import is_infinitive
from clustering.text.word_lists import AND, DETERMINERS, DROPPED_ARTICLES, QUOTES, SECOND_ARTICLE
from clustering.vectors.encoders import Encoder

ASKED = 10  # candidates of each group that the model is asked about
ASKED_MORE = 30  # the same, where it is asked thoroughly
CONTRAST = 0.4  # how much of what all ideas have in common is taken away first
TOO_ALIKE = 0.75  # share of words from which two names are one
AGAINST = 0.04  # what being like another name costs, where it doesn't rule out
SAME_MEANING = 0.7  # how much alike two names are that mean the same in other words
BALANCE = 0.25  # how common a phrase is beside a single word, at the least, for the two to make a name
PARTNER_WORDS = 3
FAMILY_PHRASES = 2  # of each theme, that its family's name may be made of
LEAST_NAMED = 0.08  # of the members that use the commonest word of a name
LEAST_NAMING = 2  # members that use it, at the least
EPSILON = 1e-3  # shares are rounded
MIN_QUOTED_WORDS, QUOTED = 2, 6  # words of a verbatim that names a theme
QUOTATIONS = 5  # to choose from
SPARE_LENGTH = 60
SIGNS = ".,;:!?()…"
CLAUSE_ENDS = re.compile(rf"(?<![{SIGNS}])[{SIGNS}]++(?:\s|$)")
CUT = "…"  # after the beginning of a verbatim
QUOTE_MARKS = '"«»“”„ '


@dataclass(frozen=True)
class Label:
    """What a group is called. `phrases`: those that tell it from the others; `ranked`: all of its own, best first."""

    name: str
    phrases: tuple[str, ...]
    ranked: tuple[Phrase, ...]


class Names:
    """Gives names to groups of texts; remembers them, so that no two are alike.

    `vectors`: (n, d) floats, one row for each text of the lexicon; `encoder`: the model that they come from, which has
    the last word. Without vectors, words alone decide.
    """

    def __init__(
        self, lexicon: Lexicon, vectors: NDArray[np.floating] | None = None, encoder: Encoder | None = None
    ) -> None:
        self._lexicon = lexicon
        self._vectors = np.zeros((len(lexicon.langs), 1), dtype=np.float32) if vectors is None else vectors
        self._encoder = encoder if vectors is not None else None
        self._meaning = Meaning(lexicon, self._vectors)
        self._given = _Given()
        self._common: Vectors = CONTRAST * weighted_mean(self._vectors, lexicon.weights)
        self._written: set[str] = set()
        self._known: dict[bytes, str] = {}  # the same members have the same name

    def give(
        self, groups: Sequence[Ints], spare: Callable[[int], Sequence[str]], *, thorough: bool = False
    ) -> list[Label]:
        """Returns the label of each group: the text of each of its ideas, as places in the lexicon.

        The largest groups choose first. `spare`: tells what the group at a place may be called where no phrase of its
        own will do, best first; nothing for one without ideas. `thorough`: asks the model about more candidates.
        """
        ranked = rank_phrases(self._lexicon, groups)
        options = self._options(groups, thorough=thorough)
        names = [""] * len(groups)
        for place in sorted(range(len(groups)), key=lambda place: (-len(groups[place]), place)):
            key = np.sort(groups[place]).tobytes()
            if not key or key not in self._known:
                self._known[key] = self._name(groups[place], options[place], ranked[place], partial(spare, place))
            names[place] = self._known[key]
        return [
            Label(name, tuple(phrase.text for phrase in telling_phrases(phrases)), tuple(phrases))
            for name, phrases in zip(names, ranked, strict=True)
        ]

    def give_families(self, families: Sequence[Sequence[Ints]], labels: Sequence[Sequence[Label]]) -> list[str]:
        """Returns a broad name for each family: what most of its themes share, or else its two largest themes' best.

        A single word has another beside it, where there is one. For each family: the text of each idea of each of its
        themes, and the labels of these.
        """
        shared = shared_by_themes(self._lexicon, families)
        return [self._family(*family) for family in zip(shared, families, labels, strict=True)]

    def _family(self, shared: Sequence[Phrase], themes: Sequence[Ints], labels: Sequence[Label]) -> str:
        lang = self._lexicon.main_language(np.concatenate([np.zeros(0, dtype=np.intp), *themes]))
        order = sorted(range(len(themes)), key=lambda place: (-len(themes[place]), place))
        short = [self._short(labels[place].ranked, lang) for place in order]
        told = [*shared, *(phrase for turn in zip_longest(*short) for phrase in turn if phrase)]
        spoken = self._lexicon.in_language(lang)
        told = [phrase for phrase in told if spoken[phrase.column]]
        for phrase in shared or told:
            several = " " in phrase.text
            holds = (shared or len(themes) == 1) and (several or lang in DETERMINERS)  # elsewhere a word may be a verb
            alone = [phrase.text] if holds else []
            pairs = [_both(phrase.text, other.text, lang) for other in told if not repeats(phrase.key, other.key)]
            for text in [*alone, *pairs] if several else [*pairs, *alone]:
                if not self._taken(text):
                    return self._take(text)
        return labels[order[0]].name if labels else ""

    def _short(self, ranked: Sequence[Phrase], lang: str | None) -> list[Phrase]:
        """Returns the best phrases of a theme that its family's name may be made of."""
        told = [phrase for phrase in telling_phrases(ranked) if phrase.share >= LEAST_NAMED]
        return [phrase for phrase in told if self._may_partner(phrase, lang)][:FAMILY_PHRASES]

    def _may_partner(self, phrase: Phrase, lang: str | None) -> bool:
        """Whether a phrase may stand beside another in a name: it is short, no action, and more than a time."""
        words = phrase.text.split()
        return (
            len(words) <= PARTNER_WORDS and not is_infinitive(words[0], lang) and self._lexicon.is_subject(phrase.key)
        )

    def _options(self, groups: Sequence[Ints], *, thorough: bool) -> list[list[Candidate]]:
        beside = nearest_groups(self._vectors, groups, self._common)
        theirs = [self._lexicon.of_main_language(members) for members in groups]
        options = [
            candidates(self._lexicon, self._meaning, members, *shares)
            for members, shares in zip(groups, self._meaning.shares(theirs, beside), strict=True)
        ]
        enough = [
            [option for option in found if _agreed(option, len(heard), LEAST_NAMING if len(members) >= FEW else 1)]
            for found, heard, members in zip(options, theirs, groups, strict=True)
        ]
        return self._ask(groups, enough, ASKED_MORE if thorough else ASKED) if self._encoder is not None else enough

    def _ask(self, groups: Sequence[Ints], options: list[list[Candidate]], most: int) -> list[list[Candidate]]:
        """Keeps the best of each group's candidates, weighed by what the model tells of them."""
        places: dict[str, int] = {}
        for found in options:
            for option in found[:most]:
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
            near = told[[places[option.text] for option in found[:most]]] @ self._towards(members)
            asked = [
                replace(option, worth=option.worth - option.near + value)
                for option, value in zip(found, near.tolist(), strict=False)
            ]
            result.append(sorted(asked, key=lambda option: -option.worth) + found[most:])
        return result

    def _towards(self, members: Ints) -> Vectors:
        """Returns the direction of what the members say, and all ideas don't."""
        own = self._vectors[members].mean(axis=0, keepdims=True, dtype=np.float32) - self._common
        direction: Vectors = normalize_rows(own.astype(np.float32))[0]
        return direction

    def _name(
        self, members: Ints, options: Sequence[Candidate], ranked: Sequence[Phrase], spare: Callable[[], Sequence[str]]
    ) -> str:
        """Returns the best candidate; a spare name where there is none, or where it would be a single word."""
        lang = self._lexicon.main_language(members)
        best = self._best(options[:ASKED], lang) or self._best(options[ASKED:], lang)
        text, roots = self._write(best, ranked, lang) if best else ("", frozenset[str]())
        others = spare() if " " not in text else []
        if best is None or (others and CUT not in others[0]):
            return self._first(others)
        self._given.add(replace(best, roots=roots))
        return self._take(text)

    def _best(self, options: Sequence[Candidate], lang: str | None) -> Candidate | None:
        """Returns what is worth most and isn't too much like a name already given."""
        found, most = None, -np.inf
        for option in options:
            alike = self._given.likeness(option)
            if (
                alike < TOO_ALIKE
                and option.worth - AGAINST * alike > most
                and not self._taken(_plain(option.text, lang))
            ):
                found, most = option, option.worth - AGAINST * alike
        return found

    def _write(self, chosen: Candidate, ranked: Sequence[Phrase], lang: str | None) -> tuple[str, frozenset[str]]:
        """Returns the name as shown, and its lemmas. A single word tells little: it gets others around or beside it."""
        text = _plain(chosen.text, lang)
        for longer, phrase in self._around(text, chosen, ranked, lang) if " " not in text else []:
            if not self._taken(longer):
                return longer, chosen.roots.union(phrase.key)
        return text, chosen.roots

    def _around(
        self, text: str, chosen: Candidate, ranked: Sequence[Phrase], lang: str | None
    ) -> list[tuple[str, Phrase]]:
        """Returns what a single word may stand in, and what it may stand beside: phrases about as common."""
        common = [phrase for phrase in ranked if phrase.share >= BALANCE * chosen.common]
        around = [(_plain(phrase.text, lang), phrase) for phrase in common if chosen.roots < set(phrase.key)]
        others = [phrase for phrase in common if self._may_partner(phrase, lang)]
        beside = [phrase for phrase in others if not repeats(phrase.key, tuple(chosen.roots))]
        return [*around, *((_both(text, phrase.text, lang), phrase) for phrase in beside)]

    def _taken(self, text: str) -> bool:
        return text.casefold() in self._written

    def _take(self, text: str) -> str:
        self._written.add(text.casefold())
        return text[:1].upper() + text[1:]

    def _first(self, spare: Sequence[str]) -> str:
        """Returns the first spare name that is not yet given; the best one with a number where all are."""
        if not spare:
            return ""
        text, number = next((text for text in spare if not self._taken(text)), spare[0]), 1
        while self._taken(text):
            number += 1
            text = f"{spare[0]} ({number})"
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


def _both(one: str, other: str, lang: str | None) -> str:
    return f"{one} {AND.get(lang or '', '&')} {other}"


def _squashed(roots: frozenset[str]) -> str:
    return "".join(sorted(roots))


def _plain(text: str, lang: str | None) -> str:
    """Returns "vélo et marche" for "vélo et la marche", where the first article is left out too."""
    if lang not in SECOND_ARTICLE:
        return text
    joined = SECOND_ARTICLE[lang].search(text)
    words = re.findall(r"\w+", text[: joined.start()].lower()) if joined else []
    if words and not is_infinitive(words[0], lang) and DROPPED_ARTICLES[lang].isdisjoint(words):
        return SECOND_ARTICLE[lang].sub(r"\1 ", text)
    return text


def _agreed(option: Candidate, size: int, least: int) -> bool:
    """Whether enough of the members of a language use the words of a name: what one says names no other's ideas."""
    rare = option.common if option.whole else option.rare  # what somebody said and no more is well said
    return option.common >= max(LEAST_NAMED, least / size) and rare * size >= least - EPSILON


def quotations(texts: Iterable[str], lang: str | None) -> list[str]:
    """Returns verbatims to name a theme by when its ideas share no phrase, best first: those that are short.

    `texts`: the nearest to the theme's centre first. Where none is short, first clauses that are, or one's beginning.
    """
    several = [" ".join(text.replace("'", "’").split()) for text in texts]
    wholes = [text.rstrip(f"{SIGNS} ") for text in several]
    clauses = [CLAUSE_ENDS.split(text, maxsplit=1)[0] for text in several]
    short = [quote for quote in [*wholes, *clauses] if MIN_QUOTED_WORDS <= len(quote.split()) <= QUOTED]
    found = list(dict.fromkeys(_quoted(quote, lang) for quote in short if len(quote) <= SPARE_LENGTH))
    first = next((clause for clause in [*clauses, *several] if clause), "")
    if not found and first:
        start = " ".join(first.split()[:QUOTED])[:SPARE_LENGTH]
        found = [_quoted(start + (CUT if len(start) < len(first) else ""), lang)]
    return found[:QUOTATIONS] or [CUT]


def _quoted(text: str, lang: str | None) -> str:
    opening, closing = QUOTES.get(lang or "", ("“", "”"))
    return f"{opening}{text[:1].upper()}{text[1:].strip(QUOTE_MARKS)}{closing}"
