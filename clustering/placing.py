"""Places one new idea among themes that are there, by its nearest neighbours: at once, without a run."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from clustering.graph import unit_rows
from clustering.grouping import is_between
from clustering.similar import Similar, sound_rows
from clustering.types import Leftover, Near

Vectors = NDArray[np.float32]
Rows = NDArray[np.intp]

VOTERS = 15  # neighbours that are asked; fewer in a small campaign
SHARPNESS = 4  # power of the cosine that a vote weighs: near neighbours count far more
SHARE = 0.35  # of the votes, from which an idea goes to a theme that is near enough
CLOSE = 0.25  # strength from which a theme is near enough: voters may be near to each other and far from its heart
NEAREST = 3  # themes named
SHOWN = 5  # neighbours named
DIGITS = 4  # after the point


@dataclass(frozen=True, slots=True)
class Place:
    """Where a new idea goes. Either `theme` or `leftover` is set, never both.

    `nearest`: at most three themes, strongest first. `strength`: that of its own theme, or of the nearest one, as
    in PlacedIdea. `neighbours`: rows of the most similar ideas of its theme (of all ideas for a leftover), nearest
    first, at most five.
    """

    theme: int | None
    leftover: Leftover | None
    nearest: tuple[Near, ...]
    strength: float
    neighbours: tuple[int, ...]


class Placer:
    """Knows the ideas that are there and the theme of each, whoever put it there."""

    def __init__(self, vectors: NDArray[np.generic], labels: Sequence[int | None]) -> None:
        """`vectors`: (n, d) finite numbers, zeros for an idea that says nothing; n may be 0. `labels`: their themes.

        Raises UnusableVectors; ValueError when lengths disagree. Keeps a copy of the vectors.
        """
        said = sound_rows(vectors)
        if len(said) != len(labels):
            raise ValueError("there must be one theme, or None, for each vector")
        self._themes = sorted({theme for theme in labels if theme is not None})
        place_of = {theme: place for place, theme in enumerate(self._themes)}
        self._labels = np.array([-1 if theme is None else place_of[theme] for theme in labels], dtype=np.intp)
        speaks = said.any(axis=1)
        self._mean = said[speaks].mean(axis=0) if speaks.any() else np.zeros(said.shape[1], dtype=np.float32)
        said[speaks] -= self._mean
        self._similar = Similar(said)
        self._learn(self._similar.rows)

    def place(self, vector: NDArray[np.generic], forbidden: frozenset[int] = frozenset()) -> Place:
        """Places the idea of a (d,) vector, never in a theme of `forbidden`. Raises UnusableVectors.

        Its nearest neighbours vote, each with the fourth power of its cosine, those without a theme too; the
        theme with the most votes takes the idea if it has enough of them and the idea is near enough to its centre.
        """
        one = sound_rows(np.atleast_2d(vector), len(self._mean))[0]
        if not one.any():
            return Place(None, Leftover.ALONE, (), 0.0, ())
        one = one - self._mean
        banned = [place for place, theme in enumerate(self._themes) if theme in forbidden]
        among = ~np.isin(self._labels, banned) if banned else None
        rows, cosines = self._similar.nearest(one, self._voters(), among=among)
        strengths = self._strengths(one)
        strengths[banned] = 0.0
        chosen = self._elected(rows, cosines, strengths)
        nearest = self._nearest(strengths)
        if chosen is None:
            between = len(strengths) > 1 and bool(is_between(strengths[None])[0])
            leftover = Leftover.BETWEEN if between else Leftover.ALONE
            strength = nearest[0].strength if nearest else 0.0
            return Place(None, leftover, nearest, strength, tuple(rows[:SHOWN].tolist()))
        strength = round(float(strengths[chosen]), DIGITS)
        own = rows[self._labels[rows] == chosen]
        return Place(self._themes[chosen], None, nearest, strength, tuple(own[:SHOWN].tolist()))

    def _voters(self) -> int:
        return min(VOTERS, max(3, round(sqrt(len(self._labels)))))

    def _elected(self, rows: Rows, cosines: Vectors, strengths: Vectors) -> int | None:
        votes = np.clip(cosines, 0.0, None) ** SHARPNESS
        placed = self._labels[rows] >= 0
        if not votes[placed].any():
            return None
        by_theme = np.bincount(self._labels[rows][placed], weights=votes[placed])
        best = int(by_theme.argmax())
        return best if by_theme[best] >= SHARE * votes.sum() and strengths[best] >= CLOSE else None

    def _nearest(self, strengths: Vectors) -> tuple[Near, ...]:
        order = np.argsort(-strengths, kind="stable")[:NEAREST].tolist()
        told = [Near(self._themes[place], round(float(strengths[place]), DIGITS)) for place in order]
        return tuple(near for near in told if near.strength > 0)

    def _learn(self, said: Vectors) -> None:
        """Learns each theme's centre, and which cosines with it count as 0 and as 1: as in grouping.strengths."""
        count = len(self._themes)
        self._centres = np.zeros((count, said.shape[1]), dtype=np.float32)
        self._floor = np.zeros(count, dtype=np.float32)
        self._top = np.ones(count, dtype=np.float32)
        whole = said.sum(axis=0)
        order = np.argsort(self._labels, kind="stable")
        starts = np.searchsorted(self._labels[order], np.arange(count + 1))
        for place in range(count):
            members = said[order[starts[place] : starts[place + 1]]]
            inside = members.sum(axis=0)
            self._centres[place] = unit_rows(inside[None])[0]
            others = len(said) - len(members)
            if others:
                self._floor[place] = max(0.0, float((whole - inside) @ self._centres[place]) / others)
            self._top[place] = np.quantile(members @ self._centres[place], 0.9)

    def _strengths(self, one: Vectors) -> Vectors:
        cosines = self._centres @ unit_rows(one[None])[0]
        spans = np.maximum(self._top - self._floor, 1e-6)
        result: Vectors = np.clip((cosines - self._floor) / spans, 0.0, 1.0)
        return result
