"""What the domain and the pipeline tell each other, each in its own words. Light: any process may import it."""

from collections.abc import Iterable

from clustering.types import Event, Previous
from clustering.types import ThemeWarning as FoundWarning
from ideas.themes.run import Change, EventFound, Standing
from ideas.themes.theme import ThemeWarning


def previous_of(before: Standing) -> Previous:
    """The standing of the ideas by the pipeline's keys: their ids, written out."""
    return Previous(
        theme_of={str(idea_id): theme_id for idea_id, theme_id in before.theme_of.items()},
        positions=before.positions,
        placed={str(idea_id): theme_id for idea_id, theme_id in before.placed.items()},
        kept=before.kept,
        next_id=before.next_id,
        outliers=frozenset(str(idea_id) for idea_id in before.outliers),
        forbidden={str(idea_id): frozenset(theme_ids) for idea_id, theme_ids in before.forbidden.items()},
    )


def events_found(events: Iterable[Event]) -> list[EventFound]:
    """What became of the themes, in the domain's words."""
    return [EventFound(Change(event.change.value), event.theme, event.others) for event in events]


def warnings_found(warnings: Iterable[FoundWarning]) -> list[ThemeWarning]:
    """Why nothing should be concluded from a theme, in the domain's words."""
    return [ThemeWarning(warning.value) for warning in warnings]
