"""What the tables of themes keep as JSON: the one place where it is written and read.

A value that stays as it was written, such as an edit by a person or the tree of a run, carries the VERSION of its form.
One without a version is of version 1; the values of every version are read for ever. A value of the present, which
runs and people replace, carries none: when its form changes, a migration rewrites it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import JSON, ColumnElement, Text, cast
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.types import TypeDecorator

from clustering.types import Apart, Change, Event, FoundTheme, Leftover, Near, Node, PlacedPassage, ThemeWarning

VERSION = 2
# The words of version 1, and those of today.
THEME_NAMES_OF_1 = {"doubts": "warnings"}
PLACEMENT_NAMES_OF_1 = {"theme": "theme_id", "placed_by": "placed_by_id"}
PLACEMENT_VALUES_OF_1: dict[str, dict[str, str]] = {
    "leftover": {"alone": Leftover.OUTLIER, "between": Leftover.AMBIGUOUS},
    "placed_how": {"alone": "set_aside"},
}

Value = TypeVar("Value")
Languages = tuple[tuple[str, float], ...]
OtherNames = tuple[tuple[str, str], ...]
Forbidding = tuple[int, datetime]


class PassageRow(NamedTuple):
    """A passage of an idea, without the idea: see ideas.themes.passage."""

    theme_id: int
    start: int
    end: int
    strength: float
    version: int
    kept: bool = False


Passages = dict[int, list[PassageRow]]  # by idea, in the order of its text


class Stored(TypeDecorator[Value]):
    """A JSON column whose values have a type in Python: `write` and `read` turn one into the other."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def __init__(self, write: Callable[[Value], Any], read: Callable[[Any], Value]) -> None:
        super().__init__()
        self.write, self.read = write, read

    def process_bind_param(self, value: Value | None, dialect: Dialect) -> Any:  # noqa: ARG002 -- TypeDecorator's signature
        return None if value is None else self.write(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Value | None:  # noqa: ARG002 -- TypeDecorator's signature
        return None if value is None else self.read(value)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that an edit by a person concerns, as it was before the act or after it.

    `themes`: for each theme id the columns of Theme that people and runs write, and "retired", true or false.
    `placements`: for each idea id the columns of Placement: its theme, who placed it there and, unless a proposal was
    accepted, how it belongs there. A column that an act of version 1 did not keep is missing.
    `forbidden`: who forbade each pair of idea id and theme id, and when. `run`: the id of the run that the themes come
    from, None where it is not kept. `passages`: of the ideas whose passages the act changed, whatever their placement.
    """

    themes: dict[int, dict[str, Any]] = field(default_factory=dict)
    placements: dict[int, dict[str, Any]] = field(default_factory=dict)
    forbidden: dict[tuple[int, int], Forbidding] = field(default_factory=dict)
    run: int | None = None
    passages: Passages = field(default_factory=dict)


# Values of the present ------------------------------------------------------------------------------------------------


def write_nearest(nearest: Iterable[Near]) -> list[dict[str, Any]]:
    return [{"theme": near.theme, "strength": near.strength} for near in nearest]


def read_nearest(stored: Iterable[Mapping[str, Any]]) -> tuple[Near, ...]:
    return tuple(Near(near["theme"], near["strength"]) for near in stored)


def write_passages(passages: Iterable[PlacedPassage]) -> list[list[float]]:
    return [[one.theme, one.start, one.end, one.strength] for one in passages]


def read_passages(stored: Iterable[Sequence[Any]]) -> tuple[PlacedPassage, ...]:
    return tuple(PlacedPassage(*values) for values in stored)


def names_theme(nearest: InstrumentedAttribute[tuple[Near, ...]], theme_id: int) -> ColumnElement[bool]:
    """The condition under which a column of nearest themes names this one."""
    return cast(nearest, Text).like(f'%"theme": {theme_id},%')


def read_apart(stored: Mapping[str, Any] | None) -> Apart | None:
    if stored is None:
        return None
    return Apart(stored["theme"], stored["likeness"], tuple(stored["here"]), tuple(stored["there"]))


def read_languages(stored: Iterable[Sequence[Any]]) -> Languages:
    return tuple((code, share) for code, share in stored)


def read_other_names(stored: Iterable[Sequence[Any]]) -> OtherNames:
    return tuple((code, name) for code, name in stored)


def read_warnings(stored: Iterable[str]) -> tuple[ThemeWarning, ...]:
    return tuple(ThemeWarning(warning) for warning in stored)


# Values with a version ------------------------------------------------------------------------------------------------


def write_items(items: Iterable[FoundTheme | Node | Event]) -> dict[str, Any]:
    return _versioned(asdict(item) for item in items)


def read_themes(stored: Any) -> tuple[FoundTheme, ...]:
    """The themes that a run found. Version 1 did not keep their sizes."""
    return tuple(_theme({"size": 0} | _theme_state(facts)) for facts in _items(stored))


def _theme(facts: Mapping[str, Any]) -> FoundTheme:
    lists = {name: tuple(facts.get(name, ())) for name in ("phrases", "exemplars", "parts")}
    return FoundTheme(**_known(FoundTheme, facts) | lists)


def read_tree(stored: Any) -> tuple[Node, ...]:
    return tuple(
        Node(**_known(Node, node) | {name: tuple(node[name]) for name in ("phrases", "exemplars")})
        for node in _items(stored)
    )


def write_families(names: Iterable[str]) -> dict[str, Any]:
    return _versioned({"name": name} for name in names)


def read_families(stored: Any) -> tuple[str, ...]:
    return tuple(family["name"] for family in _items(stored))


def read_events(stored: Any) -> tuple[Event, ...]:
    return tuple(Event(Change(event["change"]), event["theme"], tuple(event["others"])) for event in _items(stored))


def write_summary(summary: Mapping[str, Any]) -> dict[str, Any]:
    return {"version": VERSION, **summary}


def read_summary(stored: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in stored.items() if name != "version"}


def write_snapshot(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "version": VERSION,
        "themes": {
            str(theme_id): {name: WRITERS[name](value) if name in WRITERS else value for name, value in state.items()}
            for theme_id, state in snapshot.themes.items()
        },
        "placements": {str(idea_id): state for idea_id, state in snapshot.placements.items()},
        "forbidden": [
            [idea_id, theme_id, person_id, created_at.isoformat()]
            for (idea_id, theme_id), (person_id, created_at) in sorted(snapshot.forbidden.items())
        ],
        "run": snapshot.run,
        "passages": {str(idea_id): [list(row) for row in rows] for idea_id, rows in snapshot.passages.items()},
    }


def read_snapshot(stored: dict[str, Any]) -> Snapshot:
    """The snapshot; what was not kept yet when it was written is missing."""
    return Snapshot(
        themes={int(theme_id): _theme_state(state) for theme_id, state in stored.get("themes", {}).items()},
        placements={int(idea_id): _placement_state(state) for idea_id, state in stored.get("placements", {}).items()},
        forbidden={
            (idea_id, theme_id): (person_id, datetime.fromisoformat(created_at))
            for idea_id, theme_id, person_id, created_at in stored.get("forbidden", [])
        },
        run=stored.get("run"),
        passages={
            int(idea_id): [PassageRow(*values) for values in rows]
            for idea_id, rows in stored.get("passages", {}).items()
        },
    )


def _versioned(items: Iterable[Any]) -> dict[str, Any]:
    return {"version": VERSION, "items": list(items)}


def _items(stored: Any) -> Sequence[Any]:
    """The items of a list; version 1 kept it bare."""
    items: Sequence[Any] = stored["items"] if isinstance(stored, dict) else stored
    return items


def _theme_state(stored: Mapping[str, Any]) -> dict[str, Any]:
    named = {THEME_NAMES_OF_1.get(name, name): value for name, value in stored.items()}
    return {name: READERS[name](value) if name in READERS else value for name, value in named.items()}


def _placement_state(stored: Mapping[str, Any]) -> dict[str, Any]:
    state = {PLACEMENT_NAMES_OF_1.get(name, name): value for name, value in stored.items()}
    for name, values in PLACEMENT_VALUES_OF_1.items():
        if name in state:
            state[name] = values.get(state[name], state[name])
    state["leftover"] = Leftover(state["leftover"]) if state["leftover"] else None
    return state


def _known(kind: type[Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the facts that have a field today: what is no longer kept breaks no row."""
    return {one.name: facts[one.name] for one in fields(kind) if one.name in facts}


WRITERS: dict[str, Callable[[Any], Any]] = {
    "apart": lambda apart: asdict(apart) if apart else None,
    "languages": list,
    "other_names": list,
    "warnings": list,
}
READERS: dict[str, Callable[[Any], Any]] = {
    "apart": read_apart,
    "languages": read_languages,
    "other_names": read_other_names,
    "warnings": read_warnings,
}

NEAREST = Stored(write_nearest, read_nearest)
PASSAGES = Stored(write_passages, read_passages)
APART = Stored(WRITERS["apart"], read_apart)
LANGUAGES = Stored(WRITERS["languages"], read_languages)
OTHER_NAMES = Stored(WRITERS["other_names"], read_other_names)
WARNINGS = Stored(WRITERS["warnings"], read_warnings)
THEMES = Stored(write_items, read_themes)
TREE = Stored(write_items, read_tree)
FAMILIES = Stored(write_families, read_families)
EVENTS = Stored(write_items, read_events)
SUMMARY = Stored(write_summary, read_summary)
SNAPSHOT = Stored(write_snapshot, read_snapshot)
