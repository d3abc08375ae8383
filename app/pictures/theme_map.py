"""The picture of the whole: where each island lies, how large, in which tone, and each idea as a dot. Pure functions.

The pipeline gives places in a square; the picture is wider than high. An island's radius follows its present number of
ideas, for people merge, split and move; islands that then touch are pushed apart.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import cos, hypot, pi, sin, sqrt

from app.pictures.map_geometry import (
    GOLDEN,
    HEIGHT,
    SHORE,
    WIDTH,
    Box,
    Circle,
    Point,
    apart,
    covered,
    covers,
    inside,
    reaches,
    sunflower,
)
from app.pictures.map_label import (
    PHONE_TYPE,
    SMALLEST_TYPE,
    Label,
    place_names,
    place_names_on_phone,
    place_sizes,
    pointed_at,
)
from ideas.themes.theme import Leftover, Theme

MAX_MAPS = 16  # drawings that are kept: a map takes longer to draw than all the rest of its page
TONES = 12  # as many as tokens.css names
NEIGHBOURS = 4  # so many islands around one never share its tone, if they were there before
LAND = 0.36  # share of the picture that islands take together
LARGEST, SMALLEST = 200.0, 15.0
GAP = 8.0  # between two shores
ROUNDS = 80
DOT_LARGEST, DOT_SMALLEST = 10.0, 2.5
DOT = 0.75  # a dot's width, as a share of the room that it has
DRIFT = 7.0  # how far an idea at sea may lie from its seat: a shore of dots in rank and file would look drilled

Placed = tuple[int | None, Leftover | None, float, float]


@dataclass(frozen=True, slots=True)
class Spot:
    """A theme, as far as the map needs it. `x` and `y` are in a square, from 0 to 1."""

    id: int
    name: str
    x: float
    y: float
    url: str


@dataclass(frozen=True, slots=True)
class Island:
    """A theme, as the map draws it. Lengths are in the picture's 1000 × 700.

    `label` is for a wide picture, `phone_label` for a small one; without one, the name shows when pointed at, and
    `size_label` or `phone_size` tells the number of ideas where that has room.
    """

    id: int
    name: str
    x: float
    y: float
    r: float
    size: int
    url: str
    tone: int
    dots: str
    label: Label | None
    size_label: Label | None
    phone_label: Label | None
    phone_size: Label | None

    @property
    def pointed_at(self) -> Label:
        """The name over its island, for whoever points at one that has no other place."""
        return pointed_at(self.name, (self.x, self.y, self.r))


@dataclass(frozen=True, slots=True)
class ThemeMap:
    """What the macro draws. `alone` and `between` are path data of dots, one for each idea. `dot`: how wide one is."""

    themes: tuple[Island, ...]
    dot: float
    outliers: str
    between: str


def draw_map(placements: Sequence[Placed], themes: Sequence[Theme], address: Callable[[int], str]) -> ThemeMap:
    """The map of these themes and ideas. `address` gives the link of a theme. The same input gives the same picture."""
    spots = (Spot(theme.id, theme.name, theme.x, theme.y, address(theme.id)) for theme in themes)
    return _drawn(tuple(placements), tuple(spots))


@lru_cache(MAX_MAPS)
def _drawn(placements: tuple[Placed, ...], themes: tuple[Spot, ...]) -> ThemeMap:
    sizes = Counter(theme_id for theme_id, _, _, _ in placements if theme_id is not None)
    shown = sorted((theme for theme in themes if sizes[theme.id]), key=lambda theme: (-sizes[theme.id], theme.id))
    circles = settle([(theme.x * WIDTH, theme.y * HEIGHT) for theme in shown], radii([sizes[t.id] for t in shown]))
    tone_of = tones(themes)
    labels = place_names([theme.name for theme in shown], circles)
    phone_labels = place_names_on_phone([theme.name for theme in shown], circles)
    counts = [sizes[theme.id] for theme in shown]
    size_labels = place_sizes(counts, circles, labels, kind=SMALLEST_TYPE)
    phone_sizes = place_sizes(counts, circles, phone_labels, kind=PHONE_TYPE)
    written = [label.box for label in (*labels, *size_labels) if label]
    islands = [
        _island(theme, sizes[theme.id], circle, tone_of[theme.id], names, written)
        for theme, circle, *names in zip(shown, circles, labels, size_labels, phone_labels, phone_sizes, strict=True)
    ]
    return ThemeMap(
        themes=tuple(islands),
        dot=_dot(circles, [island.size for island in islands], written),
        outliers=_sea(placements, Leftover.OUTLIER, circles, written),
        between=_sea(placements, Leftover.AMBIGUOUS, circles, written),
    )


def tones(themes: Iterable[Theme | Spot]) -> dict[int, int]:
    """The tone of each theme, by id: its own, or where a neighbour has that one, the tone whose islands are farthest.

    Themes are taken in the order of their ids, and each has a tone of its own to begin with: so a new theme does not
    repaint those before it, and another run repaints few.
    """
    given: dict[int, int] = {}
    painted: list[tuple[Point, int]] = []
    for theme in sorted(themes, key=lambda theme: theme.id):
        place = theme.x * WIDTH, theme.y * HEIGHT
        by_distance = [tone for _, tone in sorted((apart(place, other), tone) for other, tone in painted)]
        tone = theme.id % TONES
        if tone in by_distance[:NEIGHBOURS]:
            tone = max(range(TONES), key=lambda tone: _place_in(by_distance, tone))
        painted.append((place, tone))
        given[theme.id] = tone
    return given


def _place_in(tones: Sequence[int], tone: int) -> int:
    """How many come before this tone; beyond all where it is not among them."""
    return tones.index(tone) if tone in tones else len(tones)


def radii(sizes: Sequence[int]) -> list[float]:
    """The radius of each island: its area follows its size."""
    share = sqrt(LAND * WIDTH * HEIGHT / (pi * max(1, sum(sizes))))
    return [min(LARGEST, max(SMALLEST, share * sqrt(size))) for size in sizes]


def settle(places: Sequence[Point], radius: Sequence[float]) -> list[Circle]:
    """Circles (x, y, r) within the picture, none on another: pushed apart, and shrunk where there is no room."""
    points = [inside(place, r) for place, r in zip(places, radius, strict=True)]
    for _ in range(ROUNDS):
        if not _push_apart(points, radius):
            break
    shrink = [1.0] * len(points)
    for a, one in enumerate(points):
        for b in range(a):
            room = apart(one, points[b]) / (radius[a] + radius[b])
            shrink[a], shrink[b] = min(shrink[a], room), min(shrink[b], room)
    return [(x, y, r * share) for (x, y), r, share in zip(points, radius, shrink, strict=True)]


def _push_apart(points: list[Point], radius: Sequence[float]) -> bool:
    """Moves touching circles off each other, the small one more than the large. False once none touch."""
    touched = False
    for a in range(len(points)):
        for b in range(a + 1, len(points)):
            (ax, ay), (bx, by) = points[a], points[b]
            wanted = radius[a] + radius[b] + GAP
            if abs(bx - ax) >= wanted or abs(by - ay) >= wanted:
                continue
            distance = hypot(bx - ax, by - ay)
            if distance >= wanted - 1:
                continue
            touched = True
            # Two islands on the same spot part in a direction of their own.
            east, south = ((bx - ax) / distance, (by - ay) / distance) if distance > 1 else (cos(b), sin(b))
            missing = wanted - distance
            share = radius[b] / (radius[a] + radius[b])
            points[a] = inside((ax - east * missing * share, ay - south * missing * share), radius[a])
            points[b] = inside((bx + east * missing * (1 - share), by + south * missing * (1 - share)), radius[b])
    return touched


def _island(
    theme: Spot,
    size: int,
    circle: Circle,
    tone: int,
    names: Sequence[Label | None],
    written: Sequence[Box],
) -> Island:
    x, y, r = circle
    kept_free = [box for box in written if reaches(circle, box)]
    label, size_label, phone_label, phone_size = names
    return Island(
        id=theme.id,
        name=theme.name,
        x=round(x, 1),
        y=round(y, 1),
        r=round(r, 1),
        size=size,
        url=theme.url,
        tone=tone,
        dots=_dots(sunflower(x, y, r * SHORE, size, kept_free)),
        label=label,
        size_label=size_label,
        phone_label=phone_label,
        phone_size=phone_size,
    )


def _dot(circles: Sequence[Circle], sizes: Sequence[int], written: Sequence[Box]) -> float:
    """How wide a dot may be, so that none touches another on the island where they are closest."""
    rooms = [
        r * SHORE * sqrt(pi * (1 - covered((x, y, r), written)) / size)
        for (x, y, r), size in zip(circles, sizes, strict=True)
    ]
    return round(min(DOT_LARGEST, max(DOT_SMALLEST, DOT * min(rooms, default=DOT_LARGEST / DOT))), 1)


def _sea(placements: Sequence[Placed], kind: Leftover, circles: Sequence[Circle], kept_free: Sequence[Box]) -> str:
    return _dots(
        _off_name(
            _off_shore((x * WIDTH + DRIFT * cos(n * GOLDEN), y * HEIGHT + DRIFT * sin(2 * n * GOLDEN)), circles),
            kept_free,
        )
        for n, (_, leftover, x, y) in enumerate(placements)
        if leftover is kind
    )


def _off_shore(place: Point, circles: Sequence[Circle]) -> Point:
    """The place itself, or the nearest one on the water beside the island that covers it."""
    for x, y, r in circles:
        distance = apart(place, (x, y))
        if distance < r + GAP:
            stretch = (r + GAP) / distance if distance > 1 else 0.0
            beside = x + (place[0] - x) * stretch, y + (place[1] - y) * stretch
            return inside(beside if stretch else (x, y + r + GAP), 2)
    return inside(place, 2)


def _off_name(place: Point, kept_free: Sequence[Box]) -> Point:
    """The place itself, or one at the side of the name that stands there."""
    for box in kept_free:
        if covers(box, place):
            return (box[0] if place[0] < (box[0] + box[2]) / 2 else box[2]), place[1]
    return place


def _dots(points: Iterable[Point]) -> str:
    """Path data: a line without length for each point, which a round cap makes a dot."""
    return "".join(f"M{x:.0f} {y:.0f}h0" for x, y in points)
