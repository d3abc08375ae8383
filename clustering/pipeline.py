"""Texts in, themes out: the one function that the web application and the command line stand on."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from clustering import grouping, layout
from clustering.embedding import DEFAULT_MODEL, Encoder, load_encoder
from clustering.errors import UnusableVectors
from clustering.exemplar import choose_exemplars
from clustering.graph import centred, unit_rows
from clustering.language import detect_languages
from clustering.lineage import trace
from clustering.naming import Names, spare_name
from clustering.phrase import Lexicon
from clustering.quality import cohesion
from clustering.text import clean_text, fold, gist
from clustering.types import FoundTheme, Leftover, Near, PlacedIdea, Previous, ThemeMap
from clustering.word import question_lemmas

STAGES = ("read", "embed", "group", "name", "layout")
TOO_FEW = 12  # texts with words below which nothing is grouped
MANY = 5000  # texts from which products are worth several threads
NEAREST = 3  # themes named for each idea
DIGITS = 4  # after the point, in what is given back

Vectors = NDArray[np.float32]
Rows = NDArray[np.intp]
Progress = Callable[[str, float], None]


def find_themes(
    texts: Sequence[str],
    *,
    keys: Sequence[str] | None = None,
    langs: Sequence[str | None] | None = None,
    vectors: Vectors | None = None,
    encoder: Encoder | None = None,
    question: str = "",
    previous: Previous | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> ThemeMap:
    """Groups n texts into themes. Same input and seed, same output.

    `keys`: the caller's name of each text, each once ("0".."n-1" if left out); `previous` speaks of these. `langs`:
    ISO 639-1 codes where known. `vectors`: (n, d) floats, one row for each text, instead of embedding. `encoder`: the
    embedded model if left out. `question`: the campaign's own words, set aside in names. `progress` hears (stage, 0..1)
    and may raise to cancel: nothing is written anywhere.

    Raises UnusableVectors or ModelUnavailable; ValueError when lengths disagree or a key is there twice.
    """
    names = [str(row) for row in range(len(texts))] if keys is None else list(keys)
    _check_lengths(len(texts), names, langs)
    if vectors is not None:
        check_vectors(vectors, len(texts))
    clock = _Clock(progress)
    with clock.stage("read"):
        said = _read(texts, langs, vectors)
    too_few = int(said.weights.sum()) < TOO_FEW
    with clock.stage("embed"):
        model = load_encoder() if encoder is None and vectors is None and not too_few else encoder
        meaning = _embed(said, vectors, model, clock) if not too_few else np.zeros((len(said.rows), 1), np.float32)
    with clock.stage("group"), _one_thread(len(said.rows)):
        found = _group(said, meaning, seed, clock) if not too_few else _no_groups(said)
        sorted_ = _sort(names, said, found, previous, smallest=1 if too_few else 3)
    with clock.stage("name"):
        labels = _name(said, meaning, sorted_, question, model)
    with clock.stage("layout"), _one_thread(len(said.rows)):
        picture = _draw(sorted_, previous)
        themes = _themes(said, meaning, sorted_, labels, picture)
        ideas = _ideas(sorted_, picture)
    return ThemeMap(_model_name(vectors, encoder), clock.seconds, themes, ideas, too_few)


class _Clock:
    """Tells progress, and keeps how long each stage took."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self.seconds = dict.fromkeys([*STAGES, "total"], 0.0)

    def tell(self, stage: str, fraction: float) -> None:
        if self._progress is not None:
            self._progress(stage, fraction)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        self.tell(name, 0.0)
        yield
        self.tell(name, 1.0)
        self.seconds[name] = time.perf_counter() - started
        self.seconds["total"] += self.seconds[name]


def _one_thread(n: int) -> AbstractContextManager[object]:
    """Keeps BLAS to one thread for small products: on a busy machine its threads wait for each other for seconds."""
    from threadpoolctl import threadpool_limits

    return cast("AbstractContextManager[object]", threadpool_limits(1 if n < MANY else None, user_api="blas"))


def _check_lengths(n: int, keys: Sequence[str], langs: Sequence[str | None] | None) -> None:
    if len(keys) != n or (langs is not None and len(langs) != n):
        raise ValueError("there must be one key and one language for each text")
    if len(set(keys)) != n:
        raise ValueError("each key must be there once")


def check_vectors(vectors: NDArray[np.generic], n: int) -> None:
    """Raises UnusableVectors unless `vectors` is an (n, d) array of finite numbers, d at least 1."""
    if vectors.ndim != 2 or vectors.shape[1] < 1 or vectors.dtype.kind not in "fiu":  # noqa: PLR2004 - rows and columns
        raise UnusableVectors(
            f"The vectors must be an array of numbers of shape (ideas, dimensions); theirs is {vectors.shape}.",
            code="vectors_shape",
        )
    if len(vectors) != n:
        raise UnusableVectors(
            f"There are {len(vectors)} vectors for {n} ideas: give one for each, in the same order.",
            code="vectors_count",
        )
    if not np.isfinite(vectors).all():
        raise UnusableVectors("Some vectors hold NaN or infinite values.", code="vectors_finite")


@dataclass(frozen=True)
class _Said:
    """What the ideas say. Ideas that say the same are one voice, or they would have no neighbours but each other.

    `voice_of`: (n,) the voice of each row, -1 for a row that says nothing. For each voice: its first row, how many rows
    share it, its words, its language.
    """

    texts: list[str]
    voice_of: Rows
    rows: Rows
    weights: Rows
    gists: list[str]
    langs: list[str | None]


def _read(texts: Sequence[str], langs: Sequence[str | None] | None, vectors: Vectors | None) -> _Said:
    cleaned = [clean_text(text) for text in texts]
    gists = [gist(text) for text in cleaned]
    places: dict[str | bytes, int] = {}
    voice_of = np.full(len(texts), -1, dtype=np.intp)
    rows: list[int] = []
    for row, words in enumerate(gists):
        key = fold(words) if vectors is None else vectors[row].tobytes() if vectors[row].any() else ""
        if key:
            if key not in places:
                places[key] = len(rows)
                rows.append(row)
            voice_of[row] = places[key]
    spoken = [gists[row] for row in rows]
    spoken_langs = detect_languages(spoken, None if langs is None else [langs[row] for row in rows])
    weights = np.bincount(voice_of[voice_of >= 0], minlength=len(rows))
    return _Said(cleaned, voice_of, np.array(rows, dtype=np.intp), weights, spoken, spoken_langs)


def _embed(said: _Said, vectors: Vectors | None, encoder: Encoder | None, clock: _Clock) -> Vectors:
    """Returns one row of meaning for each voice."""
    if vectors is not None:
        rows = np.asarray(vectors[said.rows], dtype=np.float64)
        return unit_rows((rows / np.abs(rows).max(axis=1, keepdims=True)).astype(np.float32))  # any scale will do
    return (encoder or load_encoder()).encode(said.gists, lambda done: clock.tell("embed", done))


def _model_name(vectors: Vectors | None, encoder: Encoder | None) -> str:
    if encoder is not None:
        return encoder.name
    return DEFAULT_MODEL if vectors is None else "vectors"


def _group(said: _Said, meaning: Vectors, seed: int, clock: _Clock) -> grouping.Grouping:
    """Groups the voices, looks again at those left over, and lets a voice that many share stand by itself."""
    found = grouping.group(meaning, said.gists, seed=seed, progress=lambda done: clock.tell("group", done))
    count = int(found.labels.max(initial=-1)) + 1
    labels = grouping.settle(found.labels, grouping.strengths(found.space, found.labels, count))
    many = np.flatnonzero((labels == grouping.LEFT) & (said.weights >= grouping.smallest_group(len(said.rows))))
    labels[many] = count + np.arange(len(many))
    return grouping.Grouping(labels, found.space)


def _no_groups(said: _Said) -> grouping.Grouping:
    count = len(said.rows)
    return grouping.Grouping(np.full(count, grouping.LEFT, dtype=np.intp), np.zeros((count, 1), dtype=np.float32))


@dataclass(frozen=True)
class _Sorted:
    """Every row in its place. `labels`: (n,) place in `ids`, or LEFT; `space`: (n, d); `strength`: (n, len(ids))."""

    ids: tuple[int, ...]
    labels: Rows
    space: Vectors
    strength: Vectors

    def members(self, place: int) -> Rows:
        return np.flatnonzero(self.labels == place)


def _sort(
    keys: Sequence[str], said: _Said, found: grouping.Grouping, previous: Previous | None, *, smallest: int
) -> _Sorted:
    silent = said.voice_of < 0
    group_of = np.append(found.labels, grouping.LEFT)[said.voice_of]  # -1 picks the last
    lineage = trace(keys, [None if g < 0 else int(g) for g in group_of], previous, smallest=smallest)
    places = {theme: place for place, theme in enumerate(lineage.ids)}
    labels = np.array([grouping.LEFT if t is None else places[t] for t in lineage.theme_of], dtype=np.intp)
    space = np.vstack([found.space, np.zeros((1, found.space.shape[1]), dtype=np.float32)])[said.voice_of]
    strength = grouping.strengths(space, labels, len(lineage.ids))
    strength[silent] = 0.0
    return _Sorted(lineage.ids, labels, space, strength)


@dataclass(frozen=True)
class _Label:
    name: str
    phrases: tuple[str, ...]
    exemplars: tuple[int, ...]


def _name(said: _Said, meaning: Vectors, sorted_: _Sorted, question: str, encoder: Encoder | None) -> list[_Label]:
    lexicon = Lexicon(said.gists, said.langs, said.weights.tolist(), question_lemmas(question, said.langs))
    members = [sorted_.members(place) for place in range(len(sorted_.ids))]
    exemplars = []
    groups = []
    for place, rows in enumerate(members):
        voices = said.voice_of[rows]
        groups.append(voices[voices >= 0])
        exemplars.append(_exemplars(said, meaning, sorted_, place, rows))
    spare = [spare_name(said.texts[rows[0]]) if rows else "" for rows in exemplars]
    named = Names(lexicon, meaning, encoder).give(groups, spare)
    return [_Label(label.name, label.phrases, tuple(rows)) for label, rows in zip(named, exemplars, strict=True)]


def _exemplars(said: _Said, meaning: Vectors, sorted_: _Sorted, place: int, rows: Rows) -> list[int]:
    """Returns the rows of typical verbatims: each voice is heard once, and one that says nothing isn't."""
    voices, first = np.unique(said.voice_of[rows], return_index=True)
    distinct, spoken = rows[first][voices >= 0], voices[voices >= 0]
    if not len(spoken):
        return [int(row) for row in rows[:1]]
    texts = [said.texts[row] for row in distinct]
    return [int(distinct[at]) for at in choose_exemplars(meaning[spoken], texts, sorted_.strength[distinct, place])]


@dataclass(frozen=True)
class _Picture:
    centres: layout.Points
    points: layout.Points
    between: NDArray[np.bool_]


def _draw(sorted_: _Sorted, previous: Previous | None) -> _Picture:
    count = len(sorted_.ids)
    sizes = [len(sorted_.members(place)) for place in range(count)]
    known = previous.positions if previous else {}
    anchors = {place: known[theme] for place, theme in enumerate(sorted_.ids) if theme in known}
    directions = grouping.centroids(sorted_.space, sorted_.labels, count)
    centres, radius = layout.place_themes(directions, sizes, anchors)
    points = np.empty((len(sorted_.labels), 2))
    flat = grouping.principal_axes(sorted_.space, grouping.DIMENSIONS).astype(np.float32)
    for place in range(count):
        rows = sorted_.members(place)
        points[rows] = layout.place_members(
            flat[rows], sorted_.strength[rows, place], centres[place], float(radius[place])
        )
    left = np.flatnonzero(sorted_.labels < 0)
    between = np.zeros(len(points), dtype=np.bool_)
    between[left] = grouping.is_between(sorted_.strength[left])
    points[left] = layout.place_leftovers(_wishes(sorted_.strength[left], between[left], centres), centres, radius)
    return _Picture(centres, points, between)


def _wishes(strength: Vectors, between: NDArray[np.bool_], centres: layout.Points) -> layout.Points:
    """Where a leftover wants to lie: between its two nearest themes, or anywhere (NaN)."""
    wishes = np.full((len(strength), 2), np.nan)
    for at in np.flatnonzero(between):
        nearest = np.argsort(-strength[at], kind="stable")[:2]
        wishes[at] = np.average(centres[nearest], axis=0, weights=strength[at, nearest])
    return wishes


def _themes(
    said: _Said, meaning: Vectors, sorted_: _Sorted, labels: Sequence[_Label], picture: _Picture
) -> tuple[FoundTheme, ...]:
    about = unit_rows(centred(meaning))
    themes = []
    for place, (theme, label) in enumerate(zip(sorted_.ids, labels, strict=True)):
        rows = sorted_.members(place)
        voices, weights = np.unique(said.voice_of[rows], return_counts=True)
        heard = voices >= 0
        themes.append(
            FoundTheme(
                id=theme,
                name=label.name,
                phrases=label.phrases,
                size=len(rows),
                cohesion=round(cohesion(about[voices[heard]], weights[heard].astype(np.float64)), DIGITS),
                exemplars=label.exemplars,
                x=round(float(picture.centres[place, 0]), DIGITS),
                y=round(float(picture.centres[place, 1]), DIGITS),
            )
        )
    return tuple(sorted(themes, key=lambda theme: (-theme.size, theme.id)))


def _ideas(sorted_: _Sorted, picture: _Picture) -> tuple[PlacedIdea, ...]:
    ideas = []
    order = np.argsort(-sorted_.strength, axis=1, kind="stable")[:, :NEAREST]
    for row, place in enumerate(sorted_.labels.tolist()):
        nearest = tuple(
            Near(sorted_.ids[at], round(float(sorted_.strength[row, at]), DIGITS))
            for at in order[row]
            if round(float(sorted_.strength[row, at]), DIGITS) > 0
        )
        left = place == grouping.LEFT
        strength = float(sorted_.strength[row, place]) if not left else nearest[0].strength if nearest else 0.0
        ideas.append(
            PlacedIdea(
                theme=None if left else sorted_.ids[place],
                leftover=(Leftover.BETWEEN if picture.between[row] else Leftover.ALONE) if left else None,
                nearest=nearest,
                strength=round(strength, DIGITS),
                x=round(float(picture.points[row, 0]), DIGITS),
                y=round(float(picture.points[row, 1]), DIGITS),
            )
        )
    return tuple(ideas)
