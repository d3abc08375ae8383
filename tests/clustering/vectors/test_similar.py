"""The nearest of many vectors, exactly."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustering.errors import UnusableVectors
from clustering.vectors.similar import Similar


def some(n, d=8, seed=0):
    return np.random.default_rng(seed).standard_normal((n, d)).astype(np.float32)


def test_the_nearest_are_found_nearest_first():
    vectors = some(500)
    one = some(1, seed=1)[0]
    rows, cosines = Similar(vectors).nearest(one)
    expected = vectors @ one / np.linalg.norm(vectors, axis=1) / np.linalg.norm(one)
    assert rows.tolist() == np.argsort(-expected)[:10].tolist()
    assert np.allclose(cosines, expected[rows], atol=1e-6)
    assert cosines.dtype == np.float32


@settings(max_examples=50, deadline=None)
@given(parts=st.lists(st.integers(0, 30), min_size=1, max_size=6), count=st.integers(0, 40))
def test_a_grown_index_answers_as_one_made_at_once(parts, count):
    vectors = some(sum(parts))
    whole = Similar(vectors)
    grown = Similar(vectors[: parts[0]])
    at = parts[0]
    for part in parts[1:]:
        grown.add(vectors[at : at + part])
        at += part
    one = some(1, seed=1)[0]
    assert len(grown) == len(vectors)
    assert grown.nearest(one, count)[0].tolist() == whole.nearest(one, count)[0].tolist()
    assert np.array_equal(grown.nearest(one, count)[1], whole.nearest(one, count)[1])
    assert len(whole.nearest(one, count)[0]) == min(count, len(vectors))


def test_of_equal_rows_the_earlier_comes_first():
    same = np.ones((20, 4), dtype=np.float32)
    assert Similar(same).nearest(same[0], 5)[0].tolist() == [0, 1, 2, 3, 4]


def test_only_the_rows_that_may_be_found_are():
    vectors = some(100)
    among = np.arange(100) % 7 == 0
    rows, _ = Similar(vectors).nearest(vectors[1], 30, among=among)
    assert sorted(rows.tolist()) == list(range(0, 100, 7))


def test_rows_of_any_scale_and_of_zeros():
    vectors = some(4).astype(np.float64)
    vectors *= np.array([[1e-200], [1e200], [0.0], [1.0]])
    index = Similar(vectors)
    assert np.allclose(np.linalg.norm(index.rows, axis=1), [1, 1, 0, 1])
    assert index.nearest(vectors[1], 1)[0].tolist() == [1]
    assert index.nearest(np.zeros(8), 4)[1].tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    "bad", [np.full((2, 8), np.nan), np.full((2, 8), np.inf), some(2, 9), some(2)[0, 0], np.array([["a"] * 8] * 2)]
)
def test_unusable_vectors_are_refused_with_one_plain_sentence(bad):
    index = Similar(some(3))
    with pytest.raises(UnusableVectors) as refused:
        index.add(bad)
    assert "\n" not in str(refused.value)
    with pytest.raises(UnusableVectors):
        index.nearest(bad[0] if bad.ndim == 2 else bad)
    assert len(index) == 3
