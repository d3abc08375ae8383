"""What people put apart stays apart: a group that they shaped into several themes is parted again (cannot-link)."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from clustering.arrays import Labels, Vectors, normalize_rows
from clustering.types import Previous


def split_by_constraints(labels: Labels, keys: Sequence[str], previous: Previous, space: Vectors) -> Labels:
    """Returns new (n,) labels, in which no group is the home of two themes that people shaped.

    `labels`: (n,) groups, below 0 for what is left over; `space`: (n, d) unit rows. The ideas of such a group that
    nobody placed go to the theme whose placed ideas they are nearest to.
    """
    result = labels.copy()
    for group, themes in _shared_homes(labels, keys, previous).items():
        rows = np.flatnonzero(labels == group)
        seeds = [[row for row in rows.tolist() if previous.placed.get(keys[row]) == theme] for theme in themes]
        centres = normalize_rows(np.vstack([space[seed].mean(axis=0) for seed in seeds]))
        nearest = (space[rows] @ centres.T).argmax(axis=1)
        for place, seed in enumerate(seeds):
            nearest[np.isin(rows, seed)] = place
        numbers = np.array([group, *(int(result.max()) + 1 + np.arange(len(themes) - 1))])
        result[rows] = numbers[nearest]
    return result


def _shared_homes(labels: Labels, keys: Sequence[str], previous: Previous) -> dict[int, list[int]]:
    """Returns group -> the themes that people shaped and that have most of their ideas there, where there are several.

    A theme is shaped by people when they placed at least half of its ideas in that group: one idea moved by hand is an
    exception, and draws no others with it.
    """
    members: dict[int, Counter[int]] = defaultdict(Counter)
    placed: Counter[tuple[int, int]] = Counter()
    for key, group in zip(keys, labels.tolist(), strict=True):
        theme = previous.theme_of.get(key)
        if theme is not None and group >= 0:
            members[theme][group] += 1
            placed[theme, group] += previous.placed.get(key) == theme
    homes: dict[int, list[int]] = defaultdict(list)
    for theme, groups in sorted(members.items()):
        home, count = max(groups.items(), key=lambda item: (item[1], -item[0]))
        if 2 * placed[theme, home] >= count:
            homes[home].append(theme)
    return {group: themes for group, themes in sorted(homes.items()) if len(themes) > 1}
