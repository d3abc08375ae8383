"""One hierarchy: its cuts nest, its heights never fall, each granularity is a cut."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustering.arrays import normalize_rows
from clustering.grouping.granularity import count_at, count_leaves, cut, leaves_under
from clustering.grouping.graph import closeness, undirected
from clustering.grouping.hierarchy import build_tree, dense_parts, group_links, merge_order
from clustering.vectors.neighbors import Neighbours, cosines_with, nearest_neighbours
from tests.clustering.grouping.test_leiden import cliques


@dataclass
class Node:
    parent: int | None


PAIRS = [Node(4), Node(4), Node(5), Node(5), Node(6), Node(6), Node(None)]  # ((0, 1), (2, 3))


@pytest.mark.parametrize(
    ("count", "groups"),
    [(0, [6] * 4), (1, [6] * 4), (2, [4, 4, 5, 5]), (3, [4, 4, 2, 3]), (4, [0, 1, 2, 3]), (9, [0, 1, 2, 3])],
)
def test_a_cut_gives_as_many_groups_as_asked_for(count, groups):
    assert cut(PAIRS, count) == groups


def test_a_tree_without_nodes_has_no_leaves():
    assert cut([], 3) == []
    assert count_leaves(PAIRS) == 4


def test_steps_of_granularity():
    assert [count_at(20, level, 300) for level in (-3, -1, 0, 1, 3)] == [6, 13, 20, 30, 68]
    assert count_at(20, 3, 25) == 25
    assert count_at(2, -3, 25) == 2
    assert count_at(5, -3, 1) == 1


@given(st.integers(1, 12), st.integers(0, 10_000))
def test_cuts_nest_and_heights_never_fall(count, seed):
    rng = np.random.default_rng(seed)
    links = rng.random((count, count)) * (rng.random((count, count)) < 0.5)
    merges = merge_order(links + links.T)
    assert len(merges) == count - 1
    heights = [height for _, _, height in merges]
    assert heights == sorted(heights)
    parents = [None] * (2 * count - 1)
    for place, (one, other, _) in enumerate(merges):
        parents[one] = parents[other] = count + place
    tree = [Node(parent) for parent in parents]
    finer = cut(tree, count)
    for groups in range(count - 1, 0, -1):
        coarser = cut(tree, groups)
        assert len(set(coarser)) == groups
        assert len(set(zip(finer, coarser, strict=True))) == len(set(finer))
        finer = coarser


@given(st.integers(2, 12), st.integers(0, 10_000))
def test_the_closest_two_are_merged_first(count, seed):
    """Each time again, by all that they hold."""
    rng = np.random.default_rng(seed)
    links = rng.integers(0, 4, (count, count)) * (rng.random((count, count)) < 0.5)
    links = (links + links.T).astype(float)
    volume = np.maximum(links.sum(axis=1), 1e-12)
    held = {group: [group] for group in range(count)}

    def closeness(one, other):
        between = links[np.ix_(held[one], held[other])].sum()
        return between / (volume[held[one]].sum() * volume[held[other]].sum())

    for made, (one, other, _) in enumerate(merge_order(links), start=count):
        best = max(closeness(*pair) for pair in combinations(held, 2))
        assert closeness(one, other) == pytest.approx(best)
        held[made] = held.pop(one) + held.pop(other)


def test_groups_are_completed_before_they_are_merged():
    links = np.array([[9, 1, 8, 0], [1, 9, 0, 0], [8, 0, 9, 1], [0, 0, 1, 9]], dtype=float)
    merges = merge_order(links, [0, 0, 1, 1])
    assert {frozenset(merge[:2]) for merge in merges[:2]} == {frozenset({0, 1}), frozenset({2, 3})}


@pytest.fixture
def clumps():
    """Two groups of two clumps each, 40 ideas a clump, and one idea left over."""
    rng = np.random.default_rng(0)
    centres = np.eye(16, dtype=np.float32)[[0, 1, 2, 3]]
    centres[1] += 1.5 * centres[0]
    centres[3] += 1.5 * centres[2]
    space = normalize_rows(np.repeat(centres, 40, axis=0) + 0.05 * rng.standard_normal((160, 16)).astype(np.float32))
    rows = nearest_neighbours(space, 10)
    graph = undirected(closeness(Neighbours(rows, cosines_with(space, rows))))
    labels = np.repeat([0, 1], 80)
    labels[159] = -1
    return graph, space, labels


def test_the_tree_holds_the_groups_and_their_parts(clumps):
    tree = build_tree(*clumps, smallest=5)
    assert [len(set(tree.leaf_of[start : start + 39])) for start in (0, 40, 80, 120)] == [1] * 4
    assert sorted(set(tree.leaf_of)) == [-1, 0, 1, 2, 3]
    assert tree.leaf_of[159] == -1
    under = leaves_under(tree.nodes())
    assert sorted(under[tree.group_node[0]]) == [0, 1]
    assert sorted(under[tree.group_node[1]]) == [2, 3]
    assert sorted(under[-1]) == [0, 1, 2, 3]
    assert len(set(cut(tree.nodes(), 2))) == 2


def test_a_small_group_is_one_whole(clumps):
    graph, space, _ = clumps
    assert dense_parts(graph[:10][:, :10], space[:10], 5).tolist() == [0] * 10


def test_ideas_that_are_all_the_same_are_one_whole():
    assert set(dense_parts(cliques(60), np.ones((60, 4), dtype=np.float32) / 2, 5)) == {0}


def test_nothing_found_has_an_empty_tree():
    tree = build_tree(cliques(4), np.eye(4, dtype=np.float32), np.full(4, -1), smallest=3)
    assert tree.parents == []
    assert group_links(cliques(4), np.full(4, -1), 0).shape == (0, 0)
