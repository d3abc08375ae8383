"""Places one new idea among existing themes, by the links that a run would give it: at once, without a run."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import LEFT, Bools, Ints, Scores, normalize_rows
from clustering.grouping.groups import MIN_OWN_SHARE, has_rival, is_outlier
from clustering.grouping.strengths import Scales
from clustering.text.cleaning import clean_text, fold, gist
from clustering.text.residue import residue_of
from clustering.tracking.assignment import MAX_NEAREST
from clustering.tracking.incremental import IncrementalNeighbours, Links
from clustering.types import DIGITS, Leftover, Near, Place
from clustering.vectors.checks import sound_rows

MIN_STRENGTH = 0.25  # of an idea in the theme that takes it, where most of its links go elsewhere
MAX_NEIGHBOURS = 5  # named


class Placer:
    """The n ideas of a campaign and the theme of each, whoever put it there; places further ideas among them."""

    def __init__(self, vectors: NDArray[np.generic], texts: Sequence[str], labels: Sequence[int | None]) -> None:
        """`vectors`: (n, d) finite numbers, zeros for an idea without words; n may be 0. `labels`: their themes.

        Keeps a copy of the vectors. Raises UnusableVectors; ValueError when lengths disagree.
        """
        rows = sound_rows(vectors)
        if len(rows) != len(texts):
            raise ValueError("there must be one text for each vector")
        worded = rows.any(axis=1)
        self._mean = rows[worded].mean(axis=0) if worded.any() else np.zeros(rows.shape[1], dtype=np.float32)
        rows[worded] -= self._mean
        self._meaning = normalize_rows(rows)
        gists = {row: gist(texts[row]) for row in np.flatnonzero(worded).tolist()}
        self._rows_with: dict[str, list[int]] = defaultdict(list)
        for row, words in gists.items():
            self._rows_with[fold(words)].append(row)
        self._rows_of = list(self._rows_with.values())  # of each unique text
        self._text_of = {row: text for text, rows_of in enumerate(self._rows_of) for row in rows_of}
        first = [rows_of[0] for rows_of in self._rows_of]
        self._neighbours = IncrementalNeighbours(self._meaning[first], [gists[row] for row in first])
        self.label(labels)

    def label(self, labels: Sequence[int | None]) -> None:
        """Changes the themes of the same ideas, whose texts and vectors are not read again.

        `labels`: n themes. Raises ValueError when there are more or fewer.
        """
        if len(labels) != len(self._meaning):
            raise ValueError("there must be one theme, or None, for each vector")
        self._themes = sorted({theme for theme in labels if theme is not None})
        place_of = {theme: place for place, theme in enumerate(self._themes)}
        self._labels = np.array([LEFT if theme is None else place_of[theme] for theme in labels], dtype=np.intp)
        self._scales = Scales.of(self._meaning, self._labels, len(self._themes))
        self._theme_of_text = np.full(len(self._rows_of), LEFT, dtype=np.intp)
        self._row_of_text: list[int] = []
        for text, rows in enumerate(self._rows_of):
            theme = self._usual_theme(rows)
            self._theme_of_text[text] = theme
            self._row_of_text.append(next(row for row in rows if self._labels[row] == theme))

    def place(
        self,
        vector: NDArray[np.generic],
        text: str,
        forbidden: frozenset[int] = frozenset(),
        without: frozenset[int] = frozenset(),
    ) -> Place:
        """Places an idea by its (d,) vector and its text, never in a theme of `forbidden`. Raises UnusableVectors.

        `without`: rows of ideas whose text has changed since: they are not counted.

        One that is no proposal goes nowhere (see text.residue). Another goes where ideas with the same words are, if
        there are any. Otherwise it goes where most of its links go, unless it is an outlier, has a rival theme (see
        groups.has_rival), or is too far from the centre of the theme.
        """
        row = sound_rows(np.atleast_2d(vector), len(self._mean))
        residue = residue_of(gist(text) or clean_text(text))
        if residue is not None:
            return Place(None, residue, (), 0.0, ())
        if not row.any():
            return Place(None, Leftover.OUTLIER, (), 0.0, ())
        meaning = normalize_rows(row - self._mean)
        banned = [place for place, theme in enumerate(self._themes) if theme in forbidden]
        words = gist(text)
        links = self._neighbours.links(meaning[0], words, self._linkable(banned, without))
        strengths = self._scales.strengths(meaning)[0]
        strengths[banned] = 0.0
        nearest = self._nearest(strengths)
        chosen = self._theme_of_same_words(words, banned, without)
        ambiguous = False
        if chosen is None:
            chosen, ambiguous = self._theme_of_links(links, strengths)
        if chosen is None:
            leftover = Leftover.AMBIGUOUS if ambiguous and len(nearest) > 1 else Leftover.OUTLIER
            strength = nearest[0].strength if nearest else 0.0
            return Place(None, leftover, nearest, strength, self._shown(links.rows, without))
        inside = links.rows[self._theme_of_text[links.rows] == chosen]
        strength = round(float(strengths[chosen]), DIGITS)
        return Place(self._themes[chosen], None, nearest, strength, self._shown(inside, without))

    def _linkable(self, banned: Sequence[int], without: frozenset[int]) -> Bools:
        """Returns for each unique text whether it counts: in no banned theme, and of an idea that still has it."""
        result: Bools = ~np.isin(self._theme_of_text, banned)
        changed = {self._text_of[row] for row in without if row in self._text_of}
        result[[text for text in changed if without.issuperset(self._rows_of[text])]] = False
        return result

    def _theme_of_same_words(self, words: str, banned: Sequence[int], without: frozenset[int]) -> int | None:
        """Returns the theme of most ideas with the same words, None if they are in none or in a banned one."""
        theme = self._usual_theme([row for row in self._rows_with.get(fold(words), []) if row not in without])
        return theme if theme != LEFT and theme not in banned else None

    def _theme_of_links(self, links: Links, strengths: Scores) -> tuple[int | None, bool]:
        """Returns the theme that takes the idea by its links, or None; and whether it is ambiguous then.

        Unlike in a run, a rival makes it ambiguous also where most of its links go to one theme: placing would be a
        guess.
        """
        themes = self._theme_of_text[links.rows]
        weights = np.bincount(themes[themes >= 0], links.weights[themes >= 0], minlength=len(self._themes))
        if not weights.any():
            return None, False
        best = int(weights.argmax())
        shares = weights / links.weights.sum()
        own, other = shares[best : best + 1], np.delete(shares, best).max(initial=0.0, keepdims=True)
        if has_rival(own, other)[0]:
            return None, True
        scattered = own[0] < MIN_OWN_SHARE and strengths[best] < MIN_STRENGTH
        if scattered or is_outlier(np.array([links.isolated]), own)[0]:
            return None, False
        return best, False

    def _usual_theme(self, rows: Sequence[int]) -> int:
        """Returns the theme, as a place, that most of some rows are in; the first of equals; LEFT without rows."""
        themes = Counter(self._labels[list(rows)].tolist())
        return max(themes, key=lambda place: (themes[place], -place), default=LEFT)

    def _nearest(self, strengths: Scores) -> tuple[Near, ...]:
        order = np.argsort(-strengths, kind="stable")[:MAX_NEAREST].tolist()
        named = [Near(self._themes[place], round(float(strengths[place]), DIGITS)) for place in order]
        return tuple(near for near in named if near.strength > 0)

    def _shown(self, texts: Ints, without: frozenset[int]) -> tuple[int, ...]:
        """Returns a row of each of the first MAX_NEIGHBOURS texts, not one that is `without`."""
        return tuple(self._row_saying(text, without) for text in texts[:MAX_NEIGHBOURS].tolist())

    def _row_saying(self, text: int, without: frozenset[int]) -> int:
        row = self._row_of_text[text]
        return row if row not in without else next(other for other in self._rows_of[text] if other not in without)
