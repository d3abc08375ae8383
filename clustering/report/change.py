"""What the report says of an earlier run: which themes are new, have grown or shrunk, took others in, split or went."""

from collections.abc import Mapping
from dataclasses import dataclass

from clustering.report.source import Source, safe
from clustering.types import Change, Event


@dataclass(frozen=True, slots=True)
class EarlierTheme:
    """A theme as the earlier run had it."""

    name: str
    size: int


def changes_section(source: Source, earlier: Mapping[int, EarlierTheme]) -> str:
    """Returns the section. `earlier`: the earlier run's themes by id; what is not among them has no name or size."""
    words = source.words
    items = "".join(_item(source, event, earlier) for event in source.found.events)
    told = f"<ul>{items}</ul>" if items else f"<p>{words.no_change}</p>"
    return f'<section class="since"><h2>{words.since}</h2>{told}</section>'


def _item(source: Source, event: Event, earlier: Mapping[int, EarlierTheme]) -> str:
    words = source.words
    others = ", ".join(_called(source, other, earlier) for other in event.others)
    said = words.changes[event.change].format(others=others)
    before = earlier.get(event.theme)
    if before and event.change in {Change.GROWN, Change.SHRUNK}:
        after = len(source.members.get(event.theme, ()))
        change = words.resized.format(before=words.count(before.size), ideas=words.plural(words.ideas, after))
        said = f"{said}, {change}"
    return f"<li>{_called(source, event.theme, earlier)} {said}</li>"


def _called(source: Source, theme: int, earlier: Mapping[int, EarlierTheme]) -> str:
    """A theme's name, leading to it where it still is."""
    if theme in source.number:
        return source.link(theme)
    name = safe(earlier[theme].name) if theme in earlier else ""
    return f"<bdi>{source.words.quoted.format(text=name or '…')}</bdi>"
