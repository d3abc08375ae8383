"""The words of the pipeline: what it takes and what it gives back. No NumPy here: any process may import it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Leftover(StrEnum):
    """Why an idea is in no theme."""

    ALONE = "alone"  # near no theme
    BETWEEN = "between"  # near two or three themes, without belonging to one: see PlacedIdea.nearest


@dataclass(frozen=True, slots=True)
class Near:
    """A theme that an idea is near to. `strength`: 0 = no nearer than any idea of the campaign, 1 = at its heart."""

    theme: int
    strength: float


@dataclass(frozen=True, slots=True)
class FoundTheme:
    """A group of convergent ideas.

    `size`: its ideas. `cohesion`: 0 = its ideas are no more alike than any two of the campaign, 1 = all the same.
    `exemplars`: row numbers (from 0) of its typical verbatims, best first. `x`, `y`: the centre of its island, in 0..1.
    A theme kept for a person's sake alone may be empty: then its name is empty too, and the person's own name holds.
    """

    id: int
    name: str
    phrases: tuple[str, ...]
    size: int
    cohesion: float
    exemplars: tuple[int, ...]
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class PlacedIdea:
    """Where one idea went. Either `theme` or `leftover` is set, never both.

    `nearest`: at most three themes, strongest first. `strength`: that of its own theme, or of the nearest one.
    `x`, `y`: its place on the map, in 0..1.
    """

    theme: int | None
    leftover: Leftover | None
    nearest: tuple[Near, ...]
    strength: float
    x: float
    y: float


@dataclass(frozen=True)
class ThemeMap:
    """A whole run. `ideas` has one entry for each input row, in the same order; `themes` are the largest first.

    `seconds`: for each stage, and "total". `too_few`: there were too few texts to group (see pipeline.TOO_FEW).
    """

    model: str
    seconds: dict[str, float]
    themes: tuple[FoundTheme, ...]
    ideas: tuple[PlacedIdea, ...]
    too_few: bool


@dataclass(frozen=True)
class Previous:
    """What an earlier run and people left, keyed by the caller's idea keys and theme ids."""

    theme_of: Mapping[str, int]  # idea key -> theme id, as it was
    positions: Mapping[int, tuple[float, float]]  # theme id -> x, y: anchors the layout
    placed: Mapping[str, int]  # idea key -> theme id where a person placed it: never moved
    kept: frozenset[int]  # theme ids that a person touched: never dropped
    next_id: int  # ids of new themes start here
