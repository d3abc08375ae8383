"""Who is with whom: what is said falls into groups, and every idea into its theme, after what people did."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Bools, Ints, Vectors, normalize_rows
from clustering.grouping import groups as grouping
from clustering.grouping.constraints import split_by_constraints
from clustering.grouping.granularity import STEP, count_at, cut, leaves_under
from clustering.grouping.groups import LEFT, Strengths
from clustering.grouping.hierarchy import Tree, build_tree
from clustering.grouping.leiden import largest_first
from clustering.grouping.translations import join_translations
from clustering.text.duplicates import UniqueTexts
from clustering.tracking.lineage import trace
from clustering.types import DIGITS, Event, Previous
from clustering.vectors.neighbors import Neighbours

NEAREST = 3  # themes named for each idea
SMALLEST = 3  # ideas of a theme that nobody touched, after what people did is respected

Progress = Callable[[float], None]


@dataclass(frozen=True)
class Found:
    """The groups of things said. `unit_of`: (n,) for each row what is said, -1 for nothing; `first`: a row of each.

    `labels`, `ambiguous`, `space`, `near` are of the things said, as in grouping.Grouping. `base`: how many groups the
    ideas themselves suggest.
    """

    unit_of: Ints
    first: Ints
    labels: Ints
    ambiguous: Bools
    space: Vectors
    near: Neighbours
    tree: Tree
    base: int

    def rows(self, values: NDArray[np.generic], silent: float) -> NDArray[np.generic]:
        """Returns for each row what `values` say of the thing said; `silent` for a row that says nothing."""
        last = np.full((1, *values.shape[1:]), silent, dtype=values.dtype)
        result: NDArray[np.generic] = np.concatenate([values, last])[self.unit_of]
        return result

    def under(self) -> list[Ints]:
        """Returns the rows of each node of the tree."""
        leaf_of = self.rows(self.tree.leaf_of, LEFT)
        order = np.argsort(leaf_of, kind="stable")
        leaves = self.tree.leaf_of.max(initial=-1) + 1
        starts = np.searchsorted(leaf_of[order], np.arange(leaves + 1))
        rows = [order[starts[leaf] : starts[leaf + 1]] for leaf in range(leaves)]
        return [np.concatenate([rows[leaf] for leaf in under]) for under in leaves_under(self.tree.placed())]


@dataclass(frozen=True)
class Known:
    """Of each unique text the theme in the earlier run, and the one that a person put it in; below 0 for none."""

    earlier: Ints
    placed: Ints

    def of(self, texts: Ints) -> "Known":
        """Returns what is known of some texts."""
        return Known(self.earlier[texts], self.placed[texts])


def read_known(keys: Sequence[str], unique: UniqueTexts, previous: Previous | None, granularity: int) -> Known:
    """What is known of the unique texts; coarser or finer themes than are asked for now are no example."""
    known = Known(
        np.full(len(unique.first_row), LEFT, dtype=np.intp), np.full(len(unique.first_row), LEFT, dtype=np.intp)
    )
    if previous is None:
        return known
    as_fine = previous.granularity in (None, granularity)
    for text, key in zip(unique.index_of.tolist(), keys, strict=True):
        if text >= 0:
            known.placed[text] = previous.placed.get(key, known.placed[text])
            if as_fine:
                known.earlier[text] = previous.theme_of.get(key, known.earlier[text])
    return known


def group_texts(
    unique: UniqueTexts, meaning: Vectors, known: Known, granularity: int, *, seed: int, progress: Progress
) -> Found:
    """Groups what is said; a thing that many say and that is like no other is a group by itself."""
    said = join_translations(meaning, unique.langs, seed=seed)
    _, leader = np.unique(said, return_index=True)
    gathered = meaning if len(leader) == len(said) else _means(meaning, said)
    known = known.of(leader)
    kept = granularity != 0 and bool((known.earlier >= 0).any())  # the earlier themes are that fine already
    found = grouping.group(
        gathered,
        [unique.gists[text] for text in leader],
        earlier=known.earlier,
        placed=known.placed,
        kept=kept,
        seed=seed,
        progress=progress,
    )
    unit_of = np.append(said, -1)[unique.index_of]
    weights = np.bincount(said, weights=unique.weights, minlength=len(leader))
    smallest = grouping.smallest_group(len(leader))
    labels = found.labels.copy()
    many = np.flatnonzero((labels == LEFT) & (weights >= smallest))
    labels[many] = int(labels.max(initial=-1)) + 1 + np.arange(len(many))
    tree = build_tree(found.graph, found.space, labels, smallest=smallest)
    groups = int(labels.max(initial=-1)) + 1
    base = round(groups / STEP**granularity) if kept else groups
    if granularity and groups and not kept:
        leaves = int(tree.leaf_of.max(initial=-1)) + 1
        node_of = np.array(cut(tree.placed(), count_at(base, granularity, leaves)), dtype=np.intp)
        labels = largest_first(np.where(tree.leaf_of >= 0, node_of[np.maximum(tree.leaf_of, 0)], LEFT))
    return Found(
        unit_of,
        unique.first_row[leader],
        labels,
        found.ambiguous & (labels == LEFT),
        found.space,
        found.near,
        tree,
        base,
    )


def _means(meaning: Vectors, said: Ints) -> Vectors:
    """Returns the mean direction of what is said the same."""
    sums = np.zeros((int(said.max()) + 1, meaning.shape[1]), dtype=np.float32)
    np.add.at(sums, said, meaning)
    return normalize_rows(sums)


def no_groups(unique: UniqueTexts) -> Found:
    count = len(unique.first_row)
    labels = np.full(count, LEFT, dtype=np.intp)
    none = Neighbours(np.zeros((count, 0), dtype=np.int32), np.zeros((count, 0), dtype=np.float32))
    return Found(
        unique.index_of,
        unique.first_row,
        labels,
        np.zeros(count, dtype=np.bool_),
        np.zeros((count, 1), dtype=np.float32),
        none,
        Tree(labels, [], [], []),
        0,
    )


@dataclass(frozen=True)
class Placed:
    """Every row in its place. `labels`: (n,) place in `ids`, or LEFT; `space`: (n, d); `anchors`: place -> x, y."""

    ids: tuple[int, ...]
    labels: Ints
    ambiguous: Bools
    space: Vectors
    strengths: Strengths
    anchors: Mapping[int, tuple[float, float]]
    events: tuple[Event, ...]

    def members(self) -> list[Ints]:
        """Returns the rows of each theme."""
        order = np.argsort(self.labels, kind="stable")
        starts = np.searchsorted(self.labels[order], np.arange(len(self.ids) + 1))
        return [order[starts[place] : starts[place + 1]] for place in range(len(self.ids))]


def place_rows(keys: Sequence[str], found: Found, previous: Previous | None, *, smallest: int) -> Placed:
    """Gives each group its theme, after what people did, and each row its strength."""
    space = cast("Vectors", found.rows(found.space, 0.0))
    groups = cast("Ints", found.rows(found.labels, LEFT))
    if previous is not None:
        groups = split_by_constraints(groups, keys, previous, space)
    lineage = trace(keys, [None if g < 0 else g for g in groups.tolist()], previous, smallest=smallest)
    places = {theme: place for place, theme in enumerate(lineage.ids)}
    labels = np.array([LEFT if theme is None else places[theme] for theme in lineage.theme_of], dtype=np.intp)
    strengths = grouping.strengths(space, labels, len(lineage.ids), NEAREST)
    if previous is not None and previous.forbidden:
        _find_another(keys, groups, labels, strengths, lineage.ids, previous)
    strengths.own[found.unit_of < 0] = 0.0
    strengths.strength[found.unit_of < 0] = 0.0
    ambiguous = (cast("Bools", found.rows(found.ambiguous, 0)) & (labels == LEFT)).astype(np.bool_)
    ambiguous &= np.count_nonzero(np.round(strengths.strength, DIGITS), axis=1) > 1  # both are told
    if previous is not None:
        ambiguous &= ~np.array([key in previous.outliers for key in keys], dtype=np.bool_)
    known = previous.positions if previous else {}
    anchors = {place: known[theme] for theme, place in places.items() if theme in known}
    return Placed(lineage.ids, labels, ambiguous, space, strengths, anchors, lineage.events)


def _find_another(
    keys: Sequence[str], groups: Ints, labels: Ints, strengths: Strengths, ids: Sequence[int], previous: Previous
) -> None:
    """Puts an idea that may not be in its group's theme into the next one that it belongs to, if there is one."""
    for row, key in enumerate(keys):
        banned = previous.forbidden.get(key)
        if not banned:
            continue
        turned_away = groups[row] != LEFT and labels[row] == LEFT and key not in previous.outliers
        for rank, place in enumerate(strengths.nearest[row].tolist()):
            if ids[place] in banned:
                strengths.strength[row, rank] = 0.0
            elif turned_away and labels[row] == LEFT and strengths.strength[row, rank] >= grouping.BELONGS:
                labels[row], strengths.own[row] = place, strengths.strength[row, rank]
