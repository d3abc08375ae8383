"""The words that ideas share, whatever their endings."""

import numpy as np

from clustering.text.lexical import lsa, stems, tfidf


def test_endings_accents_and_capitals_do_not_part_words():
    assert stems("Électriques ÉLECTRIQUE") == ["electr", "electr"]


def test_words_in_common_are_counted_and_rows_have_length_one():
    counts = tfidf(["bus rapide", "bus électrique", "vélo électrique", "rien"])
    assert counts.shape == (4, 2)
    assert np.allclose(counts.multiply(counts).sum(axis=1), [1, 1, 1, 0])
    assert (counts @ counts.T)[0, 3] == 0


def test_texts_without_a_word_in_common_have_no_components():
    counts = tfidf(["un deux", "trois quatre"])
    assert counts.shape == (2, 0)
    assert lsa(counts).shape == (2, 0)
    assert lsa(tfidf([])).shape == (0, 0)


def test_components_are_unit_rows_and_the_same_each_time():
    texts = [f"{one} {other}" for one in ("bus", "vélo", "train", "route") for other in ("gare", "ville", "prix")]
    components = lsa(tfidf(texts))
    assert components.dtype == np.float32
    assert np.allclose(np.linalg.norm(components, axis=1), 1, atol=1e-5)
    assert components.tobytes() == lsa(tfidf(texts)).tobytes()
