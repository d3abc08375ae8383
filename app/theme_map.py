"""The picture of the whole: where each island lies, how large, in which tone, and whose name fits. Pure functions.

The pipeline gives places in a square; the picture is wider than high. An island's radius follows its present number of
ideas, for people merge, split and move; islands that then touch are pushed apart.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
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
TYPE = ((85.0, ("large", 23.0)), (50.0, ("medium", 19.0)), (0.0, ("small", 16.0)))
# On a phone the picture is a third as wide: fewer names, all of one size.
PHONE_TYPE = ("phone", 38.0)
PHONE_NAMES = 7
LINE_LENGTHS = (11, 16, 22)  # characters in a line of a name beside its island, tried in turn
NARROWEST = 6  # characters in a line of a name on its island
LINES_MOST = 4
LETTER = 0.55  # mean width of a letter, as a share of the type size
LINE = 1.05
SIZE_LINE = 1.35  # the line below a name, with the number of ideas
ROOM = 0.62  # share of an island that names may take from the dots
SAMPLES = 50  # points of an island that are looked at, to know that share
SHALLOWS = 11.0  # the light water around an island
AIR = 5.0  # between a name and the dots or the shore
DOT_LARGEST, DOT_SMALLEST = 10.0, 2.5
DOT = 0.75  # a dot's width, as a share of the room that it has
# Where a name may stand around its island, in radii: below, above, at its right, at its left; then at its corners.
AROUND = ((0, 1), (0, -1), (1, 0), (-1, 0), (0.71, 0.71), (-0.71, 0.71), (0.71, -0.71), (-0.71, -0.71))
DRIFT = 7.0  # how far an idea at sea may lie from its seat: a shore of dots in rank and file would look drilled

Point = tuple[float, float]
Placed = tuple[int | None, Leftover | None, float, float]
Circle = tuple[float, float, float]
Type = tuple[str, float]
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Label:
    """Where a name stands: the middle of its words, and the box (left, top, right, bottom) that they fill.

    `rank`: of its type. `at_sea`: beside its island, on the water.
    """

    rank: str
    lines: tuple[str, ...]
    x: float
    y: float
    box: Box
    at_sea: bool = False


@dataclass(frozen=True, slots=True)
class Island:
    """A theme, as the map draws it. Lengths are in the picture's 1000 × 700.

    `label` is for a wide picture, `phone_label` for a small one; without one, the name shows when pointed at, and on a
    small picture `phone_size` tells the number of ideas where it has room.
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
    phone_label: Label | None
    phone_size: Label | None

    @property
    def pointed_at(self) -> Label:
        """The name over its island, for whoever points at one that has no other place."""
        return _label(self.name, self.x, self.y, _type(self.r), LINE_LENGTHS[1])


@dataclass(frozen=True, slots=True)
class ThemeMap:
    """What the macro draws. `alone` and `between` are path data of dots, one for each idea. `dot`: how wide one is."""

    themes: tuple[Island, ...]
    dot: float
    alone: str
    between: str


def draw_map(placements: Sequence[Placed], themes: Sequence[Theme], address: Callable[[int], str]) -> ThemeMap:
    """The map of these themes and ideas. `address` gives the link of a theme. The same input gives the same picture."""
    sizes = Counter(theme_id for theme_id, _, _, _ in placements if theme_id is not None)
    shown = sorted((theme for theme in themes if sizes[theme.id]), key=lambda theme: (-sizes[theme.id], theme.id))
    circles = settle([(theme.x * WIDTH, theme.y * HEIGHT) for theme in shown], radii([sizes[t.id] for t in shown]))
    tone_of = tones(themes)
    labels = _labels([theme.name for theme in shown], circles)
    phone_labels = _phone_labels([theme.name for theme in shown], circles)
    phone_sizes = _phone_sizes([sizes[theme.id] for theme in shown], circles, phone_labels)
    written = [label.box for label in labels if label]
    islands = [
        _island(theme, sizes[theme.id], circle, tone_of[theme.id], address(theme.id), names, written)
        for theme, circle, *names in zip(shown, circles, labels, phone_labels, phone_sizes, strict=True)
    ]
    return ThemeMap(
        themes=tuple(islands),
        dot=_dot(circles, [island.size for island in islands], written),
        alone=_sea(placements, Leftover.ALONE, circles, written),
        between=_sea(placements, Leftover.BETWEEN, circles, written),
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


def settle(places: Sequence[Point], radius: Sequence[float]) -> list[Circle]:
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


def _island(
    theme: Theme,
    size: int,
    circle: Circle,
    tone: int,
    url: str,
    names: Sequence[Label | None],
    written: Sequence[Box],
) -> Island:
    x, y, r = circle
    kept_free = [box for box in written if _reaches(circle, box)]
    label, phone_label, phone_size = names
    return Island(
        id=theme.id,
        name=theme.name,
        x=round(x, 1),
        y=round(y, 1),
        r=round(r, 1),
        size=size,
        url=url,
        tone=tone,
        dots=_dots(_sunflower(x, y, r * SHORE, size, kept_free)),
        label=label,
        phone_label=phone_label,
        phone_size=phone_size,
    )


def _type(r: float) -> Type:
    return _types(r)[0]


def _types(r: float) -> list[Type]:
    """The type of the names of islands of this radius, then the smaller ones."""
    return [kind for least, kind in TYPE if r >= least]


def _sunflower(x: float, y: float, r: float, count: int, kept_free: Sequence[Box] = ()) -> list[Point]:
    """So many points, evenly over a disc as the seeds of a sunflower lie; where a name stands there are none."""
    seeds = count
    while True:
        step = r / sqrt(seeds)
        points = [
            (x + step * sqrt(n + 0.5) * cos(n * GOLDEN), y + step * sqrt(n + 0.5) * sin(n * GOLDEN))
            for n in range(seeds)
        ]
        points = [point for point in points if not any(_covers(box, point) for box in kept_free)]
        if len(points) >= count:
            return points[:count]
        seeds += count - len(points)


def _dot(circles: Sequence[Circle], sizes: Sequence[int], written: Sequence[Box]) -> float:
    """How wide a dot may be, so that none touches another on the island where they are closest."""
    rooms = [
        r * SHORE * sqrt(pi * (1 - _covered((x, y, r), written)) / size)
        for (x, y, r), size in zip(circles, sizes, strict=True)
    ]
    return round(min(DOT_LARGEST, max(DOT_SMALLEST, DOT * min(rooms, default=DOT_LARGEST / DOT))), 1)


# Names ----------------------------------------------------------------------------------------------------------------


def _labels(names: Sequence[str], circles: Sequence[Circle]) -> list[Label | None]:
    """A place for each name, the first name first: on its island, else on the water beside, else over the shore."""
    written: list[Box] = []
    labels = []
    for name, circle in zip(names, circles, strict=True):
        # Each kind is looked at only where the one before it has no place.
        label = (
            _first_free(_on_island(name, circle), written)
            or _first_free(_at_sea(name, circle, circles), written)
            or _first_free(_across(name, circle, circles, written), written)
        )
        labels.append(label)
        written += [label.box] if label else []
    return labels


def _phone_labels(names: Sequence[str], circles: Sequence[Circle]) -> list[Label | None]:
    """The names that a small picture has room for, over their islands or at their edges."""
    written: list[Box] = []
    labels: list[Label | None] = []
    for name, (x, y, r) in zip(names, circles, strict=True):
        spots = [
            _label(name, x, y + shift * r, PHONE_TYPE, length, sized=False)
            for shift in (0.0, 0.5, -0.5, 1.0, -1.0)
            for length in LINE_LENGTHS[:2]
        ]
        label = _first_free(spots, written) if len(written) < PHONE_NAMES else None
        labels.append(label)
        written += [label.box] if label else []
    return labels


def _phone_sizes(sizes: Sequence[int], circles: Sequence[Circle], names: Sequence[Label | None]) -> list[Label | None]:
    """The number of ideas in the middle of each island whose name a small picture has no room for."""
    written = [label.box for label in names if label]
    labels: list[Label | None] = []
    for size, (x, y, r), name in zip(sizes, circles, names, strict=True):
        number = _label(str(size), x, y, PHONE_TYPE, LINE_LENGTHS[0], sized=False)
        left, _, right, _ = number.box
        fits = name is None and right - left <= 2 * r and _is_free(number, written)
        labels.append(number if fits else None)
        written += [number.box] if fits else []
    return labels


def _on_island(name: str, circle: Circle) -> list[Label]:
    """The name in the middle of its island, in fewest lines, where the dots can make room for it."""
    x, y, r = circle
    found = []
    for kind in _types(r):
        for length in range(int(2 * r / (LETTER * kind[1])), NARROWEST - 1, -2):
            label = _label(name, x, y, kind, length)
            left, top, right, bottom = label.box
            taken = (right - left) * (bottom - top)
            if hypot(right - left, bottom - top) <= 2 * r and taken <= ROOM * pi * r * r:
                found.append(label)
    return found[:1]


def _at_sea(name: str, circle: Circle, circles: Sequence[Circle]) -> Iterable[Label]:
    """Where a name may stand on the water beside its island."""
    x, y, r = circle
    r += SHALLOWS + 1
    for length in LINE_LENGTHS:
        left, top, right, bottom = _label(name, 0.0, 0.0, _type(r), length).box
        half_width, half_height = (right - left) / 2, (bottom - top) / 2
        for east, south in AROUND:
            place = x + east * r + _sign(east) * half_width, y + south * r + _sign(south) * half_height
            label = replace(_label(name, *place, _type(r), length), at_sea=True)
            if not any(_reaches(other, label.box) for other in circles):
                yield label


def _sign(number: float) -> int:
    return (number > 0) - (number < 0)


def _across(name: str, circle: Circle, circles: Sequence[Circle], written: Sequence[Box]) -> Iterable[Label]:
    """A name in small type over its island and beyond, where the dots of all that it covers can make room."""
    x, y, r = circle
    kind = _types(r)[-1]
    for length in LINE_LENGTHS:
        for shift in (0.0, 0.4, -0.4):
            label = _label(name, x, y + shift * r, kind, length)
            if _is_free(label, written) and all(
                _covered(other, [*written, label.box]) <= ROOM for other in circles if _reaches(other, label.box)
            ):
                yield label


def _label(name: str, x: float, y: float, kind: Type, length: int, *, sized: bool = True) -> Label:
    """A name in lines of so many characters, its middle here or as near as the picture's edges allow."""
    rank, font = kind
    lines = tuple(wrap(name, length, break_long_words=False, max_lines=LINES_MOST, placeholder="…"))
    half_width = max(map(len, lines), default=0) * font * LETTER / 2 + AIR
    half_height = (len(lines) * LINE + (SIZE_LINE if sized else 0.0)) * font / 2 + AIR
    x, y = _within(x, half_width, WIDTH), _within(y, half_height, HEIGHT)
    box = (x - half_width, y - half_height, x + half_width, y + half_height)
    return Label(rank, lines, round(x, 1), round(y, 1), box)


def _first_free(labels: Iterable[Label], written: Sequence[Box]) -> Label | None:
    return next((label for label in labels if _is_free(label, written)), None)


def _is_free(label: Label, written: Sequence[Box]) -> bool:
    return not any(_overlap(label.box, other) for other in written)


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _covers(box: Box, point: Point) -> bool:
    return box[0] < point[0] < box[2] and box[1] < point[1] < box[3]


def _covered(circle: Circle, boxes: Sequence[Box]) -> float:
    """The share of the island that lies under these names."""
    near = [box for box in boxes if _reaches(circle, box)]
    if not near:
        return 0.0
    x, y, r = circle
    points = [(x + r * east, y + r * south) for east, south in _samples()]
    return sum(any(_covers(box, point) for box in near) for point in points) / SAMPLES


@cache
def _samples() -> tuple[Point, ...]:
    """Points evenly over where the dots of an island of radius 1 lie."""
    return tuple(_sunflower(0.0, 0.0, SHORE, SAMPLES))


def _reaches(circle: Circle, box: Box) -> bool:
    """True if the island, with its light water, lies under a part of the box."""
    x, y, r = circle
    nearest = min(max(x, box[0]), box[2]), min(max(y, box[1]), box[3])
    return _distance((x, y), nearest) < r + SHALLOWS


# The sea --------------------------------------------------------------------------------------------------------------


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
        distance = _distance(place, (x, y))
        if distance < r + GAP:
            stretch = (r + GAP) / distance if distance > 1 else 0.0
            beside = x + (place[0] - x) * stretch, y + (place[1] - y) * stretch
            return _inside(beside if stretch else (x, y + r + GAP), 2)
    return _inside(place, 2)


def _off_name(place: Point, kept_free: Sequence[Box]) -> Point:
    """The place itself, or one at the side of the name that stands there."""
    for box in kept_free:
        if _covers(box, place):
            return (box[0] if place[0] < (box[0] + box[2]) / 2 else box[2]), place[1]
    return place


def _dots(points: Iterable[Point]) -> str:
    """Path data: a line without length for each point, which a round cap makes a dot."""
    return "".join(f"M{x:.0f} {y:.0f}h0" for x, y in points)
