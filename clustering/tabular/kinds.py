"""What a cell holds by its form: a number, a date, an address, a link; and a header in plain words."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from enum import StrEnum


class Kind(StrEnum):
    NUMBER = "number"
    DATE = "date"
    EMAIL = "email"
    LINK = "link"
    OTHER = "other"


_FORMS = (
    (Kind.NUMBER, re.compile(r"[-+]?\d[\d\s\u00a0\u202f.,]{0,20}\s?[%€$]?|\d{1,3}(\.\d{1,3}){3}")),
    (
        Kind.DATE,
        re.compile(
            r"(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4})"
            r"([ T,-]{1,3}\d{1,2}[:h]\d{2}(:\d{2})?(\.\d+)?)?\s?([AaPp][Mm])?\s?(Z|UTC|GMT)?\s?"
            r"([-+]\d{1,2}:?\d{0,2})?( UTC)?"
        ),
    ),
    (Kind.EMAIL, re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{1,190}\.[^\s@<>.]{2,24}")),
    (Kind.LINK, re.compile(r"(https?://|www\.)\S+")),
)
# Months and days of the week by their beginnings, and what stands beside them in a date: "1er mars 2026 à 9 h",
# "March 1, 2026 9:00 AM", "Sun Mar 01 09:00:00 UTC 2026".
_MONTH = re.compile(
    r"(jan|feb|fev|mar|mrt|maa|apr|avr|abr|mai|may|mag|mei|jun|juin|giu|jul|juil|lug|aug|aou|ago|sep|set|oct|okt|ott|out|"
    r"nov|dec|dez|dic|ene|gen)[a-z]{0,7}"
)
_BESIDE_A_MONTH = re.compile(
    r"(mon|tue|wed|thu|fri|sat|sun|lun|mer|jeu|ven|sam|dim|mo|di|mi|do|fr|sa|so|mie|jue|vie|sab|dom|gio|qua|qui|sex|seg|"
    r"ter)[a-z]{0,8}|le|the|of|de|del|du|el|at|a|as|um|am|pm|a m|p m|h|uhr|utc|gmt|cet|cest|z|"
    r"\d{1,6}(er|st|nd|rd|th|h|o)?|\d{1,2}h\d{2}"
)
_YEAR = re.compile(r"(?<!\d)(19|20)\d{2}(?!\d)")
_EAST_ASIAN_DATE = re.compile(r"\d{4}\s?[年년]\s?\d{1,2}\s?[月월]\s?\d{1,2}\s?[日일].{0,20}")
_LONGEST_DATE = 60
# "Voter 12", "Participant n° 3": the number of somebody or something.
_NUMBERED = re.compile(r"([^\W\d_][\w ]{1,24}?)[ _#-]*(?:n[o°º]\.? ?|#|-)?\d{1,6}")
_LONGEST_FORM = 2_000
_MOST = 0.8
_NOT_A_WORD = re.compile(r"[\W_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z][a-z]|ID\b)")
_LANGUAGE_PART = re.compile(r"/(?:[a-z]{2}|[a-z]{2}[-_][a-z]{2})$", re.IGNORECASE)


def kind_of(cell: str) -> Kind:
    """The form of one cell that is not blank."""
    cell = cell.strip()
    if len(cell) <= _LONGEST_FORM:
        for kind, form in _FORMS:
            if form.fullmatch(cell):
                return kind
    return Kind.DATE if _is_a_date_in_words(cell) else Kind.OTHER


def _is_a_date_in_words(cell: str) -> bool:
    if len(cell) > _LONGEST_DATE or not _YEAR.search(cell):
        return False
    words = plain(cell).split()
    others = [word for word in words if not _MONTH.fullmatch(word)]
    in_letters = len(others) < len(words) and all(_BESIDE_A_MONTH.fullmatch(word) for word in others)
    return in_letters or bool(_EAST_ASIAN_DATE.fullmatch(cell))


def are_numbered(cells: Sequence[str]) -> bool:
    """True where the cells number somebody or something: the same words, then a number."""
    said = Counter(found.group(1).casefold() for cell in cells if (found := _NUMBERED.fullmatch(cell)))
    return bool(said) and said.most_common(1)[0][1] >= _MOST * len(cells)


def common_kind(cells: Iterable[str]) -> Kind:
    """The form of at least four in five of the cells that are not blank; OTHER where there is none."""
    kinds = Counter(kind_of(cell) for cell in cells if cell.strip())
    if not kinds:
        return Kind.OTHER
    kind, count = kinds.most_common(1)[0]
    return kind if count >= _MOST * kinds.total() else Kind.OTHER


def plain(words: str) -> str:
    """The words in lower case, without accents, punctuation, or the language of a column such as "title/fr".

    "hiddenAt" is two words.
    """
    if words.strip() == "#":
        return "number"
    words = _CAMEL.sub(" ", _LANGUAGE_PART.sub("", words.strip()))
    letters = unicodedata.normalize("NFKD", words.casefold())
    return _NOT_A_WORD.sub(" ", "".join(letter for letter in letters if not unicodedata.combining(letter))).strip()
