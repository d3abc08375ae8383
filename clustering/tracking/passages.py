"""Places the passages of ideas, so that an idea counts in each theme that it asks for.

A passage goes to the theme of most of the ideas that are nearest to it, if those near passages agree: a sentence that
ideas of all themes write ("it would be easy to do") is near to passages of all themes, and goes nowhere. A passage that
says nearly what an idea says alone goes where that idea is. Nearest neighbours vote with their squared cosine, as in
distance-weighted k-NN (Dudani 1976).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from clustering.arrays import LEFT, Bools, Floats, Indices, Ints, Labels, Vectors, normalize_rows
from clustering.grouping.graph import CANDIDATES, reduce_dimensions
from clustering.grouping.leiden import largest_first
from clustering.grouping.units import Found
from clustering.text.cleaning import fold, gist
from clustering.text.duplicates import UniqueTexts
from clustering.text.passages import Passage, split_passages
from clustering.threads import in_parallel
from clustering.tracking.assignment import Placed
from clustering.types import DIGITS, PlacedPassage, Previous
from clustering.vectors.neighbors import BLOCK, nearest_neighbours

VOTERS = 7  # nearest ideas that vote
PASSAGE_VOTERS = 15  # nearest passages that vote: more, since many may be the same sentence
MIN_SHARE_OF_IDEAS = 0.45  # of the votes of ideas, for the theme of a passage
# Of the nearest passages, each with the theme of its idea, with the theme of a passage: 0 as by chance, 1 if all agree
# (Cohen's kappa). Sentences that ideas of all themes write agree by chance.
MIN_AGREEMENT = 0.2
SAME_ASK = 0.6  # cosine with an idea of one passage from which a passage asks for the same
MIN_VOTES = 1e-9  # so that nobody divides by zero


@dataclass(frozen=True)
class Passages:
    """The p passages of the unique texts that have several. `text_of`: (p,) the unique text of each, ascending."""

    text_of: Ints
    passages: list[Passage]

    @classmethod
    def of(cls, texts: Sequence[str], written: Sequence[str]) -> "Passages":
        """Splits m unique texts, as they were given, so that the characters counted are theirs. `written`: their words.

        `written` are as in UniqueTexts.
        """
        text_of, passages = [], []
        for text, (given, words) in enumerate(zip(texts, written, strict=True)):
            found = split_passages(given, words)
            if len(found) > 1:
                text_of += [text] * len(found)
                passages += found
        return cls(np.array(text_of, dtype=np.intp), passages)

    @classmethod
    def none(cls) -> "Passages":
        """Returns no passages: every idea counts with its whole text."""
        return cls(np.zeros(0, dtype=np.intp), [])

    @property
    def gists(self) -> list[str]:
        return [passage.gist for passage in self.passages]

    def places_of(self, text: int) -> range:
        """Returns the places of the passages of a unique text; none where it has only one."""
        first, last = np.searchsorted(self.text_of, [text, text + 1]).tolist()
        return range(first, last)


@dataclass(frozen=True)
class Votes:
    """Where each of p passages goes. `theme`: (p,) a place in Placed.ids, or LEFT; `share`: (p,) of the votes, 0..1."""

    theme: Labels
    share: Floats


@dataclass(frozen=True)
class PassageLinks:
    """Who votes on each of p passages: k texts and passages that are near to it.

    `text`: (p, k) the unique text of each of these; `by_ideas`, `by_passages`: (p, k) the votes of the VOTERS nearest
    ideas, and of the PASSAGE_VOTERS nearest passages, 0 for any other. `closest`: (p,) which of the k is the nearest
    idea of one passage; `likeness`: (p,) its cosine, 0 for none.
    """

    text: Ints
    by_ideas: Floats
    by_passages: Floats
    closest: Ints
    likeness: Floats

    @classmethod
    def of(cls, near: "NearTexts", cosines: Floats, among: Bools) -> "PassageLinks":
        """Chooses who votes `among` the (p, k) texts and passages that are near. `cosines`: (p, k) with these."""
        alone = np.where(among & near.whole & ~near.several, cosines, 0.0)
        return cls(
            near.text,
            _nearest(cosines, among & near.whole, VOTERS),
            _nearest(cosines, among & ~(near.whole & near.several), PASSAGE_VOTERS),
            alone.argmax(axis=1),
            alone.max(axis=1, initial=0.0),
        )

    def vote(self, theme_of_text: Labels) -> Votes:
        """Returns where the passages go. `theme_of_text`: (m,) the theme of each unique text, LEFT for none."""
        themes = theme_of_text[self.text]
        chosen, share = _most(themes, self.by_ideas)
        agreeing = np.where(themes == chosen[:, None], self.by_passages, 0.0).sum(axis=1)
        agreeing /= np.maximum(self.by_passages.sum(axis=1), MIN_VOTES)
        by_chance = np.bincount(theme_of_text + 1, minlength=1)[chosen + 1] / len(theme_of_text)
        agrees = agreeing - by_chance >= MIN_AGREEMENT * (1 - by_chance)
        goes = (chosen != LEFT) & (share >= MIN_SHARE_OF_IDEAS) & agrees
        said_by = themes[np.arange(len(themes)), self.closest]
        said = (self.likeness >= SAME_ASK) & (said_by != LEFT)
        chosen, share = np.where(said, said_by, chosen), np.where(said, self.likeness, share)
        goes |= said
        return Votes(np.where(goes, chosen, LEFT), np.where(goes, share, 0.0))


@dataclass(frozen=True)
class NearTexts:
    """The (p, k) texts and passages near to p passages. `text`: the unique text of each, int; the others bool.

    `whole`: it is a text, not a passage; `several`: its text has several passages.
    """

    text: Ints
    whole: Bools
    several: Bools

    @classmethod
    def of(cls, near: Indices, passages: Passages, count: int) -> "NearTexts":
        """`near`: (p, k) places among the `count` unique texts, and after them the passages."""
        text = np.concatenate([np.arange(count), passages.text_of])[near]
        several = np.zeros(count, dtype=np.bool_)
        several[passages.text_of] = True
        return cls(text, near < count, several[text])


def link_passages(passages: Passages, meaning: Vectors, meanings: Vectors, *, seed: int = 0) -> PassageLinks:
    """Returns who is near to the p passages. Ideas of one passage count among both, ideas and passages.

    `meaning`: (m, d) float32 unit rows, what each unique text means; `meanings`: (p, d) the same of the passages.
    """
    m, p = len(meaning), len(meanings)
    if not p:
        nobody = np.zeros((0, 0))
        return PassageLinks(nobody.astype(np.intp), nobody, nobody, np.zeros(0, dtype=np.intp), np.zeros(0))
    rows = normalize_rows(np.vstack([meaning, meanings]) - meaning.mean(axis=0))
    near = nearest_neighbours(reduce_dimensions(rows), min(CANDIDATES, m + p - 1), seed=seed)[m:]
    near = np.sort(near, axis=1)  # of equals the first votes
    cosines = _cosines(rows[m:], rows, near)
    those = NearTexts.of(near, passages, m)
    return PassageLinks.of(those, cosines, those.text != passages.text_of[:, None])


def regroup(found: Found, passages: Passages, links: PassageLinks, unit_of_text: Ints, *, smallest: int) -> Found:
    """Returns the groups with each idea of several passages in a group that one of its passages goes to.

    An idea none of whose passages goes anywhere stays. A group that keeps fewer than `smallest` ideas was made of ideas
    that ask for several things: it is given up, and what remains of it is left over.
    """
    if not passages.passages:
        return found
    labels = found.labels[unit_of_text]
    votes = links.vote(labels)
    moved = found.labels.copy()
    for text in np.unique(passages.text_of).tolist():
        places = [place for place in passages.places_of(text) if votes.theme[place] != LEFT]
        if places and labels[text] not in votes.theme[places]:
            moved[unit_of_text[text]] = votes.theme[max(places, key=lambda place: votes.share[place])]
    count = int(found.labels.max(initial=-1)) + 1
    sizes = np.bincount(moved[moved >= 0], minlength=count)
    before = np.bincount(found.labels[found.labels >= 0], minlength=count)
    given_up = (sizes < smallest) & (sizes < before)
    moved[(moved >= 0) & given_up[moved]] = LEFT
    return replace(found, labels=largest_first(moved), ambiguous=found.ambiguous & (moved == LEFT))


def _cosines(meanings: Vectors, rows: Vectors, near: Indices) -> Floats:
    """Returns (p, k): the cosine of each of (p, d) unit rows with k of `rows`, named by (p, k) `near`; rounded."""
    result = np.empty(near.shape)

    def compare(part: slice) -> None:
        result[part] = np.einsum("id,ijd->ij", meanings[part], rows[near[part]])

    in_parallel(compare, [slice(start, start + BLOCK) for start in range(0, len(near), BLOCK)])
    return np.round(result, DIGITS)


def _nearest(cosines: Floats, among: Bools, count: int) -> Floats:
    """Returns (p, k) the votes: the squared cosine of the `count` nearest `among` the neighbours, 0 of any other."""
    allowed = np.where(among, np.maximum(cosines, 0.0), 0.0)
    order = np.argsort(-allowed, axis=1, kind="stable")[:, :count]
    votes = np.zeros_like(allowed)
    np.put_along_axis(votes, order, np.take_along_axis(allowed, order, axis=1) ** 2, axis=1)
    return votes


def _most(themes: Labels, votes: Floats) -> tuple[Labels, Floats]:
    """Returns the theme with most votes in each row, the first of equals, and its share; LEFT counts as a theme."""
    chosen = np.full(len(themes), LEFT, dtype=np.intp)
    share = np.zeros(len(themes))
    for row, (theme, weight) in enumerate(zip(themes, votes, strict=True)):
        sums = np.bincount(theme + 1, weight)
        chosen[row], share[row] = sums.argmax() - 1, sums.max() / max(weight.sum(), MIN_VOTES)
    return chosen, share


def count_passages(
    placed: Placed,
    unique: UniqueTexts,
    texts: Sequence[str],
    keys: Sequence[str],
    found: tuple[Passages, Votes],
    previous: Previous | None,
    *,
    smallest: int,
) -> tuple[Placed, list[tuple[PlacedPassage, ...]]]:
    """Returns the rows in their main themes, and of each row the passages that count.

    The main theme is the one by the whole text where a passage goes there too, else that of the passage with the
    largest share of votes. An idea without a theme gets that of its passages. Where a person placed an idea, its main
    theme stays; where a person forbade a theme or took the idea out of all, no passage counts there. An idea stays
    where its theme would keep fewer than `smallest`. An idea of one passage counts with its whole text.
    """
    rows = [_row_passages(row, unique, texts, found) for row in range(len(texts))]
    allowed = [_allowed(placed, key, passages, previous) for key, passages in zip(keys, rows, strict=True)]
    labels = _main_themes(placed.labels, allowed, keys, previous, smallest)
    moved = np.flatnonzero(labels != placed.labels)
    strengths = placed.strengths
    for row in moved.tolist():
        near = strengths.strength[row][strengths.nearest[row] == labels[row]]
        best = max(passage.strength for passage in allowed[row] if passage.theme == labels[row])
        strengths.own[row] = near[0] if near.size else best
    counted = [
        counting_passages(place, passages, texts[row], float(strengths.own[row]), placed.ids)
        for row, (place, passages) in enumerate(zip(labels.tolist(), allowed, strict=True))
    ]
    return replace(placed, labels=labels, ambiguous=placed.ambiguous & (labels == LEFT)), counted


def _row_passages(
    row: int, unique: UniqueTexts, texts: Sequence[str], found: tuple[Passages, Votes]
) -> list[PlacedPassage]:
    """Returns the passages of a row that go to a theme; `theme` is a place in Placed.ids here."""
    passages, votes = found
    text = int(unique.index_of[row])
    places = passages.places_of(text)
    if not len(places):
        return []
    here = [passages.passages[place] for place in places]
    if row != unique.first_row[text] and texts[row] != texts[unique.first_row[text]]:
        here = same_passages(texts[row], here)
    return [
        PlacedPassage(int(votes.theme[place]), passage.start, passage.end, round(float(votes.share[place]), DIGITS))
        for place, passage in sorted(zip(places, here, strict=True), key=lambda pair: (pair[1].start, pair[0]))
        if votes.theme[place] != LEFT
    ]


def same_passages(copy: str, passages: Sequence[Passage]) -> list[Passage]:
    """Returns for each passage of a text the one of its copy that says the same; the whole copy where none does.

    The copy has the same words, or nearly so: other spaces or signs, a sentence more, some words replaced.
    """
    start = len(copy) - len(copy.lstrip())
    whole = Passage(start, max(start, len(copy.rstrip())), gist(copy))
    others = [(passage, set(fold(passage.gist).split())) for passage in split_passages(copy, whole.gist)]
    found = []
    for passage in passages:
        words = set(fold(passage.gist).split())
        best, shared = max(others, key=lambda other: len(words & other[1]), default=(whole, set()))
        found.append(best if 2 * len(words & shared) >= len(words) else whole)
    return found


def _allowed(
    placed: Placed, key: str, passages: Sequence[PlacedPassage], previous: Previous | None
) -> list[PlacedPassage]:
    """Returns the passages less those that people's edits exclude."""
    if previous is None or not passages:
        return list(passages)
    if key in previous.outliers:
        return []
    banned = previous.forbidden.get(key, frozenset())
    return [passage for passage in passages if placed.ids[passage.theme] not in banned]


def _main_themes(
    labels: Labels,
    allowed: Sequence[Sequence[PlacedPassage]],
    keys: Sequence[str],
    previous: Previous | None,
    smallest: int,
) -> Labels:
    """Returns (n,) the main theme of each row."""
    result = labels.copy()
    fixed = previous.placed if previous else {}
    for row, passages in enumerate(allowed):
        if keys[row] not in fixed:
            result[row] = main_theme(int(labels[row]), passages)
    moved = np.flatnonzero(result != labels)
    if not len(moved):
        return labels
    count = int(max(labels.max(), result.max())) + 1
    before, after = np.bincount(labels[labels >= 0], minlength=count), np.bincount(result[result >= 0], minlength=count)
    emptied = (after < before) & (after < smallest)
    back = moved[(labels[moved] >= 0) & emptied[labels[moved]]]
    result[back] = labels[back]
    return result


def main_theme(place: int, passages: Sequence[PlacedPassage]) -> int:
    """Returns the main theme of an idea whose whole text goes to `place`: that of its strongest passage if none does.

    `theme` of the passages is a place in the ids of themes, as `place` is; LEFT for none.
    """
    if not passages or any(passage.theme == place for passage in passages):
        return place
    return max(passages, key=lambda passage: (passage.strength, -passage.theme)).theme


def counting_passages(
    place: int, passages: Sequence[PlacedPassage], text: str, own: float, ids: Sequence[int]
) -> tuple[PlacedPassage, ...]:
    """Returns the passages of an idea by theme ids; the whole text where none goes to its main theme."""
    if place == LEFT:
        return ()
    named = [replace(passage, theme=ids[passage.theme]) for passage in passages]
    if all(passage.theme != ids[place] for passage in named):
        start = len(text) - len(text.lstrip())
        named.insert(0, PlacedPassage(ids[place], start, max(start, len(text.rstrip())), round(own, DIGITS)))
    return tuple(named)
