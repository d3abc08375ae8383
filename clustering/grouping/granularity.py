"""Cuts through the hierarchy: families, themes and sub-themes are the same tree at several granularities.

Plain Python, so that a page can show fewer or more themes without NumPy. A tree is a sequence of nodes, leaves first,
each parent after its parts, in the order in which they were merged; clustering.grouping.hierarchy makes it.
"""

from collections.abc import Sequence
from typing import Protocol

STEP = 1.5  # how many times more themes one step finer is
MIN_THEMES = 2


class HasParent(Protocol):
    """A node of a tree. `parent`: its place in the tree, None at the top."""

    @property
    def parent(self) -> int | None: ...


def cut(tree: Sequence[HasParent], count: int) -> list[int]:
    """Returns for each leaf the node that it belongs to where the tree falls into `count` groups.

    There are at least as many groups as the tree has tops, at most as many as it has leaves.
    """
    leaves = count_leaves(tree)
    merged = len(tree) - _undone(tree, count)
    result = list(range(len(tree)))
    for node in range(merged - 1, -1, -1):
        parent = tree[node].parent
        result[node] = result[parent] if parent is not None and parent < merged else node
    return result[:leaves]


def _undone(tree: Sequence[HasParent], count: int) -> int:
    """Returns how many of the last merges to undo: each adds as many groups as it had parts, less one."""
    parts = count_parts(tree)
    groups = sum(node.parent is None for node in tree)
    undone = 0
    for node in range(len(tree) - 1, -1, -1):
        if not parts[node] or groups >= count:
            break
        groups += parts[node] - 1
        undone += 1
    return undone


def count_parts(tree: Sequence[HasParent]) -> list[int]:
    """Returns how many nodes each node was merged from: 0 for a leaf."""
    parts = [0] * len(tree)
    for node in tree:
        if node.parent is not None:
            parts[node.parent] += 1
    return parts


def count_leaves(tree: Sequence[HasParent]) -> int:
    """Returns how many of the nodes are leaves."""
    return sum(not parts for parts in count_parts(tree))


def leaves_under(tree: Sequence[HasParent]) -> list[list[int]]:
    """Returns the leaves of each node."""
    under: list[list[int]] = [[] if parts else [node] for node, parts in enumerate(count_parts(tree))]
    for node, placed in enumerate(tree):
        if placed.parent is not None:
            under[placed.parent] += under[node]
    return under


def count_at(base: int, level: int, leaves: int) -> int:
    """Returns how many themes there are `level` steps finer (coarser below 0) than `base`, among so many leaves."""
    return max(min(MIN_THEMES, leaves), min(leaves, round(base * STEP**level)))
