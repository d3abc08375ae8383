"""The map of the report, as SVG: an island for each theme, a dot for each idea, and names where they fit."""

from collections.abc import Iterable, Iterator, Sequence

from clustering.report.source import Source, safe
from clustering.report.words import IDEAS, MAP
from clustering.types import FoundTheme, PlacedIdea

SIDE = 1000  # of the map; the unit of all lengths below
LETTER_WIDTH, LINE_HEIGHT = 10.4, 24  # of a name
MAX_LINE_LETTERS = 18  # in one line of a name
DIGIT_WIDTH, DIGIT_HEIGHT = 21, 40  # of a number, shown where a name does not fit
MARGIN = 9  # from the outermost idea to the edge of its island
DOTS = ((2000, 6.0), (8000, 4.0))  # (number of ideas, width of a dot up to that number)
MIN_DOT = 2.6

Box = tuple[float, float, float, float]  # left, top, right, bottom


def draw_map(source: Source) -> str:
    """Returns the map as SVG. A name is shown where it fits, a number where it does not or the screen is narrow."""
    found = source.found
    dot = next((width for limit, width in DOTS if len(found.ideas) <= limit), MIN_DOT)
    islands = "".join(_island(source, theme, dot) for theme in source.themes)
    sea = _dots(idea for idea in found.ideas if idea.theme is None)
    return (
        f'<svg class="map" viewBox="0 0 {SIDE} {SIDE}" role="group" aria-label="{source.language.text(MAP)}">'
        f'<path class="sea" stroke-width="{dot * 0.8:.1f}" d="{sea}"/>{islands}'
        f'<g class="names" aria-hidden="true">{"".join(_names(source))}</g>'
        f'<g class="numbers" aria-hidden="true">{"".join(_numbers(source.themes, source))}</g></svg>'
    )


def _island(source: Source, theme: FoundTheme, dot: float) -> str:
    inside = [source.found.ideas[row] for row in source.members[theme.id]]
    label = f"{source.name[theme.id]} ({source.language.plural(IDEAS, theme.size)})"
    return (
        f'<a class="f{source.tone[theme.id]}" href="#t{theme.id}"><title>{label}</title>'
        f'<circle cx="{_at(theme.x)}" cy="{_at(theme.y)}" r="{_radius(theme, inside) + MARGIN:.1f}"/>'
        f'<path stroke-width="{dot}" d="{_dots(inside)}"/></a>'
    )


def _names(source: Source) -> Iterator[str]:
    """Yields names where they fit, the largest themes first, and numbers for the other themes."""
    taken: list[Box] = []
    without = []
    for theme in sorted(source.themes, key=lambda theme: -theme.size):
        lines = _lines(theme.name)
        height, width = LINE_HEIGHT * len(lines), LETTER_WIDTH * max(map(len, lines), default=0)
        x = min(max(theme.x * SIDE, width / 2 + 6), SIDE - width / 2 - 6)
        top = min(max(theme.y * SIDE - height / 2, 0), SIDE - height)
        box = (x - width / 2, top, x + width / 2, top + height)
        if any(_overlap(box, other) for other in taken):
            without.append(theme)
            continue
        taken.append(box)
        spans = "".join(
            f'<tspan x="{x:.1f}" y="{top + LINE_HEIGHT * (at + 0.75):.1f}">{safe(line)}</tspan>'
            for at, line in enumerate(lines)
        )
        yield f"<text>{spans}</text>"
    yield from _numbers(without, source, taken)


def _numbers(themes: Iterable[FoundTheme], source: Source, taken: Sequence[Box] = ()) -> Iterator[str]:
    """Yields numbers where they fit, the largest themes first. `taken`: boxes to leave free."""
    held = list(taken)
    for theme in sorted(themes, key=lambda theme: -theme.size):
        number = str(source.number[theme.id])
        x, y, half = theme.x * SIDE, theme.y * SIDE, DIGIT_WIDTH * len(number) / 2
        box = (x - half, y - DIGIT_HEIGHT / 2, x + half, y + DIGIT_HEIGHT / 2)
        if not any(_overlap(box, other) for other in held):
            held.append(box)
            yield f'<text class="number f{source.tone[theme.id]}" x="{x:.1f}" y="{y:.1f}">{number}</text>'


def _at(share: float) -> str:
    return f"{SIDE * share:.1f}"


def _dots(ideas: Iterable[PlacedIdea]) -> str:
    """Returns a path with a dot for each idea: lines of length 0 with round ends, a tenth of the size of circles."""
    return "".join(f"M{SIDE * idea.x:.0f} {SIDE * idea.y:.0f}h0" for idea in ideas)


def _radius(theme: FoundTheme, inside: Sequence[PlacedIdea]) -> float:
    return SIDE * max((((idea.x - theme.x) ** 2 + (idea.y - theme.y) ** 2) ** 0.5 for idea in inside), default=0.0)


def _lines(name: str) -> list[str]:
    lines: list[str] = []
    for word in name.split():
        if lines and len(lines[-1]) + 1 + len(word) <= MAX_LINE_LETTERS:
            lines[-1] += f" {word}"
        else:
            lines.append(word[: 2 * MAX_LINE_LETTERS])
    return lines


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
