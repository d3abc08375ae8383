"""What a run calls its themes, families and the nodes of its hierarchy, and how themes differ."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import cast

import numpy as np

from clustering.arrays import LEFT, Ints
from clustering.grouping.granularity import count_at, cut
from clustering.grouping.strengths import centroids
from clustering.grouping.units import Found
from clustering.naming.labels import Labeller
from clustering.naming.ranking import Label
from clustering.quality import explanations as explanation
from clustering.tracking.assignment import Placed
from clustering.types import MAX_GRANULARITY, MIN_GRANULARITY, Apart, Family

MIN_THEMES = 6  # for an outline by families


@dataclass(frozen=True)
class RunLabels:
    """The labels of a run. Lists have one entry for each theme, except where noted.

    `nodes`: for each node of the hierarchy, None where no granularity shows it; `families`: the largest themes first;
    `family_of`: indices in `families`; `parts`: the leaves of the hierarchy that are sub-themes; `shared`: for each
    row, the phrases of its theme that it uses; `apart`: what distinguishes a theme from the closest one.
    """

    themes: list[Label]
    nodes: list[Label | None]
    families: list[Family]
    family_of: list[int]
    parts: list[tuple[int, ...]]
    shared: list[tuple[str, ...]]
    apart: list[Apart | None]


def label_run(labeller: Labeller, found: Found, placed: Placed, progress: Callable[[float], None]) -> RunLabels:
    """Labels themes, then families, then the other nodes: the most visible choose their names first.

    `progress` is called with 0..1 and may raise to cancel.
    """
    members = placed.members()
    themes = labeller.label_themes(members)
    progress(0.4)
    leaf_of = cast("Ints", found.rows(found.tree.leaf_of, LEFT))
    theme_of_leaf = _majority(leaf_of, placed.labels)
    family_of = _families(found, theme_of_leaf, len(placed.ids))
    families = _label_families(labeller, placed, members, themes, family_of)
    progress(0.5)
    leaves_of = [tuple(np.flatnonzero(theme_of_leaf == theme).tolist()) for theme in range(len(placed.ids))]
    nodes = _label_nodes(labeller, found, dict(zip(map(_key, members), themes, strict=True)))
    progress(0.9)
    return RunLabels(
        themes,
        nodes,
        families,
        family_of,
        [leaves if len(leaves) > 1 else () for leaves in leaves_of],
        labeller.shared(members, themes),
        _apart(labeller, placed, members),
    )


def _majority(leaf_of: Ints, labels: Ints) -> Ints:
    """Returns, for each leaf, the theme of most of its ideas, or LEFT. `leaf_of`, `labels`: (n,), below 0 for none."""
    leaves, count = int(leaf_of.max(initial=-1)) + 1, int(labels.max(initial=-1)) + 1
    inside = (leaf_of >= 0) & (labels >= 0)
    votes = np.zeros((leaves, count + 1), dtype=np.intp)
    np.add.at(votes, (leaf_of[inside], labels[inside]), 1)
    return np.where(votes.any(axis=1), votes.argmax(axis=1), LEFT)


def _families(found: Found, theme_of_leaf: Ints, count: int) -> list[int]:
    """Returns the family of each of `count` themes, 0..k-1: the hierarchy is cut into about sqrt(count) families."""
    if count < MIN_THEMES or not len(theme_of_leaf):
        return [0] * count
    node_of = np.array(cut(found.tree.nodes(), round(sqrt(count))))
    chosen = []
    for theme in range(count):
        nodes = node_of[theme_of_leaf == theme]
        chosen.append(int(np.bincount(nodes).argmax()) if len(nodes) else -1)
    commonest = max(chosen, key=chosen.count)
    chosen = [node if node >= 0 else commonest for node in chosen]
    order = {node: family for family, node in enumerate(dict.fromkeys(chosen))}
    return [order[node] for node in chosen]


def _label_families(
    labeller: Labeller, placed: Placed, members: Sequence[Ints], themes: Sequence[Label], family_of: Sequence[int]
) -> list[Family]:
    """Returns the families with their names. `family_of`: for each theme, 0..k-1."""
    themes_of = [
        [theme for theme in range(len(family_of)) if family_of[theme] == family]
        for family in range(max(family_of, default=-1) + 1)
    ]
    names = labeller.name_families([[(members[at], themes[at]) for at in family] for family in themes_of])
    return [
        Family(name, tuple(placed.ids[at] for at in sorted(family, key=lambda at: (-len(members[at]), at))))
        for name, family in zip(names, themes_of, strict=True)
    ]


def _key(rows: Ints) -> bytes:
    return np.sort(rows).tobytes()


def _label_nodes(labeller: Labeller, found: Found, themes: Mapping[bytes, Label]) -> list[Label | None]:
    """Labels the leaves and the nodes that some granularity shows. A node with the rows of a theme has its label."""
    tree, under = found.tree, found.under()
    leaves = int(tree.leaf_of.max(initial=-1)) + 1
    shown = set(range(leaves))
    for level in range(MIN_GRANULARITY, MAX_GRANULARITY + 1):
        shown.update(cut(tree.nodes(), count_at(found.base, level, leaves)))
    labels = {node: themes[_key(under[node])] for node in sorted(shown) if _key(under[node]) in themes}
    others = sorted(shown - set(labels))
    labels |= zip(others, labeller.label([under[node] for node in others]), strict=True)
    return [labels.get(node) for node in range(len(under))]


def _apart(labeller: Labeller, placed: Placed, members: Sequence[Ints]) -> list[Apart | None]:
    """Returns what distinguishes each theme from the closest one; None for an only theme."""
    centres = centroids(placed.space, placed.labels, len(placed.ids))
    result: list[Apart | None] = []
    for theme, closest in enumerate(explanation.nearest_theme(centres, 0.0)):
        if closest is None:
            result.append(None)
        else:
            other, likeness = closest
            here, there = labeller.contrast(members[theme], members[other])
            result.append(Apart(placed.ids[other], likeness, here, there))
    return result
