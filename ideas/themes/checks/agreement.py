"""How often people found an idea rightly placed: of those drawn at random alone, with the 95 % interval."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

from ideas.themes.checks.check import Belongs
from ideas.themes.checks.sample import Card, Drawn

# Ideas below which a share says next to nothing.
MIN_CHECKED = 5
_Z = 1.959964  # the normal quantile of a 95 % interval


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of `checked` ideas drawn at random, `right` were rightly placed."""

    checked: int
    right: int

    @property
    def share(self) -> float:
        return self.right / self.checked

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's interval of the share, at 95 %."""
        spread = _Z**2 / self.checked
        centre = (self.share + spread / 2) / (1 + spread)
        half = _Z * sqrt(self.share * (1 - self.share) / self.checked + spread / (4 * self.checked)) / (1 + spread)
        return max(0.0, centre - half), min(1.0, centre + half)


def agreement_in(cards: Iterable[Card]) -> Agreement | None:
    """The agreement with a run, by the ideas of its sample that were drawn at random. None before it is known.

    It is known once each of them was checked: whoever stops in between can't choose the figure. An idea is rightly
    placed if more people say yes than not. One that a person took out of its theme unasked was not; one that left it in
    another way, as in a merge, doesn't count unless somebody checked it.
    """
    found = [_is_right(card) for card in cards if card.drawn is Drawn.RANDOM and (card.checks or _concerned(card))]
    if len(found) < MIN_CHECKED or None in found:
        return None
    return Agreement(len(found), found.count(True))


def agreement_by_theme(cards: Iterable[Card]) -> dict[int, Agreement]:
    """The agreement with each theme that has ideas in the sample, by theme id, as `agreement_in` counts.

    Here a few ideas make a figure, since the interval beside it says how little that is. Known once each idea of the
    theme that was drawn at random was checked.
    """
    by_theme: dict[int, list[bool | None]] = {}
    for card in cards:
        if card.drawn is Drawn.RANDOM and (card.checks or _concerned(card)):
            by_theme.setdefault(card.theme_id, []).append(_is_right(card))
    return {
        theme_id: Agreement(len(found), found.count(True)) for theme_id, found in by_theme.items() if None not in found
    }


def _concerned(card: Card) -> bool:
    return card.still_there or card.taken_out


def _is_right(card: Card) -> bool | None:
    """None where nobody has said."""
    if card.checks:
        said = list(card.checks.values())
        return 2 * said.count(Belongs.YES) > len(said)
    return False if card.taken_out else None
