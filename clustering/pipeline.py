"""Texts in, themes out: the one function that the web application and the command line stand on."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Vectors, normalize_rows
from clustering.errors import UnusableVectors
from clustering.grouping.membership import group_texts, no_groups, read_known
from clustering.layout.layout import draw
from clustering.naming.labels import Labeller, label_run
from clustering.naming.llm import Namer
from clustering.result import ideas_of, nodes_of, themes_of
from clustering.text.duplicates import UniqueTexts, dedupe_texts
from clustering.threads import one_blas_thread
from clustering.tracking.assignment import MIN_IDEAS, place_rows
from clustering.types import MAX_GRANULARITY, MIN_GRANULARITY, Previous, ThemeMap
from clustering.vectors.cache import KeptEncoder
from clustering.vectors.encoders import DEFAULT_MODEL, Encoder, load_encoder

STAGES = ("read", "embed", "group", "name", "layout")
MIN_TEXTS = 12  # texts with words below which nothing is grouped

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
    granularity: int = 0,
    namer: Namer | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> ThemeMap:
    """Groups n texts into themes. Same input and seed, same output; the order of the rows decides nothing.

    `keys`: the caller's name of each text, each once ("0".."n-1" if left out); `previous` speaks of these. `langs`:
    ISO 639-1 codes where known. `vectors`: (n, d) floats, one row for each text, instead of embedding. `encoder`: the
    embedded model if left out. `question`: the campaign's own words, set aside in names. `granularity`: steps finer
    (1..3) or coarser (-1..-3) than what the ideas themselves suggest; where the previous themes are of the same one,
    as fine as they are. `namer`: gives themes other names. `progress` hears (stage, 0..1) and may raise to cancel:
    nothing is written anywhere.

    Raises UnusableVectors or ModelUnavailable; ValueError when lengths disagree, a key is there twice, or the
    granularity is out of range.
    """
    names = [str(row) for row in range(len(texts))] if keys is None else list(keys)
    _check(len(texts), names, langs, granularity)
    if vectors is not None:
        check_vectors(vectors, len(texts))
    clock = _Clock(progress)
    with clock.stage("read"):
        unique = dedupe_texts(texts, langs, vectors)
    too_few = int(unique.weights.sum()) < MIN_TEXTS
    with clock.stage("embed"):
        model = encoder if too_few or encoder is not None or vectors is not None else load_encoder()
        meaning = (
            _embed(unique, vectors, model, clock) if not too_few else np.zeros((len(unique.first_row), 1), np.float32)
        )
    with one_blas_thread():
        with clock.stage("group"):
            known = read_known(names, unique, previous, granularity)
            told = clock.within("group")
            found = (
                no_groups(unique)
                if too_few
                else group_texts(unique, meaning, known, granularity, seed=seed, progress=told)
            )
            placed = place_rows(names, found, previous, smallest=1 if too_few else MIN_IDEAS)
        with clock.stage("name"):
            asked = model.encoder if isinstance(model, KeptEncoder) else model  # names aren't worth keeping
            labeller = Labeller(unique, meaning, placed.strengths.own, question, asked, namer)
            labels = label_run(labeller, found, placed, clock.within("name"))
            del labeller  # a million ideas need its room
        with clock.stage("layout"):
            meaning -= meaning.mean(axis=0) if len(meaning) else 0  # nobody asks for it as it was from here on
            about = normalize_rows(meaning, copy=False)
            picture = draw(
                placed.space, placed.labels, placed.strengths, placed.ambiguous, len(placed.ids), placed.anchors
            )
            result = ThemeMap(
                model=encoder.name if encoder is not None else DEFAULT_MODEL if vectors is None else "vectors",
                seconds=clock.seconds,
                themes=themes_of(unique, about, placed, labels, picture),
                ideas=ideas_of(found, placed, labels, picture),
                too_few=too_few,
                families=tuple(labels.families),
                tree=nodes_of(unique, about, found, labels),
                events=placed.events,
                granularity=granularity,
                base=found.base,
            )
    return replace(result, seconds=clock.seconds)


class _Clock:
    """Tells progress, and keeps how long each stage took."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self.seconds = dict.fromkeys([*STAGES, "total"], 0.0)

    def tell(self, stage: str, fraction: float) -> None:
        if self._progress is not None:
            self._progress(stage, fraction)

    def within(self, stage: str) -> Callable[[float], None]:
        return lambda fraction: self.tell(stage, fraction)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        self.tell(name, 0.0)
        yield
        self.tell(name, 1.0)
        self.seconds[name] = time.perf_counter() - started
        self.seconds["total"] += self.seconds[name]


def _check(n: int, keys: Sequence[str], langs: Sequence[str | None] | None, granularity: int) -> None:
    if len(keys) != n or (langs is not None and len(langs) != n):
        raise ValueError("there must be one key and one language for each text")
    if len(set(keys)) != n:
        raise ValueError("each key must be there once")
    if not MIN_GRANULARITY <= granularity <= MAX_GRANULARITY:
        raise ValueError(f"the granularity must be in {MIN_GRANULARITY}..{MAX_GRANULARITY}")


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


def _embed(unique: UniqueTexts, vectors: Vectors | None, model: Encoder | None, clock: _Clock) -> Vectors:
    """Returns one row of meaning for each unique text."""
    if vectors is not None:
        rows = np.asarray(vectors[unique.first_row])
        scale = np.abs(rows).max(axis=1, keepdims=True)  # any scale will do, also one that float32 can't hold
        return normalize_rows((rows / scale).astype(np.float32))
    assert model is not None  # noqa: S101 - one or the other: see find_themes
    return model.encode(unique.gists, clock.within("embed"))
