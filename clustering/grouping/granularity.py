"""One hierarchy from the finest groups to the whole campaign: families, themes and sub-themes are cuts through it.

Plain Python, so that a page can ask for fewer or more themes without NumPy; clustering.grouping.hierarchy makes it.
"""

from collections.abc import Sequence
from typing import Protocol

STEP = 1.5  # how many times more themes one step finer is
MIN_THEMES = 2


class Placed(Protocol):
    """Anything that knows the place of its parent in the tree; leaves come first, each parent after its parts."""

    @property
    def parent(self) -> int | None: ...


def cut(tree: Sequence[Placed], count: int) -> list[int]:
    """Returns for each leaf the node that it belongs to where the tree falls into `count` groups.

    At least as many as it has tops, at most as many as it has leaves. Nodes are in the order in which they were merged.
    """
    leaves = count_leaves(tree)
    merged = len(tree) - _undone(tree, count)
    result = list(range(len(tree)))
    for node in range(merged - 1, -1, -1):
        parent = tree[node].parent
        result[node] = result[parent] if parent is not None and parent < merged else node
    return result[:leaves]


def _undone(tree: Sequence[Placed], count: int) -> int:
    """How many of the last merges are undone: each undoing adds one group for each part but one."""
    parts = count_parts(tree)
    groups = sum(node.parent is None for node in tree)
    undone = 0
    for node in range(len(tree) - 1, -1, -1):
        if not parts[node] or groups >= count:
            break
        groups += parts[node] - 1
        undone += 1
    return undone


def count_parts(tree: Sequence[Placed]) -> list[int]:
    """How many nodes each node is made of: 0 for a leaf."""
    parts = [0] * len(tree)
    for node in tree:
        if node.parent is not None:
            parts[node.parent] += 1
    return parts


def count_leaves(tree: Sequence[Placed]) -> int:
    """How many of the nodes are leaves: they come first."""
    return sum(not parts for parts in count_parts(tree))


def leaves_under(tree: Sequence[Placed]) -> list[list[int]]:
    """Returns the leaves of each node."""
    under: list[list[int]] = [[] if parts else [node] for node, parts in enumerate(count_parts(tree))]
    for node, placed in enumerate(tree):
        if placed.parent is not None:
            under[placed.parent] += under[node]
    return under


def count_at(base: int, level: int, leaves: int) -> int:
    """How many themes there are `level` steps finer (or coarser, below 0) than `base`, among so many leaves."""
    return max(min(MIN_THEMES, leaves), min(leaves, round(base * STEP**level)))
