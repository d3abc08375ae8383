"""Groups from vectors are found, the same each time, and strange input is no error."""

import numpy as np
import pytest

from clustering.arrays import LEFT, normalize_rows
from clustering.grouping.graph import undirected
from clustering.grouping.groups import find_isolated, group, link_shares, smallest_group
from clustering.vectors.neighbors import Neighbours
from tests.clustering.conftest import CAMPAIGN, TOPIC_OF


@pytest.fixture(scope="module")
def vectors(encoder):
    return encoder.encode(CAMPAIGN)


def test_the_four_subjects_of_the_campaign_are_found(vectors):
    labels = group(vectors, CAMPAIGN).labels
    assert labels.max() == 3
    for topic in set(TOPIC_OF):
        of_topic = [label for label, other in zip(labels, TOPIC_OF, strict=True) if other == topic]
        assert max(map(of_topic.count, range(4))) >= 7
    assert (labels == LEFT).mean() < 0.2


@pytest.mark.slow
def test_same_input_same_groups(vectors):
    assert group(vectors, CAMPAIGN).labels.tobytes() == group(vectors, CAMPAIGN).labels.tobytes()


@pytest.mark.parametrize("texts", [["a"] * 40, ["😀"] * 40, [f"{number}" for number in range(40)]])
def test_texts_without_common_words_are_grouped(texts):
    vectors = np.random.default_rng(0).standard_normal((40, 8)).astype(np.float32)
    assert len(group(vectors, texts).labels) == 40


@pytest.mark.parametrize("n", range(21))
def test_any_small_number_of_ideas_is_grouped(n):
    vectors = np.random.default_rng(n).standard_normal((n, 6)).astype(np.float32) if n else np.zeros((0, 6), np.float32)
    found = group(vectors, [f"idea {number}" for number in range(n)])
    assert len(found.labels) == len(found.space) == len(found.ambiguous) == n


def test_equal_vectors_and_zero_vectors_are_no_error():
    for vectors in (np.ones((50, 4), dtype=np.float32), np.zeros((50, 4), dtype=np.float32)):
        assert len(group(vectors, [f"idea {number}" for number in range(50)]).labels) == 50


def test_two_separate_groups_are_found():
    rng = np.random.default_rng(0)
    centres = np.repeat(np.eye(16, dtype=np.float32)[:2], 20, axis=0)
    vectors = normalize_rows(centres + 0.05 * rng.standard_normal((40, 16)).astype(np.float32))
    labels = group(vectors, [f"{number}" for number in range(40)]).labels
    assert len(set(labels[:20]) - {LEFT}) == len(set(labels[20:]) - {LEFT}) == 1
    assert not (set(labels[:20]) & set(labels[20:])) - {LEFT}


def test_the_smallest_group_grows_with_the_campaign():
    assert [smallest_group(n) for n in (12, 999, 1001, 20_000)] == [3, 3, 5, 5]


def test_an_idea_far_from_all_others_is_isolated():
    cosines = np.full((30, 5), 0.8, dtype=np.float32) + np.linspace(0, 0.1, 30, dtype=np.float32)[:, None]
    cosines[7] = 0.2
    assert np.flatnonzero(find_isolated(Neighbours(np.zeros((30, 5), dtype=np.int32), cosines))).tolist() == [7]


def test_link_shares_of_the_own_and_the_next_group():
    from scipy import sparse

    links = sparse.csr_array(np.array([[0, 3, 1, 0], [3, 0, 0, 0], [1, 0, 0, 1], [0, 0, 1, 0]], dtype=float))
    own, other = link_shares(undirected(links), np.array([0, 0, 1, LEFT]))
    assert own.tolist() == [0.75, 1.0, 0.0, 0.0]
    assert other.tolist() == [0.25, 0.0, 0.5, 1.0]
