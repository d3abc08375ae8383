"""The words of a whole run: of its themes, their families, and the groups that other granularities would show."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import cast

import numpy as np

from clustering.arrays import LEFT, Ints
from clustering.grouping.granularity import count_at, cut
from clustering.grouping.membership import Found
from clustering.grouping.strengths import centroids
from clustering.naming.labels import Labelled, Labeller
from clustering.quality import explanations as explanation
from clustering.tracking.assignment import Placed
from clustering.types import MAX_GRANULARITY, MIN_GRANULARITY, Apart, Family

FAMILIES = 9  # at the most
OUTLINED = 6  # themes from which families help
PARTED = 2  # sub-themes from which they are told


@dataclass(frozen=True)
class Words:
    """`themes`, `nodes`: their words (None for a node that no granularity shows); `family_of`: for each theme.

    `parts`: the sub-themes of each theme; `shared`: for each row; `apart`: for each theme.
    """

    themes: list[Labelled]
    nodes: list[Labelled | None]
    families: list[Family]
    family_of: list[int]
    parts: list[tuple[int, ...]]
    shared: list[tuple[str, ...]]
    apart: list[Apart | None]


def write_words(labeller: Labeller, found: Found, placed: Placed, progress: Callable[[float], None]) -> Words:
    """Names themes first, then families, then the rest of the hierarchy: the best names go to what is seen most."""
    members = placed.members()
    themes = labeller.label_themes(members)
    progress(0.4)
    leaf_of = cast("Ints", found.rows(found.tree.leaf_of, LEFT))
    theme_of_leaf = _majority(leaf_of, placed.labels)
    family_of = _families(found, theme_of_leaf, len(placed.ids))
    together = [
        [place for place in range(len(family_of)) if family_of[place] == family]
        for family in range(max(family_of, default=-1) + 1)
    ]
    named = labeller.name_families([[(members[place], themes[place]) for place in family] for family in together])
    families = [
        Family(name, tuple(placed.ids[p] for p in sorted(family, key=lambda p: (-len(members[p]), p))))
        for name, family in zip(named, together, strict=True)
    ]
    progress(0.5)
    parts = [tuple(np.flatnonzero(theme_of_leaf == place).tolist()) for place in range(len(placed.ids))]
    nodes = _label_nodes(labeller, found, dict(zip(map(_key, members), themes, strict=True)))
    progress(0.9)
    return Words(
        themes,
        nodes,
        families,
        family_of,
        [leaves if len(leaves) >= PARTED else () for leaves in parts],
        labeller.shared(members, themes),
        _apart(labeller, placed, members),
    )


def _majority(leaf_of: Ints, labels: Ints) -> Ints:
    """Returns for each leaf the theme that most of its ideas are in, or LEFT."""
    leaves, count = int(leaf_of.max(initial=-1)) + 1, int(labels.max(initial=-1)) + 1
    inside = (leaf_of >= 0) & (labels >= 0)
    votes = np.zeros((leaves, count + 1), dtype=np.intp)
    np.add.at(votes, (leaf_of[inside], labels[inside]), 1)
    return np.where(votes.any(axis=1), votes.argmax(axis=1), LEFT)


def _families(found: Found, theme_of_leaf: Ints, count: int) -> list[int]:
    """Returns the family of each theme, 0..k-1: where the hierarchy falls into about the root of so many groups."""
    if count < OUTLINED or not len(theme_of_leaf):
        return [0] * count
    node_of = np.array(cut(found.tree.placed(), min(FAMILIES, round(sqrt(count)))))
    chosen = []
    for place in range(count):
        nodes = node_of[theme_of_leaf == place]
        chosen.append(int(np.bincount(nodes).argmax()) if len(nodes) else -1)
    usual = max(chosen, key=chosen.count)
    chosen = [node if node >= 0 else usual for node in chosen]
    order = {node: place for place, node in enumerate(dict.fromkeys(chosen))}
    return [order[node] for node in chosen]


def _key(rows: Ints) -> bytes:
    return np.sort(rows).tobytes()


def _label_nodes(labeller: Labeller, found: Found, themes: Mapping[bytes, Labelled]) -> list[Labelled | None]:
    """Labels the nodes that some granularity shows, and the leaves. One that is a theme has the theme's words."""
    tree, under = found.tree, found.under()
    leaves = int(tree.leaf_of.max(initial=-1)) + 1
    shown = set(range(leaves))
    for level in range(MIN_GRANULARITY, MAX_GRANULARITY + 1):
        shown.update(cut(tree.placed(), count_at(found.base, level, leaves)))
    labelled = {node: themes[_key(under[node])] for node in sorted(shown) if _key(under[node]) in themes}
    others = sorted(shown - set(labelled))
    labelled |= zip(others, labeller.label([under[node] for node in others]), strict=True)
    return [labelled.get(node) for node in range(len(under))]


def _apart(labeller: Labeller, placed: Placed, members: Sequence[Ints]) -> list[Apart | None]:
    centres = centroids(placed.space, placed.labels, len(placed.ids))
    result: list[Apart | None] = []
    for place, near in enumerate(explanation.nearest_theme(centres, 0.0)):
        if near is None:
            result.append(None)
        else:
            other, alike = near
            here, there = labeller.separates(members[place], members[other])
            result.append(Apart(placed.ids[other], alike, here, there))
    return result
