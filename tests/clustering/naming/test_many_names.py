"""Names of the themes of ten whole campaigns: how many end in the middle of a phrase, or start with a greeting."""

import csv
import re
from pathlib import Path

import pytest

from clustering.pipeline import find_themes

WORD = re.compile(r"[^\W_]+")
SETS = sorted((Path(__file__).parents[3] / "benchmarks/themes/few").glob("*.csv"))
# Articles, prepositions and conjunctions: something follows them.
JOINING = {
    *("de", "du", "des", "d", "le", "la", "les", "l", "un", "une", "à", "au", "aux", "en", "et", "ou", "pour", "par"),
    *("sur", "avec", "dans", "que", "qui", "qu", "sans", "chez", "entre", "the", "a", "an", "of", "to", "for", "and"),
    *("or", "with", "in", "on", "at", "by", "from", "that", "der", "die", "das", "den", "dem", "ein", "eine", "einen"),
    *("und", "oder", "für", "mit", "von", "zu", "im", "am", "el", "los", "las", "una", "y", "o", "para", "con", "del"),
}
GREETINGS = {
    *("bonjour", "bonsoir", "salut", "madame", "monsieur", "merci", "hello", "hi", "dear", "thanks", "thank"),
    *("hallo", "guten", "danke", "hola", "buenos", "buenas", "gracias"),
}


@pytest.fixture(scope="module")
def names(encoder):
    found = []
    for path in SETS:
        with path.open(encoding="utf-8", newline="") as file:
            texts = [row["text"] for row in csv.DictReader(file)]
        found += [theme.name for theme in find_themes(texts, encoder=encoder).themes if theme.name]
    assert len(found) >= 40
    return found


@pytest.mark.slow
@pytest.mark.model
def test_no_name_ends_with_a_word_that_needs_another_one(names):
    assert [name for name in names if WORD.findall(name.lower())[-1] in JOINING] == []


@pytest.mark.slow
@pytest.mark.model
def test_no_name_starts_with_a_greeting(names):
    assert [name for name in names if WORD.findall(name.lower())[0] in GREETINGS] == []
