"""The map of the report, as SVG: an island for each theme, a dot for each idea, and the names that find room."""

from collections.abc import Iterable, Iterator, Sequence

from clustering.report.source import Source, safe
from clustering.types import FoundTheme, PlacedIdea

SIDE = 1000  # of the map, in its own units
LETTER, LINE = 10.4, 24  # width of a letter of a name, and its height
BROKEN_AT = 18  # letters in one line of a name
FIGURE, TALL = 21, 40  # width and height of a figure of a number, which takes a name's place
SHORE = 9  # from the outermost idea to the edge of its island
DOTS = ((2000, 6.0), (8000, 4.0))  # ideas up to which a dot is so wide
SMALLEST_DOT = 2.6

Box = tuple[float, float, float, float]


def draw_map(source: Source) -> str:
    """Returns the picture. Names are shown where there is room for them, numbers on a narrow screen."""
    found, words = source.found, source.words
    dot = next((wide for most, wide in DOTS if len(found.ideas) <= most), SMALLEST_DOT)
    islands = "".join(_island(source, theme, dot) for theme in source.themes)
    sea = _dots(idea for idea in found.ideas if idea.theme is None)
    return (
        f'<svg class="map" viewBox="0 0 {SIDE} {SIDE}" role="group" aria-label="{words.map}">'
        f'<path class="sea" stroke-width="{dot * 0.8:.1f}" d="{sea}"/>{islands}'
        f'<g class="names" aria-hidden="true">{"".join(_names(source))}</g>'
        f'<g class="numbers" aria-hidden="true">{"".join(_numbers(source.themes, source))}</g></svg>'
    )


def _island(source: Source, theme: FoundTheme, dot: float) -> str:
    inside = [source.found.ideas[row] for row in source.members[theme.id]]
    label = f"{source.name[theme.id]} ({source.words.count(theme.size)})"
    return (
        f'<a class="f{source.tone[theme.id]}" href="#t{theme.id}"><title>{label}</title>'
        f'<circle cx="{_at(theme.x)}" cy="{_at(theme.y)}" r="{_reach(theme, inside) + SHORE:.1f}"/>'
        f'<path stroke-width="{dot}" d="{_dots(inside)}"/></a>'
    )


def _names(source: Source) -> Iterator[str]:
    """Yields the names that find room, the largest themes first; numbers for the others."""
    taken: list[Box] = []
    without = []
    for theme in sorted(source.themes, key=lambda theme: -theme.size):
        lines = _broken(theme.name)
        height, width = LINE * len(lines), LETTER * max(map(len, lines), default=0)
        x = min(max(theme.x * SIDE, width / 2 + 6), SIDE - width / 2 - 6)
        top = min(max(theme.y * SIDE - height / 2, 0), SIDE - height)
        box = (x - width / 2, top, x + width / 2, top + height)
        if any(_overlap(box, other) for other in taken):
            without.append(theme)
            continue
        taken.append(box)
        spans = "".join(
            f'<tspan x="{x:.1f}" y="{top + LINE * (at + 0.75):.1f}">{safe(line)}</tspan>'
            for at, line in enumerate(lines)
        )
        yield f"<text>{spans}</text>"
    yield from _numbers(without, source, taken)


def _numbers(themes: Iterable[FoundTheme], source: Source, taken: Sequence[Box] = ()) -> Iterator[str]:
    """Yields the numbers that find room, the largest themes first."""
    held = list(taken)
    for theme in sorted(themes, key=lambda theme: -theme.size):
        number = str(source.number[theme.id])
        x, y, half = theme.x * SIDE, theme.y * SIDE, FIGURE * len(number) / 2
        box = (x - half, y - TALL / 2, x + half, y + TALL / 2)
        if not any(_overlap(box, other) for other in held):
            held.append(box)
            yield f'<text class="number f{source.tone[theme.id]}" x="{x:.1f}" y="{y:.1f}">{number}</text>'


def _at(share: float) -> str:
    return f"{SIDE * share:.1f}"


def _dots(ideas: Iterable[PlacedIdea]) -> str:
    """Each dot is a line of no length with a round end: a tenth of what circles would weigh."""
    return "".join(f"M{SIDE * idea.x:.0f} {SIDE * idea.y:.0f}h0" for idea in ideas)


def _reach(theme: FoundTheme, inside: Sequence[PlacedIdea]) -> float:
    return SIDE * max((((idea.x - theme.x) ** 2 + (idea.y - theme.y) ** 2) ** 0.5 for idea in inside), default=0.0)


def _broken(name: str) -> list[str]:
    lines: list[str] = []
    for word in name.split():
        if lines and len(lines[-1]) + 1 + len(word) <= BROKEN_AT:
            lines[-1] += f" {word}"
        else:
            lines.append(word[: 2 * BROKEN_AT])
    return lines


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
