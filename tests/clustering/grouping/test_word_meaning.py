"""Few texts are compared by what they mean as a whole and by the meaning of their words."""

import numpy as np
import pytest

from clustering.grouping.word_meaning import features_by_words

PARK = [
    "Un banc à l'ombre dans le parc",
    "où s'asseoir ???",
    "Des sièges pour les personnes âgées",
    "trop peu de chaises",
    "Le parc est fermé le soir",
    "Ouvrir plus tôt le matin",
    "horaires trop courts",
    "Le gardien ferme à cinq heures",
]


def of(texts, encoder, lang="fr"):
    return features_by_words(texts, [lang] * len(texts), encoder)


def test_texts_whose_words_have_related_meanings_are_near(encoder):
    features = of(PARK, encoder)
    likeness = features @ features.T
    inside = np.mean([likeness[one, other] for one in range(4) for other in range(one)])
    across = likeness[:4, 4:].mean()
    assert features.shape == (8, 1024)
    assert inside > across + 0.15


def test_capitals_make_no_difference(encoder):
    assert np.allclose(of(PARK, encoder), of([text.capitalize() for text in PARK], encoder), atol=1e-5)


@pytest.mark.parametrize("texts", [["bus"] * 4, ["et de la", "mais non", "12", "…"], ["バスの本数を増やして"] * 4])
@pytest.mark.parametrize("lang", ["fr", "ja", None])
def test_texts_without_words_of_their_own_have_finite_features(texts, lang, encoder):
    assert np.isfinite(of(texts, encoder, lang)).all()


def test_the_order_of_the_texts_changes_no_similarity(encoder):
    forth, back = of(PARK, encoder), of(PARK[::-1], encoder)[::-1]
    assert np.allclose(forth @ forth.T, back @ back.T, atol=1e-5)
