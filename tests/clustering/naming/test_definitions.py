"""Definitions of themes: a sentence of one of their ideas."""

import numpy as np
import pytest

from clustering.naming.definitions import define_groups, sentences
from clustering.pipeline import find_themes
from tests.clustering.conftest import CAMPAIGN


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "Bonjour, il faudrait des bancs à l’ombre devant l’école. Merci d’avance !",
            ["il faudrait des bancs à l’ombre devant l’école."],
        ),
        (
            "Mais cela coûte bien trop cher à la commune. Des bancs publics devant toutes les écoles.",
            ["Des bancs publics devant toutes les écoles."],
        ),
        ("Trop court.", []),
        ("Pourquoi n’y a-t-il pas de bancs publics devant l’école ?", []),
        ("DES BANCS PUBLICS DEVANT TOUTES LES ÉCOLES DU QUARTIER", []),
        ("des bancs " * 31, []),
        ("Des bancs publics (à l’ombre des arbres devant l’école.", []),
        ("", []),
    ],
)
def test_a_sentence_is_complete_by_itself(text, found):
    assert sentences(text, "fr") == found


def test_a_definition_is_the_sentence_closest_to_the_centre(encoder):
    texts = [
        "La ville est belle au printemps en général. Il faut réparer les pistes cyclables du centre.",
        "Je ne sais pas trop quoi en dire.",
    ]
    centre = encoder.encode(["réparer les pistes cyclables"])[0]
    assert define_groups([texts], ["fr"], [centre], encoder) == ["Il faut réparer les pistes cyclables du centre."]


def test_short_ideas_define_their_theme_where_there_is_no_longer_one(encoder):
    centre = encoder.encode(["pistes cyclables"])[0]
    short = ["Réparer les pistes cyclables", "Des pistes"]
    assert define_groups([short], ["fr"], [centre], encoder) == ["Réparer les pistes cyclables"]
    longer = [*short, "Refaire toutes les pistes cyclables du centre"]
    assert define_groups([longer], ["fr"], [centre], encoder) == ["Refaire toutes les pistes cyclables du centre"]


def test_words_without_spaces_between_them_make_a_definition(encoder):
    texts = ["駅前に駐輪場を増やしてほしい。自転車置き場が足りません。"]
    [found] = define_groups([texts], ["ja"], encoder.encode(["駐輪場"]), encoder)
    assert found in {"駅前に駐輪場を増やしてほしい。", "自転車置き場が足りません。"}


def test_without_the_model_the_closest_text_gives_the_definition(encoder):
    texts = ["Non.", "Réparer les pistes cyclables du centre ville.", "Planter des arbres devant toutes les écoles."]
    for vectors_of, model in ((np.ones(3, np.float32), None), (np.ones(3, np.float32), encoder)):
        found = define_groups([texts, []], ["fr", None], [vectors_of, vectors_of], model)
        assert found == ["Réparer les pistes cyclables du centre ville.", ""]


def test_a_run_defines_its_themes_in_the_words_of_their_ideas(encoder):
    found = find_themes(CAMPAIGN, encoder=encoder, lang="fr")
    assert any(theme.definition for theme in found.themes)
    for theme in found.themes:
        members = [text for text, idea in zip(CAMPAIGN, found.ideas, strict=True) if idea.theme == theme.id]
        assert not theme.definition or any(theme.definition in text for text in members)
