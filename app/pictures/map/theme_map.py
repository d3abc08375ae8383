"""The map of themes: each theme is an island (a circle), each idea a dot. Pure functions.

The pipeline gives positions in a unit square; the map is wider than high. The area of an island follows its number of
ideas today, since people merge, split and move. Islands that would overlap are pushed apart.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import cos, dist, hypot, pi, sin, sqrt

from app.pictures.map.geometry import (
    GOLDEN,
    HEIGHT,
    SHORE,
    WIDTH,
    Box,
    Circle,
    Point,
    covered,
    covers,
    inside,
    reaches,
    sunflower,
)
from app.pictures.map.label import (
    Label,
    place_names,
    place_names_on_phone,
    place_sizes,
    place_sizes_on_phone,
    pointed_at,
)
from clustering.types import Leftover
from ideas.themes.theme import Theme

MAX_MAPS = 16  # drawn maps in the cache: drawing takes longer than the rest of the page
TONES = 12  # colours in tokens.css
NEIGHBOURS = 4  # nearest islands that must have another colour
LAND = 0.36  # share of the map that islands cover
LARGEST, SMALLEST = 200.0, 15.0
GAP = 8.0  # between two islands
ROUNDS = 80
DOT_LARGEST, DOT_SMALLEST = 10.0, 2.5
DOT = 0.75  # width of a dot, as a share of the space that it has
DRIFT = 7.0  # ideas without a theme are shifted by up to this much, so that they do not form straight lines

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
    """A theme on the map. Lengths are in its 1000 × 700 units; those of `dots` and labels start at its middle.

    `label` is for a wide map, `phone_label` for a phone. Without one, the name is shown on hover, and `size_label` or
    `phone_size` shows the number of ideas if there is space.
    """

    id: int
    name: str
    x: int
    y: int
    r: int
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
        """The label shown on hover, for an island whose name has no space on the map."""
        return pointed_at(self.name, (self.x, self.y, self.r)).seen_from(self.x, self.y)


@dataclass(frozen=True, slots=True)
class ThemeMap:
    """What the macro draws. `outliers`, `ambiguous`: SVG path data of their dots, one per idea. `dot`: its width."""

    themes: tuple[Island, ...]
    dot: float
    outliers: str
    ambiguous: str


def draw_map(
    placements: Sequence[Placed],
    themes: Sequence[Theme],
    address: Callable[[int], str],
    counted: Mapping[int, int] | None = None,
    name: Callable[[Theme], str] = lambda theme: theme.name,
) -> ThemeMap:
    """The map of these themes and ideas. `address` gives the link of a theme. The same input gives the same picture.

    `counted`: how many ideas count in each theme, where some count in several. `name`: of a theme, for the reader.
    """
    spots = (Spot(theme.id, name(theme), theme.x, theme.y, address(theme.id)) for theme in themes)
    return _drawn(tuple(placements), tuple(spots), tuple((counted or {}).items()))


@lru_cache(MAX_MAPS)
def _drawn(placements: tuple[Placed, ...], themes: tuple[Spot, ...], counted: tuple[tuple[int, int], ...]) -> ThemeMap:
    sizes = Counter(theme_id for theme_id, _, _, _ in placements if theme_id is not None)
    sizes |= Counter(dict(counted))  # never fewer than those whose main theme it is
    shown = sorted((theme for theme in themes if sizes[theme.id]), key=lambda theme: (-sizes[theme.id], theme.id))
    circles = settle([(theme.x * WIDTH, theme.y * HEIGHT) for theme in shown], radii([sizes[t.id] for t in shown]))
    tone_of = tones(themes)
    labels = place_names([theme.name for theme in shown], circles)
    counts = [sizes[theme.id] for theme in shown]
    phone_labels = place_names_on_phone([theme.name for theme in shown], counts, circles)
    size_labels = place_sizes(counts, circles, labels)
    phone_sizes = place_sizes_on_phone(counts, circles, phone_labels)
    written = [label.box for label in (*labels, *size_labels) if label]
    islands = [
        _island(theme, sizes[theme.id], circle, tone_of[theme.id], names, written)
        for theme, circle, *names in zip(shown, circles, labels, size_labels, phone_labels, phone_sizes, strict=True)
    ]
    return ThemeMap(
        themes=tuple(islands),
        dot=_dot(circles, [island.size for island in islands], written),
        outliers=_leftover_dots(placements, Leftover.OUTLIER, circles, written),
        ambiguous=_leftover_dots(placements, Leftover.AMBIGUOUS, circles, written),
    )


def tones(themes: Iterable[Theme | Spot]) -> dict[int, int]:
    """The colour of each theme, by id.

    It follows from the id unless a near island has it; then it is the one whose islands are farthest. Themes are
    coloured in the order of their ids, so that a new theme never changes the colours of earlier ones.
    """
    return dict(_toned(tuple(sorted((theme.id, theme.x, theme.y) for theme in themes))))


@lru_cache(MAX_MAPS)
def _toned(themes: tuple[tuple[int, float, float], ...]) -> Mapping[int, int]:
    given: dict[int, int] = {}
    coloured: list[tuple[Point, int]] = []
    for theme_id, x, y in themes:
        place = x * WIDTH, y * HEIGHT
        by_distance = [tone for _, tone in sorted((dist(place, other), tone) for other, tone in coloured)]
        tone = theme_id % TONES
        if tone in by_distance[:NEIGHBOURS]:
            tone = max(range(TONES), key=lambda tone: _place_in(by_distance, tone))
        coloured.append((place, tone))
        given[theme_id] = tone
    return given


def _place_in(tones: Sequence[int], tone: int) -> int:
    """The index of the tone, or the length of the list if it is not there."""
    return tones.index(tone) if tone in tones else len(tones)


def radii(sizes: Sequence[int]) -> list[float]:
    """The radius of each island: its area follows its size."""
    share = sqrt(LAND * WIDTH * HEIGHT / (pi * max(1, sum(sizes))))
    return [min(LARGEST, max(SMALLEST, share * sqrt(size))) for size in sizes]


def settle(places: Sequence[Point], radius: Sequence[float]) -> list[Circle]:
    """Circles (x, y, r) inside the map that do not overlap: pushed apart, and shrunk where there is no space."""
    points = [inside(place, r) for place, r in zip(places, radius, strict=True)]
    for _ in range(ROUNDS):
        if not _push_apart(points, radius):
            break
    shrink = [1.0] * len(points)
    for a, one in enumerate(points):
        for b in range(a):
            room = dist(one, points[b]) / (radius[a] + radius[b])
            shrink[a], shrink[b] = min(shrink[a], room), min(shrink[b], room)
    return [(x, y, r * share) for (x, y), r, share in zip(points, radius, shrink, strict=True)]


def _push_apart(points: list[Point], radius: Sequence[float]) -> bool:
    """Move touching circles apart, the smaller one more. Returns False once none touch."""
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
            # Two islands on the same spot are pushed in an arbitrary direction.
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
    # Whole units, and what belongs to an island from its middle: pages with a map are lighter, and it looks the same.
    middle = round(x), round(y)
    label, size_label, phone_label, phone_size = (name and name.seen_from(*middle) for name in names)
    return Island(
        id=theme.id,
        name=theme.name,
        x=middle[0],
        y=middle[1],
        r=round(r),
        size=size,
        url=theme.url,
        tone=tone,
        dots=_dots(sunflower(x, y, r * SHORE, size, kept_free), seen_from=middle),
        label=label,
        size_label=size_label,
        phone_label=phone_label,
        phone_size=phone_size,
    )


def _dot(circles: Sequence[Circle], sizes: Sequence[int], written: Sequence[Box]) -> float:
    """The width of a dot, so that none touch on the densest island."""
    rooms = [
        r * SHORE * sqrt(pi * (1 - covered((x, y, r), written)) / size)
        for (x, y, r), size in zip(circles, sizes, strict=True)
    ]
    return round(min(DOT_LARGEST, max(DOT_SMALLEST, DOT * min(rooms, default=DOT_LARGEST / DOT))), 1)


def _leftover_dots(
    placements: Sequence[Placed], kind: Leftover, circles: Sequence[Circle], kept_free: Sequence[Box]
) -> str:
    return _dots(
        _off_name(
            _off_shore((x * WIDTH + DRIFT * cos(n * GOLDEN), y * HEIGHT + DRIFT * sin(2 * n * GOLDEN)), circles),
            kept_free,
        )
        for n, (_, leftover, x, y) in enumerate(placements)
        if leftover is kind
    )


def _off_shore(place: Point, circles: Sequence[Circle]) -> Point:
    """The point, or the nearest one outside the island that covers it."""
    for x, y, r in circles:
        distance = dist(place, (x, y))
        if distance < r + GAP:
            stretch = (r + GAP) / distance if distance > 1 else 0.0
            beside = x + (place[0] - x) * stretch, y + (place[1] - y) * stretch
            return inside(beside if stretch else (x, y + r + GAP), 2)
    return inside(place, 2)


def _off_name(place: Point, kept_free: Sequence[Box]) -> Point:
    """The point, or one at the edge of the label that covers it."""
    for box in kept_free:
        if covers(box, place):
            return (box[0] if place[0] < (box[0] + box[2]) / 2 else box[2]), place[1]
    return place


def _dots(points: Iterable[Point], *, seen_from: tuple[int, int] = (0, 0)) -> str:
    """SVG path data: a line of length 0 for each point, drawn as a dot by its round cap."""
    left, top = seen_from
    return "".join(f"M{round(x) - left} {round(y) - top}h0" for x, y in points).replace(" -", "-")
