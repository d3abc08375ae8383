"""Proposals: a complete run that a manager accepts or declines, and what it would change in the themes of today."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    CreateTableAs,
    ForeignKey,
    Index,
    Select,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship
from sqlalchemy.schema import DropTable

from clustering.types import Change, Event, FoundTheme, Leftover, Near
from ideas.base import Base, choice
from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea, is_submitted
from ideas.people.person import Person
from ideas.themes.placement import (
    MEASURED,
    Forbidden,
    Placement,
    expire_placements,
    following_columns,
    load_placements,
    measured_columns,
    unmeasured_columns,
    update_placements,
)
from ideas.themes.run import RunResult, ThemeRun, save_run
from ideas.themes.stored import NEAREST, THEMES
from ideas.themes.theme import Theme, active_themes

MAX_SHOWN_IDEAS = 5


class ProposalStatus(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    OVERTAKEN = "overtaken"


class Proposal(Base):
    """A complete run that is not applied yet. `themes`: what it found of each; a new theme has a negative number."""

    __tablename__ = "proposal"
    __table_args__ = (
        Index(
            "uq_proposal_open",
            "campaign_id",
            unique=True,
            sqlite_where=text("status = 'open'"),
            postgresql_where=text("status = 'open'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("theme_run.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]
    status: Mapped[ProposalStatus] = mapped_column(choice(ProposalStatus), default=ProposalStatus.OPEN)
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    themes: Mapped[tuple[FoundTheme, ...]] = mapped_column(THEMES, default=())

    campaign: Mapped[Campaign] = relationship()
    run: Mapped[ThemeRun] = relationship()
    closed_by: Mapped[Person | None] = relationship()


class ProposedPlacement(Base):
    """The placement that an open proposal would give an idea: see Placement. `theme`: a number of Proposal.themes.

    After a proposal was accepted, what had been measured of the idea before, so that accepting can be undone.
    """

    __tablename__ = "proposed_placement"
    __table_args__ = (CheckConstraint("(theme IS NULL) <> (leftover IS NULL)", name="theme_or_leftover"),)

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"), primary_key=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), primary_key=True)
    theme: Mapped[int | None]
    leftover: Mapped[Leftover | None] = mapped_column(choice(Leftover))
    strength: Mapped[float]
    nearest: Mapped[tuple[Near, ...]] = mapped_column(NEAREST)
    x: Mapped[float]
    y: Mapped[float]
    node: Mapped[int | None]
    neighbours: Mapped[list[Any]]
    shared: Mapped[list[Any]]


def make_proposal(session: Session, campaign: Campaign, result: RunResult, *, now: datetime) -> Proposal:
    """Store a complete run as an open proposal, with the placement that it gives each idea."""
    rows = set(session.scalars(select(Theme.id).where(Theme.campaign_id == campaign.id)))
    numbers = {
        facts.id: facts.id if result.is_known(facts.id) and facts.id in rows else -place
        for place, facts in enumerate(result.found.themes, start=1)
    }
    run = save_run(session, campaign, result, now=now, theme_ids=numbers)
    themes = tuple(_renumbered(facts, numbers) for facts in result.found.themes)
    proposal = Proposal(campaign_id=campaign.id, run=run, created_at=now, themes=themes)
    session.add(proposal)
    session.flush()
    placements = [
        {
            "proposal_id": proposal.id,
            "idea_id": idea_id,
            "theme": None if placed.theme is None else numbers[placed.theme],
            "leftover": placed.leftover,
        }
        | measured_columns(placed, numbers)
        for idea_id, placed in result.ideas.items()
    ]
    if placements:
        session.execute(insert(ProposedPlacement), placements)
    return proposal


def _renumbered(facts: FoundTheme, numbers: Mapping[int, int]) -> FoundTheme:
    apart = facts.apart
    if apart is not None:
        apart = replace(apart, theme=numbers[apart.theme]) if apart.theme in numbers else None
    return replace(facts, id=numbers[facts.id], apart=apart)


def open_proposal(session: Session, campaign: Campaign) -> Proposal | None:
    """The open proposal, if there is one."""
    return session.scalar(
        select(Proposal)
        .where(Proposal.campaign_id == campaign.id, Proposal.status == ProposalStatus.OPEN)
        .options(joinedload(Proposal.run))
    )


def declined_proposals(session: Session, campaign: Campaign, *, limit: int) -> Sequence[Proposal]:
    """The latest proposals that were declined, the newest first, with who declined them."""
    return session.scalars(
        select(Proposal)
        .where(Proposal.campaign_id == campaign.id, Proposal.status == ProposalStatus.DECLINED)
        .options(joinedload(Proposal.closed_by))
        .order_by(Proposal.closed_at.desc(), Proposal.id.desc())
        .limit(limit)
    ).all()


def close(session: Session, proposal: Proposal, status: ProposalStatus, *, by: Person | None, now: datetime) -> None:
    """Close a proposal, and delete the placements that it proposed: they are no longer used."""
    proposal.status, proposal.closed_at, proposal.closed_by = status, now, by
    session.execute(delete(ProposedPlacement).where(ProposedPlacement.proposal_id == proposal.id))
    session.flush()


def discard(session: Session, proposal: Proposal) -> None:
    """Delete a proposal and its run, as if there had been none."""
    run = proposal.run
    session.delete(proposal)
    session.flush()
    session.delete(run)


# What it would change ------------------------------------------------------------------------------------------------


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
    would be left over; one that goes to another theme belongs to that theme's difference. `follows`: it only gives
    ideas to other themes, so there is nothing to accept.
    """

    key: str
    change: Change | SameSize
    theme: Theme | None
    name_before: str
    name_after: str
    size_before: int
    size_after: int
    follows: bool
    moving_in: int = 0
    moving_out: int = 0
    others: tuple[str, ...] = ()
    ideas_in: list[Moved] = field(default_factory=list)
    ideas_out: list[Moved] = field(default_factory=list)


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
    result = []
    for number in [*active, *coming]:
        moving_in = sum(count for (_, target), count in flows.items() if target == number)
        moving_out = sum(count for (present, _), count in flows.items() if present == number)
        before, after = names.get(number, ""), _name_after(active.get(number), found.get(number))
        if not moving_in and not moving_out and (before == after or number < 0):
            continue
        size = sizes.get(number, 0)
        event = next((event for event in proposal.run.events if event.theme == number), None)
        result.append(
            Difference(
                key=str(number),
                change=_change(number, size, size + moving_in - moving_out, before != after, event),
                theme=active.get(number),
                name_before=before,
                name_after=after,
                size_before=size,
                size_after=size + moving_in - moving_out,
                follows=before == after and not moving_in and (number, None) not in flows,
                moving_in=moving_in,
                moving_out=moving_out,
                others=tuple(
                    (names | coming)[other] for other in (event.others if event else ()) if other in names | coming
                ),
                ideas_in=moved.get((number, "in"), []),
                ideas_out=moved.get((number, "out"), []),
            )
        )
    return sorted(result, key=lambda one: (-one.moving_in - one.moving_out, one.name_after, one.key))


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


def _flows(session: Session, proposal: Proposal, active: Collection[int]) -> dict[tuple[int | None, int | None], int]:
    """How many ideas would go from a theme to another."""
    leaving = moves_of(proposal, active).where(is_submitted()).subquery()
    rows = session.execute(
        select(leaving.c.present, leaving.c.target, func.count()).group_by(leaving.c.present, leaving.c.target)
    )
    return {(present, target): count for present, target, count in rows}


def theme_sizes(session: Session, campaign: Campaign) -> dict[int, int]:
    """How many submitted ideas each theme has."""
    rows = session.execute(
        select(Placement.theme_id, func.count())
        .join(Idea, Idea.id == Placement.idea_id)
        .where(Placement.campaign_id == campaign.id, Placement.theme_id.is_not(None), is_submitted())
        .group_by(Placement.theme_id)
    )
    return {theme_id: count for theme_id, count in rows if theme_id is not None}


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


# What was measured ----------------------------------------------------------------------------------------------------


def write_measurements(session: Session, proposal: Proposal) -> None:
    """Store in placements what the proposal measured, except of ideas revised since; keep what was measured before.

    All at once, within the database: for thousands of ideas, the lock on the campaign lasts a moment only.
    """
    columns = [getattr(Placement, name) for name in ("idea_id", "theme_id", "leftover", *MEASURED)]
    here = select(literal(proposal.id).label("proposal_id"), *columns)
    here = here.where(Placement.campaign_id == proposal.campaign_id)
    before = CreateTableAs(here, "measured_before", temporary=True)
    proposed = ProposedPlacement.proposal_id == proposal.id
    session.execute(before)
    revised = select(Idea.id).where(Idea.campaign_id == proposal.campaign_id, Idea.updated_at > proposal.run.created_at)
    _copy_measurements(session, proposed & ProposedPlacement.idea_id.not_in(revised))
    session.execute(delete(ProposedPlacement).where(proposed))
    names = ["proposal_id", "idea_id", "theme", "leftover", *MEASURED]
    session.execute(insert(ProposedPlacement).from_select(names, select(before.table)))
    session.execute(DropTable(before.table))


def restore_measurements(session: Session, proposal: Proposal) -> None:
    """Write again what was measured before the proposal was accepted.

    An idea that came since gets the finest group of the nearest idea that was there. For one that a person moved since,
    what was measured in its earlier theme is dropped.
    """
    kept = ProposedPlacement.proposal_id == proposal.id
    rows = session.execute(select(ProposedPlacement.idea_id, ProposedPlacement.node).where(kept))
    nodes = {row.idea_id: row.node for row in rows}
    _copy_measurements(session, kept)
    elsewhere = session.execute(
        select(Placement.idea_id, Placement.theme_id, Placement.nearest)
        .join(ProposedPlacement, ProposedPlacement.idea_id == Placement.idea_id)
        .where(kept, ProposedPlacement.theme.is_distinct_from(Placement.theme_id))
    ).all()
    update_placements(
        session, [{"idea_id": row.idea_id} | unmeasured_columns(row.theme_id, row.nearest) for row in elsewhere]
    )
    session.execute(delete(ProposedPlacement).where(kept))
    since = [row for row in load_placements(session, proposal.campaign).values() if row.idea_id not in nodes]
    update_placements(session, following_columns(session, since, _active(session, proposal), nodes))


def forget_measurements(session: Session, campaign: Campaign) -> None:
    """Delete what was measured before proposals were accepted: once a run is applied, it can't be restored any more."""
    accepted = select(Proposal.id).where(Proposal.campaign_id == campaign.id)
    session.execute(delete(ProposedPlacement).where(ProposedPlacement.proposal_id.in_(accepted)))


def _copy_measurements(session: Session, which: ColumnElement[bool]) -> None:
    session.execute(
        update(Placement)
        .values({name: getattr(ProposedPlacement, name) for name in MEASURED})
        .where(Placement.idea_id == ProposedPlacement.idea_id, which)
        .execution_options(synchronize_session=False)
    )
    expire_placements(session)
