"""Warnings: why a theme is no basis for conclusions. No NumPy: a page that changes the granularity needs them too."""

from collections.abc import Sequence
from statistics import median

from clustering.grouping.chance import cohesion_by_chance
from clustering.types import ThemeWarning

MIN_IDEAS = 5  # of a theme that one may draw conclusions from
# Relative to the median cohesion of the campaign's themes; below it a theme is loose. On sets with people's labels,
# three of five loose themes have no label that most of their ideas share, and one of six of all themes.
MIN_RELATIVE_COHESION = 0.7
MAX_LOOSE_COHESION = 0.25  # cohesion from which no theme is loose, however close the others are


def warnings_of(sizes: Sequence[int], cohesions: Sequence[float]) -> list[tuple[ThemeWarning, ...]]:
    """Returns why nothing should be concluded from each theme, by its size and its cohesion."""
    usual = median([close for size, close in zip(sizes, cohesions, strict=True) if size > 1] or [0.0])
    loose = min(MIN_RELATIVE_COHESION * usual, MAX_LOOSE_COHESION)
    return [
        (
            *([ThemeWarning.SMALL] if size < MIN_IDEAS else []),
            *([ThemeWarning.LOOSE] if size > 1 and close < max(loose, cohesion_by_chance(size)) else []),
        )
        for size, close in zip(sizes, cohesions, strict=True)
    ]
