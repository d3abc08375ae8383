"""What a cell holds by its form: a number, a date, an address, a link; and a header in plain words."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
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
_LONGEST_FORM = 2_000
_MOST = 0.8
_NOT_A_WORD = re.compile(r"[\W_]+")
_LANGUAGE_PART = re.compile(r"/(?:[a-z]{2}|[a-z]{2}[-_][a-z]{2})$", re.IGNORECASE)


def kind_of(cell: str) -> Kind:
    """The form of one cell that is not blank."""
    cell = cell.strip()
    if len(cell) <= _LONGEST_FORM:
        for kind, form in _FORMS:
            if form.fullmatch(cell):
                return kind
    return Kind.OTHER


def common_kind(cells: Iterable[str]) -> Kind:
    """The form of at least four in five of the cells that are not blank; OTHER where there is none."""
    kinds = Counter(kind_of(cell) for cell in cells if cell.strip())
    if not kinds:
        return Kind.OTHER
    kind, count = kinds.most_common(1)[0]
    return kind if count >= _MOST * kinds.total() else Kind.OTHER


def plain(words: str) -> str:
    """The words in lower case, without accents, punctuation, or the language of a column such as "title/fr"."""
    if words.strip() == "#":
        return "number"
    letters = unicodedata.normalize("NFKD", _LANGUAGE_PART.sub("", words.strip()).casefold())
    return _NOT_A_WORD.sub(" ", "".join(letter for letter in letters if not unicodedata.combining(letter))).strip()
