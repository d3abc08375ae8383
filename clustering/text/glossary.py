"""Spells out a campaign's own abbreviations ("VAE", "RDV"), which a model does not know."""

import re
from collections.abc import Callable, Mapping

from clustering.text.cleaning import is_in_capitals
from clustering.text.grammar import is_function_word
from clustering.text.word_lists import NEGATIONS


def spell_out(glossary: Mapping[str, str]) -> Callable[[str], str]:
    """Returns a function that puts the meaning of each abbreviation in its place. `glossary`: meanings by abbreviation.

    Capitals make no difference ("rdv"), unless the same letters are a common word: "SI" is not "si". Nothing is spelt
    out in a meaning.
    """
    if not glossary:
        return lambda text: text
    # The pattern also takes letters for each other that `lower` tells apart, such as the two signs for micro.
    meanings = {abbreviation.casefold(): meaning for abbreviation, meaning in glossary.items()}
    as_written = {one for one in glossary if any(is_function_word(one.lower(), lang) for lang in NEGATIONS)}
    longest_first = "|".join(map(re.escape, sorted(glossary, key=lambda one: (-len(one), one))))
    pattern = re.compile(rf"(?<!\w)(?:{longest_first})(?!\w)", re.IGNORECASE)
    common = {one.casefold() for one in as_written}

    def expand(text: str) -> str:
        capitals = is_in_capitals(text)

        def meaning(found: re.Match[str]) -> str:
            word = found.group()
            if word.casefold() in common and (capitals or word not in as_written):
                return word
            return meanings.get(word.casefold(), word)  # a dotless ı is no i

        return pattern.sub(meaning, text)

    return expand
