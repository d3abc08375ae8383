"""Themes as islands that don't overlap, ideas on them, leftovers around them."""

from collections.abc import Mapping, Sequence
from math import pi, sqrt
from typing import TYPE_CHECKING

import numpy as np

from clustering.arrays import Bools, Floats, Scores, Vectors

if TYPE_CHECKING:
    from scipy.spatial import cKDTree


MIN_PROJECTED = 3  # ideas: fewer need no projection
LAND = 0.42  # share of the square that islands cover, where there is room
GAP = 1.12  # distance between centres, over the sum of the radii
TINY = 1e-9  # a distance that counts as none
MAX_ROUNDS = 400  # of pushing islands apart
MARGIN = 0.02  # of the square, that islands keep free


def radii(sizes: Sequence[int]) -> Floats:
    """Returns the radius of each island: its area follows its size. (k,), in units of the square's side."""
    area = np.sqrt(np.maximum(np.asarray(sizes, dtype=np.float64), 1.0))
    total = float((area**2).sum())
    return np.minimum(area * sqrt(LAND / (pi * max(total, 1e-9))), 0.3) if len(area) else area


def place_themes(
    centres: Vectors, sizes: Sequence[int], anchors: Mapping[int, tuple[float, float]] | None = None
) -> tuple[Floats, Floats]:
    """Returns where each island lies, (k, 2) in 0..1, and its radius, (k,). Deterministic; no two islands overlap.

    `centres`: (k, d) float32, what the themes are about. `anchors`: row -> earlier position, where known: those islands
    start where they were, and the others are turned and stretched to fit (orthogonal Procrustes, Schönemann 1966).
    """
    count = len(centres)
    radius = radii(sizes)
    if not count:
        return np.zeros((0, 2)), radius
    flat = _spread(classical_mds(centres))
    if anchors:
        flat = _anchor(flat, anchors)
    return _into_square(*_push_apart(flat, radius))


def classical_mds(vectors: Vectors) -> Floats:
    """Returns (k, 2): the two main axes of the vectors (Torgerson 1952), signs fixed by the largest coordinate."""
    centred = (vectors - vectors.mean(axis=0)).astype(np.float64)
    left, values, _ = np.linalg.svd(centred, full_matrices=False)
    flat = np.zeros((len(vectors), 2))
    width = min(2, len(values))
    flat[:, :width] = left[:, :width] * values[:width]
    for axis in range(2):
        extreme = flat[np.abs(flat[:, axis]).argmax(), axis]
        if extreme < 0:
            flat[:, axis] *= -1
    return flat


def _spread(flat: Floats) -> Floats:
    """Evens out crowded places, half way: each coordinate becomes the mean of its value and its rank, in 0..1."""
    result = np.full_like(flat, 0.5)
    count = len(flat)
    for axis in range(2):
        values = flat[:, axis]
        span = values.max() - values.min()
        if count > 1 and span > TINY:
            ranks = np.argsort(np.argsort(values, kind="stable"), kind="stable") / (count - 1)
            result[:, axis] = 0.1 + 0.8 * (0.5 * (values - values.min()) / span + 0.5 * ranks)
    return result


def _anchor(flat: Floats, anchors: Mapping[int, tuple[float, float]]) -> Floats:
    """Turns, mirrors, scales and moves `flat` onto the anchors, then puts the anchored rows where they were."""
    rows = sorted(anchors)
    target = np.array([anchors[row] for row in rows], dtype=np.float64)
    source = flat[rows]
    source_mean, target_mean = source.mean(axis=0), target.mean(axis=0)
    left, values, right = np.linalg.svd((source - source_mean).T @ (target - target_mean))
    spread = float(((source - source_mean) ** 2).sum())
    scale = float(values.sum()) / spread if spread > TINY else 1.0
    moved = np.asarray((flat - source_mean) @ (left @ right) * (scale or 1.0) + target_mean)
    moved[rows] = target
    return moved


def _push_apart(flat: Floats, radius: Floats) -> tuple[Floats, Floats]:
    """Moves overlapping circles off each other, each pair along the line between them, until none overlap."""
    points = flat.copy()
    count = len(points)
    turn = pi * (3 - sqrt(5))
    points += 1e-6 * np.column_stack([np.cos(turn * np.arange(count)), np.sin(turn * np.arange(count))])
    wanted = GAP * (radius[:, None] + radius[None, :])
    share = radius[None, :] / (radius[:, None] + radius[None, :])  # the small one yields more
    np.fill_diagonal(wanted, 0.0)
    for _ in range(MAX_ROUNDS):
        offset = points[:, None, :] - points[None, :, :]
        distance = np.sqrt((offset**2).sum(axis=2))
        missing = np.maximum(wanted - distance, 0.0)
        if missing.max(initial=0.0) < TINY:
            return points, radius
        direction = offset / np.maximum(distance, 1e-12)[:, :, None]
        points += (direction * (missing * share)[:, :, None]).sum(axis=1) * 0.6
    distance = np.sqrt(((points[:, None, :] - points[None, :, :]) ** 2).sum(axis=2))
    np.fill_diagonal(distance, np.inf)
    # some still overlap: shrink all until none do
    room = (distance / (radius[:, None] + radius[None, :])).min()
    return points, radius * min(1.0, float(room))


def _into_square(points: Floats, radius: Floats) -> tuple[Floats, Floats]:
    """Scales the whole down, if it must be, so that every island lies within the square; else only moves it."""
    low = (points - radius[:, None]).min(axis=0)
    high = (points + radius[:, None]).max(axis=0)
    scale = min(1.0, (1 - 2 * MARGIN) / float((high - low).max()))
    points, radius = points * scale, radius * scale
    low, high = low * scale, high * scale
    shift = np.where(low < MARGIN, MARGIN - low, np.where(high > 1 - MARGIN, 1 - MARGIN - high, 0.0))
    return points + shift, radius


def place_members(space: Vectors, strength: Scores, centre: Floats, radius: float) -> Floats:
    """Returns (n, 2): an even disk around `centre`. The nearer the middle, the more typical; like near like.

    `space`: (n, d) float32; `strength`: (n,). Rings of 1, 6, 12, 18… seats; in each ring the order follows the angle of
    a local projection.
    """
    count = len(space)
    flat = classical_mds(space) if count >= MIN_PROJECTED else np.zeros((count, 2))
    angles = np.arctan2(flat[:, 1], flat[:, 0])
    order = np.argsort(-strength, kind="stable")
    result = np.empty((count, 2))
    rings = _rings(count)
    start = 0
    for ring, seats in enumerate(rings):
        rows = order[start : start + seats]
        rows = rows[np.argsort(angles[rows], kind="stable")]
        turn = 2 * pi * (np.arange(len(rows)) + 0.5 * (ring % 2)) / len(rows) - pi
        distance = 0.88 * radius * ring / max(len(rings) - 1, 1)
        result[rows] = centre + distance * np.column_stack([np.cos(turn), np.sin(turn)])
        start += seats
    return result


def _rings(count: int) -> list[int]:
    """How many seats each ring has, from the middle: evenly dense, the last ring as full as the others."""
    rings = 1
    while 1 + 3 * rings * (rings - 1) < count:
        rings += 1
    if rings == 1:
        return [count]
    capacity = [1, *(6 * ring for ring in range(1, rings))]
    share = (count - 1) / (sum(capacity) - 1)
    seats = [1, *(max(1, round(6 * ring * share)) for ring in range(1, rings))]
    seats[-1] += count - sum(seats)
    return seats


def place_leftovers(targets: Floats, centres: Floats, radius: Floats) -> Floats:
    """Returns (m, 2): a free place outside the islands for each leftover, near its target; NaN means anywhere.

    `targets`: (m, 2) float64, for an ambiguous idea the point between its themes.
    """
    from scipy.spatial import cKDTree

    count = len(targets)
    result = np.empty((count, 2))
    if not count:
        return result
    seats = _free_seats(count, centres, radius)
    free = np.ones(len(seats), dtype=np.bool_)
    tree = cKDTree(seats)
    aimed = np.flatnonzero(np.isfinite(targets).all(axis=1))
    for row in aimed:
        seat = _nearest_free(tree, free, targets[row])
        free[seat] = False
        result[row] = seats[seat]
    anywhere = np.setdiff1d(np.arange(count), aimed)
    open_seats = np.flatnonzero(free)
    # an even stride over what is free scatters them around all islands
    chosen = open_seats[(np.arange(len(anywhere)) * len(open_seats)) // max(len(anywhere), 1)]
    result[anywhere] = seats[chosen]
    return result


def _nearest_free(tree: "cKDTree", free: Bools, wish: Floats) -> int:
    total = len(free)
    look = 16
    while True:
        _, found = tree.query(wish, k=min(look, total))
        for seat in np.atleast_1d(found):
            if free[seat]:
                return int(seat)
        look *= 4


def _free_seats(count: int, centres: Floats, radius: Floats) -> Floats:
    """Returns at least `count` points of a triangular grid that no island covers."""
    step = sqrt(0.9 / (1.25 * count + 8))
    while True:
        seats = _grid(step)
        free = np.ones(len(seats), dtype=np.bool_)
        for centre, reach in zip(centres, radius + min(0.8 * step, 0.02), strict=True):
            free &= np.hypot(*(seats - centre).T) > reach
        seats = seats[free]
        if len(seats) >= count:
            stir = np.random.default_rng(0).uniform(-0.3 * step, 0.3 * step, seats.shape)  # so that no grid shows
            return np.clip(seats + stir, 0.5 * MARGIN, 1 - 0.5 * MARGIN)
        step *= 0.9


def _grid(step: float) -> Floats:
    """Row by row, every other one half a step further right."""
    rows = np.arange(MARGIN, 1 - MARGIN + 1e-9, step * sqrt(3) / 2)
    columns = np.arange(MARGIN, 1 - MARGIN + 1e-9, step)
    x = columns + 0.5 * step * (np.arange(len(rows)) % 2)[:, None]
    grid = np.column_stack([x.ravel(), np.repeat(rows, len(columns))])
    return np.asarray(grid[grid[:, 0] <= 1 - MARGIN])
