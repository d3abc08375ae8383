"""Labels of a whole run: names, phrases and exemplars of themes, families and the nodes of the hierarchy."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import sqrt
from typing import cast

import numpy as np

from clustering.arrays import LEFT, Ints, Scores, Vectors
from clustering.grouping.granularity import count_at, cut
from clustering.grouping.strengths import centroids
from clustering.grouping.units import Found
from clustering.naming.definitions import define_groups
from clustering.naming.exemplars import choose_exemplars, quotations
from clustering.naming.llm import Draft, Namer
from clustering.naming.phrases import MAX_READ, Lexicon, contrast_phrases, shared_phrases
from clustering.naming.ranking import Label, Names
from clustering.quality import explanations as explanation
from clustering.text.duplicates import UniqueTexts
from clustering.text.tokens import question_lemmas
from clustering.tracking.assignment import Placed
from clustering.types import MAX_GRANULARITY, MIN_GRANULARITY, Apart, Family
from clustering.vectors.encoders import Encoder

MIN_THEMES = 6  # for an outline by families
MIN_OF_LANGUAGE = 3  # texts of a theme in another language, for it to have a name in it


@dataclass(frozen=True)
class RunLabels:
    """The labels of a run. Lists have one entry for each theme, except where noted.

    `nodes`: for each node of the hierarchy, None where no granularity shows it; `families`: the largest themes first;
    `family_of`: indices in `families`; `parts`: the leaves of the hierarchy that are sub-themes; `shared`: for each
    row, the phrases of its theme that it uses; `apart`: what distinguishes a theme from the closest one.
    """

    themes: list[Label]
    nodes: list[Label | None]
    families: list[Family]
    family_of: list[int]
    parts: list[tuple[int, ...]]
    shared: list[tuple[str, ...]]
    apart: list[Apart | None]


@dataclass
class Labeller:
    """Labels groups of the n rows of a run. No two of its names are alike. A group is an array of rows, in any order.

    `meaning`: (m, d) float32 rows of length 1, one for each unique text; `strength`: (n,) in 0..1, how much each row
    belongs to its theme; `question`: the campaign's, whose words alone make no name; `encoder`: the model that
    `meaning` comes from, None to name without it; `namer`: replaces the names of themes; `lang`: the campaign's, ISO
    639-1, None for that of most ideas. `renamed`: the namer gave one of the names.
    """

    unique: UniqueTexts
    meaning: Vectors
    strength: Scores
    question: str
    encoder: Encoder | None
    namer: Namer | None = None
    lang: str | None = None
    renamed: bool = field(init=False, default=False)
    lexicon: Lexicon = field(init=False)
    _names: Names = field(init=False)

    def __post_init__(self) -> None:
        set_aside = question_lemmas(self.question, self.unique.langs)
        self.lexicon = Lexicon(self.unique.gists, self.unique.langs, self.unique.weights.tolist(), set_aside, self.lang)
        self._names = Names(self.lexicon, self.meaning, self.encoder)

    def label(self, groups: Sequence[Ints], *, apart: bool = False) -> list[Label]:
        """Labels groups; the largest choose their names first. `apart`: see Names.name_groups."""
        texts = [self.texts_of(rows) for rows in groups]
        labels = self._names.name_groups(texts, lambda at: self._quotations(groups[at]), apart=apart)
        return [replace(label, exemplars=self._exemplars(rows)) for label, rows in zip(labels, groups, strict=True)]

    def label_themes(self, groups: Sequence[Ints]) -> list[Label]:
        """Labels themes, with definitions and names in their other languages.

        Where there is a namer, its names replace ours if they hold.
        """
        labels = self.label(groups, apart=True)
        described = zip(labels, self._define(groups), self._name_in_others(groups), strict=True)
        labels = [
            replace(label, definition=definition, other_names=other_names)
            for label, definition, other_names in described
        ]
        if self.namer is None:
            return labels
        drafts = [
            Draft(
                label.name,
                label.phrases,
                tuple(self.unique.texts[row] for row in label.exemplars),
                self.lexicon.main_language(self.texts_of(rows)),
                label.definition,
            )
            for label, rows in zip(labels, groups, strict=True)
        ]
        names = self.namer.name(drafts)
        good = self._names.hold(names, [self.texts_of(rows) for rows in groups])
        self.renamed = any(holds and name != label.name for label, name, holds in zip(labels, names, good, strict=True))
        return [
            replace(label, name=name) if holds else label
            for label, name, holds in zip(labels, names, good, strict=True)
        ]

    def _define(self, groups: Sequence[Ints]) -> list[str]:
        """Returns a sentence of one of its ideas for each group, in the language that the group is named in."""
        members = [self.texts_of(rows) for rows in groups]
        langs = [self.lexicon.main_language(texts) for texts in members]
        closest = [
            [self.unique.written[at] for at in self._names.quotable(texts, MAX_READ).tolist()] for texts in members
        ]
        centres = [self._names.centre(texts) for texts in members]
        return define_groups(closest, langs, centres, self.encoder)

    def _name_in_others(self, groups: Sequence[Ints]) -> list[tuple[tuple[str, str], ...]]:
        """Returns code and name of each other language in which MIN_OF_LANGUAGE texts of a group are written."""
        parts: list[tuple[int, str, Ints]] = []
        for at, rows in enumerate(groups):
            texts = self.texts_of(rows)
            written = Counter(self.unique.langs[text] for text in np.unique(texts).tolist())
            del written[self.lexicon.main_language(texts)]
            enough = sorted(code for code, count in written.items() if code is not None and count >= MIN_OF_LANGUAGE)
            parts += [(at, code, self.lexicon.of_main_language(texts, code)) for code in enough]
        labels = self._names.name_groups(
            [texts for _, _, texts in parts], lambda place: self._quotations_of(parts[place][2])
        )
        names: list[tuple[tuple[str, str], ...]] = [()] * len(groups)
        for (at, code, _), label in zip(parts, labels, strict=True):
            names[at] += ((code, label.name),)
        return names

    def name_families(self, families: Sequence[Sequence[tuple[Ints, Label]]]) -> list[str]:
        """Returns a name for each family, given the rows and the label of each of its themes."""
        return self._names.name_families(
            [[self.texts_of(rows) for rows, _ in family] for family in families],
            [[label for _, label in family] for family in families],
        )

    def texts_of(self, rows: Ints) -> Ints:
        """Returns the unique text of each row that has words."""
        texts = self.unique.index_of[rows]
        return texts[texts >= 0]

    def contrast(self, here: Ints, there: Ints) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Returns, for each of two groups, the phrases that distinguish it from the other: see contrast_phrases."""
        return contrast_phrases(self.lexicon, self.texts_of(here), self.texts_of(there))

    def shared(self, groups: Sequence[Ints], labels: Sequence[Label]) -> list[tuple[str, ...]]:
        """Returns, for each of the n rows, the phrases of its group that it uses, best first."""
        result: list[tuple[str, ...]] = [()] * len(self.unique.index_of)
        for rows, label in zip(groups, labels, strict=True):
            with_words = rows[self.unique.index_of[rows] >= 0]
            shown = [phrase for phrase in label.ranked if phrase.text in label.phrases]
            shared = shared_phrases(self.lexicon, self.unique.index_of[with_words], shown)
            for row, phrases in zip(with_words, shared, strict=True):
                result[row] = phrases
        return result

    def _exemplars(self, rows: Ints) -> tuple[int, ...]:
        """Returns rows with different texts; rows without words are left out."""
        texts, first = np.unique(self.unique.index_of[rows], return_index=True)
        distinct, texts = rows[first][texts >= 0], texts[texts >= 0]
        written = [self.unique.texts[row] for row in distinct]
        chosen = choose_exemplars(self.meaning[texts], written, self.strength[distinct])
        return tuple(int(distinct[at]) for at in chosen)

    def _quotations(self, rows: Ints) -> list[str]:
        """Returns quotations in the main language of a group, to name it by; the same in any order of its rows."""
        texts = self.texts_of(rows)
        if len(texts):
            return self._quotations_of(texts)
        return quotations([self.unique.texts[row] for row in rows[:1]], None) if len(rows) else []

    def _quotations_of(self, texts: Ints) -> list[str]:
        """As above, of a group of unique texts that has one."""
        closest = self._names.quotable(texts, MAX_READ)
        chosen = closest if len(closest) else texts[:1]
        return quotations([self.unique.written[at] for at in chosen.tolist()], self.lexicon.main_language(chosen))


def label_run(labeller: Labeller, found: Found, placed: Placed, progress: Callable[[float], None]) -> RunLabels:
    """Labels themes, then families, then the other nodes: the most visible choose their names first.

    `progress` is called with 0..1 and may raise to cancel.
    """
    members = placed.members()
    themes = labeller.label_themes(members)
    progress(0.4)
    leaf_of = cast("Ints", found.rows(found.tree.leaf_of, LEFT))
    theme_of_leaf = _majority(leaf_of, placed.labels)
    family_of = _families(found, theme_of_leaf, len(placed.ids))
    families = _label_families(labeller, placed, members, themes, family_of)
    progress(0.5)
    leaves_of = [tuple(np.flatnonzero(theme_of_leaf == theme).tolist()) for theme in range(len(placed.ids))]
    nodes = _label_nodes(labeller, found, dict(zip(map(_key, members), themes, strict=True)))
    progress(0.9)
    return RunLabels(
        themes,
        nodes,
        families,
        family_of,
        [leaves if len(leaves) > 1 else () for leaves in leaves_of],
        labeller.shared(members, themes),
        _apart(labeller, placed, members),
    )


def _majority(leaf_of: Ints, labels: Ints) -> Ints:
    """Returns, for each leaf, the theme of most of its ideas, or LEFT. `leaf_of`, `labels`: (n,), below 0 for none."""
    leaves, count = int(leaf_of.max(initial=-1)) + 1, int(labels.max(initial=-1)) + 1
    inside = (leaf_of >= 0) & (labels >= 0)
    votes = np.zeros((leaves, count + 1), dtype=np.intp)
    np.add.at(votes, (leaf_of[inside], labels[inside]), 1)
    return np.where(votes.any(axis=1), votes.argmax(axis=1), LEFT)


def _families(found: Found, theme_of_leaf: Ints, count: int) -> list[int]:
    """Returns the family of each of `count` themes, 0..k-1: the hierarchy is cut into about sqrt(count) families."""
    if count < MIN_THEMES or not len(theme_of_leaf):
        return [0] * count
    node_of = np.array(cut(found.tree.nodes(), round(sqrt(count))))
    chosen = []
    for theme in range(count):
        nodes = node_of[theme_of_leaf == theme]
        chosen.append(int(np.bincount(nodes).argmax()) if len(nodes) else -1)
    commonest = max(chosen, key=chosen.count)
    chosen = [node if node >= 0 else commonest for node in chosen]
    order = {node: family for family, node in enumerate(dict.fromkeys(chosen))}
    return [order[node] for node in chosen]


def _label_families(
    labeller: Labeller, placed: Placed, members: Sequence[Ints], themes: Sequence[Label], family_of: Sequence[int]
) -> list[Family]:
    """Returns the families with their names. `family_of`: for each theme, 0..k-1."""
    themes_of = [
        [theme for theme in range(len(family_of)) if family_of[theme] == family]
        for family in range(max(family_of, default=-1) + 1)
    ]
    names = labeller.name_families([[(members[at], themes[at]) for at in family] for family in themes_of])
    return [
        Family(name, tuple(placed.ids[at] for at in sorted(family, key=lambda at: (-len(members[at]), at))))
        for name, family in zip(names, themes_of, strict=True)
    ]


def _key(rows: Ints) -> bytes:
    return np.sort(rows).tobytes()


def _label_nodes(labeller: Labeller, found: Found, themes: Mapping[bytes, Label]) -> list[Label | None]:
    """Labels the leaves and the nodes that some granularity shows. A node with the rows of a theme has its label."""
    tree, under = found.tree, found.under()
    leaves = int(tree.leaf_of.max(initial=-1)) + 1
    shown = set(range(leaves))
    for level in range(MIN_GRANULARITY, MAX_GRANULARITY + 1):
        shown.update(cut(tree.nodes(), count_at(found.base, level, leaves)))
    labels = {node: themes[_key(under[node])] for node in sorted(shown) if _key(under[node]) in themes}
    others = sorted(shown - set(labels))
    labels |= zip(others, labeller.label([under[node] for node in others]), strict=True)
    return [labels.get(node) for node in range(len(under))]


def _apart(labeller: Labeller, placed: Placed, members: Sequence[Ints]) -> list[Apart | None]:
    """Returns what distinguishes each theme from the closest one; None for an only theme."""
    centres = centroids(placed.space, placed.labels, len(placed.ids))
    result: list[Apart | None] = []
    for theme, closest in enumerate(explanation.nearest_theme(centres, 0.0)):
        if closest is None:
            result.append(None)
        else:
            other, likeness = closest
            here, there = labeller.contrast(members[theme], members[other])
            result.append(Apart(placed.ids[other], likeness, here, there))
    return result
