"""Figures that people see and that benchmarks print."""

import numpy as np
import pytest

from clustering.arrays import normalize_rows
from clustering.quality.cohesion import cohesion, fill, score


def test_cohesion_is_the_mean_cosine_of_pairs():
    rows = normalize_rows(np.random.default_rng(0).random((6, 4), dtype=np.float32))
    cosines = rows @ rows.T
    assert cohesion(rows) == pytest.approx((cosines.sum() - 6) / 30, abs=1e-5)


def test_cohesion_counts_ideas_that_share_a_row():
    rows = normalize_rows(np.random.default_rng(0).random((3, 4), dtype=np.float32))
    assert cohesion(rows, np.array([2.0, 1.0, 3.0])) == pytest.approx(cohesion(rows[[0, 0, 1, 2, 2, 2]]), abs=1e-5)


def test_cohesion_of_almost_nothing():
    row = np.array([[1.0, 0.0]], dtype=np.float32)
    assert cohesion(row) == 1.0
    assert cohesion(row, np.array([5.0])) == 1.0
    assert cohesion(row[:0]) == 0.0
    assert cohesion(np.array([[1, 0], [-1, 0]], dtype=np.float32)) == 0.0


def test_leftovers_are_filled_with_the_nearest_group():
    vectors = normalize_rows(np.array([[1, 0], [1, 0.1], [0, 1], [0.1, 1], [0.2, 1]], dtype=np.float32))
    labels = np.array([0, 0, 1, 1, -1])
    assert fill(labels, vectors).tolist() == [0, 0, 1, 1, 1]
    assert fill(np.full(5, -1), vectors).tolist() == [0] * 5
    found = score(np.array(list("aabbb")), labels, vectors)
    assert found.filled == found.homogeneity == 1.0
    assert found.as_is < 1.0
    assert (found.themes, found.leftover) == (2, 0.2)
