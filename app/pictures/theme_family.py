"""Families of themes, for the lists of themes and the debrief."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from ideas.themes.runs.run import ThemeRun
from ideas.themes.theme import Theme

Thing = TypeVar("Thing")


def families(themes: Iterable[Theme], run: ThemeRun | None) -> dict[int, str]:
    """The names of the families of these themes, by index; empty if there are fewer than two."""
    names = dict(enumerate(run.families)) if run else {}
    found = {theme.family: names[theme.family] for theme in themes if theme.family in names}
    return found if len(found) > 1 else {}


def grouped(
    things: Sequence[Thing], named: Mapping[int, str], *, theme: Callable[[Thing], Theme], size: Callable[[Thing], int]
) -> list[tuple[str | None, list[Thing]]]:
    """Items grouped by the family of their theme, largest family first; one group without a name if there are none."""
    if not named:
        return [(None, list(things))]
    groups: dict[int, list[Thing]] = {}
    for thing in things:
        groups.setdefault(theme(thing).family, []).append(thing)
    ordered = sorted(groups.items(), key=lambda group: (-sum(map(size, group[1])), group[0]))
    return [(named.get(place), of_family) for place, of_family in ordered]
