"""Other sites that translate, by which a person may read ideas in their language.

The text goes there in the address of a link, from the person's own browser, when they follow it: the product sends
nothing to anyone.
"""

from enum import StrEnum
from urllib.parse import quote

# An address much longer than this is refused on the way.
MAX_TEXT_LENGTH = 1_500


class Translator(StrEnum):
    NONE = "none"
    DEEPL = "deepl"
    GOOGLE = "google"
    MICROSOFT = "microsoft"


# `lang`: the language of the text, `to`: that of the reader, as ISO 639-1 codes.
PATTERNS = {
    Translator.DEEPL: "https://www.deepl.com/translator#{lang}/{to}/{text}",
    Translator.GOOGLE: "https://translate.google.com/?sl={lang}&tl={to}&op=translate&text={text}",
    Translator.MICROSOFT: "https://www.bing.com/translator?from={lang}&to={to}&text={text}",
}


def translation_address(translator: Translator, text: str, *, lang: str, to: str) -> str:
    """The address of this text in a translator, the beginning of a long one; empty for none, or the same language."""
    if translator is Translator.NONE or lang == to:
        return ""
    return PATTERNS[translator].format(lang=quote(lang), to=quote(to), text=quote(text[:MAX_TEXT_LENGTH], safe=""))
