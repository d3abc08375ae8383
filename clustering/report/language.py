"""How the report writes texts, counts, percentages and quotations in French and in English."""

from functools import cache
from typing import TYPE_CHECKING

from clustering.report.words import QUOTED, Plural, Text

if TYPE_CHECKING:
    from babel import Locale


class Language:
    """French or English. `code`: "fr" or "en"."""

    def __init__(self, code: str | None) -> None:
        self.code = "fr" if code == "fr" else "en"

    def text(self, text: Text, **values: str) -> str:
        """Returns a text in this language. `values`: what replaces its {…}, as HTML."""
        chosen = text.fr if self.code == "fr" else text.en
        return chosen.format(**values) if values else chosen

    def plural(self, plural: Plural, n: int) -> str:
        """Returns the form for `n` things, with the number in it."""
        return self.text(self._form(plural, n), n=self.count(n))

    def noun(self, plural: Plural, n: int) -> str:
        """Returns the form for `n` things, without the number."""
        return self.text(self._form(plural, n), n="").strip()

    def _form(self, plural: Plural, n: int) -> Text:
        return plural.one if _locale(self.code).plural_form(n) == "one" else plural.other

    def count(self, n: int) -> str:
        """Returns a whole number as it is written: 1 234 or 1,234."""
        from babel.numbers import format_decimal

        return format_decimal(n, locale=_locale(self.code))

    def percent(self, share: float) -> str:
        """Returns a share of 0..1 in whole per cent: 31 % or 31%."""
        return _percent(self.code, round(share, 2))

    def name_of(self, code: str) -> str:
        """Returns the name of the language with an ISO 639-1 code, or the code where it has none."""
        return str(_locale(self.code).languages.get(code, code))

    def quoted(self, text: str) -> str:
        """Returns a text between quotation marks."""
        return self.text(QUOTED, quote=text)


@cache
def _locale(code: str) -> "Locale":
    from babel import Locale

    return Locale(code)


@cache  # an idea has several, and formatting one takes longer than all else about it
def _percent(code: str, share: float) -> str:
    from babel.numbers import format_percent

    return format_percent(share, locale=_locale(code))
