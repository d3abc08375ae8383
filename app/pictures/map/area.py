"""Which ideas lie in an area that somebody drew on the map. Pure functions.

The dots of an island stand for its ideas: the most typical in the middle, and around it each in the direction in which
the run found it, so that ideas that are alike are near each other.
"""

import re
from collections.abc import Iterator, Sequence
from math import atan2

from app.pictures.map.geometry import HEIGHT, WIDTH, Point
from app.pictures.map.theme_map import Island, ThemeMap
from clustering.types import Leftover
from ideas.themes.card import PlacedDot

MAX_CORNERS = 48
FIRST_RING = 6  # ideas around the middle of an island; each ring has as many more
_CORNERS = re.compile(rf"(?:[0-9a-z]{{4}}){{3,{MAX_CORNERS}}}")
_DOT = re.compile(r"M(-?\d+) ?(-?\d+)h0")


def read_area(text: str) -> tuple[Point, ...]:
    """The corners of an area as an address has them: x and y in two characters each, to the base 36. Else none."""
    if not _CORNERS.fullmatch(text):
        return ()
    numbers = [int(text[place : place + 2], 36) for place in range(0, len(text), 2)]
    return tuple((float(x), float(y)) for x, y in zip(numbers[::2], numbers[1::2], strict=True))


def ideas_in_area(drawn: ThemeMap, dots: Sequence[PlacedDot], area: Sequence[Point]) -> list[int]:
    """The ids of the ideas whose dots lie in the area. `dots`: the ideas of the map, in the order of its positions."""
    return [idea_id for idea_id, place in seated(drawn, dots) if _is_inside(place, area)]


def seated(drawn: ThemeMap, dots: Sequence[PlacedDot]) -> Iterator[tuple[int, Point]]:
    """Each idea with its place on the map."""
    members: dict[int | None, list[PlacedDot]] = {}
    for dot in dots:
        members.setdefault(dot.theme_id, []).append(dot)
    for kind, path in ((Leftover.OUTLIER, drawn.outliers), (Leftover.AMBIGUOUS, drawn.ambiguous)):
        left = [dot.idea_id for dot in members.get(None, ()) if dot.leftover is kind]
        yield from zip(left, _points(path), strict=False)
    for island in drawn.themes:
        yield from _on_island(island, members.get(island.id, []))


def _on_island(island: Island, members: list[PlacedDot]) -> Iterator[tuple[int, Point]]:
    """The ideas whose main theme it is; the dots that remain stand for ideas of other themes that count here too."""
    places = [(island.x + x, island.y + y) for x, y in _points(island.dots)]
    ranked = sorted(members, key=lambda dot: (-dot.strength, dot.idea_id))
    middle = _mean([(dot.x * WIDTH, dot.y * HEIGHT) for dot in ranked])
    start, size = 0, 1
    while start < len(ranked):
        ring = sorted(ranked[start : start + size], key=lambda dot: _angle((dot.x * WIDTH, dot.y * HEIGHT), middle))
        seats = sorted(places[start : start + len(ring)], key=lambda place: _angle(place, (island.x, island.y)))
        for dot, seat in zip(ring, seats, strict=False):
            yield dot.idea_id, seat
        start, size = start + size, size + FIRST_RING


def _points(path: str) -> list[Point]:
    return [(float(x), float(y)) for x, y in _DOT.findall(path)]


def _mean(places: Sequence[Point]) -> Point:
    count = max(1, len(places))
    return sum(x for x, _ in places) / count, sum(y for _, y in places) / count


def _angle(place: Point, middle: Point) -> float:
    return atan2(place[1] - middle[1], place[0] - middle[0])


def _is_inside(place: Point, area: Sequence[Point]) -> bool:
    """True if the place is inside the polygon: a line from it to the right crosses its edges an odd number of times."""
    x, y = place
    inside = False
    for (ax, ay), (bx, by) in zip(area, (*area[1:], area[0]), strict=True):
        if (ay > y) != (by > y) and x < ax + (bx - ax) * (y - ay) / (by - ay):
            inside = not inside
    return inside
