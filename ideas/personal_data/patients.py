"""Names of patients: a person's name within reach of a word that speaks of health.

A heuristic made for this product: a title, a relation or a known first name says that a word is a name; words before it
may say that it is a doctor, a street or a disease. It runs in time in proportion to the text.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ideas.personal_data.words import (
    FIRST_NAMES,
    GRAMMAR,
    MEDICAL,
    NAMES_AND_WORDS,
    NAMES_OF_THINGS,
    OTHER_TITLES,
    PATIENTS,
    ROLES,
    THANKS,
    TITLES,
    VERBS,
)

Place = tuple[int, int]

REACH = 150  # characters between a name and the word that speaks of health
_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_ELISION = re.compile(r"^(?:[cdjlmnst]|qu)'|'s?$")  # l'hôpital is a hospital, John's is John
_PARTICLES = frozenset(
    ("de", "du", "des", "d", "la", "le", "van", "von", "der", "ben", "bin", "el", "al", "da", "dos", "mc", "o")
)
# Titles that are written without a capital too, before a name without one.
_PLAIN_TITLES = frozenset(("mme", "mlle", "mr", "mrs", "monsieur", "madame", "mademoiselle"))
_CARED_FOR = frozenset(("patient", "patiente", "resident", "residente", "malade", "pt"))
_MIN_NAME_LENGTH = 2
_MIN_PLAIN_LENGTH = 4  # letters of a name without a capital: shorter words are those of grammar
_MAX_NAME_WORDS = 4
_THANKED_WITHIN = 4  # words
_AGE = re.compile(r"[,\s(]{1,3}(?:aged?\s)?\d{1,3}\s?(?:ans\b|years?\b|yrs?\b|yo\b|a[ñn]os\b|jahre\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Word:
    start: int
    end: int
    plain: str  # lower case, without accents
    capital: bool
    joined: bool  # only spaces, or the point of a title, between the word before and this one


def patients(text: str) -> Iterator[Place]:
    """Where names of patients stand in the text, as pairs of characters (start, end), in order, without titles."""
    words = _words(text)
    medical = [word.start for word in words if _is_medical(word.plain)]
    if not medical:
        return
    at = 0
    while at < len(words):
        length = _name_at(words, at, text)
        if length and any(abs(words[at].start - place) <= REACH for place in medical):
            yield words[at].start, words[at + length - 1].end
        at += max(length, 1)


def _words(text: str) -> list[_Word]:
    words: list[_Word] = []
    end = 0
    for match in _WORD.finditer(text):
        between = text[end : match.start()]
        word = match[0]
        plain = _plain(word)
        after_title = bool(words) and words[-1].plain in TITLES | OTHER_TITLES
        joined = bool(words) and "\n" not in between and between.strip() in ({"", "."} if after_title else {""})
        words.append(_Word(match.start(), match.end(), plain, word[0].isupper(), joined))
        end = match.end()
    return words


def _plain(word: str) -> str:
    letters = unicodedata.normalize("NFKD", word.casefold().replace("’", "'"))
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter)).replace("œ", "oe")
    return _ELISION.sub("", plain)


def _is_medical(plain: str) -> bool:
    return plain.startswith(MEDICAL)


def _name_at(words: Sequence[_Word], at: int, text: str) -> int:
    """How many words, from this one on, are the name of somebody who may be a patient. 0: none."""
    word = words[at]
    before = words[at - 1] if at and word.joined else None
    if _is_somebody_else(words, at):
        return 0
    if before is not None and before.plain in TITLES and not _is_small(word.plain):
        length = _after_title(words, at, before)
    elif before is not None and before.plain in PATIENTS and _is_first_name(word):
        length = _full_length(words, at) if word.capital else 1 + _plain_surname(words, at + 1)
    elif before is not None and before.plain in _CARED_FOR and word.capital and word.plain not in TITLES:
        length = _full_length(words, at)
    elif _is_surname_before_first_name(words, at, text):
        length = 2
    elif _is_patients_full_name(words, at, text):
        length = _full_length(words, at)
    else:
        length = int(_is_first_name(word) and word.capital and _AGE.match(text, word.end) is not None)
    return 0 if length and _has_role(words, at + length) else length


def _is_patients_full_name(words: Sequence[_Word], at: int, text: str) -> bool:
    """True for a first name and a surname of somebody: a known first name, a relation before or care behind says so."""
    if not _is_full_name(words, at):
        return False
    is_relation = at > 0 and words[at - 1].plain in PATIENTS
    return _is_first_name(words[at]) or is_relation or _is_cared_for(words, at + _full_length(words, at), text)


def _after_title(words: Sequence[_Word], at: int, title: _Word) -> int:
    word = words[at]
    if word.plain in OTHER_TITLES or word.plain in NAMES_OF_THINGS or not _is_long(word):
        return 0
    if word.capital:
        return _full_length(words, at)
    return (
        1 if title.plain in _PLAIN_TITLES and len(word.plain) >= _MIN_PLAIN_LENGTH and not _is_common(word.plain) else 0
    )


def _full_length(words: Sequence[_Word], at: int) -> int:
    """This word, and the words with a capital that follow, with particles and initials between them."""
    length = 1
    for place in range(at + 1, min(at + _MAX_NAME_WORDS, len(words))):
        word = words[place]
        if not word.joined and not _follows_initial(words, place):
            break
        if word.capital and not _is_medical(word.plain) and not _is_small(word.plain):
            length = place - at + 1
        elif word.plain not in _PARTICLES:
            break
    return length if len(words[at + length - 1].plain) >= _MIN_NAME_LENGTH else length - 1


def _plain_surname(words: Sequence[_Word], at: int) -> int:
    """1 if this word may be a surname that is written without a capital, else 0."""
    if at >= len(words) or not words[at].joined:
        return 0
    plain = words[at].plain
    return int(len(plain) >= _MIN_PLAIN_LENGTH and not _is_common(plain) and not _is_medical(plain))


def _is_somebody_else(words: Sequence[_Word], at: int) -> bool:
    """True after a doctor's title, the word of a street or a disease, or thanks."""
    place = at - 1
    while place >= 0 and words[place + 1].joined and _leads_on(words[place]):
        place -= 1
    if place >= 0 and words[place + 1].joined and words[place].plain in OTHER_TITLES | NAMES_OF_THINGS:
        return True
    return any(word.plain in THANKS for word in words[max(0, at - _THANKED_WITHIN) : at])


def _is_full_name(words: Sequence[_Word], at: int) -> bool:
    """True for two words or more with a capital, none of them an ordinary one or a title."""
    length = _full_length(words, at)
    ordinary = GRAMMAR | TITLES | OTHER_TITLES
    return words[at].capital and length > 1 and not any(word.plain in ordinary for word in words[at : at + length])


def _is_cared_for(words: Sequence[_Word], after: int, text: str) -> bool:
    """True where the word behind a name says what care this person gets, or how old they are."""
    if _AGE.match(text, words[after - 1].end):
        return True
    return after < len(words) and not words[after].capital and _is_medical(words[after].plain)


def _leads_on(word: _Word) -> bool:
    """True for a word inside a name: what stands before the name says whose it is."""
    return word.plain in _PARTICLES or (word.capital and word.plain not in TITLES | OTHER_TITLES | NAMES_OF_THINGS)


def _has_role(words: Sequence[_Word], after: int) -> bool:
    """True where the word behind a name says what this person does."""
    return after < len(words) and words[after].plain in OTHER_TITLES | ROLES


def _is_surname_before_first_name(words: Sequence[_Word], at: int, text: str) -> bool:
    word = words[at]
    written = text[word.start : word.end]
    follows = at + 1 < len(words) and words[at + 1].joined and words[at + 1].capital and _is_first_name(words[at + 1])
    return follows and written.isupper() and _is_long(word) and not _is_first_name(word) and not _is_common(word.plain)


def _follows_initial(words: Sequence[_Word], at: int) -> bool:
    return len(words[at - 1].plain) == 1 and words[at - 1].capital and words[at].start - words[at - 1].end <= len(". ")


def _is_first_name(word: _Word) -> bool:
    parts = re.split("[-']", word.plain)
    known = parts[0] in FIRST_NAMES or (word.capital and parts[0] in NAMES_AND_WORDS)
    return known and (word.capital or parts[0] not in NAMES_AND_WORDS)


def _is_long(word: _Word) -> bool:
    return len(word.plain) >= _MIN_NAME_LENGTH


def _is_small(plain: str) -> bool:
    return plain in GRAMMAR


def _is_common(plain: str) -> bool:
    return plain in GRAMMAR or plain in VERBS
