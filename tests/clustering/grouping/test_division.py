"""Groups that are no more alike than by chance are divided."""

import numpy as np
import pytest
from scipy import sparse

from clustering.arrays import normalize_rows
from clustering.grouping.division import cohesion_found_by_chance, divide
from clustering.grouping.graph import closeness, undirected
from clustering.grouping.strengths import mean_cosine
from clustering.vectors.neighbors import Neighbours, cosines_with, nearest_neighbours

NEEDS, TEXTS, DIMENSIONS = 20, 30, 64


@pytest.fixture(scope="module")
def said():
    """Returns the need of each text, its vector, and the links between texts that are near."""
    need = np.repeat(np.arange(NEEDS), TEXTS)
    noise = np.random.default_rng(1).standard_normal((len(need), DIMENSIONS))
    vectors = np.eye(DIMENSIONS)[need] + 0.15 * noise
    vectors = normalize_rows((vectors - vectors.mean(axis=0)).astype(np.float32))
    rows = nearest_neighbours(vectors, 10)
    return need, vectors, undirected(closeness(Neighbours(rows, cosines_with(vectors, rows))))


def test_a_group_of_many_needs_is_divided_into_them_and_the_others_stay(said):
    need, vectors, links = said
    mixed = np.maximum(need - 9, 0)  # the first ten needs are one group
    labels = divide(links, mixed, vectors, smallest=5)
    assert len(np.unique(np.stack([need, labels]), axis=1).T) == len(np.unique(labels)) == NEEDS


def test_groups_that_hold_together_stay_as_they_are(said):
    need, vectors, links = said
    assert divide(links, need, vectors, smallest=5).tolist() == need.tolist()


def test_a_loose_group_without_parts_stays(said):
    _, vectors, links = said
    alone = sparse.csr_array(links.shape)
    assert len(np.unique(divide(alone, np.zeros(len(vectors), dtype=np.intp), vectors, smallest=len(vectors)))) == 1


def test_texts_without_groups_are_no_more_alike_than_what_is_found_by_chance():
    vectors = normalize_rows(np.random.default_rng(2).standard_normal((600, DIMENSIONS)).astype(np.float32))
    by_lot = np.random.default_rng(3).permutation(600).reshape(12, 50)
    enough = cohesion_found_by_chance(vectors, 12)
    assert max(mean_cosine(vectors[rows]) for rows in by_lot) < enough < 1 / 3
    assert cohesion_found_by_chance(vectors, 2) < enough  # more groups are smaller, and more alike


def test_a_later_run_divides_what_the_earlier_one_divided_and_nothing_else(said):
    need, vectors, links = said
    mixed, in_twos = np.maximum(need - 9, 0), need // 2
    assert divide(links, mixed, vectors, smallest=5, earlier=mixed).tolist() == mixed.tolist()
    assert divide(links, in_twos, vectors, smallest=5, earlier=need).tolist() == need.tolist()


def test_a_group_of_one_text_stays_as_it_is(said):
    need, vectors, links = said
    labels = need.copy()
    labels[-1] = NEEDS
    assert divide(links, labels, vectors, smallest=5).tolist() == labels.tolist()
