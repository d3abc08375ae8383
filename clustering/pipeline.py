"""Texts in, themes out: the one function that the web application and the command line stand on."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from clustering.errors import UnusableVectors
from clustering.grouping.granularity import COARSEST, FINEST
from clustering.grouping.membership import SMALLEST, Vectors, group_voices, no_groups, place_rows, read_known
from clustering.layout.layout import draw
from clustering.naming.labels import Labeller
from clustering.naming.llm import Namer
from clustering.naming.naming import write_words
from clustering.result import ideas_of, nodes_of, themes_of
from clustering.text.duplicates import Voices, read_voices
from clustering.types import Previous, ThemeMap
from clustering.vectors.cache import KeptEncoder
from clustering.vectors.encoders import DEFAULT_MODEL, Encoder, load_encoder
from clustering.vectors.neighbors import shorten_rows, unit_rows

STAGES = ("read", "embed", "group", "name", "layout")
TOO_FEW = 12  # texts with words below which nothing is grouped

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
        voices = read_voices(texts, langs, vectors)
    too_few = int(voices.weights.sum()) < TOO_FEW
    with clock.stage("embed"):
        model = encoder if too_few or encoder is not None or vectors is not None else load_encoder()
        meaning = _embed(voices, vectors, model, clock) if not too_few else np.zeros((len(voices.rows), 1), np.float32)
    with _one_thread():
        with clock.stage("group"):
            known = read_known(names, voices, previous, granularity)
            told = clock.within("group")
            found = (
                no_groups(voices)
                if too_few
                else group_voices(voices, meaning, known, granularity, seed=seed, progress=told)
            )
            placed = place_rows(names, found, previous, smallest=1 if too_few else SMALLEST)
        with clock.stage("name"):
            asked = model.encoder if isinstance(model, KeptEncoder) else model  # names aren't worth keeping
            labeller = Labeller(voices, meaning, placed.strengths.own, question, asked, namer)
            words = write_words(labeller, found, placed, clock.within("name"))
            del labeller  # a million ideas need its room
        with clock.stage("layout"):
            meaning -= meaning.mean(axis=0) if len(meaning) else 0  # nobody asks for it as it was from here on
            about = shorten_rows(meaning)
            picture = draw(
                placed.space, placed.labels, placed.strengths, placed.between, len(placed.ids), placed.anchors
            )
            result = ThemeMap(
                model=encoder.name if encoder is not None else DEFAULT_MODEL if vectors is None else "vectors",
                seconds=clock.seconds,
                themes=themes_of(voices, about, placed, words, picture),
                ideas=ideas_of(found, placed, words, picture),
                too_few=too_few,
                families=tuple(words.families),
                tree=nodes_of(voices, about, found, words),
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


def _one_thread() -> AbstractContextManager[object]:
    """Keeps BLAS to one thread: its own threads wait for each other for seconds on a busy machine (see graph)."""
    from threadpoolctl import threadpool_limits

    return cast("AbstractContextManager[object]", threadpool_limits(1, user_api="blas"))


def _check(n: int, keys: Sequence[str], langs: Sequence[str | None] | None, granularity: int) -> None:
    if len(keys) != n or (langs is not None and len(langs) != n):
        raise ValueError("there must be one key and one language for each text")
    if len(set(keys)) != n:
        raise ValueError("each key must be there once")
    if not COARSEST <= granularity <= FINEST:
        raise ValueError(f"the granularity must be in {COARSEST}..{FINEST}")


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


def _embed(voices: Voices, vectors: Vectors | None, model: Encoder | None, clock: _Clock) -> Vectors:
    """Returns one row of meaning for each voice."""
    if vectors is not None:
        rows = np.asarray(vectors[voices.rows])
        scale = np.abs(rows).max(axis=1, keepdims=True)  # any scale will do, also one that float32 can't hold
        return unit_rows((rows / scale).astype(np.float32))
    assert model is not None  # noqa: S101 - one or the other: see find_themes
    return model.encode(voices.gists, clock.within("embed"))
