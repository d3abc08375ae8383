"""Grammar from the form of a word: its lemma, whether it is a function word, a verb, an adverb, its number and gender.

Words are in lower case; `lang` is an ISO 639-1 code or None. In a language without rules (clustering.text.word_lists)
nothing is an infinitive, finite, an adverb or a gerund, and number and gender are 0.
"""

from functools import lru_cache

from clustering.text.cleaning import strip_accents
from clustering.text.word_lists import (
    ADVERB,
    CONJUGATIONS,
    FEMININE_PARTICIPLE,
    GERUND,
    INFINITIVE,
    PARTICIPLE,
    PLURAL,
    UNKNOWN_INFINITIVE,
    stop_words,
)

MAX_WORDS = 50_000  # whose forms are kept in memory


@lru_cache(maxsize=MAX_WORDS)
def dictionary_form(word: str, lang: str | None) -> str:
    """Returns the dictionary form of a word; the word itself in a language without a dictionary."""
    from simplemma import lemmatize

    try:
        return lemmatize(word, lang or "", low_memory=True).lower()
    except ValueError:  # no dictionary for this language
        return word


def lemma(word: str, lang: str | None) -> str:
    """Returns the dictionary form of a word, without accents."""
    return strip_accents(dictionary_form(word, lang))


@lru_cache(maxsize=MAX_WORDS)
def is_function_word(word: str, lang: str | None) -> bool:
    """Whether a word has no meaning by itself: a stop word, a single letter, a number."""
    listed = stop_words(lang)
    bare = strip_accents(word)
    return len(bare) < 2 or bare.isdigit() or bare in listed or lemma(word, lang) in listed  # noqa: PLR2004 - a letter


def is_known(word: str, lang: str | None) -> bool:
    """Whether a word is in the dictionary of its language; True in a language without one."""
    from simplemma import is_known as is_in_dictionary

    try:
        return is_in_dictionary(word, lang or "", low_memory=True)
    except ValueError:  # no dictionary for this language
        return True


@lru_cache(maxsize=MAX_WORDS)
def is_infinitive(word: str, lang: str | None) -> bool:
    """Whether a word is an infinitive.

    Some nouns end so too ("voiture", "trottoir"), but the dictionary has none of their would-be verb forms.
    """
    if lang not in INFINITIVE or not INFINITIVE[lang].search(word):
        return False
    if not is_known(word, lang):
        return UNKNOWN_INFINITIVE[lang].search(word) is not None
    forms = [word.removesuffix(ending) + other for ending, other in CONJUGATIONS[lang] if word.endswith(ending)]
    return any(dictionary_form(form, lang) == word for form in forms)


def is_finite(word: str, lang: str | None) -> bool:
    """Whether a word is a finite verb: a form that needs a subject."""
    root = lemma(word, lang)
    ending = strip_accents(word).removeprefix(root)
    return (
        lang in PARTICIPLE
        and is_infinitive(dictionary_form(word, lang), lang)
        and ending not in {"", "s", "x", "e", "es"}  # the infinitive itself, or a noun and its plural
        and not PARTICIPLE[lang].search(word)
    )


def is_adverb(word: str, lang: str | None) -> bool:
    """Whether a word ends like an adverb of manner; some nouns do too."""
    ending = ADVERB.get(lang or "")
    return bool(ending and ending.search(word))


def is_gerund(word: str, lang: str | None) -> bool:
    """Whether a word ends like a gerund ("en roulant"); some nouns do too."""
    ending = GERUND.get(lang or "")
    return bool(ending and ending.search(word))


def number(word: str, lang: str | None) -> int:
    """Returns 1 for a plural, -1 for a singular, 0 where the ending doesn't show it."""
    root, bare = lemma(word, lang), strip_accents(word)
    if lang not in PLURAL or bare.isdigit() or not bare.startswith(root[:-2]) or PLURAL[lang].search(root):
        return 0
    return 1 if PLURAL[lang].search(bare) else -1


def gender(word: str, lang: str | None) -> int:
    """Returns 1 for a feminine adjective, -1 for a masculine one, 0 where the ending doesn't show it."""
    root, one = lemma(word, lang), strip_accents(PLURAL[lang].sub("", word)) if lang in PLURAL else ""
    if lang not in FEMININE_PARTICIPLE or not one:
        return 0
    participle = FEMININE_PARTICIPLE[lang].search(PLURAL[lang].sub("", word))
    if participle:
        return 1 if participle["feminine"] else -1
    masculine = root in {one, strip_accents(word)} and not root.endswith("e")
    return 1 if one == root + "e" else -1 if masculine else 0
