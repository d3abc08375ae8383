"""Cleaning of texts."""

import time

import pytest

from clustering.text.cleaning import MAX_CHARACTERS, clean_text, encodable, fold, gist, strip_accents


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
        ("مرحبا", "مرحبا"),
    ],
)
def test_gist(text, words):
    assert gist(text) == words


@pytest.mark.parametrize(
    "text", ["a@" * 2000, "a" * 4000, "<a" * 2000, "http://" * 500, "&a" * 2000, "a." * 2000 + "@"]
)
def test_no_text_takes_long(text):
    started = time.thread_time()
    gist(text)
    assert time.thread_time() - started < 1


def test_fold_ignores_capitals_and_punctuation():
    assert fold("Oui !") == fold("oui") == "oui"
    assert strip_accents("Élève à Noël") == "Eleve a Noel"
