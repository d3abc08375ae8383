"""Names that a person would have written: phrases that many ideas of a theme use and few others do.

Class-based TF-IDF (Grootendorst 2022, arXiv:2203.05794) over phrases of up to three full words, compared by lemma and
shown as the members write them. What makes them read well: words that nearly always come together stay together, a
phrase opens with a noun or an action and holds no clause, and two phrases are put together when neither tells enough.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from math import log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from clustering.language import AND, ARTICLES, INFINITIVE, LINKS, PREPOSITIONS, stop_words
from clustering.text import strip_accents

WORD = re.compile(r"[^\W\d_]+(?:\d+)?|\d+")
LINK = re.compile(r"[ '’\u00a0\u202f-]*")  # what may stand between the words of one phrase
FULL_WORDS = 3  # in one phrase, words that stay together counted once
TOKENS = 7  # in one phrase, small words included
SMALL_IN_A_ROW = 2
TOGETHER = 0.6  # share of a word's uses with the same neighbour from which they stay together
SEEN = 4  # uses from which a habit of the campaign is believed
NOUN = 0.3  # share of a word's uses after an article or a preposition from which it is taken for a noun
PHRASES = 6  # shown for a theme
PARTNERS = 14  # phrases looked at when two are put together
ALIKE = 0.75  # share of words from which two names are too much alike
LEAST_SHARE = 0.03  # of the members that use a phrase, for it to be shown
LEAST_NAMED = 0.1  # of the members that use a phrase, for it to be part of a name
LEAST_NAMING = 3  # members that use it, at the least
BALANCE = 0.2  # how common the rarer of two phrases is beside the other, for them to make a name
FREQUENT = 0.65  # exponent: how much being frequent counts beside being rare elsewhere
LONGER = (1.0, 1.5, 1.6)  # what a phrase of one, two, three full words is worth
LONE_WORD = 0.7  # what a name of one word is worth, beside one of several
PAIR = 0.62  # what two phrases side by side are worth, beside their sum
NAME_WORDS = 6
SPARE_WORDS = 6

Key = tuple[str, ...]  # the lemmas of a phrase's full words, in order


class Word(NamedTuple):
    """A word of a text: where it stands, as written in lower case, its lemma without accents, whether it is small."""

    start: int
    stop: int
    plain: str
    lemma: str
    small: bool


@dataclass(frozen=True)
class Phrase:
    """A phrase that members of a theme use.

    `share`: of the members, 0..1; `count`: how many; `score`: the higher, the better a label.
    """

    key: Key
    text: str
    share: float
    count: int
    score: float
    action: bool = False  # opens with a verb


@cache
def lemma(word: str, lang: str) -> str:
    """Returns the dictionary form of a lower-case word, without accents; the word itself in languages not known."""
    from simplemma import lemmatize

    try:
        return strip_accents(lemmatize(word, lang).lower())
    except ValueError:  # a language that the dictionaries lack
        return strip_accents(word)


def read_words(text: str, lang: str | None, accents: dict[str, str] | None = None) -> list[Word]:
    """Splits a cleaned text into words. `accents`: bare word -> as the campaign usually writes it."""
    small_words = stop_words(lang)
    words = []
    for match in WORD.finditer(text):
        plain = match.group().lower()
        bare = strip_accents(plain)
        usual = (accents or {}).get(bare, plain)
        root = lemma(usual, lang) if lang else bare
        small = len(bare) < 2 or bare in small_words or root in small_words or bare.isdigit()  # noqa: PLR2004 - a letter
        words.append(Word(match.start(), match.end(), plain, root, small))
    return words


class _Habits:
    """How the campaign uses its words: which stay together, which are nouns, which are written with a capital."""

    def __init__(self) -> None:
        self.uses: Counter[str] = Counter()
        self._after: Counter[tuple[str, str]] = Counter()
        self._led: Counter[str] = Counter()  # uses that follow another word
        self._as_noun: Counter[str] = Counter()
        self._capitals: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._ties: dict[str, tuple[bool, bool]] = {}

    def learn(self, text: str, words: Sequence[Word], lang: str | None, weight: int) -> None:
        """Counts one text."""
        self._learn_capitals(text, words, weight)
        last_full: Word | None = None
        for before, word in zip([None, *words], words, strict=False):
            linked = before is not None and LINK.fullmatch(text, before.stop, word.start) is not None
            if not linked:
                last_full = None
            if word.small:
                if word.plain not in LINKS.get(lang or "", frozenset()):
                    last_full = None
                continue
            self.uses[word.lemma] += weight
            if before is not None and linked:
                self._led[word.lemma] += weight
                self._as_noun[word.lemma] += weight * _leads_noun(before.plain, word.plain, lang)
            if last_full is not None:
                self._after[last_full.lemma, word.lemma] += weight
            last_full = word

    def _learn_capitals(self, text: str, words: Sequence[Word], weight: int) -> None:
        """A capital counts inside a sentence only, and not in a text that shouts."""
        letters = [c for c in text if c.isalpha()]
        if sum(c.isupper() for c in letters) * 2 > len(letters):
            return
        for word in words:
            before = text[: word.start].rstrip(" «\"'(-")
            if before and before[-1] not in ".!?:;•/":
                self._capitals[word.plain][text[word.start : word.stop]] += weight

    def settle(self) -> None:
        """Works out which words stay with the one before (first) or after (second), once all texts are counted."""
        for (one, other), count in self._after.items():
            if count < SEEN:
                continue
            if count >= TOGETHER * self.uses[other]:
                self._ties[other] = (True, self._ties.get(other, (False, False))[1])
            if count >= TOGETHER * self.uses[one]:
                self._ties[one] = (self._ties.get(one, (False, False))[0], True)

    def needs_before(self, root: str) -> bool:
        return self._ties.get(root, (False, False))[0]

    def needs_after(self, root: str) -> bool:
        return self._ties.get(root, (False, False))[1]

    def is_noun(self, root: str, lang: str | None) -> bool:
        """A word that follows articles, or that nothing ever leads: a list of nouns. Other languages aren't judged."""
        return lang not in ARTICLES or self._as_noun[root] >= NOUN * self._led[root]

    def usual_capitals(self, plain: str) -> str:
        seen = self._capitals.get(plain)
        return max(seen.items(), key=lambda item: (item[1], item[0]))[0] if seen else plain


class Lexicon:
    """The phrases of all texts, and how people write them. A text counts once for each phrase, times its weight.

    `weights`: how many ideas share each text. `set_aside`: lemmas that no phrase may consist of.
    """

    def __init__(
        self, texts: Sequence[str], langs: Sequence[str | None], weights: Sequence[int], set_aside: Iterable[str] = ()
    ) -> None:
        self.langs = list(langs)
        self.weights = list(weights)
        self.total = sum(weights)
        self._set_aside = frozenset(set_aside)
        self._habits = _Habits()
        self._accents = usual_accents(texts)
        read = [read_words(text, lang, self._accents) for text, lang in zip(texts, langs, strict=True)]
        for text, words, lang, weight in zip(texts, read, langs, weights, strict=True):
            self._habits.learn(text, words, lang, weight)
        self._habits.settle()
        self.phrases: list[dict[Key, str]] = []  # for each text: phrase -> as written there
        self.counts: Counter[Key] = Counter()
        for text, words, lang, weight in zip(texts, read, langs, weights, strict=True):
            found = self._find(text, words, lang)
            self.phrases.append(found)
            for key in found:
                self.counts[key] += weight

    def _find(self, text: str, words: Sequence[Word], lang: str | None) -> dict[Key, str]:
        found: dict[Key, str] = {}
        for first, last in self._spans(text, words, lang):
            key = tuple(word.lemma for word in words[first : last + 1] if not word.small)
            if len(set(key)) == len(key) and not self._set_aside.issuperset(key):
                found.setdefault(key, text[words[first].start : words[last].stop])
        return found

    def _spans(self, text: str, words: Sequence[Word], lang: str | None) -> Iterator[tuple[int, int]]:
        """Yields (first, last) for each run of words that may be a phrase."""
        links = LINKS.get(lang or "", frozenset())
        for first, word in enumerate(words):
            if word.small or self._habits.needs_before(word.lemma) or not self._opens(word, lang):
                continue
            full = small_run = 0
            for last in range(first, min(first + TOKENS, len(words))):
                here = words[last]
                if last > first and not LINK.fullmatch(text, words[last - 1].stop, here.start):
                    break
                if here.small:
                    small_run += 1
                    if small_run > SMALL_IN_A_ROW or here.plain not in links:
                        break
                    continue
                small_run = 0
                full += not (full and self._habits.needs_before(here.lemma))
                if full > FULL_WORDS:
                    break
                if not self._habits.needs_after(here.lemma) and (
                    last > first or self._habits.is_noun(word.lemma, lang)
                ):
                    yield first, last

    def _opens(self, word: Word, lang: str | None) -> bool:
        return self._habits.is_noun(word.lemma, lang) or is_action(word.plain, lang)

    def opens_with_verb(self, key: Key, text: str, lang: str | None) -> bool:
        """Whether a phrase begins with an action rather than a noun."""
        return not self._habits.is_noun(key[0], lang) and is_action(text.split(" ", maxsplit=1)[0], lang)

    def write(self, text: str) -> str:
        """Returns a phrase with the accents and the capitals that the campaign usually gives to its words."""

        def usual(match: re.Match[str]) -> str:
            plain = match.group().lower()
            return self._habits.usual_capitals(self._accents.get(strip_accents(plain), plain))

        return WORD.sub(usual, text).replace("'", "’")


def _leads_noun(before: str, word: str, lang: str | None) -> bool:
    return before in ARTICLES.get(lang or "", frozenset()) or (
        before in PREPOSITIONS.get(lang or "", frozenset()) and not is_action(word, lang)
    )


def is_action(word: str, lang: str | None) -> bool:
    """Whether a word ends as the verbs that name an action do, in the languages where that tells."""
    ending = INFINITIVE.get(lang or "")
    return bool(ending and ending.search(word))


def usual_accents(texts: Iterable[str]) -> dict[str, str]:
    """Returns bare word -> its usual spelling, for words written both with and without accents, or with wrong ones."""
    spellings: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for text in texts:
        for match in WORD.finditer(text):
            plain = match.group().lower()
            spellings[strip_accents(plain)][plain] += 1
    return {bare: _usual(forms) for bare, forms in spellings.items() if len(forms) > 1}


def _usual(forms: Counter[str]) -> str:
    """The commonest form; the one with more accents when it is about as common, for people leave them out."""
    most = max(forms.values())
    common = [form for form, count in forms.items() if 2 * count >= most]
    return max(common, key=lambda form: (sum(not c.isascii() for c in form), forms[form], form))


def question_lemmas(question: str, langs: Iterable[str | None]) -> frozenset[str]:
    """Returns the lemmas of the campaign's own words, in each language that its ideas are in."""
    return frozenset(
        word.lemma for lang in set(langs) if lang is not None for word in read_words(question, lang) if not word.small
    )


def theme_phrases(lexicon: Lexicon, members: NDArray[np.intp]) -> list[Phrase]:
    """Returns the phrases of a theme, best label first, in the language that most of its ideas are in.

    `members`: the text of each idea, as a place in the lexicon; a text that several ideas share is there several times.
    """
    lang = main_language(lexicon, members)
    inside: Counter[Key] = Counter()
    written: defaultdict[Key, Counter[str]] = defaultdict(Counter)
    for place, count in Counter(members.tolist()).items():
        if lexicon.langs[place] == lang:
            for key, text in lexicon.phrases[place].items():
                inside[key] += count
                written[key][lexicon.write(text)] += count
    total = len(members)
    least = 1 if total < 4 else max(2, round(LEAST_SHARE * total))  # noqa: PLR2004 - what one person says names no other's
    ranked = []
    for key in _complete(inside, least):
        text = _as_written(written[key])
        share = inside[key] / total
        score = _score(lexicon, key, share, total)
        ranked.append(Phrase(key, text, share, inside[key], score, lexicon.opens_with_verb(key, text, lang)))
    ranked.sort(key=lambda phrase: (-phrase.score, phrase.text))
    return ranked


def _complete(inside: Counter[Key], least: int) -> list[Key]:
    """Returns the phrases that enough members use, without those that are mostly a part of a longer one."""
    often = {key: count for key, count in inside.items() if count >= least}
    parts = {
        part
        for key, count in often.items()
        if len(key) > 1
        for part in (key[:-1], key[1:])
        if count >= TOGETHER * often.get(part, count * 2)
    }
    return [key for key in often if key not in parts]


def _score(lexicon: Lexicon, key: Key, share: float, total: int) -> float:
    """Frequent here, rare elsewhere, and long enough to be read alone."""
    elsewhere = (lexicon.counts[key] - share * total + 0.5) / (lexicon.total - total + 1)
    lift = max(0.0, log(share / max(elsewhere, 1e-9)))
    return float(share**FREQUENT) * lift * LONGER[min(len(key), len(LONGER)) - 1]


def _as_written(forms: Counter[str]) -> str:
    """The inflection of a phrase that is used most; of two, the shorter."""
    return max(forms.items(), key=lambda item: (item[1], -len(item[0]), item[0]))[0]


def main_language(lexicon: Lexicon, members: NDArray[np.intp]) -> str | None:
    """Returns the language that most of the members are in; None when none has words."""
    counts = Counter(lang for place in members.tolist() if (lang := lexicon.langs[place]) is not None)
    return max(counts.items(), key=lambda item: (item[1], item[0]))[0] if counts else None


def telling_phrases(ranked: Sequence[Phrase], limit: int = PHRASES) -> list[Phrase]:
    """Returns the best phrases, none of which says again what a better one says."""
    chosen: list[Phrase] = []
    for phrase in ranked:
        if len(chosen) == limit:
            break
        if phrase.score > 0 and not any(_repeats(phrase.key, other.key) for other in chosen):
            chosen.append(phrase)
    return chosen


def _repeats(one: Key, other: Key) -> bool:
    """Whether all words of the shorter key have their like in the longer one."""
    short, long = sorted((one, other), key=len)
    return all(any(_same_root(word, candidate) for candidate in long) for word in short)


def _same_root(one: str, other: str) -> bool:
    """Words of one family, near enough: "handicap" and "handicape", "migrant" and "migratoire"."""
    shared = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one == other or shared >= max(5, 0.6 * max(len(one), len(other)))


def name_themes(
    lexicon: Lexicon, groups: Sequence[NDArray[np.intp]], spare: Sequence[str]
) -> list[tuple[str, list[Phrase]]]:
    """Returns for each group its name and its telling phrases. `spare`: what to call a group without any phrase.

    The largest groups choose first; no two names are alike. A group without members has an empty name.
    """
    result: list[tuple[str, list[Phrase]]] = [("", [])] * len(groups)
    names = _Names()
    for place in sorted(range(len(groups)), key=lambda place: (-len(groups[place]), place)):
        if not spare[place]:
            continue
        ranked = theme_phrases(lexicon, groups[place])
        name = names.choose(ranked, main_language(lexicon, groups[place]), spare[place])
        result[place] = name, telling_phrases(ranked)
    return result


class _Names:
    """The names given so far: the next one must not be like any of them."""

    def __init__(self) -> None:
        self._keys: list[frozenset[str]] = []
        self._written: set[str] = set()

    def choose(self, ranked: Sequence[Phrase], lang: str | None, spare: str) -> str:
        """Returns the best name that is unlike the others; the spare one, numbered if need be, when there is none."""
        best = telling_phrases(ranked, PARTNERS)
        common = [phrase for phrase in best if phrase.share >= LEAST_NAMED and phrase.count >= LEAST_NAMING]
        for phrases in (common, best):
            found = self._best(_candidates(phrases, lang))
            if found is not None:
                return self._give(*found)
        number = 1
        text = spare
        while text.casefold() in self._written:
            number += 1
            text = f"{spare} ({number})"
        return self._give(text, frozenset())

    def _best(self, candidates: Iterable[tuple[float, str, frozenset[str]]]) -> tuple[str, frozenset[str]] | None:
        """Returns the candidate that is worth most, being like a name already given counted against it."""
        found, most = None, 0.0
        for score, text, key in candidates:
            alike = max((_likeness(key, other) for other in self._keys), default=0.0)
            if alike < ALIKE and score * (1 - alike) > most and text.casefold() not in self._written:
                found, most = (text, key), score * (1 - alike)
        return found

    def _give(self, text: str, key: frozenset[str]) -> str:
        self._written.add(text.casefold())
        self._keys.append(key)
        return text[:1].upper() + text[1:]


def _candidates(phrases: Sequence[Phrase], lang: str | None) -> list[tuple[float, str, frozenset[str]]]:
    """Returns possible names (worth, text, lemmas), best first: a phrase by itself, or two side by side."""
    options: list[tuple[float, str, frozenset[str]]] = []
    for place, phrase in enumerate(phrases):
        alone = phrase.score * (LONE_WORD if " " not in phrase.text else 1.0)
        options.append((alone, phrase.text, frozenset(phrase.key)))
        for other in phrases[place + 1 :]:
            text = f"{phrase.text} {AND.get(lang or '', '&')} {other.text}"
            if len(text.split()) <= NAME_WORDS and _go_together(phrase, other):
                options.append((PAIR * (phrase.score + other.score), text, frozenset(phrase.key + other.key)))
    return sorted(options, key=lambda option: (-option[0], option[1]))


def _go_together(one: Phrase, other: Phrase) -> bool:
    """Two nouns, of different families, of about the same weight in the theme."""
    rarer, commoner = sorted((one.share, other.share))
    related = any(_same_root(word, candidate) for word in one.key for candidate in other.key)
    return rarer >= BALANCE * commoner and not related and not one.action and not other.action


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    union = one | other
    return len(one & other) / len(union) if union else 0.0


def spare_name(text: str) -> str:
    """Returns the first words of a verbatim, to name a theme by when its ideas share no phrase."""
    words = text.split()
    return " ".join(words[:SPARE_WORDS])[:60] + ("…" if len(words) > SPARE_WORDS else "") if words else "…"


def choose_exemplars(
    vectors: NDArray[np.float32], texts: Sequence[str], strength: NDArray[np.float32], count: int = 3
) -> list[int]:
    """Returns places (in 0..n-1) of typical verbatims, best first: central, short, complete, unlike each other.

    `vectors`: (n, d) float32 unit rows; `strength`: (n,) in 0..1. Maximal marginal relevance (Carbonell and
    Goldstein 1998).
    """
    worth = np.array([_readable(text) for text in texts]) * (0.05 + strength)
    chosen: list[int] = []
    while len(chosen) < min(count, len(texts)):
        gain = worth.copy()
        if chosen:
            closest = (vectors @ vectors[chosen].T).max(axis=1)
            gain *= np.clip(1.3 - closest, 0.0, 1.0)
            gain[closest > 0.9] *= 0.1  # noqa: PLR2004 - nearly the same words: one voice
            gain[chosen] = -1.0
        chosen.append(int(gain.argmax()))
    return chosen


def _readable(text: str) -> float:
    """How well a text reads as a quotation, in 0..1: a full sentence or two, neither curt nor endless."""
    words = len(text.split())
    length = min(1.0, 0.25 + words / 9) if words < 7 else 1.0 if words <= 32 else max(0.2, 32 / words)  # noqa: PLR2004
    ending = 1.0 if text[-1:] in ".!?»)" and not text.endswith("..") else 0.85
    opening = 1.0 if text[:1].isupper() else 0.9
    shouting = 0.5 if text.isupper() else 1.0
    return length * ending * opening * shouting
