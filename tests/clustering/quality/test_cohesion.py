"""Cohesion is the mean cosine between two ideas."""

import numpy as np
import pytest

from clustering.arrays import normalize_rows
from clustering.quality.cohesion import cohesion


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
