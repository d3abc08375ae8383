"""Every row in its theme: groups become themes, earlier ones where they continue, and people's edits hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from clustering.arrays import LEFT, Bools, Ints, Labels, Vectors, rows_by_label
from clustering.grouping.constraints import split_by_constraints
from clustering.grouping.strengths import Strengths, measure_strengths
from clustering.grouping.units import Found
from clustering.tracking.lineage import trace
from clustering.types import DIGITS, MIN_STRENGTH_TO_JOIN, Event, Previous

MAX_NEAREST = 3  # themes named for each idea
MIN_IDEAS = 3  # of a theme that nobody touched, once people's edits are respected
MIN_IDEAS_IF_FINER = 2  # of the same, where the owner asked for finer themes than the ideas suggest


@dataclass(frozen=True)
class Placed:
    """n rows in k themes.

    `ids`: of the themes; `labels`: (n,) place in `ids`, or LEFT; `ambiguous`: (n,) whether a leftover is near several
    themes; `space`: (n, d) float32 unit rows; `strengths`: of the rows, at most MAX_NEAREST themes each; `anchors`:
    place in `ids` -> where the theme was on the map; `events`: what became of the earlier themes.
    """

    ids: tuple[int, ...]
    labels: Labels
    ambiguous: Bools
    space: Vectors
    strengths: Strengths
    anchors: Mapping[int, tuple[float, float]]
    events: tuple[Event, ...]

    def members(self) -> list[Ints]:
        """Returns the rows of each theme."""
        return rows_by_label(self.labels, len(self.ids))


def place_rows(keys: Sequence[str], found: Found, previous: Previous | None, *, smallest: int) -> Placed:
    """Gives each group its theme, after what people did, and each row its strength. `smallest`: ideas of a theme."""
    space = cast("Vectors", found.rows(found.space, 0.0))
    groups = cast("Labels", found.rows(found.labels, LEFT))
    if previous is not None:
        groups = split_by_constraints(groups, keys, previous, space)
    lineage = trace(keys, [None if g < 0 else g for g in groups.tolist()], previous, smallest=smallest)
    places = {theme: place for place, theme in enumerate(lineage.ids)}
    labels = np.array([LEFT if theme is None else places[theme] for theme in lineage.theme_of], dtype=np.intp)
    strengths = measure_strengths(space, labels, len(lineage.ids), MAX_NEAREST)
    if previous is not None and previous.forbidden:
        _move_forbidden(keys, groups, labels, strengths, lineage.ids, previous)
    strengths.own[found.unit_of < 0] = 0.0
    strengths.strength[found.unit_of < 0] = 0.0
    ambiguous = (cast("Bools", found.rows(found.ambiguous, 0)) & (labels == LEFT)).astype(np.bool_)
    ambiguous &= np.count_nonzero(np.round(strengths.strength, DIGITS), axis=1) > 1  # both are named
    if previous is not None:
        ambiguous &= ~np.array([key in previous.outliers for key in keys], dtype=np.bool_)
    known = previous.positions if previous else {}
    anchors = {place: known[theme] for theme, place in places.items() if theme in known}
    return Placed(lineage.ids, labels, ambiguous, space, strengths, anchors, lineage.events)


def _move_forbidden(
    keys: Sequence[str], groups: Labels, labels: Labels, strengths: Strengths, ids: Sequence[int], previous: Previous
) -> None:
    """Puts an idea that may not be in its group's theme into the next one that it belongs to, if there is one.

    Changes `labels` and `strengths`: a forbidden theme has no strength for the idea.
    """
    for row, key in enumerate(keys):
        banned = previous.forbidden.get(key)
        if not banned:
            continue
        homeless = groups[row] != LEFT and labels[row] == LEFT and key not in previous.outliers
        for rank, place in enumerate(strengths.nearest[row].tolist()):
            if ids[place] in banned:
                strengths.strength[row, rank] = 0.0
            elif homeless and labels[row] == LEFT and strengths.strength[row, rank] >= MIN_STRENGTH_TO_JOIN:
                labels[row], strengths.own[row] = place, strengths.strength[row, rank]
