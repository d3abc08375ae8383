"""The language of a text decides how figures in it are written, whoever reads it."""

import pytest

from app.text.detected_language import text_language, written_as
from app.web.pages.language import number

FRENCH = "Cette campagne a reçu {{ ideas }} idées. Voici ce que disent les idées, et ce que nous ferons pour vous."
ENGLISH = "This campaign received {{ ideas }} ideas. Here is what the ideas say, and what we will do for you."


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (FRENCH, "fr"),
        (ENGLISH, "en"),
        (f"{FRENCH} “{ENGLISH.partition('.')[0]}.”", "fr"),
        ("LES IDÉES SONT POUR VOUS", "fr"),
        ("Merci.", ""),
        ("{{ ideas_label }}, {{ people_label }}, {{ decided }}", ""),
        (f"{FRENCH} {ENGLISH}", ""),
        ("Diese Aktion hat viele Ideen bekommen, und wir danken allen.", ""),
        ("", ""),
    ],
)
def test_a_text_is_in_the_language_whose_words_of_grammar_it_has(text, language):
    assert text_language(text) == language


def test_inside_numbers_are_written_as_the_text_is_and_afterwards_as_the_reader_writes_them(app):
    with app.test_request_context(headers={"Accept-Language": "en"}):
        for text, written in ((FRENCH, "1\u202f226"), (ENGLISH, "1,226"), ("{{ ideas }}", "1,226")):
            with written_as(text):
                assert number(1226) == written
        assert number(1226) == "1,226"
