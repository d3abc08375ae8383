"""Fewer, larger themes or more, finer ones: what is cut from the hierarchy that the last run left."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from sqlalchemy import select
from sqlalchemy.orm import Session

from clustering.types import (
    DIGITS,
    RESIDUE,
    Event,
    Family,
    FoundTheme,
    Leftover,
    Near,
    Node,
    PlacedIdea,
    PlacedPassage,
    ThemeMap,
    ThemeWarning,
)
from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea, is_submitted
from ideas.errors import DomainError, message_id
from ideas.themes.passage import load_passages
from ideas.themes.placement import Placement
from ideas.themes.runs.run import RunResult, ThemeRun, ThemeState
from ideas.themes.stored import PassageRow
from ideas.themes.theme import Theme, languages_together

MIN_THEMES_OF_AMBIGUOUS = 2


class NoHierarchy(DomainError):
    message = message_id("Group the ideas again first. Then you can choose how many themes you want.")


@dataclass(frozen=True, slots=True)
class Level:
    """A granularity that may be chosen, and how many themes a run would make there."""

    level: int
    themes: int


@dataclass(frozen=True, slots=True)
class Member:
    """An idea, its placement of today, and its finest group, None where the tree of the run has none for it."""

    idea_id: int
    theme_id: int | None
    leftover: Leftover | None
    node: int | None
    strength: float
    x: float
    y: float
    nearest: Sequence[Near] = ()
    neighbours: Sequence[int] = ()
    shared: Sequence[str] = ()
    passages: Sequence[PlacedPassage] = ()


@dataclass(frozen=True, slots=True)
class Cut:
    """The hierarchy of a run, cut into the groups of a level.

    `groups`: for each member the node that it is in, None where the cut places it nowhere. `theme_of`: for each member
    the number of its new theme, None likewise. `numbers`: of all new themes. `parts`: the sub-themes of each node.
    """

    level: int
    groups: Sequence[int | None]
    theme_of: Sequence[int | None]
    numbers: Sequence[int]
    events: Sequence[Event]
    parts: Sequence[Sequence[int]]


# What is explained of each idea: a preview does without.
_EXPLAINING = ("nearest", "neighbours", "shared")
_COLUMNS = tuple(name for name in Member.__slots__ if name != "passages")


def load_members(session: Session, campaign: Campaign, *, leaves: int, explained: bool = True) -> list[Member]:
    """The campaign's submitted ideas that are placed. `leaves`: how many finest groups the tree has.

    A finest group beyond is one of another tree, and left out. Without `explained`, their nearest themes, neighbours,
    shared phrases and passages are not read.
    """
    columns = [getattr(Placement, name) for name in _COLUMNS if explained or name not in _EXPLAINING]
    rows = session.execute(
        select(*columns)
        .join(Idea, Idea.id == Placement.idea_id)
        .where(Placement.campaign_id == campaign.id, is_submitted())
        .order_by(Placement.idea_id)
    )
    members = [Member(*row) for row in rows]
    if explained:
        passages = load_passages(session, campaign)
        members = [replace(member, passages=_placed_passages(passages.get(member.idea_id, ()))) for member in members]
    return [member if member.node is None or member.node < leaves else replace(member, node=None) for member in members]


def _placed_passages(rows: Sequence[PassageRow]) -> list[PlacedPassage]:
    return [PlacedPassage(row.theme_id, row.start, row.end, row.strength) for row in rows]


def cut_result(run: ThemeRun, members: Sequence[Member], cut: Cut, state: ThemeState) -> RunResult:
    """The themes of a level, as a run would find them, but for the warnings about them: see `with_warnings`."""
    heirs = _heirs(members, cut.theme_of)
    placed = [_placed(member, theme, heirs) for member, theme in zip(members, cut.theme_of, strict=True)]
    found = ThemeMap(
        model=run.model,
        seconds=run.seconds,
        too_few=run.too_few,
        themes=tuple(_themes(members, placed, cut, state.themes, run.tree)),
        ideas=tuple(placed),
        families=tuple(Family(name, ()) for name in run.families),
        tree=run.tree,
        events=tuple(cut.events),
        granularity=cut.level,
        base=run.base,
    )
    idea_ids = [member.idea_id for member in members]
    return RunResult(found, idea_ids, new_from=state.next_id, read_at=run.created_at, namer=run.namer)


def with_warnings(result: RunResult, warnings: Mapping[int, tuple[ThemeWarning, ...]]) -> RunResult:
    """The result with the warnings about its themes, by their numbers."""
    themes = (replace(theme, warnings=warnings.get(theme.id, ())) for theme in result.found.themes)
    return replace(result, found=replace(result.found, themes=tuple(themes)))


def names_and_sizes(result: RunResult, themes: Mapping[int, Theme]) -> list[tuple[str, int]]:
    """The names and sizes of the themes, the largest first. The name of one of `themes` that people shaped holds."""
    given = {theme.id: theme.name for theme in themes.values() if theme.keeps_name}
    named = [(given.get(theme.id) or theme.name, theme.size) for theme in result.found.themes]
    return sorted(named, key=lambda theme: (-theme[1], theme[0]))


def _heirs(members: Sequence[Member], theme_of: Sequence[int | None]) -> dict[int, int]:
    """For each theme of today, the one where most of its ideas go."""
    flows: dict[int, Counter[int]] = {}
    for member, theme in zip(members, theme_of, strict=True):
        if member.theme_id is not None and theme is not None:
            flows.setdefault(member.theme_id, Counter())[theme] += 1
    return {theme_id: max(flow.items(), key=lambda item: (item[1], -item[0]))[0] for theme_id, flow in flows.items()}


def _leftover(member: Member, nearest: Mapping[int, float]) -> Leftover:
    """What an idea without a theme is: no proposal stays none; one across several themes needs several themes."""
    if member.leftover in RESIDUE:
        return member.leftover
    ambiguous = member.leftover is Leftover.AMBIGUOUS and len(nearest) >= MIN_THEMES_OF_AMBIGUOUS
    return Leftover.AMBIGUOUS if ambiguous else Leftover.OUTLIER


def _placed(member: Member, theme: int | None, heirs: Mapping[int, int]) -> PlacedIdea:
    """The idea's new placement: one that came since the run and has no finest group follows its theme."""
    if theme is None and member.node is None and member.theme_id is not None:
        theme = heirs.get(member.theme_id)
    nearest: dict[int, float] = {}
    for near in member.nearest:
        heir = heirs.get(near.theme, near.theme)
        nearest[heir] = max(nearest.get(heir, 0.0), near.strength)
    return PlacedIdea(
        theme=theme,
        leftover=None if theme is not None else _leftover(member, nearest),
        nearest=tuple(Near(theme_id, strength) for theme_id, strength in nearest.items()),
        strength=member.strength,
        x=member.x,
        y=member.y,
        node=member.node,
        neighbours=tuple(member.neighbours),
        shared=tuple(member.shared),
        passages=tuple(_passages_in(member, theme, heirs)) if theme is not None else (),
    )


def _passages_in(member: Member, theme: int, heirs: Mapping[int, int]) -> list[PlacedPassage]:
    """The idea's passages in the new themes: those of its main theme follow the idea, others most ideas of theirs."""
    return [
        replace(passage, theme=theme if passage.theme == member.theme_id else heirs.get(passage.theme, passage.theme))
        for passage in member.passages
    ]


def _themes(
    members: Sequence[Member],
    placed: Sequence[PlacedIdea],
    cut: Cut,
    themes: Mapping[int, Theme],
    tree: Sequence[Node],
) -> list[FoundTheme]:
    inside: dict[int, list[int]] = {number: [] for number in cut.numbers}
    for row, facts in enumerate(placed):
        if facts.theme is not None:
            inside.setdefault(facts.theme, []).append(row)
    sizes = Counter(member.theme_id for member in members)
    found: list[FoundTheme] = []
    unchanged: set[int] = set()
    for number, rows in inside.items():
        here = [members[row] for row in rows]
        same = len(rows) == sizes[number] and all(member.theme_id == number for member in here)
        nodes = Counter(cut.groups[row] for row in rows)
        node = max(nodes, key=lambda place: (nodes[place], -(place or 0))) if nodes else None
        if number in themes and (same or node is None):
            found.append(_as_it_was(themes[number], len(rows), same=same))
        elif node is not None:
            found.append(_of_node(number, tree[node], here, themes, cut.parts[node], sizes))
        if same:
            unchanged.add(number)
    # Each is set apart from its nearest only where that has the same ideas as before.
    return [one if one.apart is None or one.apart.theme in unchanged else replace(one, apart=None) for one in found]


def _as_it_was(theme: Theme, size: int, *, same: bool) -> FoundTheme:
    """A theme that is not a group of the hierarchy, with the `same` ideas as today or with others."""
    return FoundTheme(
        id=theme.id,
        name=theme.found_name,
        other_names=theme.other_names,
        phrases=tuple(theme.phrases),
        size=size,
        cohesion=theme.cohesion,
        exemplars=tuple(theme.exemplars),
        x=theme.x,
        y=theme.y,
        family=theme.family,
        parts=tuple(theme.parts),
        languages=theme.languages,
        apart=theme.apart if same else None,
        measured=theme.measured and same,
        definition=theme.definition if same else "",
    )


def _of_node(
    number: int,
    node: Node,
    members: Sequence[Member],
    themes: Mapping[int, Theme],
    parts: Sequence[int],
    sizes: Mapping[int | None, int],
) -> FoundTheme:
    """A theme that is a group of the hierarchy; its island lies where its ideas are."""
    origins = Counter(member.theme_id for member in members if member.theme_id is not None)
    origin = themes[max(origins, key=lambda theme_id: origins[theme_id])] if origins else None
    return FoundTheme(
        id=number,
        name=node.name,
        phrases=node.phrases,
        size=len(members),
        cohesion=node.cohesion,
        exemplars=node.exemplars,
        x=round(fmean(member.x for member in members), DIGITS),
        y=round(fmean(member.y for member in members), DIGITS),
        family=origin.family if origin else 0,
        parts=tuple(parts),
        languages=languages_together(origins, themes, sizes),
    )
