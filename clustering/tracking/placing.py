"""Places one new idea among themes that are there, by the links that a run would give it: at once, without a run."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Bools, Vectors, normalize_rows
from clustering.grouping.groups import DIVIDED, RIVAL, TIED
from clustering.text.cleaning import clean_text, fold, gist
from clustering.tracking.incremental import IncrementalNeighbours, Links
from clustering.types import DIGITS, Leftover, Near, Place
from clustering.vectors.similar import sound_rows

CLOSE = 0.25  # strength from which a theme takes an idea whose links go elsewhere as well
NEAREST = 3  # themes named
SHOWN = 5  # neighbours named
LEFT = -1  # the label of an idea in no theme


class Placer:
    """Knows the ideas that are there and the theme of each, whoever put it there."""

    def __init__(self, vectors: NDArray[np.generic], texts: Sequence[str], labels: Sequence[int | None]) -> None:
        """`vectors`: (n, d) finite numbers, zeros for an idea that says nothing; n may be 0. `labels`: their themes.

        Raises UnusableVectors; ValueError when lengths disagree. Keeps a copy of the vectors.
        """
        said = sound_rows(vectors)
        if len(said) != len(texts):
            raise ValueError("there must be one text for each vector")
        speaks = said.any(axis=1)
        self._mean = said[speaks].mean(axis=0) if speaks.any() else np.zeros(said.shape[1], dtype=np.float32)
        said[speaks] -= self._mean
        self._meaning = normalize_rows(said)
        gists = {row: gist(clean_text(texts[row])) for row in np.flatnonzero(speaks).tolist()}
        self._rows_of: dict[str, list[int]] = defaultdict(list)
        for row, words in gists.items():
            self._rows_of[fold(words)].append(row)
        self._rows_of_text = list(self._rows_of.values())
        self._text_of = {row: text for text, rows in enumerate(self._rows_of_text) for row in rows}
        first = [rows[0] for rows in self._rows_of_text]
        self._neighbours_of = IncrementalNeighbours(self._meaning[first], [gists[row] for row in first])
        self.label(labels)

    def place(
        self,
        vector: NDArray[np.generic],
        text: str,
        forbidden: frozenset[int] = frozenset(),
        without: frozenset[int] = frozenset(),
    ) -> Place:
        """Places an idea by its (d,) vector and its text, never in a theme of `forbidden`. Raises UnusableVectors.

        `without`: rows of ideas that say something else by now: nothing goes where they are because of them.

        It goes where most of its links go, unless it is far from all ideas, as many links go elsewhere, or it is too
        far from the centre of the theme: what a run leaves over, and what it would be a guess to place. What has been
        said before goes where it was said.
        """
        one = sound_rows(np.atleast_2d(vector), len(self._mean))
        if not one.any():
            return Place(None, Leftover.OUTLIER, (), 0.0, ())
        one = normalize_rows(one - self._mean)[0]
        banned = [place for place, theme in enumerate(self._themes) if theme in forbidden]
        words = gist(clean_text(text))
        links = self._neighbours_of.links(one, words, self._counted(banned, without))
        strengths = self._strengths(one)
        strengths[banned] = 0.0
        nearest = self._nearest(strengths)
        chosen = self._said_before(words, banned, without)
        between = False
        if chosen is None:
            chosen, between = self._linked(links, strengths)
        if chosen is None:
            leftover = Leftover.AMBIGUOUS if between and len(nearest) > 1 else Leftover.OUTLIER
            strength = nearest[0].strength if nearest else 0.0
            return Place(None, leftover, nearest, strength, self._neighbours(links, None, without))
        strength = round(float(strengths[chosen]), DIGITS)
        return Place(self._themes[chosen], None, nearest, strength, self._neighbours(links, chosen, without))

    def _counted(self, banned: Sequence[int], without: frozenset[int]) -> Bools:
        """The texts that count: in no banned theme, and of an idea that still says so."""
        counted: Bools = ~np.isin(self._theme_of_text, banned)
        changed = {self._text_of[row] for row in without if row in self._text_of}
        counted[[text for text in changed if without.issuperset(self._rows_of_text[text])]] = False
        return counted

    def _said_before(self, words: str, banned: Sequence[int], without: frozenset[int]) -> int | None:
        """The theme of most ideas with the same words."""
        rows = [row for row in self._rows_of.get(fold(words), []) if row not in without]
        themes = Counter(self._labels[rows].tolist())
        theme = max(themes, key=lambda place: (themes[place], -place), default=LEFT)
        return theme if theme != LEFT and theme not in banned else None

    def _linked(self, links: Links, strengths: Vectors) -> tuple[int | None, bool]:
        """The theme that takes the idea by its links, as grouping decides; else whether it stands between two."""
        themes = self._theme_of_text[links.rows]
        shares = np.bincount(themes[themes >= 0], links.weights[themes >= 0], minlength=len(self._themes))
        total = links.weights.sum()
        if not shares.any():
            return None, False
        best = int(shares.argmax())
        own, other = shares[best] / total, np.delete(shares, best).max(initial=0.0) / total
        if other >= RIVAL * own:
            return None, True
        if (links.outlier and own < TIED) or (own < DIVIDED and strengths[best] < CLOSE):
            return None, False
        return best, False

    def _neighbours(self, links: Links, chosen: int | None, without: frozenset[int]) -> tuple[int, ...]:
        texts = links.rows if chosen is None else links.rows[self._theme_of_text[links.rows] == chosen]
        shown = texts[:SHOWN].tolist()
        return tuple(self._who_says(text, without) for text in shown)

    def _who_says(self, text: int, without: frozenset[int]) -> int:
        row = self._row_of_text[text]
        return row if row not in without else next(other for other in self._rows_of_text[text] if other not in without)

    def _nearest(self, strengths: Vectors) -> tuple[Near, ...]:
        order = np.argsort(-strengths, kind="stable")[:NEAREST].tolist()
        told = [Near(self._themes[place], round(float(strengths[place]), DIGITS)) for place in order]
        return tuple(near for near in told if near.strength > 0)

    def label(self, labels: Sequence[int | None]) -> None:
        """Tells it of other themes of the same ideas, which are not read again. Raises ValueError as at first.

        Learns each theme's centre, and which cosines with it count as 0 and as 1: as in grouping.strengths.
        """
        if len(labels) != len(self._meaning):
            raise ValueError("there must be one theme, or None, for each vector")
        self._themes = sorted({theme for theme in labels if theme is not None})
        place_of = {theme: place for place, theme in enumerate(self._themes)}
        self._labels = np.array([LEFT if theme is None else place_of[theme] for theme in labels], dtype=np.intp)
        self._learn_texts()
        count, said = len(self._themes), self._meaning
        self._centres = np.zeros((count, said.shape[1]), dtype=np.float32)
        self._floor = np.zeros(count, dtype=np.float32)
        self._top = np.ones(count, dtype=np.float32)
        whole = said.sum(axis=0)
        order = np.argsort(self._labels, kind="stable")
        starts = np.searchsorted(self._labels[order], np.arange(count + 1))
        for place in range(count):
            members = said[order[starts[place] : starts[place + 1]]]
            inside = members.sum(axis=0)
            self._centres[place] = normalize_rows(inside[None])[0]
            others = len(said) - len(members)
            if others:
                self._floor[place] = max(0.0, float((whole - inside) @ self._centres[place]) / others)
            self._top[place] = np.quantile(members @ self._centres[place], 0.9)

    def _learn_texts(self) -> None:
        """Learns for each thing said the theme of most who say it, and the first of these."""
        self._theme_of_text = np.full(len(self._rows_of), LEFT, dtype=np.intp)
        self._row_of_text: list[int] = []
        for text, rows in enumerate(self._rows_of_text):
            themes = Counter(self._labels[rows].tolist())
            theme = max(themes, key=lambda place: (themes[place], -place))
            self._theme_of_text[text] = theme
            self._row_of_text.append(next(row for row in rows if self._labels[row] == theme))

    def _strengths(self, one: Vectors) -> Vectors:
        spans = np.maximum(self._top - self._floor, 1e-6)
        result: Vectors = np.clip((self._centres @ one - self._floor) / spans, 0.0, 1.0)
        return result
