"""Texts in, themes out: find_themes, which the web application and the command line call."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np

from clustering.arrays import Vectors, normalize_rows
from clustering.grouping.units import group_texts, no_groups, read_known
from clustering.layout.picture import draw
from clustering.naming.labels import Labeller
from clustering.naming.llm import Namer
from clustering.outline import label_run
from clustering.result import ideas_of, nodes_of, themes_of
from clustering.text.duplicates import UniqueTexts, dedupe_texts
from clustering.text.glossary import spell_out
from clustering.threads import one_blas_thread
from clustering.tracking.assignment import MIN_IDEAS, MIN_IDEAS_IF_FINER, place_rows
from clustering.tracking.passages import Passages, count_passages, link_passages, regroup
from clustering.types import MAX_GRANULARITY, MIN_GRANULARITY, Previous, ThemeMap
from clustering.vectors.cache import KeptEncoder
from clustering.vectors.checks import check_vectors
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
    lang: str | None = None,
    glossary: Mapping[str, str] | None = None,
    previous: Previous | None = None,
    granularity: int = 0,
    namer: Namer | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> ThemeMap:
    """Groups n texts into themes. Same input and seed, same output; the order of the rows decides nothing.

    `keys`: the caller's name of each text, all different ("0".."n-1" if left out), which `previous` refers to. `langs`:
    ISO 639-1 codes where known. `vectors`: (n, d) floats, one row for each text, instead of embedding. `encoder`: the
    embedded model if left out. `question`: the campaign's own words, set aside in names. `lang`: its language, an ISO
    639-1 code, in which themes are named if enough of their ideas are in it; that of most ideas if left out.
    `glossary`: meanings of abbreviations, which are spelt out for grouping and naming, never in an idea that is shown.
    `granularity`: steps finer (1..3) or coarser (-1..-3) than what the ideas themselves suggest; where the previous
    themes are of the same one, as fine as they are. `namer`: gives themes other names. `progress`: called with a stage
    of STAGES and a fraction in 0..1; it may raise to cancel, and nothing has been written anywhere.

    Raises UnusableVectors or ModelUnavailable; ValueError when lengths disagree, a key is there twice, or the
    granularity is out of range.
    """
    names = [str(row) for row in range(len(texts))] if keys is None else list(keys)
    _check(len(texts), names, langs, granularity)
    if vectors is not None:
        check_vectors(vectors, len(texts))
    clock = _Clock(progress)
    with clock.stage("read"):
        unique = dedupe_texts(texts, langs, vectors, glossary)
    too_few = int(unique.weights.sum()) < MIN_TEXTS
    with clock.stage("embed"):
        model = encoder if too_few or encoder is not None or vectors is not None else load_encoder()
        meaning = _embed(unique, vectors, model, clock.within("embed")) if not too_few else _meaningless(unique)
        split = _split(unique, texts) if vectors is None and not too_few else Passages.none()
        said = list(map(spell_out(glossary or {}), split.gists))
        meanings = model.encode(said, clock.within("embed")) if model and said else meaning[:0]
    with one_blas_thread():
        with clock.stage("group"):
            if too_few:
                found = no_groups(unique)
            else:
                known = read_known(names, unique, previous, granularity)
                found = group_texts(unique, meaning, known, granularity, seed=seed, progress=clock.within("group"))
            smallest = _smallest(too_few, granularity)
            links = link_passages(split, meaning, meanings, seed=seed)
            found = regroup(found, split, links, found.unit_of[unique.first_row], smallest=smallest)
            placed = place_rows(names, found, previous, smallest=smallest)
            votes = links.vote(placed.labels[unique.first_row])
            placed, passages = count_passages(placed, unique, texts, names, (split, votes), previous, smallest=smallest)
        with clock.stage("name"):
            asked = model.encoder if isinstance(model, KeptEncoder) else model  # names aren't worth keeping
            labeller = Labeller(unique, meaning, placed.strengths.own, question, asked, namer, lang)
            labels = label_run(labeller, found, placed, clock.within("name"))
            renamed = labeller.renamed
            del labeller  # frees gigabytes in a campaign of a million ideas
        with clock.stage("layout"):
            meaning -= meaning.mean(axis=0) if len(meaning) else 0  # in place: it is needed only centred from here on
            centred = normalize_rows(meaning, copy=False)
            picture = draw(
                placed.space, placed.labels, placed.strengths, placed.ambiguous, len(placed.ids), placed.anchors
            )
            return ThemeMap(
                model=encoder.name if encoder is not None else DEFAULT_MODEL if vectors is None else "vectors",
                seconds=clock.seconds,  # the clock writes the last stage into it
                themes=themes_of(unique, centred, placed, labels, picture, passages),
                ideas=ideas_of(unique, found, placed, labels, picture, passages),
                too_few=too_few,
                families=tuple(labels.families),
                tree=nodes_of(unique, centred, found, labels),
                events=placed.events,
                granularity=granularity,
                base=found.base,
                renamed=renamed,
            )


class _Clock:
    """Reports progress, and keeps the seconds of each stage and of all."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self.seconds = dict.fromkeys([*STAGES, "total"], 0.0)

    def report(self, stage: str, fraction: float) -> None:
        if self._progress is not None:
            self._progress(stage, fraction)

    def within(self, stage: str) -> Callable[[float], None]:
        return lambda fraction: self.report(stage, fraction)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        self.report(name, 0.0)
        yield
        self.report(name, 1.0)
        self.seconds[name] = time.perf_counter() - started
        self.seconds["total"] += self.seconds[name]


def _check(n: int, keys: Sequence[str], langs: Sequence[str | None] | None, granularity: int) -> None:
    if len(keys) != n or (langs is not None and len(langs) != n):
        raise ValueError("there must be one key and one language for each text")
    if len(set(keys)) != n:
        raise ValueError("each key must be there once")
    if not MIN_GRANULARITY <= granularity <= MAX_GRANULARITY:
        raise ValueError(f"the granularity must be in {MIN_GRANULARITY}..{MAX_GRANULARITY}")


def _smallest(too_few: bool, granularity: int) -> int:
    """Returns how many ideas make a theme: finer ones than the ideas suggest may be pairs."""
    return 1 if too_few else MIN_IDEAS_IF_FINER if granularity > 0 else MIN_IDEAS


def _split(unique: UniqueTexts, texts: Sequence[str]) -> Passages:
    """Returns the passages of the unique texts, with their characters in the texts that were given."""
    return Passages.of([texts[row] for row in unique.first_row.tolist()], unique.written)


def _embed(
    unique: UniqueTexts, vectors: Vectors | None, model: Encoder | None, progress: Callable[[float], None]
) -> Vectors:
    """Returns (m, d) float32 unit rows: what each unique text means, by `vectors` or else by the model."""
    if vectors is not None:
        rows = np.asarray(vectors[unique.first_row])
        scale = np.abs(rows).max(axis=1, keepdims=True)  # any scale will do, also one that float32 can't hold
        return normalize_rows((rows / scale).astype(np.float32))
    assert model is not None  # noqa: S101 - one or the other: see find_themes
    return model.encode(unique.gists, progress)


def _meaningless(unique: UniqueTexts) -> Vectors:
    """Returns (m, 1) zeros: texts that are too few to group need no embedding."""
    return np.zeros((len(unique.first_row), 1), np.float32)
