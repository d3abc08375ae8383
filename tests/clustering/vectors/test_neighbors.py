"""Neighbours are the nearest, exactly in small sets, nearly so in large ones."""

import numpy as np
import pytest

from clustering.arrays import normalize_rows
from clustering.vectors.neighbors import Neighbours, cosines_with, nearest_neighbours


@pytest.fixture
def blobs():
    rng = np.random.default_rng(0)
    centres = np.repeat(np.eye(8, dtype=np.float32)[:3], 20, axis=0)
    return normalize_rows(centres + 0.2 * rng.standard_normal((60, 8)).astype(np.float32))


def test_normalized_rows_of_zeros_stay_zeros():
    rows = normalize_rows(np.array([[3, 4], [0, 0]], dtype=np.float32))
    assert rows.tolist() == [[pytest.approx(0.6), pytest.approx(0.8)], [0, 0]]


def test_neighbours_are_those_of_brute_force(blobs, monkeypatch):
    monkeypatch.setattr("clustering.vectors.neighbors.BLOCK", 7)
    rows = nearest_neighbours(blobs, 5)
    full = blobs @ blobs.T
    np.fill_diagonal(full, -2)
    for row in range(len(blobs)):
        assert set(rows[row]) == set(np.argsort(-full[row])[:5])


def test_beyond_a_size_nearly_all_neighbours_are_found(monkeypatch):
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((40, 32)).astype(np.float32)
    vectors = normalize_rows(np.repeat(centres, 50, axis=0) + 0.5 * rng.standard_normal((2000, 32)).astype(np.float32))
    exact = nearest_neighbours(vectors, 10)
    monkeypatch.setattr("clustering.vectors.neighbors.MAX_EXACT_ROWS", 100)
    monkeypatch.setattr("clustering.vectors.neighbors.CELL_ROWS", 40)
    monkeypatch.setattr("clustering.vectors.neighbors.CELLS_AROUND", 12)
    found = nearest_neighbours(vectors, 10)
    assert (found != np.arange(2000)[:, None]).all()
    assert all(len(set(row)) == 10 for row in found.tolist())
    recall = np.mean([len(set(one) & set(other)) / 10 for one, other in zip(exact, found, strict=True)])
    assert recall > 0.95
    assert nearest_neighbours(vectors, 10).tobytes() == found.tobytes()


def test_equal_rows_still_have_neighbours(monkeypatch):
    monkeypatch.setattr("clustering.vectors.neighbors.MAX_EXACT_ROWS", 100)
    found = nearest_neighbours(np.ones((900, 4), dtype=np.float32) / 2, 15)
    assert all(len(set(row)) == 15 for row in found.tolist())


def test_neighbours_are_nearest_first_and_of_equals_the_first():
    near = Neighbours(np.array([[5, 2, 9]], dtype=np.int32), np.array([[0.5, 0.5, 0.9]], dtype=np.float32)).nearest(2)
    assert near.rows.tolist() == [[9, 2]]
    assert near.cosines.tolist() == [[pytest.approx(0.9), 0.5]]


def test_cosines_are_rounded_so_that_last_bits_decide_nothing(blobs):
    rows = nearest_neighbours(blobs, 4)
    cosines = cosines_with(blobs, rows)
    assert np.allclose(cosines, np.take_along_axis(blobs @ blobs.T, rows, axis=1), atol=1e-4)
    assert np.array_equal(cosines, np.round(cosines, 4))
