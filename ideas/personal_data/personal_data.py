"""Personal data in a text, found before it is published, so that its writer decides: without it, or keep it knowingly.

Formats (an address, a phone number, an IBAN) are found everywhere. Names of patients are looked for only in campaigns
about health, where a name beside a medical word says more than the writer may give away.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ideas.errors import DomainError, message_id

LEFT_OUT = "[…]"  # What stands in a text for what was taken out of it: read in any language.


class Kind(StrEnum):
    EMAIL = "email"
    PHONE = "phone"
    NIR = "nir"  # the French social-security number
    IBAN = "iban"
    CARD = "card"
    BIRTH_DATE = "birth_date"
    PATIENT = "patient"


@dataclass(frozen=True, slots=True)
class Span:
    """Where in a text something personal stands: characters `start` to `end`, the end not included."""

    kind: Kind
    start: int
    end: int


class PersonalDataFound(DomainError):
    """`kinds`: what the texts seem to hold. Whoever wrote them sees where, and decides."""

    message = message_id("Your text may contain personal data. Remove it, or confirm that you want to publish it.")

    def __init__(self, kinds: Sequence[Kind]) -> None:
        self.kinds = kinds
        super().__init__()


def find_personal_data(text: str, *, health: bool) -> list[Span]:
    """What the text says about people, in its order, nothing twice. Anyone may ask. `health`: look for patients too."""
    # Imported where they are used: numbers of all countries take a while to load.
    from ideas.personal_data.formats import birth_dates, cards, emails, ibans, nirs, phones
    from ideas.personal_data.patients import patients

    # In this order: digits of an IBAN may look like a card, those of a social-security number like a phone.
    finders = [emails, ibans, nirs, cards, birth_dates, phones, *([patients] if health else [])]
    kinds = [Kind.EMAIL, Kind.IBAN, Kind.NIR, Kind.CARD, Kind.BIRTH_DATE, Kind.PHONE, Kind.PATIENT]
    found: list[Span] = []
    for kind, finder in zip(kinds, finders, strict=False):
        for start, end in finder(text):
            if all(end <= other.start or start >= other.end for other in found):
                found.append(Span(kind, start, end))
    return sorted(found, key=lambda span: span.start)


def pieces(text: str, spans: Sequence[Span]) -> list[tuple[str, Kind | None]]:
    """The text cut where spans begin and end, each piece with the kind of personal data that it is, or None."""
    cut: list[tuple[str, Kind | None]] = []
    end = 0
    for span in spans:
        cut += [(text[end : span.start], None), (text[span.start : span.end], span.kind)]
        end = span.end
    return [*cut, (text[end:], None)]


def without(text: str, spans: Sequence[Span]) -> str:
    """The text with a mark in place of what is personal. Empty where nothing else is left."""
    rest = text
    for span in reversed(spans):
        rest = f"{rest[: span.start]}{LEFT_OUT}{rest[span.end :]}"
    return rest if any(letter.isalnum() for letter in rest) else ""


def keeping(texts: Sequence[str], *, health: bool) -> str:
    """What a writer agrees to keep, as a short digest: of these words, and no others. Empty for texts without any."""
    words = [text[span.start : span.end] for text in texts for span in find_personal_data(text, health=health)]
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:32] if words else ""


def check_personal_data(texts: Sequence[str], *, health: bool, kept: str = "") -> None:
    """Raises PersonalDataFound unless the texts hold nothing personal, or exactly what their writer agreed to keep.

    `kept`: what `keeping` returned for the texts that the writer was shown.
    """
    found = [span for text in texts for span in find_personal_data(text, health=health)]
    if found and kept != keeping(texts, health=health):
        raise PersonalDataFound(sorted({span.kind for span in found}))
