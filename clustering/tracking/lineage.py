"""Lineage: themes keep their ids from run to run, and people's edits hold."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from clustering.types import Change, Event, Previous

NO_PREVIOUS = Previous({}, {}, {}, frozenset(), next_id=1)
MIN_CHANGE = 0.1  # share of a theme's ideas from which it has grown or shrunk


@dataclass(frozen=True)
class Lineage:
    """`theme_of`: for each row its theme id, or None; `ids`: all theme ids, new ones included, even if empty (kept).

    `events`: what became of the earlier themes, and what is new.
    """

    theme_of: tuple[int | None, ...]
    ids: tuple[int, ...]
    events: tuple[Event, ...] = ()


def trace(
    keys: Sequence[str], groups: Sequence[int | None], previous: Previous | None, *, smallest: int = 1
) -> Lineage:
    """Gives ids to groups. `groups`: for each row its group number (any int), or None when left over.

    - A group most of whose known ideas people placed in one theme goes to that theme, as several groups may: what
      people put together stays together (must-link). A single placed idea does not move its group.
    - Any other takes the id of the earlier theme whose ideas it holds, one to one, largest overlap first, provided it
      holds most of what is left of that theme; or as much as any, and most of its own known ideas come from there; or
      most of all its ideas do.
    - A kept theme that no group continues keeps its earlier ideas.
    - An idea is where a person placed it, in none if a person marked it an outlier, and never where it is forbidden.
    - Other groups that this leaves with fewer than `smallest` ideas are dissolved.
    - New ids start at `previous.next_id`, the largest group first.
    """
    before = previous or NO_PREVIOUS
    id_of = _join_by_constraints(keys, groups, before)
    id_of = _continue_ids(keys, groups, before.theme_of, id_of)
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
        theme_of[row] = _after_edits(key, theme_of[row], before)
    sizes = Counter(theme for theme in theme_of if theme is not None)
    shrunk = set(sizes) - kept - {theme for theme in sizes if sizes[theme] >= smallest}
    theme_of = [None if theme in shrunk else theme for theme in theme_of]
    ids = tuple(sorted(kept | (set(sizes) - shrunk)))
    return Lineage(tuple(theme_of), ids, _events(keys, theme_of, ids, before) if previous else ())


def _after_edits(key: str, theme: int | None, before: Previous) -> int | None:
    """Returns the theme of an idea once people's edits are respected."""
    if key in before.placed:
        return before.placed[key]
    if key in before.outliers or theme in before.forbidden.get(key, frozenset()):
        return None
    return theme


def _by_size(groups: Sequence[int | None]) -> list[tuple[int, int]]:
    sizes = Counter(group for group in groups if group is not None)
    return sorted(sizes.items(), key=lambda item: (-item[1], item[0]))


def _join_by_constraints(keys: Sequence[str], groups: Sequence[int | None], before: Previous) -> dict[int, int]:
    """Returns group -> theme, where people placed most of the group's known ideas in that theme."""
    known: Counter[int] = Counter()
    placed: Counter[tuple[int, int]] = Counter()
    for key, group in zip(keys, groups, strict=True):
        if group is not None and key in before.theme_of:
            known[group] += 1
            if key in before.placed:
                placed[group, before.placed[key]] += 1
    return {group: theme for (group, theme), count in placed.items() if count > 1 and 2 * count > known[group]}


def _continue_ids(
    keys: Sequence[str], groups: Sequence[int | None], theme_of: Mapping[str, int], joined: Mapping[int, int]
) -> dict[int, int]:
    """Returns group -> earlier theme id: what is joined, and the others one to one."""
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
    sizes = Counter(groups)
    largest: dict[int, int] = defaultdict(int)
    for (theme, _), count in shared.items():
        largest[theme] = max(largest[theme], count)
    result = dict(joined)
    taken = set(joined.values())
    for (theme, group), count in sorted(shared.items(), key=lambda item: (-item[1], item[0])):
        if group in result or theme in taken:
            continue
        its_own = 2 * count > known[group] and count == largest[theme]
        if 2 * count > min(remaining[theme], sizes[group]) or its_own:
            result[group] = theme
            taken.add(theme)
    return result


def _events(
    keys: Sequence[str], theme_of: Sequence[int | None], ids: Sequence[int], before: Previous
) -> tuple[Event, ...]:
    """Returns what became of the earlier themes, in the order of their ids, then which are new."""
    earlier = [before.theme_of.get(key) for key in keys]
    went = Counter((old, new) for old, new in zip(earlier, theme_of, strict=True) if old is not None)
    size_before = Counter(theme for theme in before.theme_of.values())
    size_after = Counter(theme for theme in theme_of if theme is not None)
    there_before = set(size_before) | ((before.kept | set(before.placed.values())) & set(ids))
    heirs, fresh, events = defaultdict[int, list[int]](list), [], []
    for theme in sorted(set(size_before) - set(ids)):
        heir = _heir(went, size_before[theme], theme)
        if heir is None:
            events.append(Event(Change.GONE, theme))
        else:
            heirs[heir].append(theme)
    offspring = defaultdict[int, list[int]](list)
    for theme in sorted(set(ids) - there_before):
        parent = _parent(went, theme)
        if parent is None or parent not in ids:
            fresh.append(Event(Change.BORN, theme))
        else:
            offspring[parent].append(theme)
    for theme in sorted(ids):
        if theme in heirs:
            events.append(Event(Change.MERGED, theme, tuple(heirs[theme])))
        if theme in offspring:
            events.append(Event(Change.SPLIT, theme, tuple(offspring[theme])))
        if theme in there_before and theme not in heirs and theme not in offspring:
            events += _growth(theme, size_before[theme], size_after[theme])
    return (*events, *fresh)


def _growth(theme: int, size_before: int, size_after: int) -> list[Event]:
    """Returns an event when more than MIN_CHANGE of a theme's ideas came or went, by its size."""
    if abs(size_after - size_before) <= MIN_CHANGE * size_before:
        return []
    return [Event(Change.GROWN if size_after > size_before else Change.SHRUNK, theme)]


def _heir(went: Counter[tuple[int, int | None]], size: int, theme: int) -> int | None:
    """Returns the theme that most ideas of an earlier one went to; None where they scattered."""
    for (old, new), count in went.items():
        if old == theme and new is not None and 2 * count > size:
            return new
    return None


def _parent(went: Counter[tuple[int, int | None]], theme: int) -> int | None:
    """Returns the earlier theme that most known ideas of a new one come from, if there is one."""
    known = {old: count for (old, new), count in went.items() if new == theme}
    for old, count in known.items():
        if 2 * count > sum(known.values()):
            return old
    return None
