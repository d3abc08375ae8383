"""Rows with the same words, or the same vector, are one text."""

import numpy as np

from clustering.text.duplicates import dedupe_texts

TEXTS = ["Plus de bus !", "plus de bus", "", "Des vélos", "https://exemple.fr", "PLUS DE BUS"]


def test_the_same_words_are_one_text_and_no_words_are_none():
    unique = dedupe_texts(TEXTS, None, None)
    assert unique.index_of[0] == unique.index_of[1] == unique.index_of[5]
    assert unique.index_of[2] == unique.index_of[4] == -1
    assert unique.weights.tolist() == [1, 3] or unique.weights.tolist() == [3, 1]
    assert len(unique.gists) == len(unique.langs) == 2


def test_a_writing_in_capitals_does_not_stand_for_the_others():
    texts = ["DES BANCS AUX TILLEULS", "Des bancs aux Tilleuls", "des bancs aux tilleuls"]
    for some in (texts, texts[::-1]):
        assert dedupe_texts(some, None, None).written == ["Des bancs aux Tilleuls"]


def test_the_order_of_the_rows_changes_no_text():
    one, other = dedupe_texts(TEXTS, None, None), dedupe_texts(TEXTS[::-1], None, None)
    assert one.gists == other.gists
    assert one.weights.tolist() == other.weights.tolist()
    assert one.index_of.tolist() == other.index_of[::-1].tolist()


def test_with_vectors_the_same_vector_is_one_text():
    vectors = np.array([[1, 0], [1, 0], [0, 0]], dtype=np.float32)
    unique = dedupe_texts(["a b", "c d", "e f"], None, vectors)
    assert unique.index_of.tolist() == [0, 0, -1]
