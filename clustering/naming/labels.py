"""Words for what was found: names, phrases and verbatims of themes, of their families and of the whole hierarchy."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from clustering.arrays import Ints, Vectors
from clustering.naming.exemplars import choose_exemplars
from clustering.naming.llm import Draft, Namer
from clustering.naming.meaning import centre
from clustering.naming.phrases import Lexicon, shared_phrases, what_separates
from clustering.naming.ranking import Label, Names, quotations
from clustering.text.duplicates import UniqueTexts
from clustering.text.tokens import question_lemmas
from clustering.vectors.encoders import Encoder

QUOTABLE = 60  # verbatims, the nearest to the centre of a group, that it may be named by
WELL_SAID = 0.03  # in cosine, of being written e times oftener


@dataclass(frozen=True)
class Labelled:
    """A group with its words. `exemplars`: rows of its typical verbatims, best first."""

    label: Label
    exemplars: tuple[int, ...]

    @property
    def phrases(self) -> tuple[str, ...]:
        """What tells it from the others."""
        return self.label.phrases


@dataclass
class Labeller:
    """Finds words for groups of rows. No two names that it gives are alike, whatever the groups are.

    `meaning`: (m, d) float32 unit rows, one a unique text; `strength`: (n,) in 0..1, how much each row belongs
    to its theme; `question`: the campaign's own words, set aside in names; `encoder`: the model that `meaning` is of,
    None to name without it. A group is the places of its rows, 0..n-1, in any order.
    """

    unique: UniqueTexts
    meaning: Vectors
    strength: Vectors
    question: str
    encoder: Encoder | None
    namer: Namer | None = None
    lexicon: Lexicon = field(init=False)
    _names: Names = field(init=False)

    def __post_init__(self) -> None:
        set_aside = question_lemmas(self.question, self.unique.langs)
        self.lexicon = Lexicon(self.unique.gists, self.unique.langs, self.unique.weights.tolist(), set_aside)
        self._names = Names(self.lexicon, self.meaning, self.encoder)

    def label(self, groups: Sequence[Ints], *, thorough: bool = False) -> list[Labelled]:
        """Labels groups of rows, the largest first to choose. `thorough`: takes more time over names."""
        labels = self._names.give(
            [self.texts_of(rows) for rows in groups], lambda place: self._quotes(groups[place]), thorough=thorough
        )
        return [Labelled(label, self._exemplars(rows)) for label, rows in zip(labels, groups, strict=True)]

    def name_families(self, families: Sequence[Sequence[tuple[Ints, Labelled]]]) -> list[str]:
        """Returns a name for each family of labelled themes."""
        return self._names.give_families(
            [[self.texts_of(rows) for rows, _ in family] for family in families],
            [[labelled.label for _, labelled in family] for family in families],
        )

    def label_themes(self, groups: Sequence[Ints]) -> list[Labelled]:
        """Labels themes. Where there is a namer, its names take the place of ours."""
        found = self.label(groups, thorough=True)
        if self.namer is None:
            return found
        drafts = [
            Draft(
                words.label.name,
                words.label.phrases,
                tuple(self.unique.texts[row] for row in words.exemplars),
                self.lexicon.main_language(self.texts_of(rows)),
            )
            for words, rows in zip(found, groups, strict=True)
        ]
        names = self.namer.name(drafts)
        return [replace(words, label=replace(words.label, name=name)) for words, name in zip(found, names, strict=True)]

    def texts_of(self, rows: Ints) -> Ints:
        """Returns the unique text of each row that has one."""
        texts = self.unique.index_of[rows]
        return texts[texts >= 0]

    def separates(self, here: Ints, there: Ints) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Returns phrases that only one of two groups uses, or far more than the other: see what_separates."""
        return what_separates(self.lexicon, self.texts_of(here), self.texts_of(there))

    def shared(self, groups: Sequence[Ints], labelled: Sequence[Labelled]) -> list[tuple[str, ...]]:
        """Returns for each of the n rows the phrases of its group that it uses, best first."""
        result: list[tuple[str, ...]] = [()] * len(self.unique.index_of)
        for rows, words in zip(groups, labelled, strict=True):
            worded = rows[self.unique.index_of[rows] >= 0]
            told = [phrase for phrase in words.label.ranked if phrase.text in words.label.phrases]
            for row, phrases in zip(
                worded, shared_phrases(self.lexicon, self.unique.index_of[worded], told), strict=True
            ):
                result[row] = phrases
        return result

    def _exemplars(self, rows: Ints) -> tuple[int, ...]:
        """Chooses among the unique texts, each once; rows without words are left out."""
        indices, first = np.unique(self.unique.index_of[rows], return_index=True)
        distinct, indices = rows[first][indices >= 0], indices[indices >= 0]
        texts = [self.unique.texts[row] for row in distinct]
        chosen = choose_exemplars(self.meaning[indices], texts, self.strength[distinct])
        return tuple(int(distinct[at]) for at in chosen)

    def _quotes(self, rows: Ints) -> list[str]:
        """Returns short verbatims from the middle of a group, in its main language, to name it by.

        The order of its rows is of no account.
        """
        texts = self.lexicon.of_main_language(self.texts_of(rows))
        if not len(texts):
            return quotations([self.unique.texts[row] for row in rows[:1]], None) if len(rows) else []
        near = self.meaning[texts] @ centre(self.meaning, self.texts_of(rows))
        near += WELL_SAID * np.array([self._usual(text) for text in texts.tolist()])
        nearest = texts[np.argsort(-near, kind="stable")[:QUOTABLE]]
        return quotations(map(self._said, nearest.tolist()), self.lexicon.main_language(texts))

    def _said(self, text: int) -> str:
        """Returns a unique text; in the campaign's usual spelling where nothing but words is lost by it."""
        words = self.lexicon.words
        first, after = int(words.starts[text]), int(words.starts[text + 1])
        plain = after > first and bool(words.linked[first + 1 : after].all())
        return words.surface(first, after - 1) if plain else self.unique.gists[text]

    def _usual(self, text: int) -> float:
        """Returns how usual the rarest step from word to word is: slips are rare."""
        words = self.lexicon.words
        return float(words.log_bigram[words.starts[text] : words.starts[text + 1]].min(initial=np.inf))
