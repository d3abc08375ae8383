"""What a word is, told by its form alone: its dictionary form, whether it is small, a verb, a plural, a feminine.

Each language by itself; of one without rules (clustering.text.language) nothing is told. A word is in lower case
here, and `lang` an ISO 639-1 code, or None.
"""

from functools import cache

from clustering.text.cleaning import strip_accents
from clustering.text.language import (
    ADVERB,
    CONJUGATED,
    FEMININE,
    GERUND,
    INFINITIVE,
    PARTICIPLE,
    PLURAL,
    VERBAL,
    stop_words,
)


@cache
def dictionary_form(word: str, lang: str | None) -> str:
    """Returns the dictionary form of a lower-case word; the word itself in languages not known."""
    from simplemma import lemmatize

    try:
        return lemmatize(word, lang or "").lower()
    except ValueError:  # a language that the dictionaries lack
        return word


def lemma(word: str, lang: str | None) -> str:
    """Returns the dictionary form of a lower-case word, without accents."""
    return strip_accents(dictionary_form(word, lang))


@cache
def is_small(word: str, lang: str | None) -> bool:
    """Whether a lower-case word carries no meaning by itself: a stop word, a letter, a number."""
    small_words = stop_words(lang)
    bare = strip_accents(word)
    return len(bare) < 2 or bare.isdigit() or bare in small_words or lemma(word, lang) in small_words  # noqa: PLR2004 - a letter


@cache
def is_action(word: str, lang: str | None) -> bool:
    """Whether a lower-case word is the form of a verb that names an action, in the languages where endings tell.

    Nouns end so too ("voiture", "trottoir"), but the dictionary knows no form of theirs that only verbs have.
    """
    from simplemma import is_known

    if lang not in INFINITIVE or not INFINITIVE[lang].search(word):
        return False
    if not is_known(word, lang):
        return VERBAL[lang].search(word) is not None
    forms = [word.removesuffix(ending) + other for ending, other in CONJUGATED[lang] if word.endswith(ending)]
    return any(dictionary_form(form, lang) == word for form in forms)


def is_finite(word: str, lang: str | None) -> bool:
    """Whether a word is a form of a verb that needs its subject, in the languages where endings tell."""
    root = lemma(word, lang)
    ending = strip_accents(word).removeprefix(root)
    return (
        lang in PARTICIPLE
        and is_action(dictionary_form(word, lang), lang)
        and ending not in {"", "s", "x", "e", "es"}  # the verb itself, or a noun and its plural
        and not PARTICIPLE[lang].search(word)
    )


def is_adverb(word: str, lang: str | None) -> bool:
    """Whether a word ends as those do that tell how something is done."""
    ending = ADVERB.get(lang or "")
    return bool(ending and ending.search(word))


def is_gerund(word: str, lang: str | None) -> bool:
    """Whether a word ends as the verb does in "en roulant"; some nouns end so too."""
    ending = GERUND.get(lang or "")
    return bool(ending and ending.search(word))


def number(word: str, lang: str | None) -> int:
    """Returns 1 for a plural, -1 for a singular, 0 where the ending doesn't tell."""
    root, bare = lemma(word, lang), strip_accents(word)
    if lang not in PLURAL or bare.isdigit() or not bare.startswith(root[:-2]) or PLURAL[lang].search(root):
        return 0
    return 1 if PLURAL[lang].search(bare) else -1


def gender(word: str, lang: str | None) -> int:
    """Returns 1 for the feminine form of an adjective, -1 for the masculine one, 0 where the ending doesn't tell."""
    root, one = lemma(word, lang), strip_accents(PLURAL[lang].sub("", word)) if lang in PLURAL else ""
    if lang not in FEMININE or not one:
        return 0
    participle = FEMININE[lang].search(PLURAL[lang].sub("", word))
    if participle:
        return 1 if participle["feminine"] else -1
    masculine = root in {one, strip_accents(word)} and not root.endswith("e")
    return 1 if one == root + "e" else -1 if masculine else 0
