"""Names read as a person would have written them."""

import numpy as np
import pytest

from clustering.graph import unit_rows
from clustering.naming import (
    Lexicon,
    choose_exemplars,
    name_themes,
    question_lemmas,
    read_words,
    spare_name,
    telling_phrases,
    theme_phrases,
    usual_accents,
)
from tests.clustering.conftest import CAMPAIGN, TOPIC_OF, TOPICS


def french(texts, **options):
    return Lexicon(texts, ["fr"] * len(texts), [1] * len(texts), **options)


def rows_of(topic):
    return np.array([row for row, other in enumerate(TOPIC_OF) if other == topic])


def names(lexicon, groups):
    return [name for name, _ in name_themes(lexicon, groups, [f"spare {number}" for number in range(len(groups))])]


def test_the_campaign_is_named_after_its_subjects():
    found = dict(zip(TOPICS, names(french(CAMPAIGN), [rows_of(topic) for topic in TOPICS]), strict=True))
    assert found["vélo"].startswith("Pistes cyclables")
    assert "cantine" in found["cantine"].lower()
    assert "rendez-vous" in found["rendez-vous"].lower() or "médecin" in found["rendez-vous"].lower()
    assert "télétravail" in found["télétravail"].lower()


def test_names_keep_to_the_rules():
    groups = [rows_of(topic) for topic in TOPICS]
    lexicon = french(CAMPAIGN)
    for name in names(lexicon, groups):
        assert 1 <= len(name.split()) <= 6
        assert name[0].isupper()
        words = read_words(name, "fr")
        assert not words[0].small
        assert not words[-1].small
    twice = names(lexicon, [*groups, *groups])
    assert len({name.casefold() for name in twice}) == len(twice)


def test_words_that_stay_together_are_never_cut():
    texts = ["Plus de transports en commun", "Des transports en commun gratuits", "transports en commun le soir"] * 3
    phrases = theme_phrases(french([*texts, *CAMPAIGN]), np.arange(9))
    assert "transports en commun" in phrases[0].text
    assert not any(phrase.text in {"commun", "transports", "commun gratuits"} for phrase in phrases)


def test_inflections_and_accents_count_together_and_show_the_usual_form():
    texts = [
        "Des vélos électriques",
        "un vélo électrique",
        "velo electrique",
        "les vélos électriques",
        "vélos électriques",
    ]
    phrases = theme_phrases(french([*texts, *CAMPAIGN]), np.arange(5))
    assert (phrases[0].text, phrases[0].share) == ("vélos électriques", 1.0)


def test_accents_follow_the_majority():
    assert usual_accents(["des gares", "dès demain des bus", "des"])["des"] == "des"
    assert usual_accents(["velo", "vélo", "velo"])["velo"] == "vélo"


def test_capitals_are_those_of_the_middle_of_sentences():
    texts = ["Fermer la SNCF", "La SNCF de Paris", "SUPPRIMER LES GARES", "Les gares de Paris"]
    lexicon = french(texts)
    assert lexicon.write("Gares de PARIS et sncf") == "gares de Paris et SNCF"


def test_the_question_is_set_aside():
    aside = question_lemmas("Que faire du télétravail ?", ["fr", None])
    assert "teletravail" in aside
    found = names(french(CAMPAIGN, set_aside=aside), [rows_of("télétravail")])
    assert found[0].casefold() != "télétravail"


def test_a_theme_is_named_in_the_language_of_most_of_its_ideas():
    texts = ["Free public transport for all", "Free public transport please", "Transports publics gratuits"]
    lexicon = Lexicon([*texts, *CAMPAIGN], ["en", "en", "fr"] + ["fr"] * len(CAMPAIGN), [1] * (3 + len(CAMPAIGN)))
    assert "transport" in names(lexicon, [np.arange(3)])[0]
    assert all("gratuits" not in phrase.text for phrase in theme_phrases(lexicon, np.arange(3)))


@pytest.mark.parametrize(
    ("text", "lang"), [("👍👍", None), ("مرحبا بالعالم", "ar"), ("日本語の文章", "ja"), ("12 34", "fr")]
)
def test_any_script_gets_a_name(text, lang):
    lexicon = Lexicon([text] * 5, [lang] * 5, [1] * 5)
    found = name_themes(lexicon, [np.arange(3), np.arange(3, 5)], [spare_name(text)] * 2)
    assert all(name for name, _ in found)
    assert len({name for name, _ in found}) == 2


def test_a_theme_without_ideas_has_no_name():
    assert name_themes(french(CAMPAIGN), [np.array([], dtype=int)], [""]) == [("", [])]


def test_phrases_do_not_repeat_each_other():
    lexicon = french(CAMPAIGN)
    for topic in TOPICS:
        phrases = telling_phrases(theme_phrases(lexicon, rows_of(topic)))
        assert 1 <= len(phrases) <= 6
        assert len({phrase.key for phrase in phrases}) == len(phrases)


def test_verbatims_are_typical_complete_and_unlike_each_other():
    texts = [
        "Oui",
        "Des bus plus tôt le matin.",
        "Des bus plus tôt le matin !",
        "LES BUS SONT TROP RARES LE SOIR ICI.",
        "mot " * 200,
    ]
    texts.append("Les bus du soir devraient passer plus souvent.")
    vectors = unit_rows(np.array([[1, 0], [1, 0.1], [1, 0.1], [1, 1.2], [1, 0.2], [1, -0.6]], dtype=np.float32))
    chosen = choose_exemplars(vectors, texts, np.full(6, 0.9, dtype=np.float32))
    assert len(chosen) == 3
    assert 5 in chosen[:2]
    assert len({1, 2} & set(chosen)) == 1
    assert choose_exemplars(vectors[:1], texts[:1], np.ones(1, dtype=np.float32)) == [0]


def test_the_spare_name_is_short():
    assert spare_name("un deux trois quatre cinq six sept") == "un deux trois quatre cinq six…"
    assert spare_name("😀") == "😀"
