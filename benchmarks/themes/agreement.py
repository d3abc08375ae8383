"""How alike two groupings of the same ideas are, and how well one agrees with people's labels.

Between two groupings, an idea that is left over is a group of one.
"""

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Labels, Vectors, normalize_rows
from clustering.grouping.strengths import centroids
from clustering.types import ThemeMap


@dataclass(frozen=True)
class Agreement:
    """Shares, in 0..1 (`adjusted` may fall below 0).

    `pairs`: of two ideas that are together in both or apart in both (Rand index). `adjusted`: the same beyond chance.
    `together`: of the pairs that were together, those that still are. `kept`: of the ideas that were in a theme, those
    whose theme has the same id.
    """

    pairs: float
    adjusted: float
    together: float
    kept: float

    def as_json(self) -> dict[str, float]:
        return {key: round(value, 4) for key, value in asdict(self).items()}


def labels_of(found: ThemeMap) -> Labels:
    """Returns the theme's id of each idea, -1 for one left over."""
    return np.array([-1 if idea.theme is None else idea.theme for idea in found.ideas], dtype=np.intp)


def places_of(found: ThemeMap) -> Labels:
    """Returns the place of each idea's theme in `found.themes`, -1 for one left over: labels without gaps."""
    places: dict[int | None, int] = {None: -1} | {theme.id: place for place, theme in enumerate(found.themes)}
    return np.array([places[idea.theme] for idea in found.ideas], dtype=np.intp)


def agreement(before: Labels, after: Labels) -> Agreement:
    """Compares two groupings (n,) of the same ideas, below 0 for one left over."""
    from sklearn.metrics import adjusted_rand_score, rand_score
    from sklearn.metrics.cluster import pair_confusion_matrix

    one, other = _each_alone(before), _each_alone(after)
    (_, _), (parted, together) = pair_confusion_matrix(one, other).tolist()
    inside = before >= 0
    return Agreement(
        pairs=float(rand_score(one, other)),
        adjusted=float(adjusted_rand_score(one, other)),
        together=together / max(together + parted, 1),
        kept=float((before[inside] == after[inside]).mean()) if inside.any() else 1.0,
    )


def _each_alone(labels: Labels) -> Labels:
    left = labels < 0
    result = labels.copy()
    result[left] = int(labels.max(initial=-1)) + 1 + np.arange(int(left.sum()))
    return result


@dataclass(frozen=True)
class Score:
    """Agreement of a grouping with people's labels, each in 0..1 (AMI may fall a little below 0).

    `filled`: AMI with each leftover given to its nearest group; `as_is`: AMI with the leftovers as one group.
    """

    filled: float
    as_is: float
    homogeneity: float
    themes: int
    leftover: float


def score(truth: NDArray[np.str_], labels: Labels, vectors: Vectors) -> Score:
    """Scores `labels` (n,), -1 for left over, against `truth` (n,). `vectors` (n, d) decide which group is nearest.

    Adjusted mutual information: Vinh, Epps and Bailey 2010.
    """
    from sklearn.metrics import adjusted_mutual_info_score, homogeneity_score

    filled = fill(labels, vectors)
    return Score(
        filled=float(adjusted_mutual_info_score(truth, filled)),
        as_is=float(adjusted_mutual_info_score(truth, labels)),
        homogeneity=float(homogeneity_score(truth, filled)),
        themes=int(labels.max(initial=-1)) + 1,
        leftover=float((labels < 0).mean()),
    )


def fill(labels: Labels, vectors: Vectors) -> Labels:
    """Gives each leftover to the group whose mean vector is nearest; returns new labels.

    `labels`: (n,), 0..k-1 without gaps, -1 for left over; `vectors`: (n, d), of any length, not yet centred. The result
    is (n,) in 0..k-1; all 0 when nothing is grouped.
    """
    count = int(labels.max(initial=-1)) + 1
    if not count:
        return np.zeros_like(labels)
    space = normalize_rows(vectors - vectors.mean(axis=0))
    left = labels < 0
    result = labels.copy()
    result[left] = (space[left] @ centroids(space, labels, count).T).argmax(axis=1)
    return result
