"""Abbreviations are spelt out as whole words, and nothing that only looks like one."""

import pytest

from clustering.text.duplicates import dedupe_texts
from clustering.text.glossary import spell_out

GLOSSARY = {
    "VAE": "vélo à assistance électrique",
    "SI": "système d'information",
    "TER": "train",
    "TER+": "train rapide",
}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Un parking pour les VAE, svp", "Un parking pour les vélo à assistance électrique, svp"),
        ("un vae pour tous", "un vélo à assistance électrique pour tous"),
        ("Le SI plante si on enregistre", "Le système d'information plante si on enregistre"),
        ("Si le bus passe", "Si le bus passe"),
        ("SI LE BUS PASSE", "SI LE BUS PASSE"),
        ("PLUS DE VAE", "PLUS DE vélo à assistance électrique"),
        ("Le TER+ du soir et l'hiver", "Le train rapide du soir et l'hiver"),
    ],
)
def test_abbreviations_are_spelt_out(written, meant):
    assert spell_out(GLOSSARY)(written) == meant


def test_letters_that_the_pattern_takes_for_each_other_stop_nothing():
    """The pattern finds them, but lower case tells them apart: one such idea stopped the grouping of its campaign."""
    expand = spell_out({"SIM": "carte", "TIS": "réseau", "µG": "dose"})
    assert expand("ſim, tıs, sİm, μg") == "carte, tıs, sİm, dose"


def test_a_meaning_is_not_read_again():
    assert spell_out({"A1": "B2", "B2": "A1"})("A1 et B2") == "B2 et A1"


def test_without_a_glossary_nothing_changes():
    assert spell_out({})("Un VAE") == "Un VAE"


def test_the_words_as_written_are_kept_beside_those_spelt_out():
    unique = dedupe_texts(["Un parking pour mon VAE"], ["fr"], None, GLOSSARY)
    assert unique.gists == ["Un parking pour mon vélo à assistance électrique"]
    assert unique.written == unique.texts == ["Un parking pour mon VAE"]


def test_of_several_writings_the_same_one_is_kept_in_any_order():
    texts = ["Un parking pour mon VAE", "Un parking pour mon vélo à assistance électrique"]
    one, other = (dedupe_texts(some, ["fr", "fr"], None, GLOSSARY) for some in (texts, texts[::-1]))
    assert one.written == other.written
    assert len(one.written) == 1
