"""Communities: the same each time, the largest first, as fine as the closest neighbours allow."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.metrics import adjusted_rand_score

from clustering.arrays import normalize_rows
from clustering.grouping import leiden as community
from clustering.grouping.graph import closeness, undirected
from clustering.grouping.leiden import (
    coarse_group_count,
    communities,
    communities_like,
    finest_communities,
    largest_first,
)
from clustering.vectors.neighbors import Neighbours, cosines_with, nearest_neighbours


def cliques(*sizes):
    """Returns a graph of cliques that one weak link joins in a row."""
    n = sum(sizes)
    links = np.zeros((n, n))
    start = 0
    for size in sizes:
        links[start : start + size, start : start + size] = 1
        if start:
            links[start - 1, start] = links[start, start - 1] = 0.1
        start += size
    np.fill_diagonal(links, 0)
    return sparse.csr_array(links)


def test_cliques_are_found_and_the_largest_comes_first():
    assert communities(cliques(4, 6, 5), 1.0).tolist() == [2] * 4 + [0] * 6 + [1] * 5


def test_without_links_each_node_is_a_community():
    assert communities(sparse.csr_array((4, 4)), 1.0).tolist() == [0, 1, 2, 3]


def test_a_node_without_links_is_a_community():
    links = cliques(4, 4).tolil()
    links.resize((9, 9))
    labels = communities(sparse.csr_array(links), 1.0)
    assert (labels == labels[8]).sum() == 1


def test_the_largest_group_is_renumbered_first_and_what_is_left_over_stays():
    assert largest_first(np.array([7, -1, 3, 3, 9, 9])).tolist() == [2, -1, 0, 0, 1, 1]


def groups_of(tightness, seed=0):
    rng = np.random.default_rng(seed)
    centres = np.repeat(np.eye(64, dtype=np.float32)[:30], 12, axis=0)
    vectors = normalize_rows(centres + tightness * rng.standard_normal((360, 64)).astype(np.float32))
    rows = nearest_neighbours(vectors, 15)
    near = Neighbours(rows, cosines_with(vectors, rows))
    return undirected(closeness(near)), near.nearest(5).rows


def test_tight_groups_are_separated_and_noise_is_not_split():
    tight = finest_communities(*groups_of(0.05))
    assert tight.max() + 1 == 30
    loose = finest_communities(*groups_of(0.6))
    assert loose.max() + 1 < 20


def test_there_are_no_more_groups_than_the_maximum(monkeypatch):
    graph = cliques(*[5] * 400)
    closest = np.array([[row - row % 5 + (row + 1) % 5] for row in range(2000)], dtype=np.int32)
    bound = finest_communities(graph, closest).max() + 1
    monkeypatch.setattr(community, "MAX_GROUPS", 1000)
    assert bound <= 300 < finest_communities(graph, closest).max() + 1


def test_the_same_each_time():
    graph, closest = groups_of(0.2)
    assert finest_communities(graph, closest, seed=3).tobytes() == finest_communities(graph, closest, seed=3).tobytes()


def test_of_partitions_about_as_fine_the_one_that_changes_least_is_taken():
    graph, closest = groups_of(0.35)
    first = finest_communities(graph, closest, seed=0)
    for seed in range(1, 6):
        free = finest_communities(graph, closest, seed=seed)
        bound = finest_communities(graph, closest, earlier=first, seed=seed)
        assert adjusted_rand_score(first, bound) >= adjusted_rand_score(first, free)


@pytest.mark.parametrize(("tightness", "resolution"), [(0.35, 0.7), (0.35, 16.0), (0.05, 16.0)])
def test_groups_like_the_earlier_ones_are_as_fine_as_they_were(tightness, resolution):
    graph, _ = groups_of(tightness)
    earlier = communities(graph, resolution)
    assert adjusted_rand_score(earlier, communities_like(graph, earlier)) > 0.8


def test_groups_that_were_one_before_are_joined_again_however_far_apart_they_lie():
    graph, closest = groups_of(0.05)
    pairs = finest_communities(graph, closest) // 2
    assert adjusted_rand_score(pairs, communities_like(graph, pairs)) == 1.0


def test_rows_without_an_earlier_group_change_nothing():
    graph, _ = groups_of(0.2)
    earlier = communities(graph, 2.5)
    partly = np.where(np.arange(len(earlier)) % 3 == 0, -1, earlier)
    assert adjusted_rand_score(earlier, communities_like(graph, partly)) > 0.9


def test_the_group_count_of_a_coarse_partition_rises_with_the_ideas():
    assert [round(coarse_group_count(n)) for n in (0, 25, 150, 1225, 20_000)] == [0, 5, 10, 10, 20]
