"""Few texts: small needs are found, one text more or less changes little, and granularity works both ways."""

import numpy as np
import pytest
from scipy import sparse

from clustering.arrays import LEFT, normalize_rows
from clustering.grouping.agglomeration import agglomerate, mean_similarities, number_parts, split_group
from clustering.pipeline import find_themes

NEEDS = {
    "jardin": [
        "Des bacs potagers au pied des immeubles",
        "Un jardin partagé derrière la salle des fêtes",
        "Prêter des outils de jardinage aux habitants",
        "Planter des arbres fruitiers dans le jardin public",
    ],
    "bus": [
        "Un bus le dimanche matin",
        "Des bus plus fréquents le soir",
        "Prolonger la ligne de bus jusqu'à l'hôpital",
        "Des horaires de bus lisibles à l'arrêt",
    ],
    "piscine": [
        "Ouvrir la piscine pendant les vacances",
        "Réparer les douches de la piscine",
        "Des cours de natation à la piscine pour les adultes",
        "Un tarif réduit à la piscine pour les étudiants",
    ],
    "wifi": [
        "Le wifi gratuit à la bibliothèque",
        "Des ordinateurs à la bibliothèque pour les démarches",
        "La bibliothèque ouverte le lundi",
        "Plus de bandes dessinées à la bibliothèque",
    ],
}
IDEAS = [text for texts in NEEDS.values() for text in texts]
TRUTH = [need for need, texts in NEEDS.items() for _ in texts]


def themes_of(texts, encoder, granularity=0):
    return [idea.theme for idea in find_themes(texts, encoder=encoder, granularity=granularity).ideas]


def test_the_needs_of_sixteen_ideas_are_found(encoder):
    themes = themes_of(IDEAS, encoder)
    for need in NEEDS:
        inside = [theme for theme, truth in zip(themes, TRUTH, strict=True) if truth == need and theme is not None]
        most = max(set(inside), key=inside.count)
        assert inside.count(most) >= 3
        assert themes.count(most) <= 5


@pytest.mark.slow
def test_one_idea_removed_changes_little(encoder):
    from sklearn.metrics import adjusted_rand_score

    before = [theme or 0 for theme in themes_of(IDEAS, encoder)]
    scores = [
        adjusted_rand_score(
            before[:row] + before[row + 1 :],
            [theme or 0 for theme in themes_of(IDEAS[:row] + IDEAS[row + 1 :], encoder)],
        )
        for row in range(0, len(IDEAS), 3)
    ]
    assert np.mean(scores) >= 0.75
    assert min(scores) >= 0.6


def test_sixteen_ideas_can_be_grouped_finer_and_coarser(encoder):
    coarse, usual, fine = (themes_of(IDEAS, encoder, level) for level in (-1, 0, 1))
    assert len(set(coarse) - {None}) < len(set(usual) - {None}) < len(set(fine) - {None})


def blobs(sizes, noise=0.1, seed=0):
    """Unit rows around as many orthogonal directions as there are sizes, centred."""
    rng = np.random.default_rng(seed)
    centres = np.repeat(np.eye(32)[: len(sizes)], sizes, axis=0)
    rows = centres + noise * rng.standard_normal(centres.shape)
    return normalize_rows((rows - rows.mean(axis=0)).astype(np.float32))


def no_words(n):
    return sparse.csr_array((n, 0), dtype=np.float32)


def test_groups_that_are_alike_are_one_however_many_texts_there_are():
    labels = agglomerate(blobs([30, 30, 30]), no_words(90), smallest=3).labels
    assert [set(labels[start : start + 30]) for start in (0, 30, 60)] == [{0}, {1}, {2}]


def test_a_group_that_is_too_small_is_left_over():
    labels = agglomerate(blobs([8, 8, 2]), no_words(18), smallest=3).labels
    assert set(labels[16:]) == {LEFT}


@pytest.mark.parametrize(("shared", "kept"), [(0.5, False), (0.8, True)])
def test_three_of_many_are_a_group_only_if_they_are_more_alike_than_by_chance(shared, kept):
    few = shared * np.eye(32)[[10] * 3] + np.sqrt(1 - shared**2) * np.eye(32)[11:14]  # a cosine of shared² between two
    rows = normalize_rows(np.vstack([blobs([40, 40, 40]), few]).astype(np.float32))
    labels = agglomerate(rows, no_words(123), smallest=3).labels
    assert set(labels[120:]) == ({3} if kept else {LEFT})
    assert set(labels[:120]) == {0, 1, 2}


def test_what_people_put_together_or_apart_weighs_more_than_meaning():
    meaning = blobs([6, 6])
    placed = np.full(12, LEFT)
    placed[[0, 1]] = 1, 2
    placed[[2, 8]] = 3
    labels = agglomerate(meaning, no_words(12), smallest=1, placed=placed).labels
    assert labels[0] != labels[1]
    assert labels[2] == labels[8]


@pytest.mark.parametrize("kept", [False, True])
def test_earlier_themes_are_continued(kept):
    meaning = blobs([6, 6, 6, 6])
    earlier = np.repeat([0, 1], 12)
    labels = agglomerate(meaning, no_words(24), smallest=3, earlier=earlier, kept=kept).labels
    assert (len(set(labels)) == 2) == kept
    if not kept:
        assert all(len(set(labels[start : start + 6])) == 1 for start in (0, 6, 12, 18))


def test_a_group_falls_into_parts_from_four_texts_on():
    assert split_group(np.ones((3, 3))).tolist() == [0, 0, 0]
    assert sorted(split_group(np.ones((4, 4))).tolist()) == [0, 0, 1, 1]


def test_no_part_of_a_group_is_one_text_alone():
    chain = np.array([[1, 0.9, 0.5, 0.2], [0.9, 1, 0.5, 0.2], [0.5, 0.5, 1, 0.2], [0.2, 0.2, 0.2, 1]])
    assert split_group(chain).tolist() == [0, 0, 1, 1]
    pairs = np.kron(np.eye(2), np.ones((2, 2)))
    assert split_group(pairs).tolist() == [0, 0, 1, 1]


def test_parts_are_numbered_group_by_group():
    assert number_parts(np.array([0, LEFT, 1, 1]), np.array([0, 0, 1, 0])).tolist() == [0, LEFT, 2, 1]


def test_similarity_with_the_own_group_leaves_the_text_itself_out():
    similarity = np.array([[1, 0.5, 0.2], [0.5, 1, 0.4], [0.2, 0.4, 1]])
    own, other = mean_similarities(similarity, np.array([0, 0, 1]))
    assert own.tolist() == pytest.approx([0.5, 0.5, -1])
    assert other.tolist() == pytest.approx([0.2, 0.4, 0.3])
