"""Groups from vectors: found, stable, and calm about strange input."""

import numpy as np
import pytest

from clustering.graph import unit_rows
from clustering.grouping import LEFT, fuse, group, is_between, settle, smallest_group, strengths
from tests.clustering.conftest import CAMPAIGN, TOPIC_OF


@pytest.fixture(scope="module")
def vectors(encoder):
    return encoder.encode(CAMPAIGN)


def test_the_four_subjects_of_the_campaign_are_found(vectors):
    found = group(vectors, CAMPAIGN)
    labels = settle(found.labels, strengths(found.space, found.labels, int(found.labels.max()) + 1))
    assert labels.max() == 3
    for topic in set(TOPIC_OF):
        of_topic = [label for label, other in zip(labels, TOPIC_OF, strict=True) if other == topic]
        assert max(map(of_topic.count, range(4))) >= 7
    assert (labels == LEFT).mean() < 0.2


def test_same_input_same_groups(vectors):
    assert group(vectors, CAMPAIGN).labels.tobytes() == group(vectors, CAMPAIGN).labels.tobytes()


def test_spelling_is_added_beside_meaning(vectors):
    space = fuse(vectors, CAMPAIGN)
    assert space.dtype == np.float32
    assert space.shape[1] > vectors.shape[1]
    assert np.allclose(np.linalg.norm(space, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("texts", [["a"] * 40, ["😀"] * 40, [f"{number}" for number in range(40)]])
def test_texts_without_words_in_common_do_no_harm(texts):
    vectors = np.random.default_rng(0).standard_normal((40, 8)).astype(np.float32)
    assert len(group(vectors, texts).labels) == 40


@pytest.mark.parametrize("n", range(21))
def test_any_small_number_of_ideas(n):
    vectors = np.random.default_rng(n).standard_normal((n, 6)).astype(np.float32) if n else np.zeros((0, 6), np.float32)
    found = group(vectors, [f"idea {number}" for number in range(n)])
    assert len(found.labels) == len(found.space) == n


def test_equal_vectors_and_zero_vectors_are_no_error():
    for vectors in (np.ones((50, 4), dtype=np.float32), np.zeros((50, 4), dtype=np.float32)):
        assert len(group(vectors, [f"idea {number}" for number in range(50)]).labels) == 50


def test_two_groups_only():
    rng = np.random.default_rng(0)
    centres = np.repeat(np.eye(16, dtype=np.float32)[:2], 20, axis=0)
    vectors = unit_rows(centres + 0.05 * rng.standard_normal((40, 16)).astype(np.float32))
    labels = group(vectors, [f"{number}" for number in range(40)]).labels
    assert len(set(labels[:20])) == len(set(labels[20:])) == 1
    assert labels[0] != labels[20]


def test_the_smallest_group_grows_with_the_campaign():
    assert [smallest_group(n) for n in (12, 40, 100, 1225, 20_000)] == [3, 4, 5, 9, 35]


def test_strength_is_one_at_the_heart_and_none_outside():
    space = np.repeat(np.eye(3, dtype=np.float32), 5, axis=0)
    labels = np.repeat([0, 1, LEFT], 5)
    strength = strengths(space, labels, 3)
    assert strength[:, 0].tolist() == [1] * 5 + [0] * 10
    assert strength[:, 2].tolist() == [0] * 15


def test_weak_members_are_let_go_and_clear_leftovers_join():
    strength = np.array([[0.9, 0], [0.3, 0], [0.7, 0.2], [0.7, 0.69], [0.2, 0.1]], dtype=np.float32)
    labels = np.array([0, 0, LEFT, LEFT, LEFT])
    assert settle(labels, strength).tolist() == [0, LEFT, 0, LEFT, LEFT]
    assert is_between(strength).tolist() == [False, False, False, True, False]
    assert is_between(strength[:, :1]).tolist() == [False] * 5
    assert settle(labels[2:], np.zeros((3, 0), dtype=np.float32)).tolist() == [LEFT] * 3
