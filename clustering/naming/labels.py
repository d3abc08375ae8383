"""Labels of groups: their names, phrases, exemplars and definitions."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from clustering.arrays import Ints, Scores, Vectors
from clustering.naming.definitions import define_groups
from clustering.naming.exemplars import choose_exemplars, quotations
from clustering.naming.llm import Draft, Namer
from clustering.naming.ranking import Label, Names
from clustering.phrases.lexicon import Lexicon
from clustering.phrases.ranking import MAX_READ, contrast_phrases, shared_phrases
from clustering.text.duplicates import UniqueTexts
from clustering.text.tokens import question_lemmas
from clustering.vectors.encoders import Encoder

MIN_OF_LANGUAGE = 3  # texts of a theme in another language, for it to have a name in it


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
