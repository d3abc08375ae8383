"""The language of each text, among those that the campaign really uses."""

from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Protocol

from clustering.types import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterable

MIN_SHARE = 0.03  # of the texts that seem to be in a language, for it not to be a mistake
CODE_LENGTH = 2
MIN_CHARACTERS = 25  # of a text, for its first guess to count towards the languages of the campaign


class _Identifier(Protocol):
    def set_languages(self, langs: "Iterable[str] | None" = None) -> None: ...
    def classify(self, text: str) -> tuple[str, float]: ...


@cache
def _identifier() -> _Identifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier: _Identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    return identifier


def detect_languages(texts: Sequence[str], given: Sequence[str | None] | None = None) -> list[str | None]:
    """Returns an ISO 639-1 code for each text, None where it has no words. `given`: codes to keep, None to detect.

    A first pass over the longer texts finds the languages of the campaign. Texts with another guess get the likeliest
    of these. Detection: langid (Lui and Baldwin 2012), by py3langid.
    """
    known: list[str | None] = [_code(lang) for lang in (given if given is not None else [None] * len(texts))]
    open_rows = [row for row, text in enumerate(texts) if known[row] is None and text]
    if not open_rows:
        return known
    identifier = _identifier()
    identifier.set_languages(LANGUAGES)
    guesses = {row: identifier.classify(texts[row].lower())[0] for row in open_rows}
    plausible = _plausible(texts, guesses, [lang for lang in known if lang])
    identifier.set_languages(plausible)
    for row, guess in guesses.items():
        known[row] = guess if guess in plausible else identifier.classify(texts[row].lower())[0]
    return known


def _plausible(texts: Sequence[str], guesses: dict[int, str], given: list[str]) -> list[str]:
    """Returns the languages that enough of the longer texts seem to be in, or of all texts where none is long."""
    long = Counter(guess for row, guess in guesses.items() if len(texts[row]) >= MIN_CHARACTERS) or Counter(
        guesses.values()
    )
    long.update(lang for lang in given if lang in LANGUAGES)
    needed = MIN_SHARE * long.total()
    return sorted(lang for lang, count in long.items() if count >= needed)


def _code(lang: str | None) -> str | None:
    """Returns "fr" for "fr_FR", "FR" or "fr-CA"; None for anything but a code."""
    code = (lang or "").strip().lower().replace("_", "-").split("-")[0]
    return code if len(code) == CODE_LENGTH and code.isascii() and code.isalpha() else None
