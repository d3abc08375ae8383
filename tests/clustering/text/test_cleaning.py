"""Cleaning of texts."""

import pytest

from clustering.text.cleaning import MAX_CHARACTERS, clean_text, encodable, fold, gist, strip_accents
from tests.effort import effort


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("  deux\n mots ", "deux mots"),
        ("a\x00b\u202ec\ud800d", "a b c d"),
        ("e\u0301te\u0301", "été"),
        ("\u200b\u200b", ""),
    ],
)
def test_clean_text(text, clean):
    assert clean_text(text) == clean


def test_a_giant_text_is_bounded():
    assert len(clean_text("mot " * 1_500_000)) <= MAX_CHARACTERS


def test_a_text_for_a_model_is_bounded_and_encodable():
    assert encodable("a\0b\ud800") == "a b?"
    assert len(encodable("mot " * 1_300_000)) == MAX_CHARACTERS


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("voir https://example.org/a?b=c ici", "voir ici"),
        ("https://example.org", ""),
        ("écrire à a.b@example.org", "écrire à"),
        ("<b>Le&nbsp;pont</b> <img src=x onerror=alert(1)>", "Le pont"),
        ("de 3 < 5 à 7 > 6, R&D", "de 3 < 5 à 7 > 6, R&D"),
        ("👍👍 !!!", ""),
        ("42", "42"),
        ("<p>L&#39;&eacute;t&eacute;</p><p>sans ombre</p>", "L'été sans ombre"),
        ("&lt;p&gt;Une fontaine&amp;nbsp;publique&lt;/p&gt;", "Une fontaine publique"),
        ("<style>p{color:red}</style><!-- Word --><b>gras</b> et maigre", "gras et maigre"),
        ("<script>alert('</p>')</script>un banc", "un banc"),
        ("مرحبا", "مرحبا"),
    ],
)
def test_gist(text, words):
    assert gist(text) == words


@pytest.mark.parametrize(
    "text",
    [
        *("a@" * 2000, "a" * 4000, "<a" * 2000, "http://" * 500, "&a" * 2000, "a." * 2000 + "@", "<!--" * 2000),
        *("<style>" * 2000, "de : a\n" * 2000, "> a\n" * 3000, "bonjour " * 2000, "merci, " * 2000, "madame " * 2000),
        *("cordialement, " * 1000, "veuillez " * 1500, "le a" * 3000),
    ],
)
def test_no_text_takes_long(text):
    with effort() as cost:
        gist(text)
    assert cost.seconds < 1


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("PLUS D’ÉCOLES À IXELLES", "plus d’écoles à ixelles"),
        ("PLUS D’ÉCOLES à Ixelles", "plus d’écoles à ixelles"),
        ("Plus d’écoles à Ixelles", "Plus d’écoles à Ixelles"),
        ("Moins de TGV, davantage de trains de nuit", "Moins de TGV, davantage de trains de nuit"),
        ("É", "É"),
    ],
)
def test_a_model_reads_a_text_in_capitals_in_lower_case(text, read):
    assert encodable(text) == read


def test_fold_ignores_capitals_and_punctuation():
    assert fold("Oui !") == fold("oui") == "oui"
    assert strip_accents("Élève à Noël") == "Eleve a Noel"
