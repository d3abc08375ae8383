"""Neighbours are exact, the graph mutual, diffusion gathers."""

import numpy as np
import pytest

from clustering.graph import diffuse, mutual_graph, nearest_neighbours, unit_rows


@pytest.fixture
def blobs():
    rng = np.random.default_rng(0)
    centres = np.repeat(np.eye(8, dtype=np.float32)[:3], 20, axis=0)
    return unit_rows(centres + 0.2 * rng.standard_normal((60, 8)).astype(np.float32))


def test_unit_rows_leave_zeros_alone():
    rows = unit_rows(np.array([[3, 4], [0, 0]], dtype=np.float32))
    assert rows.tolist() == [[pytest.approx(0.6), pytest.approx(0.8)], [0, 0]]


def test_neighbours_are_those_of_brute_force(blobs, monkeypatch):
    monkeypatch.setattr("clustering.graph.BLOCK", 7)
    indices, cosines = nearest_neighbours(blobs, 5)
    full = blobs @ blobs.T
    np.fill_diagonal(full, -2)
    for row in range(len(blobs)):
        assert set(indices[row]) == set(np.argsort(-full[row])[:5])
        assert np.allclose(np.sort(cosines[row]), np.sort(full[row])[-5:], atol=1e-6)


def test_only_mutual_choices_are_kept(blobs):
    graph = mutual_graph(*nearest_neighbours(blobs, 5))
    assert (graph != graph.T).nnz == 0
    assert graph.diagonal().max() == 0
    assert graph.has_sorted_indices
    assert graph.dtype == np.float32


def test_diffusion_draws_neighbours_together(blobs):
    spread = diffuse(blobs, mutual_graph(*nearest_neighbours(blobs, 5)), 8)
    assert spread.dtype == np.float32
    inside = (spread[:20] @ spread[:20].T).mean()
    assert inside > (blobs[:20] @ blobs[:20].T).mean()
    assert inside > (spread[:20] @ spread[20:].T).mean() + 0.5


def test_a_row_without_neighbours_stays_where_it_is():
    vectors = unit_rows(np.array([[1, 0], [0.9, 0.1], [0, 1]], dtype=np.float32))
    spread = diffuse(vectors, mutual_graph(*nearest_neighbours(vectors, 1)), 8)
    assert np.allclose(spread[2], [0, 1])
