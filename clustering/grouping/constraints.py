"""What people did to earlier themes, as constraints on new groups: must-link and cannot-link (Wagstaff et al. 2001).

Before grouping, links that agree with people weigh more and links that don't are cut. After grouping, a group that
still holds several themes shaped by people is split.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from scipy import sparse

from clustering.arrays import Labels, Vectors, normalize_rows
from clustering.grouping.graph import undirected
from clustering.types import Previous

SAME_THEME = 1.5  # how many times stronger a link is between ideas that were in one theme;
SAME_KEPT_THEME = 5.0  # so many where a person chose how fine the themes are;
MUST_LINK = 3.0  # and again so many where a person put both into it


def strengthen_known_links(
    links: sparse.csr_array, earlier: Labels | None, placed: Labels | None, *, kept: bool
) -> sparse.csr_array:
    """Returns the (n, n) links, stronger within earlier themes and where people put two ideas together.

    Links between ideas that people put into two themes are cut. `earlier`, `placed`, `kept`: see groups.group.
    """
    if earlier is None or placed is None or (earlier.max(initial=-1) < 0 and placed.max(initial=-1) < 0):
        return links
    entries = links.tocoo()
    one, other = entries.row, entries.col
    same_theme = (earlier[one] >= 0) & (earlier[one] == earlier[other])
    weights = entries.data * np.where(same_theme, SAME_KEPT_THEME if kept else SAME_THEME, 1.0)
    both_placed = (placed[one] >= 0) & (placed[other] >= 0)
    weights *= np.where(both_placed, np.where(placed[one] == placed[other], MUST_LINK, 0.0), 1.0)
    return undirected(sparse.csr_array((weights / 2, (one, other)), shape=links.shape))


def split_by_constraints(labels: Labels, keys: Sequence[str], previous: Previous, space: Vectors) -> Labels:
    """Returns new (n,) labels, in which no group has most ideas of two themes that people shaped (cannot-link).

    `labels`: (n,) groups, below 0 for what is left over; `keys`: of the n rows; `space`: (n, d) unit rows. The ideas of
    such a group that nobody placed go to the theme whose placed ideas they are nearest to.
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

    A theme is shaped by people when they placed at least half of its ideas in that group: one idea that a person moved
    is an exception, and draws no others with it.
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
