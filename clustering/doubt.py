"""What may not be concluded from a theme. No NumPy: a page that cuts themes anew asks as well."""

from collections.abc import Sequence
from statistics import median

from clustering.types import Doubt

SMALL = 5  # ideas below which a theme is too small to conclude from
LOOSE = 0.5  # of the usual cohesion of the campaign's themes, below which one is too loose
LOOSE_AT_MOST = 0.25  # cohesion from which no theme is loose, however close the others are


def doubts(sizes: Sequence[int], cohesions: Sequence[float]) -> list[tuple[Doubt, ...]]:
    """Returns why nothing should be concluded from each theme: by its size, and beside the campaign's others."""
    usual = median([close for size, close in zip(sizes, cohesions, strict=True) if size > 1] or [0.0])
    loose = min(LOOSE * usual, LOOSE_AT_MOST)
    return [
        (*([Doubt.SMALL] if size < SMALL else []), *([Doubt.LOOSE] if size > 1 and close < loose else []))
        for size, close in zip(sizes, cohesions, strict=True)
    ]
