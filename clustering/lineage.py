"""Keeps themes recognisable from run to run, and what people did untouched."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from clustering.types import Previous


@dataclass(frozen=True)
class Lineage:
    """`theme_of`: for each row its theme id, or None; `ids`: all theme ids, new ones included, even if empty (kept)."""

    theme_of: tuple[int | None, ...]
    ids: tuple[int, ...]


def trace(
    keys: Sequence[str], groups: Sequence[int | None], previous: Previous | None, *, smallest: int = 1
) -> Lineage:
    """Gives ids to groups. `groups`: for each row its group number (any int), or None when left over.

    - A group takes the id of the earlier theme whose ideas it holds, one to one, largest overlap first, provided it
      holds most of what is left of that theme, or that most of its own known ideas come from there.
    - A kept theme that no group continues holds on to its earlier ideas.
    - An idea that a person placed is where it was placed.
    - Other groups that this leaves with fewer than `smallest` ideas are dissolved.
    - New ids start at `previous.next_id`, the largest group first.
    """
    before = previous or Previous({}, {}, {}, frozenset(), next_id=1)
    id_of = _continue_ids(keys, groups, before.theme_of)
    kept = before.kept | set(before.placed.values())
    fresh = max([before.next_id, *(theme + 1 for theme in [*before.theme_of.values(), *kept])])
    for group, _ in _by_size(groups):
        if group not in id_of:
            id_of[group] = fresh
            fresh += 1
    theme_of = [None if group is None else id_of[group] for group in groups]
    stranded = kept - set(id_of.values())
    for row, key in enumerate(keys):
        if before.theme_of.get(key) in stranded:
            theme_of[row] = before.theme_of[key]
        if key in before.placed:
            theme_of[row] = before.placed[key]
    sizes = Counter(theme for theme in theme_of if theme is not None)
    shrunk = set(sizes) - kept - {theme for theme in sizes if sizes[theme] >= smallest}
    theme_of = [None if theme in shrunk else theme for theme in theme_of]
    return Lineage(tuple(theme_of), tuple(sorted(kept | (set(sizes) - shrunk))))


def _by_size(groups: Sequence[int | None]) -> list[tuple[int, int]]:
    sizes = Counter(group for group in groups if group is not None)
    return sorted(sizes.items(), key=lambda item: (-item[1], item[0]))


def _continue_ids(keys: Sequence[str], groups: Sequence[int | None], theme_of: Mapping[str, int]) -> dict[int, int]:
    """Returns group -> earlier theme id, one to one."""
    shared: Counter[tuple[int, int]] = Counter()
    remaining: Counter[int] = Counter()
    known: Counter[int] = Counter()
    for key, group in zip(keys, groups, strict=True):
        theme = theme_of.get(key)
        if theme is None:
            continue
        remaining[theme] += 1
        if group is not None:
            known[group] += 1
            shared[theme, group] += 1
    result: dict[int, int] = {}
    taken: set[int] = set()
    for (theme, group), count in sorted(shared.items(), key=lambda item: (-item[1], item[0])):
        if group in result or theme in taken:
            continue
        if 2 * count > min(remaining[theme], known[group]):
            result[group] = theme
            taken.add(theme)
    return result
