"""A column of a table: its name in plain words, its cells, and what they may mean."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from clustering.tabular.kinds import Kind, common_kind
from clustering.tabular.names import ASKING_WORDS, PERSON_WORDS, STATE_NAMES, TITLE_BEGINNINGS, TITLE_WORDS
from clustering.tabular.states import are_kinds, are_states, names_a_kind, names_a_state

VARIED = 0.5  # share of cells that differ
# Scripts that write several words without a space.
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{4}")
_MAX_STATES = 20
_STATE_WORDS = {
    "state", "status", "etat", "statut", "moderation", "estado", "estat", "stato", "zustand", "stand", "freigabe",
    "situacion", "situacao", "moderacion", "moderacao", "moderazione", "moderatie", "stage",
}  # fmt: skip
_STATE_LENGTH = 60
# The name of a person has few words, mostly with capitals: what is longer names a thing.
_NAME_WORDS = 3.5
_LOWER_NAME_WORDS = 2.2
_CAPITALS = 0.6


@dataclass(frozen=True, slots=True)
class Column:
    """A column with what it holds, and what its name and its cells may mean."""

    place: int
    name: str
    cells: Sequence[str]  # that hold something, trimmed
    filled: float
    kind: Kind = field(init=False)
    length: float = field(init=False)
    distinct: float = field(init=False)

    def __post_init__(self) -> None:
        count = max(1, len(self.cells))
        object.__setattr__(self, "kind", common_kind(self.cells))
        object.__setattr__(self, "length", sum(map(len, self.cells)) / count)
        object.__setattr__(self, "distinct", len(set(self.cells)) / count)

    @property
    def words(self) -> set[str]:
        return set(self.name.split())

    @property
    def says_a_state(self) -> bool:
        """True for a name such as "Status" or "Gelöscht"."""
        if self.name in STATE_NAMES or names_a_state(self.name):
            return self.length <= _STATE_LENGTH
        if names_a_kind(self.name):
            return are_kinds(set(self.cells))
        said = self.words & _STATE_WORDS or any(word.endswith(("status", "stand")) for word in self.words)
        return bool(said) and len(set(self.cells)) <= _MAX_STATES

    @property
    def holds_states(self) -> bool:
        """True where the cells are states, one of which takes a row off its page."""
        said = set(self.cells)
        return len(said) <= _MAX_STATES and are_states(said)

    @property
    def names_persons(self) -> bool:
        """True where the cells may be names of persons: one or two words, or a few that mostly have capitals."""
        words = [word for cell in self.cells for word in cell.split()]
        capitals = sum(1 for word in words if not word[0].islower())
        most = _NAME_WORDS if capitals >= _CAPITALS * len(words) else _LOWER_NAME_WORDS
        return len(words) <= most * len(self.cells)

    @property
    def asks_for_a_person(self) -> bool:
        """True for a name such as "Votre adresse" or "Nom et prénom"; "Votre idée de nom" asks for an idea."""
        return bool(self.words & PERSON_WORDS) and self.words <= PERSON_WORDS | ASKING_WORDS

    @property
    def may_be_a_title(self) -> bool:
        named = self.words & TITLE_WORDS or self.name.startswith(TITLE_BEGINNINGS)
        whose = self.kind is Kind.OTHER and self.distinct >= VARIED and not self.names_persons
        return bool(named) and (whose or not self.cells)

    def is_written(self, length: int) -> bool:
        """True where the cells are sentences, or a few words of this length on average."""
        unspaced = sum(1 for cell in self.cells if _UNSPACED.search(cell))
        spaced = unspaced + sum(1 for cell in self.cells if " " in cell)
        long = self.length >= length or 2 * unspaced >= len(self.cells)
        return self.kind is Kind.OTHER and long and 2 * spaced >= len(self.cells)
