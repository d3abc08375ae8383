"""Places one new idea among existing themes, by the links that a run would give it: at once, without a run."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import LEFT, Bools, Ints, Scores, Vectors, normalize_rows
from clustering.grouping.groups import MIN_OWN_SHARE, has_rival, is_outlier
from clustering.grouping.strengths import Scales
from clustering.text.cleaning import clean_text, fold, gist
from clustering.text.glossary import spell_out
from clustering.text.language import detect_languages
from clustering.text.near_copies import KnownTexts, may_be_copy
from clustering.text.passages import split_passages
from clustering.text.set_aside.fillers import strip_fillers
from clustering.text.set_aside.residue import residue_of
from clustering.tracking.assignment import MAX_NEAREST
from clustering.tracking.incremental import IncrementalNeighbours, IncrementalPassages, Links
from clustering.tracking.passages import Passages, counting_passages, main_theme, same_passages
from clustering.types import DIGITS, Leftover, Near, Place, PlacedPassage
from clustering.vectors.checks import sound_rows
from clustering.vectors.encoders import Encoder

MIN_STRENGTH = 0.25  # of an idea in the theme that takes it, where most of its links go elsewhere
MAX_NEIGHBOURS = 5  # named


@dataclass(frozen=True)
class NewIdea:
    """An idea to place. `lang`: an ISO 639-1 code, None to detect it. `forbidden`: themes where it never goes.

    `placed`: the theme where a person put it: it stays there, as long as there are ideas in it.
    """

    text: str
    lang: str | None = None
    forbidden: frozenset[int] = frozenset()
    placed: int | None = None


class Placer:
    """The n ideas of a campaign and the theme of each, whoever put it there; places further ideas among them."""

    def __init__(
        self,
        vectors: NDArray[np.generic],
        texts: Sequence[str],
        labels: Sequence[int | None],
        *,
        langs: Sequence[str | None] | None = None,
        same_as: Sequence[int | None] | None = None,
        encoder: Encoder | None = None,
        glossary: Mapping[str, str] | None = None,
    ) -> None:
        """`vectors`: (n, d) finite numbers, zeros for an idea without words; n may be 0. `labels`: their themes.

        `langs`: ISO 639-1 codes where known; `same_as`: the row that says the same as each, see PlacedIdea, where a run
        told. `encoder`: what made the vectors; without one, no passages are found. `glossary`: meanings of
        abbreviations, with which they were made. Keeps a copy of the vectors. Raises UnusableVectors; ValueError when
        lengths disagree.
        """
        rows = sound_rows(vectors)
        if len(rows) != len(texts):
            raise ValueError("there must be one text for each vector")
        gists = {row: gist(texts[row]) for row in np.flatnonzero(rows.any(axis=1)).tolist()}
        gists = {row: words for row, words in gists.items() if residue_of(words or clean_text(texts[row])) is None}
        worded = np.zeros(len(rows), dtype=np.bool_)
        worded[list(gists)] = True
        rows[~worded] = 0.0
        self._mean = rows[worded].mean(axis=0) if worded.any() else np.zeros(rows.shape[1], dtype=np.float32)
        rows[worded] -= self._mean
        self._meaning = normalize_rows(rows)
        self._spell_out = spell_out(glossary or {})
        self._written = gists
        gists = {row: self._spell_out(words) for row, words in gists.items()}
        self._texts, self._langs, self._gists, self._encoder = texts, langs, gists, encoder
        self._worded = np.array(list(gists), dtype=np.intp)
        self._rows_with: dict[str, list[int]] = defaultdict(list)
        for row, words in gists.items():
            self._rows_with[fold(words)].append(row)
        self._rows_of = self._rows_of_texts(same_as)
        self._text_of = {row: text for text, rows_of in enumerate(self._rows_of) for row in rows_of}
        self._first = [rows_of[0] for rows_of in self._rows_of]
        self._neighbours = IncrementalNeighbours(self._meaning[self._first], [gists[row] for row in self._first])
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

    def place(self, vector: NDArray[np.generic], idea: NewIdea, without: frozenset[int] = frozenset()) -> Place:
        """Places an idea by its (d,) vector and its text. Raises UnusableVectors.

        `without`: rows of ideas whose text has changed since: they are not counted.

        One that is no proposal goes nowhere (see text.residue). Another goes where ideas with the same words, or nearly
        so, are, if there are any. Otherwise it goes where most of its links go, unless it is an outlier, has a rival
        theme (see groups.has_rival), or is too far from the centre of the theme. Its passages go where those of a run
        do; where none goes to that theme, it goes to the theme of the strongest one (see tracking.passages).
        """
        row = sound_rows(np.atleast_2d(vector), len(self._mean))
        written = gist(idea.text)
        words = self._spell_out(written)
        residue = residue_of(written or clean_text(idea.text))
        if residue is not None:
            return Place(None, residue, (), 0.0, ())
        if not row.any():
            return Place(None, Leftover.OUTLIER, (), 0.0, ())
        meaning = normalize_rows(row - self._mean)
        banned = [place for place, theme in enumerate(self._themes) if theme in idea.forbidden]
        linkable = self._linkable(banned, without)
        links = self._neighbours.links(meaning[0], words, linkable)
        strengths = self._scales.strengths(meaning)[0]
        strengths[banned] = 0.0
        copied = self._row_of_copied(words, idea.lang, without)
        chosen = None if copied is None else self._theme_of_copied(words, copied, banned, without)
        ambiguous = False
        if idea.placed in self._themes:
            chosen = self._themes.index(idea.placed)
        elif chosen is None:
            chosen, ambiguous = self._theme_of_links(links, strengths)
        found = self._passages(idea.text, written, copied, without)
        passages = [one for one in found if one.theme not in banned]
        if idea.placed not in self._themes:
            main = main_theme(LEFT if chosen is None else chosen, passages)
            chosen = None if main == LEFT else main
        return self._place(idea.text, links, strengths, (chosen, ambiguous), passages, copied, without)

    def _place(
        self,
        text: str,
        links: Links,
        strengths: Scores,
        found: tuple[int | None, bool],
        passages: Sequence[PlacedPassage],
        copied: int | None,
        without: frozenset[int],
    ) -> Place:
        """Returns what was found, by ids of themes. `found`: the theme, a place, or None, and if it is ambiguous."""
        chosen, ambiguous = found
        nearest = self._nearest(strengths)
        if chosen is None:
            leftover = Leftover.AMBIGUOUS if ambiguous and len(nearest) > 1 else Leftover.OUTLIER
            strength = nearest[0].strength if nearest else 0.0
            return Place(None, leftover, nearest, strength, self._shown(links.rows, without), same_as=copied)
        inside = links.rows[self._theme_of_text[links.rows] == chosen]
        strength = round(float(strengths[chosen]), DIGITS)
        counting = counting_passages(chosen, passages, text, strength, self._themes)
        return Place(
            self._themes[chosen], None, nearest, strength, self._shown(inside, without), counting, same_as=copied
        )

    def _rows_of_texts(self, same_as: Sequence[int | None] | None) -> list[list[int]]:
        """Returns the rows of each unique text: with the same words, or said to be the same; who stands for all first.

        One that says the same as an idea that is gone, or said nothing, stands for itself.
        """
        found: dict[str, list[int]] = {}
        for row, words in self._gists.items():
            standing = None if same_as is None else same_as[row]
            key = fold(self._gists.get(row if standing is None else standing, words))
            found.setdefault(key, []).append(row)
        for key, rows in found.items():
            rows.sort(key=lambda row: fold(self._gists[row]) != key)
        return list(found.values())

    # Near-copies ----------

    @cached_property
    def _known(self) -> KnownTexts:
        """The `_worded` rows, to compare the words of a new idea with."""
        gists = list(self._gists.values())
        langs = detect_languages(gists, None if self._langs is None else [self._langs[row] for row in self._gists])
        place_of = {row: place for place, row in enumerate(self._gists)}
        centres = np.array([place_of[self._first[self._text_of[row]]] for row in self._gists], dtype=np.intp)
        return KnownTexts(gists, langs, centres)

    def _row_of_copied(self, words: str, lang: str | None, without: frozenset[int]) -> int | None:
        """Returns a row that says the same with the same words or nearly so, the one that stands for all if it can."""
        same = [row for row in self._rows_with.get(fold(words), []) if row not in without]
        if same:
            text = self._text_of[same[0]]
        else:
            place = self._centre_of_copy(words, lang, without)
            if place is None:
                return None
            text = self._text_of[place]
        return next(row for row in self._rows_of[text] if row not in without)

    def _centre_of_copy(self, words: str, lang: str | None, without: frozenset[int]) -> int | None:
        """Returns the row that stands for all that a text is a near-copy of."""
        if not may_be_copy(words) or not len(self._worded):
            return None  # at once, without reading the others
        place = self._known.centre_of_copy(
            words, detect_languages([words], [lang])[0], ~np.isin(self._worded, list(without))
        )
        return None if place is None else int(self._worded[place])

    def _theme_of_copied(self, words: str, copied: int, banned: Sequence[int], without: frozenset[int]) -> int | None:
        """Returns the theme of most ideas with the same words, else of those that say the same; None if it's banned."""
        same = self._rows_with.get(fold(words)) or self._rows_of[self._text_of[copied]]
        theme = self._usual_theme([row for row in same if row not in without])
        return theme if theme != LEFT and theme not in banned else None

    # Passages ----------

    @cached_property
    def _voters(self) -> IncrementalPassages:
        """The texts and their passages, which the passages of a new idea are near to."""
        texts = [self._texts[row] for row in self._first]
        written = strip_fillers(list(self._written.values()))
        by_row = dict(zip(self._written, written, strict=True))
        split = Passages.of(texts, [by_row[row] for row in self._first])
        return IncrementalPassages(self._meaning[self._first], split, self._meanings(split.gists))

    def _meanings(self, gists: Sequence[str]) -> Vectors:
        if self._encoder is None or not gists:
            return np.zeros((len(gists), len(self._mean)), dtype=np.float32)
        said = list(map(self._spell_out, gists))
        return normalize_rows(sound_rows(self._encoder.encode(said)) - self._mean)

    def _passages(self, text: str, words: str, copied: int | None, without: frozenset[int]) -> list[PlacedPassage]:
        """Returns the passages that go to a theme, of a text that has several; `theme` is a place.

        One that says the same as the row `copied` asks for what that one asks for, which does not vote on itself.
        """
        if self._encoder is None or len(self._themes) <= 1:
            return []
        voting = self._linkable((), without)
        if copied is None:
            found = split_passages(text, words)
            if len(found) <= 1:
                return []
            meanings = self._meanings([one.gist for one in found])
        else:
            same = self._text_of[copied]
            voting[same] = False
            found, meanings = self._voters.of_text(same)
            if not found:
                return []
            found = same_passages(text, found)
        votes = self._voters.vote(meanings, self._theme_of_text, voting)
        passages = [
            PlacedPassage(theme, one.start, one.end, round(share, DIGITS))
            for one, theme, share in zip(found, votes.theme.tolist(), votes.share.tolist(), strict=True)
            if theme != LEFT
        ]
        return sorted(passages, key=lambda one: one.start)

    # Themes ----------

    def _linkable(self, banned: Sequence[int], without: frozenset[int]) -> Bools:
        """Returns for each unique text whether it counts: in no banned theme, and of an idea that still has it."""
        result: Bools = ~np.isin(self._theme_of_text, banned)
        changed = {self._text_of[row] for row in without if row in self._text_of}
        result[[text for text in changed if without.issuperset(self._rows_of[text])]] = False
        return result

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
