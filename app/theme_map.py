"""The picture of the whole: where each island lies, how large, in which tone, and whose name fits. Pure functions.

The pipeline gives places in a square; the picture is wider than high. An island's radius follows its present number of
ideas, for people merge, split and move; islands that then touch are pushed apart.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from math import cos, hypot, pi, sin, sqrt
from textwrap import wrap

from ideas.theme import Leftover, Theme

WIDTH, HEIGHT = 1000.0, 700.0
TONES = 12  # as many as tokens.css names
NEIGHBOURS = 4  # so many islands around one never share its tone, if they were there before
LAND = 0.36  # share of the picture that islands take together
LARGEST, SMALLEST = 200.0, 15.0
GAP = 8.0  # between two shores
ROUNDS = 80
SHORE = 0.86  # how far out the dots go, as a share of the radius
GOLDEN = pi * (3 - sqrt(5))

# A name's type size follows its island's radius: (from this radius, rank, size).
TYPE = ((85.0, "large", 23.0), (50.0, "medium", 19.0), (0.0, "small", 16.0))
NARROWEST = 11  # characters in a line of a name, however small its island
LINES_MOST = 4
LETTER = 0.55  # mean width of a letter, as a share of the type size
LINE = 1.05
# Where a name may stand, as shares of the radius above (-) or below the middle of its island.
SHIFTS = (0.0, -0.3, 0.3, -0.6, 0.6)
DRIFT = 7.0  # how far an idea at sea may lie from its seat: a shore of dots in rank and file would look drilled

Point = tuple[float, float]
Placed = tuple[int | None, Leftover | None, float, float]
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Island:
    """A theme, as the map draws it. Lengths are in the picture's 1000 × 700."""

    id: int
    name: str
    x: float
    y: float
    r: float
    size: int
    url: str
    tone: int
    dots: str
    rank: str
    lines: tuple[str, ...]
    name_x: float
    name_y: float
    shows_name: bool = True


@dataclass(frozen=True, slots=True)
class ThemeMap:
    """What the macro draws. `alone` and `between` are path data of dots, one for each idea."""

    themes: tuple[Island, ...]
    alone: str
    between: str


def draw_map(placements: Sequence[Placed], themes: Sequence[Theme], address: Callable[[int], str]) -> ThemeMap:
    """The map of these themes and ideas. `address` gives the link of a theme. The same input gives the same picture."""
    sizes = Counter(theme_id for theme_id, _, _, _ in placements if theme_id is not None)
    shown = sorted((theme for theme in themes if sizes[theme.id]), key=lambda theme: (-sizes[theme.id], theme.id))
    circles = settle([(theme.x * WIDTH, theme.y * HEIGHT) for theme in shown], radii([sizes[t.id] for t in shown]))
    tone_of = tones(themes)
    islands = [
        _island(theme, sizes[theme.id], circle, tone_of[theme.id], address(theme.id))
        for theme, circle in zip(shown, circles, strict=True)
    ]
    return ThemeMap(
        themes=tuple(_hide_crowded_names(islands)),
        alone=_sea(placements, Leftover.ALONE, circles),
        between=_sea(placements, Leftover.BETWEEN, circles),
    )


def tones(themes: Iterable[Theme]) -> dict[int, int]:
    """The tone of each theme, by id: its own, or where a neighbour has that one, the tone whose islands are farthest.

    Themes are taken in the order of their ids, and each has a tone of its own to begin with: so a new theme does not
    repaint those before it, and another run repaints few.
    """
    given: dict[int, int] = {}
    painted: list[tuple[Point, int]] = []
    for theme in sorted(themes, key=lambda theme: theme.id):
        place = theme.x * WIDTH, theme.y * HEIGHT
        by_distance = [tone for _, tone in sorted((_distance(place, other), tone) for other, tone in painted)]
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


def settle(places: Sequence[Point], radius: Sequence[float]) -> list[tuple[float, float, float]]:
    """Circles (x, y, r) within the picture, none on another: pushed apart, and shrunk where there is no room."""
    points = [_inside(place, r) for place, r in zip(places, radius, strict=True)]
    for _ in range(ROUNDS):
        if not _push_apart(points, radius):
            break
    shrink = [1.0] * len(points)
    for a, one in enumerate(points):
        for b in range(a):
            room = _distance(one, points[b]) / (radius[a] + radius[b])
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
            points[a] = _inside((ax - east * missing * share, ay - south * missing * share), radius[a])
            points[b] = _inside((bx + east * missing * (1 - share), by + south * missing * (1 - share)), radius[b])
    return touched


def _inside(place: Point, r: float) -> Point:
    return _within(place[0], r + 4, WIDTH), _within(place[1], r + 4, HEIGHT)


def _within(value: float, margin: float, length: float) -> float:
    return min(max(value, margin), length - margin)


def _distance(one: Point, other: Point) -> float:
    return hypot(one[0] - other[0], one[1] - other[1])


def _island(theme: Theme, size: int, circle: tuple[float, float, float], tone: int, url: str) -> Island:
    x, y, r = circle
    rank, font = _type(r)
    lines = tuple(wrap(theme.name, max(NARROWEST, int(4 * r / font)), break_long_words=False)[:LINES_MOST])
    half = max(map(len, lines), default=0) * font * LETTER / 2
    return Island(
        id=theme.id,
        name=theme.name,
        x=round(x, 1),
        y=round(y, 1),
        r=round(r, 1),
        size=size,
        url=url,
        tone=tone,
        dots=_dots(_sunflower(x, y, r * SHORE, size)),
        rank=rank,
        lines=lines,
        name_x=round(_within(x, min(half + 6, WIDTH / 2), WIDTH), 1),
        name_y=round(y, 1),
    )


def _type(r: float) -> tuple[str, float]:
    return next((rank, font) for least, rank, font in TYPE if r >= least)


def _sunflower(x: float, y: float, r: float, count: int) -> list[Point]:
    """So many points, evenly over a disc, as the seeds of a sunflower lie."""
    step = r / sqrt(count)
    return [
        (x + step * sqrt(n + 0.5) * cos(n * GOLDEN), y + step * sqrt(n + 0.5) * sin(n * GOLDEN)) for n in range(count)
    ]


def _sea(placements: Sequence[Placed], kind: Leftover, circles: Sequence[tuple[float, float, float]]) -> str:
    return _dots(
        _off_shore((x * WIDTH + DRIFT * cos(n * GOLDEN), y * HEIGHT + DRIFT * sin(2 * n * GOLDEN)), circles)
        for n, (_, leftover, x, y) in enumerate(placements)
        if leftover is kind
    )


def _off_shore(place: Point, circles: Sequence[tuple[float, float, float]]) -> Point:
    """The place itself, or the nearest one on the water beside the island that covers it."""
    for x, y, r in circles:
        distance = _distance(place, (x, y))
        if distance < r + GAP:
            stretch = (r + GAP) / distance if distance > 1 else 0.0
            beside = x + (place[0] - x) * stretch, y + (place[1] - y) * stretch
            return _inside(beside if stretch else (x, y + r + GAP), 2)
    return _inside(place, 2)


def _dots(points: Iterable[Point]) -> str:
    """Path data: a line without length for each point, which a round cap makes a dot."""
    return "".join(f"M{x:.0f} {y:.0f}h0" for x, y in points)


def _hide_crowded_names(islands: Sequence[Island]) -> list[Island]:
    """Each name, largest island first, where it lies on no other; one without such a place speaks when pointed at."""
    written: list[Box] = []
    result = []
    for island in islands:
        choices = [replace(island, name_y=round(island.y + shift * island.r, 1)) for shift in SHIFTS]
        placed = next((choice for choice in choices if not _is_crowded(_name_box(choice), written)), None)
        if placed is not None:
            written.append(_name_box(placed))
        result.append(placed or replace(island, shows_name=False))
    return result


def _is_crowded(box: Box, written: Sequence[Box]) -> bool:
    return box[1] < 0 or box[3] > HEIGHT or any(_overlap(box, other) for other in written)


def _name_box(island: Island) -> Box:
    """Left, top, right and bottom of what is written on an island: its name, and its size in a line below."""
    _, font = _type(island.r)
    half_width = max(map(len, island.lines), default=0) * font * LETTER / 2
    half_height = (len(island.lines) + 1) * LINE * font / 2
    return (
        island.name_x - half_width,
        island.name_y - half_height,
        island.name_x + half_width,
        island.name_y + half_height,
    )


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
