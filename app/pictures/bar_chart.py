"""A chart of bars, one below the other, for SVG. Pure functions.

Each bar has its words above it, so that the chart is readable on a phone and nothing depends on the length of a word.
"""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 400
ROW, BASELINE, BAR_TOP, BAR_HEIGHT = 32, 13, 18, 8
MAX_LABEL_LENGTH = 46  # characters that fit beside the number


@dataclass(frozen=True, slots=True)
class Bar:
    """`label`: as it is drawn, on `baseline`; `name`: whole; `top` and `width`: of the bar."""

    name: str
    label: str
    value: int
    baseline: int
    top: int
    width: float
    url: str


@dataclass(frozen=True, slots=True)
class BarChart:
    bars: tuple[Bar, ...]
    bar_height: int = BAR_HEIGHT

    @property
    def height(self) -> int:
        return ROW * len(self.bars)


def draw_bars(rows: Sequence[tuple[str, int, str]]) -> BarChart:
    """The chart of these rows, in their order: name, value, address. The longest bar is as wide as the chart."""
    most = max((value for _name, value, _url in rows), default=0) or 1
    return BarChart(
        tuple(
            Bar(
                name,
                _short(name),
                value,
                number * ROW + BASELINE,
                number * ROW + BAR_TOP,
                round(WIDTH * value / most, 1),
                url,
            )
            for number, (name, value, url) in enumerate(rows)
        )
    )


def _short(name: str) -> str:
    return name if len(name) <= MAX_LABEL_LENGTH else f"{name[: MAX_LABEL_LENGTH - 1].rstrip()}…"
