"""The words of all texts, read once into flat arrays, and how the campaign uses them.

Words are compared by lemma (dictionary form without accents), each language by itself, and shown as the campaign
usually writes them. What is learned by counting: which words stay together, which are nouns, where a phrase may start
and end, the usual accents and capitals.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence

import numpy as np

from clustering.arrays import Bools, Floats, Ints
from clustering.text.cleaning import strip_accents
from clustering.text.grammar import (
    dictionary_form,
    gender,
    is_action,
    is_adverb,
    is_finite,
    is_gerund,
    is_small,
    lemma,
    number,
)
from clustering.text.language import (
    ADVERBS,
    ARTICLES,
    AUXILIARY,
    BREAKING,
    CLAUSE,
    CONJUNCTIONS,
    CONTRACTED,
    DENYING,
    DETERMINERS,
    ELIDED,
    FEMININE_ARTICLES,
    GERUND_AFTER,
    JOINING,
    LINKS,
    LOOSE,
    MASCULINE_ARTICLES,
    OPENING,
    PLURAL_ARTICLES,
    PREPOSITIONS,
    PROMISING,
    SINGULAR_ARTICLES,
    SUBJECTS,
)

TOKEN = re.compile(r"([\W_]*+)([^\W\d_]+\d*|\d+|\Z)")  # with the end, where no word is: many signs there cost no time
WITHIN = re.compile(r"[ \u00a0\u202f]*['’]?[ \u00a0\u202f]*|-")  # what may stand between the words of one phrase
SENTENCE_ENDS = ".!?:;•/"
OPENINGS = " «\"'(-"
TOGETHER = 0.6  # share of a word's uses with the same neighbour from which they stay together
SEEN = 4  # uses from which a habit of the campaign is believed
NOUN = 0.3  # share of a word's uses after an article or a preposition from which it is taken for a noun
DOUBT = 4.0  # uses that a word is given beforehand, half of them at a boundary: rare words prove nothing
LIKELY = 0.5  # share of a word's uses at an end from which it may end what "and" goes on with
GENDER = 0.85  # share of a noun's uses after such articles from which it is feminine, or masculine

HABIT = 0.05  # share of a noun's uses after the same word from which the two may stand side by side
MIN_HABIT = 3


def question_lemmas(question: str, langs: Iterable[str | None]) -> frozenset[str]:
    """Returns the lemmas of the campaign's own words, in each language that its ideas are in."""
    words = [word.lower() for _, word in TOKEN.findall(question)]
    return frozenset(lemma(word, lang) for lang in set(langs) if lang for word in words if not is_small(word, lang))


def usual_spellings(counts: Iterable[tuple[str, int]]) -> dict[str, str]:
    """Returns bare word -> its usual spelling, for words written both with and without accents, or with wrong ones.

    `counts`: lower-case words and how often each is used.
    """
    spellings: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for word, count in counts:
        spellings[strip_accents(word)][word] += count
    return {bare: _usual(forms) for bare, forms in spellings.items() if len(forms) > 1}


def _usual(forms: Counter[str]) -> str:
    """The commonest form; the one with more accents when it is about as common, for people leave them out."""
    most = max(forms.values())
    common = [form for form, count in forms.items() if 2 * count >= most]
    return max(common, key=lambda form: (sum(not c.isascii() for c in form), forms[form], form))


class Words:
    """All words of n texts, in order, as flat arrays of one entry each, bool or intp where nothing else is said.

    `langs`: (n,) ISO 639-1 codes or None; `weights`: (n,) how many ideas share each text.

    `text`: the row of its text; `lemma`: its place in `lemmas`; `linked`: whether nothing but a space, a hyphen or an
    apostrophe parts it from the word before; `spaced`: whether a space does; `small`, `link`, `clause`, `action`: see
    clustering.text.language; `small_before`: where the last small word stands, up to this one. The words of text i
    are those from starts[i] to starts[i + 1].

    Of names and phrases, `at_start`, `at_end`: whether one may start or end there; `opens`, `closes`: whether it then
    holds all that is said since the last break, or up to the next; `barred`: its subject, or what denies it, would be
    left outside; `governed`: it follows a verb; `loose`, `before_loose`: what comes next may belong to that verb;
    `in_name`: whether it may stand in one; `adverb`: none ends there; `resumed`: what "and" may put beside its like
    only; `usual_after`: float32, how often, as a logarithm, it is written after the word before; `strange`: nowhere
    else after the small word before it.

    For each lemma, a (language, word) of `lemmas`, as the campaign uses it: `uses`; `noun`; `needs_before`,
    `needs_after`: it stays with its neighbour; `starts_well`, `ends_well`: the share of its uses, 0..1, where a phrase
    may start or end.
    """

    def __init__(self, texts: Sequence[str], langs: Sequence[str | None], weights: Sequence[int]) -> None:
        self._read(texts, langs)
        self._weight = np.asarray(weights, dtype=np.float64)[self.text]
        self._know_forms()
        self._learn_capitals()
        self.uses = self._count(self.lemma, ~self.small)
        self._learn_boundaries()
        self._learn_nouns()
        self._learn_ties()
        self._learn_pairs()
        self._learn_clauses()

    def _read(self, texts: Sequence[str], langs: Sequence[str | None]) -> None:
        known: defaultdict[str | None, dict[str, int]] = defaultdict(dict)
        gaps: dict[str, int] = {}
        forms: list[int] = []
        between: list[int] = []
        starts = [0]
        self._forms: list[tuple[str, str | None]] = []  # the distinct (spelling, language) pairs
        for text, lang in zip(texts, langs, strict=True):
            of_lang = known[lang]
            for gap, word in TOKEN.findall(text):
                if not word:
                    break
                place = of_lang.get(word)
                if place is None:
                    place = of_lang[word] = len(self._forms)
                    self._forms.append((word, lang))
                forms.append(place)
                between.append(gaps.setdefault(gap, len(gaps)))
            starts.append(len(forms))
        self.starts = np.array(starts, dtype=np.intp)
        self.text = np.repeat(np.arange(len(texts)), np.diff(self.starts))
        self._form = np.array(forms, dtype=np.intp)
        self._gap = np.array(between, dtype=np.intp)
        self._joints = [_joint(gap) for gap in gaps]  # the same, as shown
        first = np.zeros(len(forms), dtype=np.bool_)
        first[self.starts[:-1][np.diff(self.starts) > 0]] = True
        self.linked = ~first & _told((WITHIN.fullmatch(gap) is not None for gap in gaps), self._gap)
        self.spaced = _told((joint == " " for joint in self._joints), self._gap)
        self._opens_sentence = first | _told((_ends_sentence(gap) for gap in gaps), self._gap)

    def _know_forms(self) -> None:
        """Works out what each distinct form is, once."""
        uses = np.bincount(self._form, minlength=len(self._forms)).tolist()
        by_lang: defaultdict[str | None, list[tuple[str, int]]] = defaultdict(list)
        for (word, lang), count in zip(self._forms, uses, strict=True):
            by_lang[lang].append((word.lower(), count))
        usual = {lang: usual_spellings(counts) for lang, counts in by_lang.items()}
        lower = [(word.lower(), lang) for word, lang in self._forms]
        self._plain = [(usual[lang].get(strip_accents(word), word), lang) for word, lang in lower]
        self._spelled: defaultdict[tuple[str, str | None], list[int]] = defaultdict(list)
        for form, plain in enumerate(self._plain):
            self._spelled[plain].append(form)
        places: dict[tuple[str | None, str], int] = {}
        of_form = [places.setdefault((lang, lemma(word, lang)), len(places)) for word, lang in self._plain]
        self.lemmas = list(places)
        self.lemma = np.array(of_form, dtype=np.intp)[self._form]
        self.small = self._rule(is_small)
        self.link = self._among(LINKS)
        self.clause = self._among(CLAUSE) | self.link
        self.action = self._rule(is_action)

    def _among(self, lists: Mapping[str, frozenset[str]]) -> Bools:
        listed = np.zeros(len(self._forms), dtype=np.bool_)
        for lang, words in lists.items():
            for word in words:
                listed[self._spelled.get((word, lang), [])] = True
        return listed[self._form]

    def _rule(self, rule: Callable[[str, str | None], bool]) -> Bools:
        return _told((rule(word, lang) for word, lang in self._plain), self._form)

    def _written_in(self, langs: Container[str]) -> Bools:
        places = {lang: lang is not None and lang in langs for _, lang in self._forms}
        return _told((places[lang] for _, lang in self._forms), self._form)

    def _count(self, places: Ints, where: Bools | None = None) -> Floats:
        """Returns how often each lemma is used, each text times its weight."""
        weight = self._weight if where is None else self._weight * where
        return np.bincount(places, weight, minlength=len(self.lemmas)).astype(np.float64)

    def _learn_capitals(self) -> None:
        """A capital counts inside a sentence only, and not in a text that shouts."""
        letters = np.array([len(word) for word, _ in self._forms], dtype=np.intp)[self._form]
        capitals = np.array([sum(map(str.isupper, word)) for word, _ in self._forms], dtype=np.intp)[self._form]
        shouts = np.bincount(self.text, 2 * capitals - letters, minlength=len(self.starts) - 1) > 0
        calm = self._weight * ~(self._opens_sentence | shouts[self.text])
        counts = np.bincount(self._form, calm, minlength=len(self._forms)).tolist()
        seen: defaultdict[tuple[str, str | None], Counter[str]] = defaultdict(Counter)
        for (word, lang), count in zip(self._forms, counts, strict=True):
            if count:
                seen[word.lower(), lang][word] += count
        best = {plain: max(forms.items(), key=lambda item: (item[1], item[0]))[0] for plain, forms in seen.items()}
        self._shown: list[str] = [best.get(plain, plain[0]) for plain in self._plain]

    def _learn_boundaries(self) -> None:
        """A phrase may start after a pause or a small word, and end where nothing goes on with its last word."""
        barred = _before(self._among(SUBJECTS) | self._among(AUXILIARY) | self._among(DENYING)) & self.linked
        self.barred = barred
        self.at_start = ~self.linked | (_before(self.small) & ~barred)
        self.opens, self.closes = self._whole()
        told = self._written_in(BREAKING)
        goes_on = ~self.small | (self.clause & ~self._among(JOINING)) | self._among(PROMISING)
        another = _after(self._among(AUXILIARY)) & _before(self._among(JOINING))
        after = self.linked & np.where(told, ~self._among(BREAKING), goes_on)
        self.at_end = ~_after(after) & ~another  # "and money could"
        half = DOUBT / 2
        self.starts_well = (self._count(self.lemma, self.at_start & ~self.small) + half) / (self.uses + DOUBT)
        self.ends_well = (self._count(self.lemma, self.at_end & ~self.small) + half) / (self.uses + DOUBT)
        self.at_end |= _after(self._among(JOINING) & self.linked) & (self.ends_well[self.lemma] >= LIKELY)

    def _whole(self) -> tuple[Bools, Bools]:
        """Returns where what is said between two breaks starts, and ends.

        Small words before it are left out, unless they deny it, or leave its verb to it ("parce que les bus…").
        """
        breaks = np.flatnonzero(~self.linked)
        start = np.repeat(breaks, np.diff(np.append(breaks, len(self.linked))))
        said = np.cumsum(np.append(0, ~self.small | self._among(DENYING)))
        joined = np.cumsum(np.append(0, self._among(CONJUNCTIONS)))
        opens = (said[: len(start)] == said[start]) & (self.action | (joined[: len(start)] == joined[start]))
        return opens, ~_after(self.linked)

    def _learn_nouns(self) -> None:
        """A word that follows articles, or that nothing ever leads but is no verb.

        Languages without a list aren't judged.
        """
        led = self.linked & ~self.small
        gerund = self._rule(is_gerund) & _before(self._among(GERUND_AFTER))
        introduced = _before(self._among(ARTICLES)) | (_before(self._among(PREPOSITIONS)) & ~self.action & ~gerund)
        as_noun = self._count(self.lemma, led & introduced)
        of_verb = self._rule(lambda word, lang: is_action(dictionary_form(word, lang), lang))
        verb = (self._count(self.lemma, of_verb) > 0) & (as_noun == 0)
        judged = np.array([lang in ARTICLES for lang, _ in self.lemmas], dtype=np.bool_)
        self.noun = ~judged | ((as_noun >= NOUN * self._count(self.lemma, led)) & ~verb)

    def _learn_clauses(self) -> None:
        noun = ~self.small & self.noun[self.lemma]
        finite = self._rule(is_finite) & ~noun & ~self.small
        self.in_name = (~self.small | self.clause) & ~finite & ~self._breaks_off(noun)
        self.adverb = self._rule(is_adverb) & ~noun
        self.governed = self._after_verb(~noun | self.action | finite)
        self.loose = self._among(LOOSE)
        self.before_loose = _after(self.loose & self.linked)
        joined = _before(self._among(JOINING))
        preposition = self._among(PREPOSITIONS) | self._among(CONTRACTED)
        self.resumed = (joined & (self.action | preposition)) | (self.action & _before(joined & preposition))
        self.small_before = np.maximum.accumulate(np.where(self.small, np.arange(len(self.small)), -1))
        self.strange = _before(self.small) & self.linked & (self.usual_after <= 0)

    def _breaks_off(self, noun: Bools) -> Bools:
        """Returns where no name goes on: at what opens another phrase, or goes with nothing before it."""
        more = self._among(ADVERBS) & _after(self._among(PREPOSITIONS))  # "plus de"
        another = _before(~self.small & ~self.action) & (self._among(OPENING) | more)
        rare = np.exp(self.usual_after) < np.maximum(HABIT * self.uses[self.lemma], MIN_HABIT)
        opens = self._written_in(ARTICLES) & (noun | self.action) & ~self.small
        beside = opens & _before(~self.small) & rare & self.linked
        adverb = self._among(ADVERBS)
        mixed = _before(self._among(JOINING)) & adverb & _before(_before(noun))  # "train et trop cher"
        cut = _before(self._among(ELIDED)) & self.spaced  # "d entreprise"
        usual = self._among(ARTICLES) | self._among(DETERMINERS)
        odd = self.small & ~usual & _before(self.small) & self.linked & (np.exp(self.usual_after) < MIN_HABIT - 0.5)
        return another | beside | mixed | cut | odd | self._disagrees(adverb)

    def _after_verb(self, verb: Bools) -> Bools:
        """Returns which words have a verb before them with nothing but small words between."""
        before = _last(np.where(self.small, -1, np.arange(len(self.small))))
        said = np.cumsum(~self.linked)
        judged = self._written_in(LOOSE)
        governed: Bools = judged & (before >= 0) & (said[before] == said) & verb[before]
        return governed

    def _disagrees(self, adverb: Bools) -> Bools:
        """Returns which words have neither the number nor the gender of the noun and the article before them.

        A word that stays with the one before it has that one's: "transports en commun gratuits".
        """
        tied = self.needs_before[self.lemma] & _before(self.small)
        head = np.where(self.small | tied, -1, np.arange(len(self.small)))
        apart = self._other_number(head, adverb) | self._other_gender(head, adverb)
        disagrees: Bools = ~self.small & self.linked & apart
        return disagrees

    def _other_number(self, head: Ints, adverb: Bools) -> Bools:
        """Beside its head, but for adverbs, or its article; a noun that is usual beside another has its own."""
        numbers = np.fromiter((number(*form) for form in self._plain), dtype=np.intp)[self._form]
        before = _last(head)
        full = _last(np.where(self.small, -1, np.arange(len(head))))
        beside = (before >= 0) & (full >= 0) & (full == _last(np.where(adverb, -1, np.arange(len(head)))))
        usual = np.exp(self.usual_after) >= np.maximum(HABIT * self.uses[self.lemma], MIN_HABIT)
        apart: Bools = beside & (numbers * numbers[before] < 0) & ~(usual & self.noun[self.lemma])
        return apart | (self._articles(PLURAL_ARTICLES, SINGULAR_ARTICLES) * numbers < 0)

    def _other_gender(self, head: Ints, adverb: Bools) -> Bools:
        """Of an adjective and the last noun, at most adverbs and "et" between them, or of a noun and its article."""
        genders = np.fromiter((gender(*form) for form in self._plain), dtype=np.intp)[self._form]
        noun = self.noun[self.lemma]
        of_noun = self._genders()[self.lemma]
        before = _last(np.where(noun, head, -1))
        parted = np.cumsum(~self.linked | (self.small & ~adverb & ~self._among(JOINING)))
        apart: Bools = (before >= 0) & (parted == parted[before]) & ~noun & (genders * of_noun[before] < 0)
        return apart | (self._articles(FEMININE_ARTICLES, MASCULINE_ARTICLES) * of_noun < 0)

    def _articles(self, one: Mapping[str, frozenset[str]], other: Mapping[str, frozenset[str]]) -> Ints:
        """Returns 1 for each word after an article of one list, -1 after one of the other, 0 elsewhere."""
        after: Ints = _before(self._among(one)).astype(np.intp) - _before(self._among(other))
        return after * self.linked

    def _genders(self) -> Ints:
        """Returns for each lemma 1 where it mostly follows feminine articles, -1 for masculine ones, 0 for neither."""
        article = self._articles(FEMININE_ARTICLES, MASCULINE_ARTICLES) * ~self.small
        feminine, masculine = self._count(self.lemma, article > 0), self._count(self.lemma, article < 0)
        least = np.maximum(GENDER * (feminine + masculine), MIN_HABIT)
        return (feminine >= least).astype(np.intp) - (masculine >= least)

    def _learn_ties(self) -> None:
        """Words that nearly always come together stay together."""
        full = np.flatnonzero(~self.small)
        broken = np.cumsum(~self.linked | (self.small & ~self.link))
        joined = broken[full[1:]] == broken[full[:-1]]
        one, other = self.lemma[full[:-1][joined]], self.lemma[full[1:][joined]]
        pairs, place = np.unique(one * len(self.lemmas) + other, return_inverse=True)
        counts = np.bincount(place, self._weight[full[1:][joined]], minlength=len(pairs))
        one, other = np.divmod(pairs, max(1, len(self.lemmas)))
        self.needs_before = np.zeros(len(self.lemmas), dtype=np.bool_)
        self.needs_after = np.zeros(len(self.lemmas), dtype=np.bool_)
        self.needs_before[other[(counts >= SEEN) & (counts >= TOGETHER * self.uses[other])]] = True
        self.needs_after[one[(counts >= SEEN) & (counts >= TOGETHER * self.uses[one])]] = True

    def _learn_pairs(self) -> None:
        """How usual each word is after the one before, as spelled: of several ways to say the same, one reads best."""
        spellings: dict[tuple[str, str | None], int] = {}
        places = [spellings.setdefault(plain, len(spellings)) for plain in self._plain]
        spelled = np.array(places, dtype=np.intp)[self._form]
        before = np.append(0, spelled[:-1])[: len(spelled)] + 1
        pairs = np.where(self.linked, before, 0) * len(spellings) + spelled
        _, pair, counts = np.unique(pairs, return_inverse=True, return_counts=True)
        self.usual_after = np.log(counts)[pair].astype(np.float32)

    def write(self, first: int, last: int) -> str:
        """Returns some words as the campaign usually writes them: its accents, its capitals."""
        places = self._form[first : last + 1].tolist()
        joints = self._gap[first + 1 : last + 1].tolist()
        rest = (self._joints[joint] + self._shown[place] for joint, place in zip(joints, places[1:], strict=True))
        return str(self._shown[places[0]]) + "".join(rest)


def _before(told: Bools) -> Bools:
    """Returns, for each word, what is told of the one before."""
    return np.append(False, told[:-1])[: len(told)]


def _after(told: Bools) -> Bools:
    """Returns, for each word, what is told of the one after."""
    return np.append(told[1:], False)[: len(told)]


def _last(places: Ints) -> Ints:
    """Returns, for each word, the largest of the places told before it, -1 for none."""
    return np.maximum.accumulate(np.append(-1, places[:-1]))[: len(places)]


def _told(answers: Iterable[bool], places: Ints) -> Bools:
    """Spreads an answer for each distinct value over all the places where that value stands."""
    return np.fromiter(answers, dtype=np.bool_)[places] if len(places) else np.zeros(0, dtype=np.bool_)


def _joint(gap: str) -> str:
    """What is shown between two words of a phrase."""
    if any(character.isspace() for character in gap):
        return " "
    return "’" if gap == "'" else gap


def _ends_sentence(gap: str) -> bool:
    before = gap.rstrip(OPENINGS)
    return before != "" and before[-1] in SENTENCE_ENDS
