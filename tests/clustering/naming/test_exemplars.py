"""Exemplars: short, complete, unlike each other, close to the centre."""

import numpy as np

from clustering.arrays import normalize_rows
from clustering.naming.exemplars import choose_exemplars, readability


def test_verbatims_are_typical_complete_and_unlike_each_other():
    texts = [
        "Oui",
        "Des bus plus tôt le matin.",
        "Des bus plus tôt le matin !",
        "LES BUS SONT TROP RARES LE SOIR ICI.",
        "mot " * 200,
        "Les bus du soir devraient passer plus souvent.",
    ]
    vectors = normalize_rows(np.array([[1, 0], [1, 0.1], [1, 0.1], [1, 1.2], [1, 0.2], [1, -0.6]], dtype=np.float32))
    chosen = choose_exemplars(vectors, texts, np.full(6, 0.9, dtype=np.float32))
    assert len(chosen) == 3
    assert 5 in chosen[:2]
    assert len({1, 2} & set(chosen)) == 1


def test_near_duplicates_count_once():
    texts = ["Ouvrir la piscine le dimanche matin aussi."] * 30 + [
        "Des couloirs réservés aux enfants de la piscine."
    ] * 3
    vectors = np.zeros((33, 3), dtype=np.float32)
    vectors[:30, 0] = 1.0
    vectors[np.arange(30, 33), :] = normalize_rows(
        np.array([[0.2, 1, 0], [0.2, 0.9, 0.5], [0.2, 0.8, -0.5]], np.float32)
    )
    chosen = choose_exemplars(vectors, texts, np.ones(33, dtype=np.float32), count=2)
    assert chosen[0] == 30  # the middle of what four texts say, not the one that thirty repeat


def test_few_texts_and_many():
    assert choose_exemplars(np.zeros((0, 2), np.float32), [], np.zeros(0, np.float32)) == []
    one = np.ones((1, 1), dtype=np.float32)
    assert choose_exemplars(one, ["Un texte."], one[0]) == [0]
    rng = np.random.default_rng(0)
    vectors = normalize_rows(rng.normal(size=(5000, 8)).astype(np.float32))
    chosen = choose_exemplars(vectors, ["Un texte assez long pour être lu."] * 5000, np.ones(5000, np.float32))
    assert len(set(chosen)) == 3
    assert max(chosen) < 5000


def test_a_full_sentence_reads_best():
    sentence = "Les bus du soir devraient passer plus souvent."
    for worse in ("Bus", sentence.upper(), sentence[:-1].lower(), sentence * 9, "- bus ; - 12 ; 13/14 ; --- ; 15."):
        assert readability(worse) < readability(sentence)
