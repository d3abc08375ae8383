"""Ideas that say the same with the same words: a list shows one of them, and how many others there are."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ideas.themes.placement import Placement
from ideas.words import index_tokens


@dataclass(frozen=True, slots=True)
class Alike:
    """An idea, and the others that say the same, in the order of the list."""

    first: Placement
    others: list[Placement] = field(default_factory=list)

    @property
    def size(self) -> int:
        return 1 + len(self.others)


def fold_alike(placements: Iterable[Placement]) -> list[Alike]:
    """The ideas in their order, those with the same words behind the first of them.

    Accents, capitals, punctuation and the order of the words make no difference; a “not” does. Takes a time
    proportional to the length of the texts.
    """
    found: dict[str, Alike] = {}
    for placement in placements:
        text = placement.idea.text
        words = index_tokens(text) or text
        if words in found:
            found[words].others.append(placement)
        else:
            found[words] = Alike(placement)
    return list(found.values())
