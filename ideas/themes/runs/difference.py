"""What a proposal would change in the themes of today, theme by theme."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import Select, Text, cast, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from clustering.types import Change, Event, FoundTheme
from ideas.base import chunks
from ideas.contributions.idea import Idea, is_submitted, revised_since
from ideas.themes.passage import FoundPassages, Passage, by_passage, found_passages, load_passages, numbered
from ideas.themes.placement import Forbidden, Placement, load_forbidden, theme_sizes
from ideas.themes.runs.proposal import Proposal, ProposedPlacement
from ideas.themes.theme import Theme, active_themes

MAX_SHOWN_IDEAS = 5


class SameSize(StrEnum):
    """What a proposal changes in a theme that is as large as before."""

    EXCHANGED = "exchanged"  # it has other ideas
    RENAMED = "renamed"  # it has the same ideas, and another name


@dataclass(frozen=True, slots=True)
class Moved:
    """An idea that would move. `other`: the theme that it comes from or goes to, None where it is left over."""

    idea: Idea
    other: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """What a proposal would change in one theme, if all of it is accepted.

    `theme`: None for a new one. `others`: the names of those that it takes in, or that come out of it. `ideas_in` and
    `ideas_out` show the first few of `moving_in` and `moving_out`. Accepting it moves its ideas in, and out those that
    would be left over; one that goes to another theme belongs to that theme's difference. `asking_in`, `asking_out`:
    the ideas of other themes that would count here too, by a passage, or no longer; some of each are shown, with their
    main theme. The sizes are of all that count. `definition`: that of the theme as it would be. `follows`: it only
    gives ideas to other themes, so there is nothing to accept.
    """

    key: str
    change: Change | SameSize
    theme: Theme | None
    name_before: str
    name_after: str
    size_before: int
    size_after: int
    follows: bool
    definition: str = ""
    moving_in: int = 0
    moving_out: int = 0
    asking_in: int = 0
    asking_out: int = 0
    others: tuple[str, ...] = ()
    ideas_in: list[Moved] = field(default_factory=list)
    ideas_out: list[Moved] = field(default_factory=list)
    ideas_asking_in: list[Moved] = field(default_factory=list)
    ideas_asking_out: list[Moved] = field(default_factory=list)


def differences(session: Session, proposal: Proposal, themes: Mapping[int, Theme] | None = None) -> list[Difference]:
    """What the proposal would change now, theme by theme, the largest change first. A constant number of queries.

    What people changed since the run is kept (see `moves_of`). `themes`: the active ones, by id, where the caller has
    read them already.
    """
    active = themes if themes is not None else _active(session, proposal)
    found = {facts.id: facts for facts in proposal.themes}
    flows = _flows(session, proposal, active)
    sizes = theme_sizes(session, proposal.campaign)
    names = {theme.id: theme.name for theme in active.values()}
    coming = {number: facts.name for number, facts in found.items() if number < 0}
    moved = _samples(session, proposal, active, names | coming)
    guests = _guests(session, proposal, active, flows)
    asking = _asking_samples(session, guests, names | coming)
    result = []
    for number in [*active, *coming]:
        moving_in = sum(count for (_, target), count in flows.items() if target == number)
        moving_out = sum(count for (present, _), count in flows.items() if present == number)
        asking_in, asking_out = guests.coming(number), guests.going(number)
        before, after = names.get(number, ""), _name_after(active.get(number), found.get(number))
        changes = moving_in or moving_out or asking_in or asking_out
        if not changes and (before == after or number < 0):
            continue
        main = sizes.get(number, 0)
        gone = main > 0 and main + moving_in == moving_out  # with its last idea, whatever others ask of it
        size = main + len(guests.before.get(number, ()))
        size_after = 0 if gone else main + moving_in - moving_out + len(guests.after.get(number, ()))
        described = found.get(number) or active.get(number)
        event = next((event for event in proposal.run.events if event.theme == number), None)
        result.append(
            Difference(
                key=str(number),
                change=_change(number, size, size_after, before != after, event),
                theme=active.get(number),
                name_before=before,
                name_after=after,
                size_before=size,
                size_after=size_after,
                follows=before == after and not (moving_in or asking_in or asking_out) and (number, None) not in flows,
                definition=described.definition if described is not None and size_after else "",
                moving_in=moving_in,
                moving_out=moving_out,
                asking_in=len(asking_in),
                asking_out=len(asking_out),
                others=tuple(
                    (names | coming)[other] for other in (event.others if event else ()) if other in names | coming
                ),
                ideas_in=moved.get((number, "in"), []),
                ideas_out=moved.get((number, "out"), []),
                ideas_asking_in=asking.get((number, "in"), []),
                ideas_asking_out=asking.get((number, "out"), []),
            )
        )
    return sorted(
        result,
        key=lambda one: (-one.moving_in - one.moving_out, -one.asking_in - one.asking_out, one.name_after, one.key),
    )


def _name_after(theme: Theme | None, facts: FoundTheme | None) -> str:
    """The name that would be shown: that of a theme that a person named, merged or split holds."""
    if theme is not None and (theme.keeps_name or facts is None or not facts.name):
        return theme.name
    return facts.name if facts is not None else ""


def _change(number: int, before: int, after: int, renamed: bool, event: Event | None) -> Change | SameSize:
    if number < 0:
        return Change.BORN
    if before and not after:
        return Change.GONE
    if event is not None and event.change in {Change.MERGED, Change.SPLIT}:
        return event.change
    if after != before:
        return Change.GROWN if after > before else Change.SHRUNK
    return SameSize.RENAMED if renamed else SameSize.EXCHANGED


def moves_of(proposal: Proposal, active: Collection[int]) -> Select[int, int | None, int | None, float]:
    """Every idea that would go to another theme, or to none: its id, its theme now and then, and its strength.

    What people did holds: an idea that a person placed stays; none goes where it is forbidden, nor to a theme that is
    no more; one that was revised since the run stays, and is placed by its new words.
    """
    forbidden = exists().where(
        Forbidden.idea_id == ProposedPlacement.idea_id, Forbidden.theme_id == ProposedPlacement.theme
    )
    return (
        select(
            Placement.idea_id,
            Placement.theme_id.label("present"),
            ProposedPlacement.theme.label("target"),
            ProposedPlacement.strength,
        )
        .join(ProposedPlacement, ProposedPlacement.idea_id == Placement.idea_id)
        .join(Idea, Idea.id == Placement.idea_id)
        .where(
            ProposedPlacement.proposal_id == proposal.id,
            Placement.placed_by_id.is_(None),
            Idea.updated_at <= proposal.run.created_at,
            ProposedPlacement.theme.is_distinct_from(Placement.theme_id),
            or_(
                ProposedPlacement.theme.is_(None),
                ProposedPlacement.theme < 0,
                ProposedPlacement.theme.in_(active),
            ),
            ~forbidden,
        )
    )


def count_moves(session: Session, proposal: Proposal) -> int:
    """How many ideas would move, if all of it is accepted."""
    return sum(_flows(session, proposal, _active(session, proposal)).values())


def _active(session: Session, proposal: Proposal) -> dict[int, Theme]:
    return {theme.id: theme for theme in active_themes(session, proposal.campaign)}


@dataclass(frozen=True, slots=True)
class _Guests:
    """By theme, the ideas of other themes that count there by a passage, and if all of a proposal is accepted.

    `mains_before`, `mains_after`: the main themes of all of them.
    """

    before: dict[int, set[int]]
    after: dict[int, set[int]]
    mains_before: dict[int, int | None]
    mains_after: dict[int, int | None]

    def coming(self, number: int) -> set[int]:
        """The ideas that would count in the theme too, and do not count there today."""
        new = self.after.get(number, set()) - self.before.get(number, set())
        return {idea_id for idea_id in new if self.mains_before[idea_id] != number}

    def going(self, number: int) -> set[int]:
        """The ideas of other themes that count in the theme today, and would no longer."""
        gone = self.before.get(number, set()) - self.after.get(number, set())
        return {idea_id for idea_id in gone if self.mains_after[idea_id] != number}


def _guests(
    session: Session,
    proposal: Proposal,
    active: Collection[int],
    flows: Mapping[tuple[int | None, int | None], int],
) -> _Guests:
    """Which ideas count where by a passage, today and if all is accepted, as `accept` would store it."""
    here: dict[int, set[int]] = {}
    mains: dict[int, int | None] = {}
    pairs = by_passage().join(Idea, Idea.id == Passage.idea_id).join(Theme, Theme.id == Passage.theme_id)
    pairs = pairs.where(Theme.campaign_id == proposal.campaign_id, Theme.retired_at.is_(None), is_submitted())
    columns = Passage.idea_id, Passage.theme_id, Placement.theme_id
    for idea_id, theme_id, main in session.execute(pairs.with_only_columns(*columns).group_by(None).distinct()):
        here.setdefault(idea_id, set()).add(theme_id)
        mains[idea_id] = main
    asking = session.execute(
        select(ProposedPlacement.idea_id, ProposedPlacement.theme, ProposedPlacement.passages, Placement.theme_id)
        .join(Placement, Placement.idea_id == ProposedPlacement.idea_id)
        .join(Idea, Idea.id == ProposedPlacement.idea_id)
        .where(
            ProposedPlacement.proposal_id == proposal.id,
            cast(ProposedPlacement.passages, Text).not_in(("[]", "null")),
            is_submitted(),
        )
    ).all()
    if not here and not asking:
        return _Guests({}, {}, {}, {})
    revised = revised_since(session, proposal.campaign, proposal.run.created_at)
    numbers = {number: number for number in [*active, *(target for _, target in flows if target and target < 0)]}
    proposed = {
        row.idea_id: FoundPassages(numbers.get(row.theme or 0), numbered(row.passages, numbers))
        for row in asking
        if row.idea_id not in revised
    }
    mains |= {row.idea_id: row.theme_id for row in asking}
    moves = {row.idea_id: row.target for row in session.execute(moves_of(proposal, active))}
    later = mains | {idea_id: moves[idea_id] for idea_id in mains.keys() & moves.keys()}
    forbidden, rows = load_forbidden(session, proposal.campaign), load_passages(session, proposal.campaign)
    found = found_passages(session, proposed, later, forbidden, here=rows)
    there = {idea_id: {row.theme_id for row in rows} - {later[idea_id]} for idea_id, rows in found.items()}
    known = _in_run(session, proposal, here.keys()) - revised
    there |= {idea_id: themes for idea_id, themes in here.items() if idea_id not in known}
    return _Guests(_by_theme(here), _by_theme(there), mains, later)


def _in_run(session: Session, proposal: Proposal, idea_ids: Collection[int]) -> set[int]:
    """Those of the ideas that the run placed."""
    of_proposal = select(ProposedPlacement.idea_id).where(ProposedPlacement.proposal_id == proposal.id)
    return {
        idea_id
        for some in chunks(sorted(idea_ids))
        for idea_id in session.scalars(of_proposal.where(ProposedPlacement.idea_id.in_(some)))
    }


def _by_theme(themes_of: Mapping[int, Collection[int]]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for idea_id, themes in themes_of.items():
        for theme_id in themes:
            found.setdefault(theme_id, set()).add(idea_id)
    return found


def _asking_samples(session: Session, guests: _Guests, names: Mapping[int, str]) -> dict[tuple[int, str], list[Moved]]:
    """The first few ideas of other themes that would come to count in each theme, or no longer, with their main one."""
    chosen: dict[tuple[int, str], list[int]] = {}
    for number in guests.before.keys() | guests.after.keys():
        chosen[number, "in"] = sorted(guests.coming(number))[:MAX_SHOWN_IDEAS]
        chosen[number, "out"] = sorted(guests.going(number))[:MAX_SHOWN_IDEAS]
    wanted = sorted({idea_id for some in chosen.values() for idea_id in some})
    ideas = {
        idea.id: idea
        for some in chunks(wanted)
        for idea in session.scalars(select(Idea).where(Idea.id.in_(some)).options(joinedload(Idea.author)))
    }
    return {
        key: [Moved(ideas[idea_id], names.get(guests.mains_after[idea_id] or 0)) for idea_id in some]
        for key, some in chosen.items()
    }


def _flows(session: Session, proposal: Proposal, active: Collection[int]) -> dict[tuple[int | None, int | None], int]:
    """How many ideas would go from a theme to another."""
    leaving = moves_of(proposal, active).where(is_submitted()).subquery()
    rows = session.execute(
        select(leaving.c.present, leaving.c.target, func.count()).group_by(leaving.c.present, leaving.c.target)
    )
    return {(present, target): count for present, target, count in rows}


def _samples(
    session: Session, proposal: Proposal, active: Collection[int], names: Mapping[int, str]
) -> dict[tuple[int, str], list[Moved]]:
    """The first few ideas that would come into each theme and leave it, the most typical of where they go first."""
    leaving = moves_of(proposal, active).where(is_submitted()).subquery()
    order = (leaving.c.strength.desc(), leaving.c.idea_id)
    placed = select(
        leaving,
        func.row_number().over(partition_by=leaving.c.target, order_by=order).label("place_in"),
        func.row_number().over(partition_by=leaving.c.present, order_by=order).label("place_out"),
    ).subquery()
    rows = session.execute(
        select(placed)
        .where(
            or_(
                placed.c.target.is_not(None) & (placed.c.place_in <= MAX_SHOWN_IDEAS),
                placed.c.present.is_not(None) & (placed.c.place_out <= MAX_SHOWN_IDEAS),
            )
        )
        .order_by(placed.c.strength.desc(), placed.c.idea_id)
    ).all()
    ideas = {
        idea.id: idea
        for idea in session.scalars(
            select(Idea).where(Idea.id.in_([row.idea_id for row in rows])).options(joinedload(Idea.author))
        )
    }
    samples: dict[tuple[int, str], list[Moved]] = {}
    for row in rows:
        if row.target is not None and row.place_in <= MAX_SHOWN_IDEAS:
            samples.setdefault((row.target, "in"), []).append(Moved(ideas[row.idea_id], names.get(row.present)))
        if row.present is not None and row.place_out <= MAX_SHOWN_IDEAS:
            samples.setdefault((row.present, "out"), []).append(Moved(ideas[row.idea_id], names.get(row.target)))
    return samples
