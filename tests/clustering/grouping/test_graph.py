"""Links go both ways, and dense and sparse regions weigh the same."""

import numpy as np
import pytest
from scipy import sparse

from clustering.arrays import normalize_rows
from clustering.grouping.graph import closeness, directed, shared_words, undirected
from clustering.vectors.neighbors import Neighbours, cosines_with, nearest_neighbours


@pytest.fixture
def blobs():
    rng = np.random.default_rng(0)
    centres = np.repeat(np.eye(8, dtype=np.float32)[:3], 20, axis=0)
    return normalize_rows(centres + 0.2 * rng.standard_normal((60, 8)).astype(np.float32))


def test_words_in_common():
    counts = sparse.csr_array(np.array([[1, 0], [1, 0], [0.6, 0.8]], dtype=np.float32))
    shared = shared_words(counts, np.array([[1, 2], [0, 2], [0, 1]], dtype=np.int32))
    assert np.allclose(shared, [[1, 0.6], [1, 0.6], [0.6, 0.6]])


def test_the_nearest_neighbour_has_weight_one_in_dense_and_sparse_regions():
    near = Neighbours(np.array([[1, 2], [0, 2], [0, 1]]), np.array([[0.9, 0.8], [0.3, 0.2], [0.5, -0.1]], np.float32))
    graph = closeness(near)
    assert graph[0, 1] == graph[1, 0] == graph[2, 0] == 1
    assert graph[0, 2] == pytest.approx(graph[1, 2])
    assert graph[2, 1] == 0  # no link where there is nothing in common


def test_links_go_both_ways(blobs):
    near = Neighbours(rows := nearest_neighbours(blobs, 5), cosines_with(blobs, rows))
    graph = undirected(directed(near))
    assert (graph != graph.T).nnz == 0
    assert graph.diagonal().max() == 0
    assert graph.has_sorted_indices
