"""A text and its translation are one text for grouping."""

import numpy as np

from clustering.grouping.translations import join_translations


def spread_out(count):
    return np.eye(64, dtype=np.float32)[:count]


def test_a_text_and_its_translation_are_one_text():
    vectors = np.vstack([spread_out(30), spread_out(30)])
    said = join_translations(vectors, ["fr"] * 30 + ["en"] * 30)
    assert said[:30].tolist() == said[30:].tolist()
    assert len(set(said)) == 30


def test_within_a_language_all_stay_apart():
    vectors = np.vstack([spread_out(30), spread_out(30)])
    assert join_translations(vectors, ["fr"] * 60).tolist() == list(range(60))
    assert join_translations(vectors[:5], ["fr", "en"] * 2 + ["fr"]).tolist() == list(range(5))


def test_a_translation_joins_no_two_ideas_of_one_language():
    french = spread_out(30)
    variants = french[0] + 0.3 * french[1:4]
    vectors = np.vstack([french, variants, french[:1]])
    said = join_translations(vectors, ["fr"] * 33 + ["en"])
    assert len(set(said[:33])) == 33
    assert said[33] == said[0], "the nearest of them says the same"
