"""The words of all texts, read once into flat arrays.

Words are compared by lemma (dictionary form without accents), each language by itself.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence

import numpy as np

from clustering.arrays import Bools, Floats, Ints
from clustering.text.cleaning import strip_accents
from clustering.text.grammar import is_function_word, is_infinitive, lemma
from clustering.text.word_lists import CLAUSE_WORDS, CONNECTORS

# Vowel signs and other marks are part of their word (Hindi, Thai), and so are the joiners between two letters.
MARKS = "".join(char for char in map(chr, range(0x300, 0x10000)) if unicodedata.category(char) in {"Mn", "Mc"})
TOKEN = re.compile(
    rf"([\W_]*+)((?:[^\W\d_][{MARKS}\u200c\u200d]*+)++\d*|\d+|\Z)"  # \Z: a tail of many signs takes no time
)
UNSPACED = frozenset({"ja", "km", "lo", "my", "th", "zh"})  # languages that put no space between words
WITHIN = re.compile(r"[ \u00a0\u202f]*+(?:['’][ \u00a0\u202f]*+)?|-")  # what may separate the words of one phrase
SENTENCE_ENDS = ".!?:;•/"
OPENING_SIGNS = " «\"'(-"


def find_words(text: str, lang: str | None) -> Iterator[tuple[str, str]]:
    """Yields each word of a text with what stands before it.

    Words of languages without spaces are found by the rules and dictionaries of Unicode (ICU).
    """
    for gap, word in TOKEN.findall(text):
        if word and lang in UNSPACED:
            yield from zip([gap, *[""] * len(word)], _parts(word, lang or ""), strict=False)
        elif word:
            yield gap, word


def _parts(word: str, lang: str) -> list[str]:
    from icu4py.breakers import WordBreaker

    return list(map(str, WordBreaker(word, lang)))


def question_lemmas(question: str, langs: Iterable[str | None]) -> frozenset[str]:
    """Returns the lemmas of the content words of a question, in each of some languages (None is skipped)."""
    return frozenset(
        lemma(word.lower(), lang)
        for lang in set(langs)
        if lang
        for _, word in find_words(question, lang)
        if not is_function_word(word.lower(), lang)
    )


def usual_spellings(counts: Iterable[tuple[str, int]]) -> dict[str, str]:
    """Returns the usual spelling by word without accents, for words with several spellings.

    `counts`: lower-case words and how often each is used.
    """
    spellings: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for word, count in counts:
        spellings[strip_accents(word)][word] += count
    return {bare: _usual(forms) for bare, forms in spellings.items() if len(forms) > 1}


def _usual(forms: Counter[str]) -> str:
    """Returns the commonest spelling, or one with more accents that is at least half as common: people omit accents."""
    most = max(forms.values())
    common = [form for form, count in forms.items() if 2 * count >= most]
    return max(common, key=lambda form: (sum(not c.isascii() for c in form), forms[form], form))


class Tokens:
    """All words of n texts, in order, as flat arrays of one entry per token: intp or bool.

    `langs`: (n,) ISO 639-1 codes or None; `weights`: (n,) how many ideas share each text.

    The tokens of text i are those from starts[i] to starts[i + 1]; `text_of` is the text of each token. `lemma`: its
    index in `lemmas`, a list of (language, word). `linked`: only a space, a hyphen or an apostrophe separates it from
    the token before; `spaced`: a space does. `function`: a function word; all others are content words. `connector`,
    `clause`: listed in CONNECTORS, or there or in CLAUSE_WORDS. `infinitive`: see clustering.text.grammar.
    """

    def __init__(self, texts: Sequence[str], langs: Sequence[str | None], weights: Sequence[int]) -> None:
        self._read(texts, langs)
        self._weight = np.asarray(weights, dtype=np.float64)[self.text_of]
        self._analyse_forms()

    def _read(self, texts: Sequence[str], langs: Sequence[str | None]) -> None:
        known: defaultdict[str | None, dict[str, int]] = defaultdict(dict)
        gaps: dict[str, int] = {}
        forms: list[int] = []
        between: list[int] = []
        starts = [0]
        self._forms: list[tuple[str, str | None]] = []  # the distinct (spelling, language) pairs
        for text, lang in zip(texts, langs, strict=True):
            of_lang = known[lang]
            for gap, word in find_words(text, lang):
                form = of_lang.get(word)
                if form is None:
                    form = of_lang[word] = len(self._forms)
                    self._forms.append((word, lang))
                forms.append(form)
                between.append(gaps.setdefault(gap, len(gaps)))
            starts.append(len(forms))
        self.starts = np.array(starts, dtype=np.intp)
        self.text_of = np.repeat(np.arange(len(texts)), np.diff(self.starts))
        self._form = np.array(forms, dtype=np.intp)
        self._gap = np.array(between, dtype=np.intp)
        self._shown_gaps = [_shown_gap(gap) for gap in gaps]
        first = np.zeros(len(forms), dtype=np.bool_)
        first[self.starts[:-1][np.diff(self.starts) > 0]] = True
        self.linked = ~first & spread_answers((WITHIN.fullmatch(gap) is not None for gap in gaps), self._gap)
        self.spaced = spread_answers((gap == " " for gap in self._shown_gaps), self._gap)
        self._compound = spread_answers((gap == "-" for gap in self._shown_gaps), self._gap)
        self._opens_sentence = first | spread_answers((_ends_sentence(gap) for gap in gaps), self._gap)

    def _analyse_forms(self) -> None:
        """Finds the lemma and the kind of each distinct (spelling, language) once, and spreads them over the tokens."""
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
        lemmas: dict[tuple[str | None, str], int] = {}
        of_form = [lemmas.setdefault((lang, lemma(word, lang)), len(lemmas)) for word, lang in self._plain]
        self.lemmas = list(lemmas)
        self.lemma = np.array(of_form, dtype=np.intp)[self._form]
        self.function = self._rule(is_function_word)
        self.connector = self._among(CONNECTORS)
        self.clause = self._among(CLAUSE_WORDS) | self.connector
        self.infinitive = self._rule(is_infinitive)

    def _among(self, lists: Mapping[str, frozenset[str]]) -> Bools:
        """Returns the tokens that a list of their language holds."""
        listed = np.zeros(len(self._forms), dtype=np.bool_)
        for lang, words in lists.items():
            for word in words:
                listed[self._spelled.get((word, lang), [])] = True
        return listed[self._form]

    def _rule(self, rule: Callable[[str, str | None], bool]) -> Bools:
        """Returns the tokens for which a rule holds. It is evaluated once for each distinct (word, language)."""
        return spread_answers((rule(word, lang) for word, lang in self._plain), self._form)

    def _written_in(self, langs: Container[str]) -> Bools:
        """Returns the tokens in one of some languages."""
        wanted = {lang: lang is not None and lang in langs for _, lang in self._forms}
        return spread_answers((wanted[lang] for _, lang in self._forms), self._form)

    def _count(self, where: Bools) -> Floats:
        """Returns how often ideas use each lemma at some tokens: (lemmas,) float64."""
        return np.bincount(self.lemma, self._weight * where, minlength=len(self.lemmas)).astype(np.float64)


def spread_answers(answers: Iterable[bool], index: Ints) -> Bools:
    """Returns, for each token, the answer for the distinct value that it has. `index`: (tokens,) into the answers."""
    return np.fromiter(answers, dtype=np.bool_)[index] if len(index) else np.zeros(0, dtype=np.bool_)


def _shown_gap(gap: str) -> str:
    """Returns what is shown between two words of a phrase."""
    if any(character.isspace() for character in gap):
        return " "
    return "’" if gap == "'" else gap


def _ends_sentence(gap: str) -> bool:
    before = gap.rstrip(OPENING_SIGNS)
    return before != "" and before[-1] in SENTENCE_ENDS
