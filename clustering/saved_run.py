"""The JSON of a run: what --json writes and --previous reads."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from clustering.errors import UnusablePrevious
from clustering.messages import reason_of
from clustering.report.change import EarlierTheme
from clustering.types import FoundTheme, Leftover, PlacedIdea, Previous, ThemeMap

VERSION = 2
# Version 1 wrote "doubts" for "warnings".
# A later run continues ids, names and positions only, which both versions write alike.
READABLE_VERSIONS = (1, 2)

LEFTOVER_NAMES = {
    Leftover.OUTLIER: "alone",
    Leftover.AMBIGUOUS: "between",
    Leftover.NOTHING: "nothing",
    Leftover.AGREES: "agrees",
    # Version 2 has no word of its own for it. Such a text proposes nothing either.
    Leftover.DISAGREES: "nothing",
}


@dataclass(frozen=True)
class EarlierRun:
    """An earlier run, as the pipeline takes it (`previous`) and as the report names it (`themes`, by id)."""

    previous: Previous
    themes: dict[int, EarlierTheme]


def as_json(found: ThemeMap, ids: Sequence[str]) -> dict[str, object]:
    """Returns a run as JSON-ready values. `ids`: the caller's id of each idea, in the order of `found.ideas`."""
    return {
        "version": VERSION,
        "model": found.model,
        "seconds": {stage: round(seconds, 3) for stage, seconds in found.seconds.items()},
        "granularity": found.granularity,
        "families": [{"name": family.name, "themes": list(family.themes)} for family in found.families],
        "events": [
            {"change": event.change, "theme": event.theme, "others": list(event.others)} for event in found.events
        ],
        "themes": [_theme_as_json(theme, found, ids) for theme in found.themes],
        "ideas": [_idea_as_json(key, idea, ids) for key, idea in zip(ids, found.ideas, strict=True)],
    }


def _theme_as_json(theme: FoundTheme, found: ThemeMap, ids: Sequence[str]) -> dict[str, object]:
    parts = [found.tree[node] for node in theme.parts]
    return {
        "id": theme.id,
        "name": theme.name,
        "other_names": dict(theme.other_names),
        "definition": theme.definition,
        "phrases": list(theme.phrases),
        "size": theme.size,
        "counted": theme.counted,
        "copies": theme.copies,
        "cohesion": theme.cohesion,
        "exemplars": [ids[row] for row in theme.exemplars],
        "parts": [{"name": part.name, "size": part.size, "phrases": list(part.phrases)} for part in parts],
        "languages": dict(theme.languages),
        "apart": asdict(theme.apart) if theme.apart else None,
        "warnings": list(theme.warnings),
        "x": theme.x,
        "y": theme.y,
    }


def _idea_as_json(key: str, idea: PlacedIdea, ids: Sequence[str]) -> dict[str, object]:
    return {
        "id": key,
        "theme": idea.theme,
        "leftover": LEFTOVER_NAMES[idea.leftover] if idea.leftover else None,
        "nearest": [{"theme": near.theme, "strength": near.strength} for near in idea.nearest],
        "strength": idea.strength,
        "same_as": None if idea.same_as is None else ids[idea.same_as],
        "passages": [asdict(passage) for passage in idea.passages],
        "shared": list(idea.shared),
        "neighbours": [ids[row] for row in idea.neighbours],
        "x": idea.x,
        "y": idea.y,
    }


def read_earlier_run(path: Path) -> EarlierRun:
    """Reads a file that as_json made, of this version or an earlier one. Raises UnusablePrevious."""
    try:
        old = json.loads(path.read_text(encoding="utf-8"))
        if old["version"] not in READABLE_VERSIONS:
            raise UnusablePrevious(
                f"{path} is of version {old['version']}. This program reads versions up to {VERSION}.",
                code="previous_version",
                path=path,
                version=old["version"],
                readable=VERSION,
            )
        theme_of = {str(idea["id"]): int(idea["theme"]) for idea in old["ideas"] if idea["theme"] is not None}
        sizes = Counter(theme_of.values())
        themes = {
            int(theme["id"]): EarlierTheme(str(theme.get("name", "")), sizes[int(theme["id"])])
            for theme in old["themes"]
        }
        positions = {
            int(theme["id"]): (float(theme["x"]), float(theme["y"])) for theme in old["themes"] if "x" in theme
        }
        granularity = int(old.get("granularity", 0))
    except OSError as error:
        raise UnusablePrevious(f"{path} can't be read: {reason_of(error)}.", code="unreadable", path=path) from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UnusablePrevious(f"{path} is not the JSON of an earlier run.", code="not_a_run", path=path) from error
    next_id = max(themes, default=0) + 1
    return EarlierRun(Previous(theme_of, positions, {}, frozenset(), next_id, granularity=granularity), themes)
