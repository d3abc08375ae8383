"""The report's section on an earlier run: which themes are new, grew or shrank, were merged or split, or are gone."""

from collections.abc import Mapping
from dataclasses import dataclass

from clustering.report.source import Source, safe
from clustering.report.words import CHANGES, IDEAS, NO_CHANGE, RESIZED, SINCE
from clustering.types import Change, Event


@dataclass(frozen=True, slots=True)
class EarlierTheme:
    """A theme of the earlier run. `size`: the number of its ideas then."""

    name: str
    size: int


def changes_section(source: Source, earlier: Mapping[int, EarlierTheme]) -> str:
    """Returns the section as HTML. `earlier`: the earlier run's themes by id."""
    text = source.language.text
    items = "".join(f"<li>{_sentence(source, event, earlier)}</li>" for event in source.found.events)
    changes = f"<ul>{items}</ul>" if items else f"<p>{text(NO_CHANGE)}</p>"
    return f'<section class="since"><h2>{text(SINCE)}</h2>{changes}</section>'


def _sentence(source: Source, event: Event, earlier: Mapping[int, EarlierTheme]) -> str:
    language, before = source.language, earlier.get(event.theme)
    theme = _name(source, event.theme, earlier)
    if before and event.change in {Change.GROWN, Change.SHRUNK}:
        ideas = language.plural(IDEAS, len(source.members.get(event.theme, ())))
        return language.text(RESIZED, theme=theme, ideas=ideas, before=language.count(before.size))
    others = ", ".join(_name(source, other, earlier) for other in event.others)
    return language.text(CHANGES[event.change], theme=theme, others=others)


def _name(source: Source, theme: int, earlier: Mapping[int, EarlierTheme]) -> str:
    """Returns a theme's name: a link where the theme still exists, else quoted."""
    if theme in source.number:
        return source.link(theme)
    name = safe(earlier[theme].name) if theme in earlier else ""
    return f"<bdi>{source.language.quoted(name or '…')}</bdi>"
