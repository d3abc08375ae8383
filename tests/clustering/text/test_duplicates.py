"""What is said once is one voice: the same words, or the same in another language."""

import numpy as np

from clustering.text.duplicates import join_translations, read_voices

TEXTS = ["Plus de bus !", "plus de bus", "", "Des vélos", "https://exemple.fr", "PLUS DE BUS"]


def test_the_same_words_are_one_voice_and_no_words_are_none():
    voices = read_voices(TEXTS, None, None)
    assert voices.of[0] == voices.of[1] == voices.of[5]
    assert voices.of[2] == voices.of[4] == -1
    assert voices.weights.tolist() == [1, 3] or voices.weights.tolist() == [3, 1]
    assert len(voices.gists) == len(voices.langs) == 2


def test_the_order_of_the_rows_changes_no_voice():
    one, other = read_voices(TEXTS, None, None), read_voices(TEXTS[::-1], None, None)
    assert one.gists == other.gists
    assert one.weights.tolist() == other.weights.tolist()
    assert one.of.tolist() == other.of[::-1].tolist()


def test_with_vectors_the_same_vector_is_one_voice():
    vectors = np.array([[1, 0], [1, 0], [0, 0]], dtype=np.float32)
    voices = read_voices(["a b", "c d", "e f"], None, vectors)
    assert voices.of.tolist() == [0, 0, -1]


def spread_out(count):
    return np.eye(64, dtype=np.float32)[:count]


def test_a_text_and_its_translation_are_one_voice():
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
