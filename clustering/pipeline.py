"""Texts in, themes out: the one function that the web application and the command line stand on."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from math import sqrt
from typing import cast

import numpy as np
from numpy.typing import NDArray

from clustering import explanation, grouping
from clustering.community import largest_first
from clustering.doubt import doubts
from clustering.embedding import DEFAULT_MODEL, Encoder, load_encoder
from clustering.errors import UnusableVectors
from clustering.graph import Neighbours, centred, shorten_rows, unit_rows
from clustering.grouping import LEFT, Strengths
from clustering.hand import part_by_hand
from clustering.hierarchy import COARSEST, FINEST, STEP, count_at, cut, leaves_under
from clustering.labelling import Labelled, Labeller
from clustering.lineage import trace
from clustering.namer import Namer
from clustering.picture import Picture, draw
from clustering.quality import Mass, cohesion
from clustering.tree import Tree, build_tree
from clustering.types import (
    Apart,
    Event,
    Family,
    FoundTheme,
    Leftover,
    Near,
    Node,
    PlacedIdea,
    Previous,
    ThemeMap,
)
from clustering.vectors import KeptEncoder
from clustering.voice import Voices, join_translations, read_voices

STAGES = ("read", "embed", "group", "name", "layout")
TOO_FEW = 12  # texts with words below which nothing is grouped
NEAREST = 3  # themes named for each idea
NEIGHBOURS = 3  # ideas named for each idea
SMALLEST = 3  # ideas of a theme that nobody touched, after what people did is respected
FAMILIES = 9  # at the most
OUTLINED = 6  # themes from which families help
PARTED = 2  # sub-themes from which they are told
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
    granularity: int = 0,
    namer: Namer | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> ThemeMap:
    """Groups n texts into themes. Same input and seed, same output; the order of the rows decides nothing.

    `keys`: the caller's name of each text, each once ("0".."n-1" if left out); `previous` speaks of these. `langs`:
    ISO 639-1 codes where known. `vectors`: (n, d) floats, one row for each text, instead of embedding. `encoder`: the
    embedded model if left out. `question`: the campaign's own words, set aside in names. `granularity`: steps finer
    (1..3) or coarser (-1..-3) than what the ideas themselves suggest. `namer`: gives themes other names. `progress`
    hears (stage, 0..1) and may raise to cancel: nothing is written anywhere.

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
            known = _known(names, voices, previous, granularity)
            found = _no_groups(voices) if too_few else _group(voices, meaning, known, granularity, seed, clock)
            placed = _place(names, found, previous, smallest=1 if too_few else SMALLEST)
        with clock.stage("name"):
            asked = model.encoder if isinstance(model, KeptEncoder) else model  # names aren't worth keeping
            labeller = Labeller(voices, meaning, placed.strengths.own, question, asked, namer)
            words = _label(labeller, found, placed, clock)
        with clock.stage("layout"):
            about = shorten_rows(centred(meaning))
            picture = draw(
                placed.space, placed.labels, placed.strengths, placed.between, len(placed.ids), placed.anchors
            )
            result = ThemeMap(
                model=encoder.name if encoder is not None else DEFAULT_MODEL if vectors is None else "vectors",
                seconds=clock.seconds,
                themes=_themes(voices, about, placed, words, picture),
                ideas=_ideas(found, placed, words, picture),
                too_few=too_few,
                families=tuple(words.families),
                tree=_nodes(voices, about, found, words),
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
    return model.encode(voices.gists, lambda done: clock.tell("embed", done))


# Groups ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Found:
    """The groups of things said. `unit_of`: (n,) for each row what is said, -1 for nothing; `first`: a row of each.

    `labels`, `between`, `space`, `near` are of the things said, as in grouping.Grouping. `base`: how many groups the
    ideas themselves suggest.
    """

    unit_of: Rows
    first: Rows
    labels: Rows
    between: NDArray[np.bool_]
    space: Vectors
    near: Neighbours
    tree: Tree
    base: int

    def rows(self, values: NDArray[np.generic], silent: float) -> NDArray[np.generic]:
        """Returns for each row what `values` say of the thing said; `silent` for a row that says nothing."""
        last = np.full((1, *values.shape[1:]), silent, dtype=values.dtype)
        result: NDArray[np.generic] = np.concatenate([values, last])[self.unit_of]
        return result

    def under(self) -> list[Rows]:
        """Returns the rows of each node of the tree."""
        leaf_of = self.rows(self.tree.leaf_of, LEFT)
        order = np.argsort(leaf_of, kind="stable")
        leaves = self.tree.leaf_of.max(initial=-1) + 1
        starts = np.searchsorted(leaf_of[order], np.arange(leaves + 1))
        rows = [order[starts[leaf] : starts[leaf + 1]] for leaf in range(leaves)]
        return [np.concatenate([rows[leaf] for leaf in under]) for under in leaves_under(self.tree.placed())]


@dataclass(frozen=True)
class _Known:
    """For each voice its theme in the earlier run, and the one that a person put it in; below 0 where there is none."""

    earlier: Rows
    placed: Rows

    def of(self, voices: Rows) -> "_Known":
        """Returns what is known of some voices."""
        return _Known(self.earlier[voices], self.placed[voices])


def _known(keys: Sequence[str], voices: Voices, previous: Previous | None, granularity: int) -> _Known:
    """What is known of the voices; coarser or finer themes than are asked for now are no example."""
    known = _Known(np.full(len(voices.rows), LEFT, dtype=np.intp), np.full(len(voices.rows), LEFT, dtype=np.intp))
    if previous is None:
        return known
    as_fine = previous.granularity in (None, granularity)
    for voice, key in zip(voices.of.tolist(), keys, strict=True):
        if voice >= 0:
            known.placed[voice] = previous.placed.get(key, known.placed[voice])
            if as_fine:
                known.earlier[voice] = previous.theme_of.get(key, known.earlier[voice])
    return known


def _group(voices: Voices, meaning: Vectors, known: _Known, granularity: int, seed: int, clock: _Clock) -> _Found:
    """Groups what is said; a thing that many say and that is like no other is a group by itself."""
    said = join_translations(meaning, voices.langs, seed=seed)
    _, leader = np.unique(said, return_index=True)
    gathered = meaning if len(leader) == len(said) else _means(meaning, said)
    known = known.of(leader)
    kept = granularity != 0 and bool((known.earlier >= 0).any())  # the earlier themes are that fine already
    found = grouping.group(
        gathered,
        [voices.gists[voice] for voice in leader],
        earlier=known.earlier,
        placed=known.placed,
        kept=kept,
        seed=seed,
        progress=lambda done: clock.tell("group", done),
    )
    unit_of = np.append(said, -1)[voices.of]
    weights = np.bincount(said, weights=voices.weights, minlength=len(leader))
    smallest = grouping.smallest_group(len(leader))
    labels = found.labels.copy()
    many = np.flatnonzero((labels == LEFT) & (weights >= smallest))
    labels[many] = int(labels.max(initial=-1)) + 1 + np.arange(len(many))
    tree = build_tree(found.graph, found.space, labels, smallest=smallest)
    groups = int(labels.max(initial=-1)) + 1
    base = round(groups / STEP**granularity) if kept else groups
    if granularity and groups and not kept:
        leaves = int(tree.leaf_of.max(initial=-1)) + 1
        node_of = np.array(cut(tree.placed(), count_at(base, granularity, leaves)), dtype=np.intp)
        labels = largest_first(np.where(tree.leaf_of >= 0, node_of[np.maximum(tree.leaf_of, 0)], LEFT))
    return _Found(
        unit_of, voices.rows[leader], labels, found.between & (labels == LEFT), found.space, found.near, tree, base
    )


def _means(meaning: Vectors, said: Rows) -> Vectors:
    """Returns the mean direction of what is said the same."""
    sums = np.zeros((int(said.max()) + 1, meaning.shape[1]), dtype=np.float32)
    np.add.at(sums, said, meaning)
    return unit_rows(sums)


def _no_groups(voices: Voices) -> _Found:
    count = len(voices.rows)
    labels = np.full(count, LEFT, dtype=np.intp)
    none = Neighbours(np.zeros((count, 0), dtype=np.int32), np.zeros((count, 0), dtype=np.float32))
    return _Found(
        voices.of,
        voices.rows,
        labels,
        np.zeros(count, dtype=np.bool_),
        np.zeros((count, 1), dtype=np.float32),
        none,
        Tree(labels, [], [], []),
        0,
    )


@dataclass(frozen=True)
class _Placed:
    """Every row in its place. `labels`: (n,) place in `ids`, or LEFT; `space`: (n, d); `anchors`: place -> x, y."""

    ids: tuple[int, ...]
    labels: Rows
    between: NDArray[np.bool_]
    space: Vectors
    strengths: Strengths
    anchors: Mapping[int, tuple[float, float]]
    events: tuple[Event, ...]

    def members(self) -> list[Rows]:
        """Returns the rows of each theme."""
        order = np.argsort(self.labels, kind="stable")
        starts = np.searchsorted(self.labels[order], np.arange(len(self.ids) + 1))
        return [order[starts[place] : starts[place + 1]] for place in range(len(self.ids))]


def _place(keys: Sequence[str], found: _Found, previous: Previous | None, *, smallest: int) -> _Placed:
    """Gives each group its theme, after what people did, and each row its strength."""
    space = cast("Vectors", found.rows(found.space, 0.0))
    groups = cast("Rows", found.rows(found.labels, LEFT))
    if previous is not None:
        groups = part_by_hand(groups, keys, previous, space)
    lineage = trace(keys, [None if g < 0 else g for g in groups.tolist()], previous, smallest=smallest)
    places = {theme: place for place, theme in enumerate(lineage.ids)}
    labels = np.array([LEFT if theme is None else places[theme] for theme in lineage.theme_of], dtype=np.intp)
    strengths = grouping.strengths(space, labels, len(lineage.ids), NEAREST)
    if previous is not None and previous.forbidden:
        _find_another(keys, groups, labels, strengths, lineage.ids, previous)
    strengths.own[found.unit_of < 0] = 0.0
    strengths.strength[found.unit_of < 0] = 0.0
    between = (cast("NDArray[np.bool_]", found.rows(found.between, 0)) & (labels == LEFT)).astype(np.bool_)
    if strengths.strength.shape[1] > 1:
        between &= strengths.strength[:, 1] > 0
    else:
        between[:] = False
    if previous is not None:
        between &= ~np.array([key in previous.alone for key in keys], dtype=np.bool_)
    known = previous.positions if previous else {}
    anchors = {place: known[theme] for theme, place in places.items() if theme in known}
    return _Placed(lineage.ids, labels, between, space, strengths, anchors, lineage.events)


def _find_another(
    keys: Sequence[str], groups: Rows, labels: Rows, strengths: Strengths, ids: Sequence[int], previous: Previous
) -> None:
    """Puts an idea that may not be in its group's theme into the next one that it belongs to, if there is one."""
    for row, key in enumerate(keys):
        banned = previous.forbidden.get(key)
        if not banned:
            continue
        turned_away = groups[row] != LEFT and labels[row] == LEFT and key not in previous.alone
        for rank, place in enumerate(strengths.nearest[row].tolist()):
            if ids[place] in banned:
                strengths.strength[row, rank] = 0.0
            elif turned_away and labels[row] == LEFT and strengths.strength[row, rank] >= grouping.BELONGS:
                labels[row], strengths.own[row] = place, strengths.strength[row, rank]


# Words ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Words:
    """`themes`, `nodes`: their words (None for a node that no granularity shows); `family_of`: for each theme.

    `parts`: the sub-themes of each theme; `shared`: for each row; `apart`: for each theme.
    """

    themes: list[Labelled]
    nodes: list[Labelled | None]
    families: list[Family]
    family_of: list[int]
    parts: list[tuple[int, ...]]
    shared: list[tuple[str, ...]]
    apart: list[Apart | None]


def _label(labeller: Labeller, found: _Found, placed: _Placed, clock: _Clock) -> _Words:
    """Names themes first, then families, then the rest of the hierarchy: the best names go to what is seen most."""
    members = placed.members()
    themes = labeller.label_themes(members)
    clock.tell("name", 0.4)
    leaf_of = cast("Rows", found.rows(found.tree.leaf_of, LEFT))
    theme_of_leaf = _majority(leaf_of, placed.labels)
    family_of = _families(found, theme_of_leaf, len(placed.ids))
    together = [
        [place for place in range(len(family_of)) if family_of[place] == family]
        for family in range(max(family_of, default=-1) + 1)
    ]
    named = labeller.label([np.concatenate([members[place] for place in family]) for family in together], broad=True)
    families = [
        Family(words.label.name, tuple(placed.ids[p] for p in sorted(family, key=lambda p: (-len(members[p]), p))))
        for words, family in zip(named, together, strict=True)
    ]
    clock.tell("name", 0.5)
    parts = [tuple(np.flatnonzero(theme_of_leaf == place).tolist()) for place in range(len(placed.ids))]
    nodes = _label_nodes(labeller, found, dict(zip(map(_key, members), themes, strict=True)))
    clock.tell("name", 0.9)
    return _Words(
        themes,
        nodes,
        families,
        family_of,
        [leaves if len(leaves) >= PARTED else () for leaves in parts],
        labeller.shared(members, themes),
        _apart(labeller, placed, members),
    )


def _majority(leaf_of: Rows, labels: Rows) -> Rows:
    """Returns for each leaf the theme that most of its ideas are in, or LEFT."""
    leaves, count = int(leaf_of.max(initial=-1)) + 1, int(labels.max(initial=-1)) + 1
    inside = (leaf_of >= 0) & (labels >= 0)
    votes = np.zeros((leaves, count + 1), dtype=np.intp)
    np.add.at(votes, (leaf_of[inside], labels[inside]), 1)
    return np.where(votes.any(axis=1), votes.argmax(axis=1), LEFT)


def _families(found: _Found, theme_of_leaf: Rows, count: int) -> list[int]:
    """Returns the family of each theme, 0..k-1: where the hierarchy falls into about the root of so many groups."""
    if count < OUTLINED or not len(theme_of_leaf):
        return [0] * count
    node_of = np.array(cut(found.tree.placed(), min(FAMILIES, round(sqrt(count)))))
    chosen = []
    for place in range(count):
        nodes = node_of[theme_of_leaf == place]
        chosen.append(int(np.bincount(nodes).argmax()) if len(nodes) else -1)
    usual = max(chosen, key=chosen.count)
    chosen = [node if node >= 0 else usual for node in chosen]
    order = {node: place for place, node in enumerate(dict.fromkeys(chosen))}
    return [order[node] for node in chosen]


def _key(rows: Rows) -> bytes:
    return np.sort(rows).tobytes()


def _label_nodes(labeller: Labeller, found: _Found, themes: Mapping[bytes, Labelled]) -> list[Labelled | None]:
    """Labels the nodes that some granularity shows, and the leaves. One that is a theme has the theme's words."""
    tree, under = found.tree, found.under()
    leaves = int(tree.leaf_of.max(initial=-1)) + 1
    shown = set(range(leaves))
    for level in range(COARSEST, FINEST + 1):
        shown.update(cut(tree.placed(), count_at(found.base, level, leaves)))
    labelled = {node: themes[_key(under[node])] for node in sorted(shown) if _key(under[node]) in themes}
    others = sorted(shown - set(labelled))
    labelled |= zip(others, labeller.label([under[node] for node in others]), strict=True)
    return [labelled.get(node) for node in range(len(under))]


def _apart(labeller: Labeller, placed: _Placed, members: Sequence[Rows]) -> list[Apart | None]:
    centres = grouping.centroids(placed.space, placed.labels, len(placed.ids))
    result: list[Apart | None] = []
    for place, near in enumerate(explanation.nearest_theme(centres, 0.0)):
        if near is None:
            result.append(None)
        else:
            other, alike = near
            here, there = labeller.separates(members[place], members[other])
            result.append(Apart(placed.ids[other], alike, here, there))
    return result


# What is given back ---------------------------------------------------------------------------------------------------


def _themes(voices: Voices, about: Vectors, placed: _Placed, words: _Words, picture: Picture) -> tuple[FoundTheme, ...]:
    members = placed.members()
    heard = [_heard(voices, rows) for rows in members]
    cohesions = [round(cohesion(about[spoken], weights.astype(np.float64)), DIGITS) for spoken, weights in heard]
    doubted = doubts([len(rows) for rows in members], cohesions)
    themes = [
        FoundTheme(
            id=theme,
            name=words.themes[place].label.name,
            phrases=words.themes[place].phrases,
            size=len(members[place]),
            cohesion=cohesions[place],
            exemplars=words.themes[place].exemplars,
            x=round(float(picture.centres[place, 0]), DIGITS),
            y=round(float(picture.centres[place, 1]), DIGITS),
            family=words.family_of[place],
            parts=words.parts[place],
            languages=explanation.languages([voices.langs[voice] for voice in heard[place][0]], heard[place][1]),
            apart=words.apart[place],
            doubts=doubted[place],
        )
        for place, theme in enumerate(placed.ids)
    ]
    return tuple(sorted(themes, key=lambda theme: (-theme.size, theme.id)))


def _heard(voices: Voices, rows: Rows) -> tuple[Rows, Rows]:
    """Returns the voices of some rows, and how many of the rows share each."""
    spoken, weights = np.unique(voices.of[rows], return_counts=True)
    return spoken[spoken >= 0], weights[spoken >= 0]


def _nodes(voices: Voices, about: Vectors, found: _Found, words: _Words) -> tuple[Node, ...]:
    nodes = []
    masses: list[Mass | None] = [None] * len(found.tree.parents)
    for node, rows in enumerate(found.under()):
        mass = masses[node]
        if mass is None:  # a leaf
            spoken, weights = _heard(voices, rows)
            mass = Mass.of(about[spoken], weights.astype(np.float64))
        parent = found.tree.parents[node]
        if parent is not None:
            so_far = masses[parent]
            masses[parent] = mass if so_far is None else so_far + mass
        labelled = words.nodes[node]
        nodes.append(
            Node(
                parent=parent,
                height=round(found.tree.heights[node], DIGITS),
                size=len(rows),
                name=labelled.label.name if labelled else "",
                phrases=labelled.phrases if labelled else (),
                cohesion=round(mass.cohesion(), DIGITS),
                exemplars=labelled.exemplars if labelled else (),
            )
        )
    return tuple(nodes)


def _ideas(found: _Found, placed: _Placed, words: _Words, picture: Picture) -> tuple[PlacedIdea, ...]:
    strengths = np.round(placed.strengths.strength.astype(np.float64), DIGITS).tolist()
    owns = np.round(placed.strengths.own.astype(np.float64), DIGITS).tolist()
    points = np.round(picture.points, DIGITS).tolist()
    leaves = cast("Rows", found.rows(found.tree.leaf_of, LEFT)).tolist()
    alike = explanation.nearest_ideas(found.near, found.unit_of, found.first, placed.labels, NEIGHBOURS)
    ideas = []
    for row, place in enumerate(placed.labels.tolist()):
        nearest = tuple(
            Near(placed.ids[at], strength)
            for at, strength in zip(placed.strengths.nearest[row].tolist(), strengths[row], strict=True)
            if strength > 0
        )
        left = place == LEFT
        ideas.append(
            PlacedIdea(
                theme=None if left else placed.ids[place],
                leftover=(Leftover.BETWEEN if placed.between[row] else Leftover.ALONE) if left else None,
                nearest=nearest,
                strength=owns[row] if not left else nearest[0].strength if nearest else 0.0,
                x=points[row][0],
                y=points[row][1],
                leaf=leaves[row] if leaves[row] >= 0 else None,
                neighbours=alike[row],
                shared=words.shared[row],
            )
        )
    return tuple(ideas)
