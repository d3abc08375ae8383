"""Families of themes: the outline of a campaign's page and of its debrief."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from ideas.themes.run import ThemeRun
from ideas.themes.theme import Theme

Thing = TypeVar("Thing")


def families(themes: Iterable[Theme], run: ThemeRun | None) -> dict[int, str]:
    """The names of the families that these themes belong to; none where fewer than two would be told apart."""
    names = dict(enumerate(run.families)) if run else {}
    found = {theme.family: names[theme.family] for theme in themes if theme.family in names}
    return found if len(found) > 1 else {}


def grouped(
    things: Sequence[Thing], named: Mapping[int, str], *, theme: Callable[[Thing], Theme], size: Callable[[Thing], int]
) -> list[tuple[str | None, list[Thing]]]:
    """Things with a theme by its family, the family with most ideas first; one nameless group without families."""
    if not named:
        return [(None, list(things))]
    groups: dict[int, list[Thing]] = {}
    for thing in things:
        groups.setdefault(theme(thing).family, []).append(thing)
    ordered = sorted(groups.items(), key=lambda group: (-sum(map(size, group[1])), group[0]))
    return [(named.get(place), of_family) for place, of_family in ordered]
