"""What may not be concluded from a theme. No NumPy: a page that cuts themes anew asks as well."""

from collections.abc import Sequence
from statistics import median

from clustering.types import ThemeWarning

SMALL = 5  # ideas below which a theme is too small to conclude from
# Of the usual cohesion of the campaign's themes, below which one is loose. On sets with people's labels, three of five
# such themes have no label that most of their ideas share, as against one of six of all themes.
LOOSE = 0.7
MAX_LOOSE_COHESION = 0.25  # cohesion from which no theme is loose, however close the others are
# What groups have in common that are found where there are none: the median of 243 themes that the pipeline found in
# clouds of Gaussian vectors with the covariance of real campaigns, 150 to 2,000 in each.
BY_CHANCE = 0.08


def warnings_of(sizes: Sequence[int], cohesions: Sequence[float]) -> list[tuple[ThemeWarning, ...]]:
    """Returns why nothing should be concluded from each theme: by its size, beside the campaign's others, by chance."""
    usual = median([close for size, close in zip(sizes, cohesions, strict=True) if size > 1] or [0.0])
    loose = max(min(LOOSE * usual, MAX_LOOSE_COHESION), BY_CHANCE)
    return [
        (*([ThemeWarning.SMALL] if size < SMALL else []), *([ThemeWarning.LOOSE] if size > 1 and close < loose else []))
        for size, close in zip(sizes, cohesions, strict=True)
    ]
