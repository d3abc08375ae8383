"""Geometry of the map: its size, circles (islands) and boxes (labels). Pure functions."""

from collections.abc import Sequence
from functools import cache
from math import cos, dist, pi, sin, sqrt

WIDTH, HEIGHT = 1000.0, 700.0
SHORE = 0.86  # how far out the dots of an island go, as a share of its radius
SHALLOWS = 11.0  # width of the light ring around an island
SAMPLES = 50  # points that are tested to estimate how much of an island is covered
GOLDEN = pi * (3 - sqrt(5))

Point = tuple[float, float]
Circle = tuple[float, float, float]
Box = tuple[float, float, float, float]  # left, top, right, bottom


def within(value: float, margin: float, length: float) -> float:
    """The value, or the nearest one that keeps this margin to both ends."""
    return min(max(value, margin), length - margin)


def inside(place: Point, r: float) -> Point:
    """The point, or the nearest one where an island of this radius lies inside the map."""
    return within(place[0], r + 4, WIDTH), within(place[1], r + 4, HEIGHT)


def covers(box: Box, point: Point) -> bool:
    return box[0] < point[0] < box[2] and box[1] < point[1] < box[3]


def overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def reaches(circle: Circle, box: Box) -> bool:
    """True if the island, with its light ring, overlaps the box."""
    x, y, r = circle
    left, top, right, bottom = box
    far = r + SHALLOWS
    if x + far <= left or x - far >= right or y + far <= top or y - far >= bottom:
        return False  # nearly all that are asked about
    return dist((x, y), (min(max(x, left), right), min(max(y, top), bottom))) < far


def covered(circle: Circle, boxes: Sequence[Box]) -> float:
    """The share of the island that these boxes cover, 0 to 1."""
    near = [box for box in boxes if reaches(circle, box)]
    if not near:
        return 0.0
    x, y, r = circle
    points = [(x + r * east, y + r * south) for east, south in _samples()]
    return sum(any(covers(box, point) for box in near) for point in points) / SAMPLES


@cache
def _samples() -> tuple[Point, ...]:
    """Evenly spaced points on an island of radius 1."""
    return tuple(sunflower(0.0, 0.0, SHORE, SAMPLES))


def sunflower(x: float, y: float, r: float, count: int, kept_free: Sequence[Box] = ()) -> list[Point]:
    """`count` points, evenly over a disc like the seeds of a sunflower (Vogel 1979), none of them in `kept_free`."""
    seeds = count
    while True:
        step = r / sqrt(seeds)
        points = [(x + step * east, y + step * south) for east, south in _seeds(seeds.bit_length())[:seeds]]
        for left, top, right, bottom in kept_free:
            points = [point for point in points if not (left < point[0] < right and top < point[1] < bottom)]
        if len(points) >= count:
            return points[:count]
        # Add as many as the boxes are likely to remove again, at most doubling.
        missing = count - len(points)
        seeds += min(seeds, max(missing, seeds * missing // max(1, len(points))))


@cache
def _seeds(bits: int) -> list[Point]:
    """The first 2**bits points of the sunflower pattern; the n-th lies √n from the centre."""
    return [(sqrt(n + 0.5) * cos(n * GOLDEN), sqrt(n + 0.5) * sin(n * GOLDEN)) for n in range(2**bits)]
