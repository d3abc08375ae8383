"""Words for what was found: names, phrases and verbatims of themes, of their families and of the whole hierarchy."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from clustering.embedding import Encoder
from clustering.exemplar import choose_exemplars
from clustering.namer import Draft, Namer
from clustering.naming import Label, Names, spare_name
from clustering.phrase import Lexicon, shared_phrases, what_separates
from clustering.voice import Voices
from clustering.word import question_lemmas

Vectors = NDArray[np.float32]
Rows = NDArray[np.intp]


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
    """Finds words for groups of rows. No two names that it gives are alike, whatever the groups are."""

    voices: Voices
    meaning: Vectors
    strength: Vectors
    question: str
    encoder: Encoder | None
    namer: Namer | None = None
    lexicon: Lexicon = field(init=False)
    _names: Names = field(init=False)

    def __post_init__(self) -> None:
        set_aside = question_lemmas(self.question, self.voices.langs)
        self.lexicon = Lexicon(self.voices.gists, self.voices.langs, self.voices.weights.tolist(), set_aside)
        self._names = Names(self.lexicon, self.meaning, self.encoder)

    def label(self, groups: Sequence[Rows], *, broad: bool = False) -> list[Labelled]:
        """Labels groups of rows, the largest first to choose. `broad`: short names, as for families."""
        exemplars = [() if broad else self._exemplars(rows) for rows in groups]
        spare = [self._spare(rows, typical) for rows, typical in zip(groups, exemplars, strict=True)]
        labels = self._names.give([self.spoken(rows) for rows in groups], spare, broad=broad)
        return [Labelled(label, typical) for label, typical in zip(labels, exemplars, strict=True)]

    def label_themes(self, groups: Sequence[Rows]) -> list[Labelled]:
        """Labels themes. Where there is a namer, its names take the place of ours."""
        found = self.label(groups)
        if self.namer is None:
            return found
        drafts = [
            Draft(
                words.label.name,
                words.label.phrases,
                tuple(self.voices.texts[row] for row in words.exemplars),
                self.lexicon.main_language(self.spoken(rows)),
            )
            for words, rows in zip(found, groups, strict=True)
        ]
        names = self.namer.name(drafts)
        return [replace(words, label=replace(words.label, name=name)) for words, name in zip(found, names, strict=True)]

    def spoken(self, rows: Rows) -> Rows:
        """Returns the voice of each row that says something."""
        voices = self.voices.of[rows]
        return voices[voices >= 0]

    def separates(self, here: Rows, there: Rows) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Returns phrases that only one of two groups uses, or far more than the other."""
        return what_separates(self.lexicon, self.spoken(here), self.spoken(there))

    def shared(self, groups: Sequence[Rows], labelled: Sequence[Labelled]) -> list[tuple[str, ...]]:
        """Returns for each row the phrases of its group that it uses."""
        result: list[tuple[str, ...]] = [()] * len(self.voices.of)
        for rows, words in zip(groups, labelled, strict=True):
            heard = rows[self.voices.of[rows] >= 0]
            told = [phrase for phrase in words.label.ranked if phrase.text in words.label.phrases]
            for row, phrases in zip(heard, shared_phrases(self.lexicon, self.voices.of[heard], told), strict=True):
                result[row] = phrases
        return result

    def _exemplars(self, rows: Rows) -> tuple[int, ...]:
        """Each voice is heard once, and one that says nothing isn't."""
        voices, first = np.unique(self.voices.of[rows], return_index=True)
        distinct, spoken = rows[first][voices >= 0], voices[voices >= 0]
        texts = [self.voices.texts[row] for row in distinct]
        chosen = choose_exemplars(self.meaning[spoken], texts, self.strength[distinct])
        return tuple(int(distinct[at]) for at in chosen)

    def _spare(self, rows: Rows, typical: Sequence[int]) -> str:
        if not len(rows):
            return ""
        return spare_name(self.voices.texts[typical[0] if typical else int(rows[0])])
