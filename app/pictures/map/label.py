"""Placing the names of themes on the map: on their island, beside it, or across its edge. Pure functions.

The font size of a name follows the radius of its island.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain
from math import hypot, pi
from textwrap import wrap

from app.pictures.map.geometry import HEIGHT, SHALLOWS, WIDTH, Box, Circle, covered, overlap, reaches, within

Type = tuple[str, float]

# (minimum radius of the island, (name of the font size, font size))
TYPE: tuple[tuple[float, Type], ...] = ((85.0, ("large", 23.0)), (50.0, ("medium", 19.0)), (0.0, ("small", 16.0)))
SMALLEST_TYPE = TYPE[-1][1]
# On a phone the map is a third as wide: fewer names, all of one size.
PHONE_TYPE: Type = ("phone", 38.0)
PHONE_NAMES = 7
MIN_PHONE_NAMES = 4  # of the largest islands: where there is no space, their names hide numbers
PHONE_AIR = 14.0  # between a name and other names, numbers, or the edge of the map
LINE_LENGTHS = (11, 16, 22)  # characters in a line of a name beside its island, tried in turn
NARROWEST = 6  # characters in a line of a name on its island
MAX_LINES = 4
LETTER = 0.55  # mean width of a letter, as a share of the type size
LINE = 1.05
SIZE_LINE = 1.35  # the line below a name, with the number of ideas
ROOM = 0.78  # share of an island that a name may cover
MAX_COVERED = 0.9  # share of an island that all labels together may cover: the rest is for the dots
AIR = 5.0  # between a name and dots or edges
# Positions of a name around its island: a point of the edge, in radii, then the distance of the label's centre from
# it, in half its width and height. Below, above, right, left; the corners; then shifted a little.
AROUND = (
    *((0, 1, 0, 1), (0, -1, 0, -1), (1, 0, 1, 0), (-1, 0, -1, 0)),
    *((0.71, 0.71, 1, 1), (-0.71, 0.71, -1, 1), (0.71, -0.71, 1, -1), (-0.71, -0.71, -1, -1)),
    *((0, 1, 0.6, 1), (0, 1, -0.6, 1), (0, -1, 0.6, -1), (0, -1, -0.6, -1)),
    *((1, 0, 1, 0.6), (1, 0, 1, -0.6), (-1, 0, -1, 0.6), (-1, 0, -1, -0.6)),
)


@dataclass(frozen=True, slots=True)
class Label:
    """A label: the centre of its lines, and the box (left, top, right, bottom) that they fill.

    `rank`: the name of its font size. `at_sea`: beside its island.
    """

    rank: str
    lines: tuple[str, ...]
    x: int
    y: int
    box: Box
    at_sea: bool = False

    def seen_from(self, x: int, y: int) -> "Label":
        """The same label, with its centre counted from this point. Its box stays one of the map."""
        return replace(self, x=self.x - x, y=self.y - y)


def place_names(names: Sequence[str], circles: Sequence[Circle]) -> list[Label | None]:
    """A label for each name, in this order: on its island, else beside it, else across its edge, else None.

    A name is shortened only if there is no space for all of it.
    """
    written: list[Box] = []
    labels = []
    for name, circle in zip(names, circles, strict=True):
        # Each kind is tried only if the one before has no free position.
        label = (
            _first_free(_whole(_spots(name, circle, circles, written), name), written)
            or _first_free(_whole(_across(name, circle, circles, written), name), written)
            or _first_free(_spots(name, circle, circles, written), written)
            or _first_free(_across(name, circle, circles, written), written)
        )
        labels.append(label)
        written += [label.box] if label else []
    return labels


def place_names_on_phone(names: Sequence[str], sizes: Sequence[int], circles: Sequence[Circle]) -> list[Label | None]:
    """The labels that a phone has space for, on their islands or at the edges.

    A name lies over the number of another island only in a crowd: an island without a name shows at least that.
    """
    numbers = [_number_on_phone(size, circle).box for size, circle in zip(sizes, circles, strict=True)]
    written: list[Box] = []
    labels: list[Label | None] = []
    for place, (name, (x, y, r)) in enumerate(zip(names, circles, strict=True)):
        spots = [
            _label(name, x, y + shift * r, PHONE_TYPE, length, sized=False, air=PHONE_AIR)
            for shift in (0.0, 0.5, -0.5, 1.0, -1.0)
            for length in LINE_LENGTHS[:2]
        ]
        label = None
        if len(written) < PHONE_NAMES:
            label = _first_free(spots, [*written, *numbers[:place], *numbers[place + 1 :]])
        if label is None and place < MIN_PHONE_NAMES:
            label = _first_free(spots, written)
        labels.append(label)
        written += [label.box] if label else []
    return labels


def place_sizes_on_phone(
    sizes: Sequence[int], circles: Sequence[Circle], names: Sequence[Label | None]
) -> list[Label | None]:
    """Labels with the number of ideas for each island without a name. None where that of a larger one lies there."""
    written = [label.box for label in names if label]
    labels: list[Label | None] = []
    for size, circle, name in zip(sizes, circles, names, strict=True):
        number = None if name else _number_on_phone(size, circle)
        labels.append(number if number and _is_free(number, written) else None)
        written += [number.box] if number else []
    return labels


def place_sizes(sizes: Sequence[int], circles: Sequence[Circle], names: Sequence[Label | None]) -> list[Label | None]:
    """Labels with the number of ideas, in the centre of each island without a name; None for the others."""
    written = [label.box for label in names if label]
    labels: list[Label | None] = []
    for size, circle, name in zip(sizes, circles, names, strict=True):
        x, y, r = circle
        number = _label(str(size), x, y, SMALLEST_TYPE, LINE_LENGTHS[0], sized=False)
        left, _, right, _ = number.box
        fits = (
            name is None
            and right - left <= 2 * r
            and _is_free(number, written)
            and covered(circle, [*written, number.box]) <= MAX_COVERED
        )
        labels.append(number if fits else None)
        written += [number.box] if fits else []
    return labels


def pointed_at(name: str, circle: Circle) -> Label:
    """The label shown on hover, for an island whose name has no space on the map."""
    x, y, r = circle
    return _label(name, x, y, _type(r), LINE_LENGTHS[1])


def _number_on_phone(size: int, circle: Circle) -> Label:
    """It lies over the dots, in the middle of its island."""
    x, y, _r = circle
    return _label(str(size), x, y, PHONE_TYPE, LINE_LENGTHS[0], sized=False, air=0.0)


def _spots(name: str, circle: Circle, circles: Sequence[Circle], written: Sequence[Box]) -> Iterable[Label]:
    return chain(_on_island(name, circle, written), _at_sea(name, circle, circles, written))


def _on_island(name: str, circle: Circle, written: Sequence[Box]) -> Iterable[Label]:
    """Labels in the centre of the island, fewest lines first, that leave enough space for the dots."""
    x, y, r = circle
    for kind in _types(r):
        for length in range(int(2 * r / (LETTER * kind[1])), NARROWEST - 1, -2):
            label = _label(name, x, y, kind, length)
            left, top, right, bottom = label.box
            taken = (right - left) * (bottom - top)
            fits = hypot(right - left, bottom - top) <= 2 * r and taken <= ROOM * pi * r * r
            if fits and covered(circle, [*written, label.box]) <= MAX_COVERED:
                yield label


def _at_sea(name: str, circle: Circle, circles: Sequence[Circle], written: Sequence[Box]) -> Iterable[Label]:
    """Labels beside the island that touch no other island and no other label."""
    x, y, r = circle
    r += SHALLOWS + 1
    for length in LINE_LENGTHS:
        left, top, right, bottom = _label(name, 0.0, 0.0, _type(r), length).box
        half_width, half_height = (right - left) / 2, (bottom - top) / 2
        for east, south, right_by, down_by in AROUND:
            place = x + east * r + right_by * half_width, y + south * r + down_by * half_height
            label = replace(_label(name, *place, _type(r), length), at_sea=True)
            if _is_free(label, written) and not any(reaches(other, label.box) for other in circles):
                yield label


def _across(name: str, circle: Circle, circles: Sequence[Circle], written: Sequence[Box]) -> Iterable[Label]:
    """Small labels across the island's edge, if every island below them keeps enough space for its dots."""
    x, y, r = circle
    kind = _types(r)[-1]
    for length in LINE_LENGTHS:
        for shift in (0.0, 0.4, -0.4):
            label = _label(name, x, y + shift * r, kind, length)
            if _is_free(label, written) and all(
                covered(other, [*written, label.box]) <= ROOM for other in circles if reaches(other, label.box)
            ):
                yield label


def _label(name: str, x: float, y: float, kind: Type, length: int, *, sized: bool = True, air: float = AIR) -> Label:
    """A label with lines of at most `length` characters, centred here or as near as the map's edges allow."""
    rank, font = kind
    lines = _lines(name, length)
    half_width = max(map(len, lines), default=0) * font * LETTER / 2 + air
    half_height = (len(lines) * LINE + (SIZE_LINE if sized else 0.0)) * font / 2 + air
    x, y = within(x, half_width, WIDTH), within(y, half_height, HEIGHT)
    box = (x - half_width, y - half_height, x + half_width, y + half_height)
    return Label(rank, lines, round(x), round(y), box)


@lru_cache(maxsize=1024)
def _lines(name: str, length: int) -> tuple[str, ...]:
    """The name in lines of at most `length` characters. Cached: the same lines are tried in many positions."""
    return tuple(wrap(name, length, break_long_words=False, max_lines=MAX_LINES, placeholder="…"))


def _first_free(labels: Iterable[Label], written: Sequence[Box]) -> Label | None:
    return next((label for label in labels if _is_free(label, written)), None)


def _whole(labels: Iterable[Label], name: str) -> Iterable[Label]:
    """The labels that show the whole name."""
    return (label for label in labels if "".join("".join(label.lines).split()) == "".join(name.split()))


def _is_free(label: Label, written: Sequence[Box]) -> bool:
    return not any(overlap(label.box, other) for other in written)


def _type(r: float) -> Type:
    return _types(r)[0]


def _types(r: float) -> list[Type]:
    """The font size for an island of this radius, then the smaller ones."""
    return [kind for least, kind in TYPE if r >= least]
