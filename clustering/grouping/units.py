"""Groups units: unique texts, of which those that translate each other are one. Then back to the rows of the input."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import LEFT, Bools, Ints, Labels, Vectors, normalize_rows, rows_by_label
from clustering.grouping.granularity import STEP, count_at, cut, leaves_under
from clustering.grouping.groups import group, smallest_group
from clustering.grouping.hierarchy import Tree, build_tree
from clustering.grouping.leiden import largest_first
from clustering.grouping.translations import join_translations
from clustering.text.duplicates import UniqueTexts
from clustering.types import Previous
from clustering.vectors.neighbors import Neighbours

Progress = Callable[[float], None]


@dataclass(frozen=True)
class Found:
    """The groups of m units: unique texts, of which those that translate each other are one.

    `unit_of`: (n,) the unit of each row, -1 for a row without words; `first`: (m,) a row of each unit. Of the units:
    `labels`, `ambiguous`, `space`, `near` as in Grouping; `tree`: the hierarchy of the groups. `base`: how many groups
    the ideas themselves suggest.
    """

    unit_of: Ints
    first: Ints
    labels: Labels
    ambiguous: Bools
    space: Vectors
    near: Neighbours
    tree: Tree
    base: int

    def rows(self, values: NDArray[np.generic], default: float) -> NDArray[np.generic]:
        """Returns (n, …) for each row the value of its unit among (m, …) `values`; `default` for a row without words.

        The dtype is that of `values`.
        """
        last = np.full((1, *values.shape[1:]), default, dtype=values.dtype)
        result: NDArray[np.generic] = np.concatenate([values, last])[self.unit_of]
        return result

    def under(self) -> list[Ints]:
        """Returns the rows of each node of the tree."""
        leaf_of = cast("Labels", self.rows(self.tree.leaf_of, LEFT))
        rows = rows_by_label(leaf_of, int(self.tree.leaf_of.max(initial=-1)) + 1)
        return [np.concatenate([rows[leaf] for leaf in under]) for under in leaves_under(self.tree.nodes())]


@dataclass(frozen=True)
class Known:
    """Of each unique text the theme in the earlier run, and the one that a person put it in; below 0 for none."""

    earlier: Labels
    placed: Labels

    def of(self, texts: Ints) -> "Known":
        """Returns what is known of some of the texts."""
        return Known(self.earlier[texts], self.placed[texts])


def read_known(keys: Sequence[str], unique: UniqueTexts, previous: Previous | None, granularity: int) -> Known:
    """Returns what `previous` holds about the unique texts. Earlier themes of another granularity count as unknown."""
    count = len(unique.first_row)
    known = Known(np.full(count, LEFT, dtype=np.intp), np.full(count, LEFT, dtype=np.intp))
    if previous is None:
        return known
    same_granularity = previous.granularity in (None, granularity)
    for text, key in zip(unique.index_of.tolist(), keys, strict=True):
        if text >= 0:
            known.placed[text] = previous.placed.get(key, known.placed[text])
            if same_granularity:
                known.earlier[text] = previous.theme_of.get(key, known.earlier[text])
    return known


def group_texts(
    unique: UniqueTexts, meaning: Vectors, known: Known, granularity: int, *, seed: int, progress: Progress
) -> Found:
    """Groups unique texts by their (n, d) float32 `meaning`.

    A leftover text that enough rows share is a group by itself. `granularity`: where the earlier themes have the same
    one, the groups are as fine as they are; otherwise the groups are cut from the hierarchy.
    """
    unit_of_text = join_translations(meaning, unique.langs, seed=seed)
    _, leader = np.unique(unit_of_text, return_index=True)
    gathered = meaning if len(leader) == len(meaning) else _mean_directions(meaning, unit_of_text)
    known = known.of(leader)
    kept = granularity != 0 and bool((known.earlier >= 0).any())  # the earlier themes are that fine already
    gists = [unique.gists[text] for text in leader]
    found = group(gathered, gists, earlier=known.earlier, placed=known.placed, kept=kept, seed=seed, progress=progress)
    smallest = smallest_group(len(leader))
    weights = np.bincount(unit_of_text, weights=unique.weights, minlength=len(leader))
    labels = _group_alone(found.labels, weights >= smallest)
    tree = build_tree(found.links, found.space, labels, smallest=smallest, parts=found.parts)
    groups = int(labels.max(initial=-1)) + 1
    base = round(groups / STEP**granularity) if kept else groups
    if granularity and groups and not kept:
        labels = _cut_at(tree, base, granularity)
    return Found(
        unit_of=np.append(unit_of_text, -1)[unique.index_of],
        first=unique.first_row[leader],
        labels=labels,
        ambiguous=found.ambiguous & (labels == LEFT),
        space=found.space,
        near=found.near,
        tree=tree,
        base=base,
    )


def _mean_directions(meaning: Vectors, unit_of_text: Ints) -> Vectors:
    """Returns (m, d) float32 unit rows: the mean direction of the texts of each unit."""
    sums = np.zeros((int(unit_of_text.max()) + 1, meaning.shape[1]), dtype=np.float32)
    np.add.at(sums, unit_of_text, meaning)
    return normalize_rows(sums)


def _group_alone(labels: Labels, shared: Bools) -> Labels:
    """Makes each leftover unit that enough rows share (`shared`) a group of its own, numbered after the others."""
    result = labels.copy()
    alone = np.flatnonzero((labels == LEFT) & shared)
    result[alone] = int(labels.max(initial=-1)) + 1 + np.arange(len(alone))
    return result


def _cut_at(tree: Tree, base: int, granularity: int) -> Labels:
    """Returns the groups that are so many steps finer or coarser than `base`, the largest first."""
    leaves = int(tree.leaf_of.max(initial=-1)) + 1
    node_of = np.array(cut(tree.nodes(), count_at(base, granularity, leaves)), dtype=np.intp)
    return largest_first(np.where(tree.leaf_of >= 0, node_of[np.maximum(tree.leaf_of, 0)], LEFT))


def no_groups(unique: UniqueTexts) -> Found:
    """Returns what is found where there are too few texts to group: all of them left over."""
    count = len(unique.first_row)
    labels = np.full(count, LEFT, dtype=np.intp)
    return Found(
        unit_of=unique.index_of,
        first=unique.first_row,
        labels=labels,
        ambiguous=np.zeros(count, dtype=np.bool_),
        space=np.zeros((count, 1), dtype=np.float32),
        near=Neighbours(np.zeros((count, 0), dtype=np.int32), np.zeros((count, 0), dtype=np.float32)),
        tree=Tree(labels, [], [], []),
        base=0,
    )
