"""A run that waits for the owner's word: what it would change, taken whole, in part, or not at all."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CheckConstraint,
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

from ideas.base import Base, choice
from ideas.campaign import Campaign, hold
from ideas.idea import Idea, is_submitted
from ideas.person import Person
from ideas.stand import MEASURED, add_stands, change_stands, stands
from ideas.theme import (
    Doubt,
    Forbidden,
    Leftover,
    Placement,
    Theme,
    ThemeRun,
    active_themes,
    forbidden_in,
    place,
    place_what_waits,
    unmeasured,
)
from ideas.theme_history import ThemeEdit
from ideas.theme_run import (
    Apart,
    Change,
    IdeaPlaced,
    RunFound,
    Standing,
    ThemeFound,
    follow,
    is_known,
    keep_run,
    measures,
    record_run,
    standing,
    where_it_stands,
)

SHOWN = 5


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
    status: Mapped[ProposalStatus] = mapped_column(choice(ProposalStatus, "status"), default=ProposalStatus.OPEN)
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    themes: Mapped[list[Any]] = mapped_column(default=list)

    campaign: Mapped[Campaign] = relationship()
    run: Mapped[ThemeRun] = relationship()
    closed_by: Mapped[Person | None] = relationship()


class ProposedPlacement(Base):
    """Where an open proposal would put an idea: see Placement. `theme`: a number of Proposal.themes.

    Of a proposal that was accepted, what had been measured before, for the undoing.
    """

    __tablename__ = "proposed_placement"
    __table_args__ = (CheckConstraint("(theme IS NULL) <> (leftover IS NULL)", name="theme_or_leftover"),)

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"), primary_key=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), primary_key=True)
    theme: Mapped[int | None]
    leftover: Mapped[Leftover | None] = mapped_column(choice(Leftover, "leftover"))
    strength: Mapped[float]
    nearest: Mapped[list[Any]]
    x: Mapped[float]
    y: Mapped[float]
    leaf: Mapped[int | None]
    neighbours: Mapped[list[Any]]
    shared: Mapped[list[Any]]


@dataclass(frozen=True, slots=True)
class Moved:
    """An idea that would move. `other`: the theme that it comes from or goes to, None where it is left over."""

    idea: Idea
    other: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """What a proposal would change in one theme, if all of it is accepted.

    `theme`: None for a new one. `others`: the names of those that it takes in, or that come out of it. `ideas_in` and
    `ideas_out` show the first few of `moving_in` and `moving_out`. Accepting it brings its ideas in, and lets go of
    those that would be left over; one that goes to another theme belongs to that theme's difference. `follows`: so
    nothing of it is its own, and there is nothing to accept.
    """

    key: str
    change: Change
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


# From a run to a proposal ---------------------------------------------------------------------------------------------


def hand_over(
    session: Session, campaign: Campaign, found: RunFound, *, now: datetime, keep: Iterable[int] = ()
) -> ThemeRun:
    """Let a complete run become the campaign's themes, or keep it as a proposal where people have their say.

    They have it once a person touched the campaign's themes, one of them has its answer (`keep`), or the community
    reads them in a debrief, unless the run changes nothing that one would see. A newer run overtakes a proposal that
    still waits. In the caller's transaction.
    """
    hold(session, campaign)
    waiting = open_proposal(session, campaign)
    if waiting is not None:
        close(session, waiting, ProposalStatus.OVERTAKEN, by=None, now=now)
    if _people_have_their_say(session, campaign, standing(session, campaign, keep=keep)):
        proposal = _propose(session, campaign, found, now=now)
        run = proposal.run
        if differences(session, proposal):
            return run
        session.delete(proposal)
        session.flush()
        session.delete(run)
    _forget_measured(session, campaign)
    return record_run(session, campaign, found, now=now, keep=keep)


def open_proposal(session: Session, campaign: Campaign) -> Proposal | None:
    """The run that waits for the owner's word, if there is one."""
    return session.scalar(
        select(Proposal)
        .where(Proposal.campaign_id == campaign.id, Proposal.status == ProposalStatus.OPEN)
        .options(joinedload(Proposal.run))
    )


def declined_proposals(session: Session, campaign: Campaign, *, most: int) -> Sequence[Proposal]:
    """The latest runs that were not taken up, the newest first, with who declined them."""
    return session.scalars(
        select(Proposal)
        .where(Proposal.campaign_id == campaign.id, Proposal.status == ProposalStatus.DECLINED)
        .options(joinedload(Proposal.closed_by))
        .order_by(Proposal.closed_at.desc(), Proposal.id.desc())
        .limit(most)
    ).all()


def close(session: Session, proposal: Proposal, status: ProposalStatus, *, by: Person | None, now: datetime) -> None:
    """What was proposed for each idea is told by the act, or no longer asked for."""
    proposal.status, proposal.closed_at, proposal.closed_by = status, now, by
    session.execute(delete(ProposedPlacement).where(ProposedPlacement.proposal_id == proposal.id))
    session.flush()


def keep_measured(session: Session, proposal: Proposal) -> None:
    """Keep what is measured of the campaign's ideas now, before a proposal that is closed writes its own."""
    measured = [getattr(Placement, name) for name in MEASURED]
    here = select(literal(proposal.id), Placement.idea_id, Placement.theme_id, Placement.leftover, *measured).where(
        Placement.campaign_id == proposal.campaign_id
    )
    columns = ["proposal_id", "idea_id", "theme", "leftover", *MEASURED]
    session.execute(insert(ProposedPlacement).from_select(columns, here))


def restore_measured(session: Session, proposal: Proposal) -> None:
    """Write again what was measured before the proposal was accepted.

    An idea that came since gets the finest group of the nearest idea that was there; of one that a person put elsewhere
    since, nothing is said that was measured where it stood.
    """
    kept = ProposedPlacement.proposal_id == proposal.id
    rows = session.execute(select(ProposedPlacement.idea_id, ProposedPlacement.leaf).where(kept))
    leaves = {row.idea_id: row.leaf for row in rows}
    session.execute(
        update(Placement)
        .values({name: getattr(ProposedPlacement, name) for name in MEASURED})
        .where(Placement.idea_id == ProposedPlacement.idea_id, kept)
        .execution_options(synchronize_session=False)
    )
    elsewhere = session.execute(
        select(Placement.idea_id, Placement.theme_id, Placement.nearest)
        .join(ProposedPlacement, ProposedPlacement.idea_id == Placement.idea_id)
        .where(kept, ProposedPlacement.theme.is_distinct_from(Placement.theme_id))
    ).all()
    change_stands(session, [{"idea_id": row.idea_id} | unmeasured(row.theme_id, row.nearest) for row in elsewhere])
    session.execute(delete(ProposedPlacement).where(kept))
    active = {theme.id for theme in active_themes(session, proposal.campaign)}
    since = [stand for stand in stands(session, proposal.campaign).values() if stand.idea_id not in leaves]
    change_stands(session, follow(session, since, active, leaves))


def _forget_measured(session: Session, campaign: Campaign) -> None:
    """What was measured before an acceptance is of no use once a run is recorded: no undoing goes behind that."""
    accepted = select(Proposal.id).where(Proposal.campaign_id == campaign.id)
    session.execute(delete(ProposedPlacement).where(ProposedPlacement.proposal_id.in_(accepted)))


def _people_have_their_say(session: Session, campaign: Campaign, before: Standing) -> bool:
    if not before.positions:
        return False
    if before.kept or before.alone or campaign.debriefed_at is not None:
        return True
    acts = select(ThemeEdit.id).where(ThemeEdit.campaign_id == campaign.id, ThemeEdit.undone_at.is_(None))
    return session.scalar(acts.limit(1)) is not None


def _propose(session: Session, campaign: Campaign, found: RunFound, *, now: datetime) -> Proposal:
    rows = set(session.scalars(select(Theme.id).where(Theme.campaign_id == campaign.id)))
    numbers = {
        facts.id: facts.id if is_known(facts.id, found) and facts.id in rows else -place
        for place, facts in enumerate(found.themes, start=1)
    }
    run = keep_run(session, campaign, found, now=now, theme_ids=numbers)
    themes = [_renumbered(facts, numbers) for facts in found.themes]
    proposal = Proposal(campaign_id=campaign.id, run=run, created_at=now, themes=[asdict(facts) for facts in themes])
    session.add(proposal)
    session.flush()
    proposed = [_proposed(facts, numbers) for facts in found.ideas]
    if proposed:
        session.execute(insert(ProposedPlacement), [row | {"proposal_id": proposal.id} for row in proposed])
    _place_newcomers(session, run, campaign, proposed)
    place_what_waits(session, campaign, now=now)
    return proposal


def _renumbered(facts: ThemeFound, numbers: Mapping[int, int]) -> ThemeFound:
    apart = facts.apart
    if apart is not None:
        apart = replace(apart, theme=numbers[apart.theme]) if apart.theme in numbers else None
    return replace(facts, id=numbers[facts.id], apart=apart)


def _proposed(facts: IdeaPlaced, numbers: Mapping[int, int]) -> dict[str, Any]:
    theme = None if facts.theme is None else numbers[facts.theme]
    return {"idea_id": facts.idea_id, "theme": theme, "leftover": facts.leftover} | measures(facts, numbers)


def _place_newcomers(session: Session, run: ThemeRun, campaign: Campaign, rows: Iterable[Mapping[str, Any]]) -> None:
    """An idea that has no place yet takes the one that the run found, where that is a theme of today.

    One that says something else by now is left to be placed by its new words.
    """
    revised = select(Idea.id).where(Idea.campaign_id == campaign.id, Idea.updated_at > run.created_at)
    elsewhere = stands(session, campaign).keys() | set(session.scalars(revised))
    active = {theme.id for theme in active_themes(session, campaign)}
    banned = forbidden_in(session, campaign)
    made = []
    for row in rows:
        idea_id, theme = row["idea_id"], row["theme"]
        if idea_id not in elsewhere:
            fits = theme in active and theme not in banned.get(idea_id, ())
            measured = {name: row[name] for name in MEASURED}
            measured |= {"nearest": [near for near in row["nearest"] if near["theme"] in active], "leaf": None}
            where = place(theme if fits else None, row["leftover"])
            made.append({"idea_id": idea_id} | where_it_stands(measured, where["theme_id"], found=theme) | where)
    add_stands(session, campaign, made)


# What it would change -------------------------------------------------------------------------------------------------


def differences(session: Session, proposal: Proposal) -> list[Difference]:
    """What the proposal would change as things stand now, theme by theme, the largest change first.

    What people did since the run holds. A constant number of queries.
    """
    active = {theme.id: theme for theme in active_themes(session, proposal.campaign)}
    found = {facts.id: facts for facts in themes_of(proposal)}
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
        event = next((event for event in proposal.run.events if event["theme"] == number), None)
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
                    (names | coming)[other] for other in (event or {}).get("others", ()) if other in names | coming
                ),
                ideas_in=moved.get((number, "in"), []),
                ideas_out=moved.get((number, "out"), []),
            )
        )
    return sorted(result, key=lambda one: (-one.moving_in - one.moving_out, one.name_after, one.key))


def themes_of(proposal: Proposal) -> list[ThemeFound]:
    return [
        ThemeFound(
            **facts
            | {
                "apart": Apart(**facts["apart"]) if facts["apart"] else None,
                "doubts": [Doubt(doubt) for doubt in facts["doubts"]],
            }
        )
        for facts in proposal.themes
    ]


def _name_after(theme: Theme | None, facts: ThemeFound | None) -> str:
    """The name that would be shown: a person's own holds."""
    if theme is not None and (theme.given_name is not None or facts is None or not facts.name):
        return theme.name
    return facts.name if facts is not None else ""


def _change(number: int, before: int, after: int, renamed: bool, event: Mapping[str, Any] | None) -> Change:
    if number < 0:
        return Change.BORN
    if before and not after:
        return Change.GONE
    if event is not None and event["change"] in {Change.MERGED, Change.SPLIT}:
        return Change(event["change"])
    if after != before:
        return Change.GROWN if after > before else Change.SHRUNK
    return Change.RENAMED if renamed else Change.EXCHANGED


def moves_of(proposal: Proposal, active: Collection[int]) -> Select[int, int | None, int | None, float]:
    """Every idea that would stand in another theme, or in none: its id, its theme now and then, and its strength.

    What people said holds: an idea that a person placed stays, none goes where it is forbidden, nor to a theme that is
    no more.
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
        .where(
            ProposedPlacement.proposal_id == proposal.id,
            Placement.placed_by_id.is_(None),
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
    active = {theme.id for theme in active_themes(session, proposal.campaign)}
    return sum(_flows(session, proposal, active).values())


def _flows(session: Session, proposal: Proposal, active: Collection[int]) -> dict[tuple[int | None, int | None], int]:
    """How many ideas would go from a theme to another."""
    leaving = moves_of(proposal, active).join(Idea, Idea.id == Placement.idea_id).where(is_submitted()).subquery()
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
    leaving = moves_of(proposal, active).join(Idea, Idea.id == Placement.idea_id).where(is_submitted()).subquery()
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
                placed.c.target.is_not(None) & (placed.c.place_in <= SHOWN),
                placed.c.present.is_not(None) & (placed.c.place_out <= SHOWN),
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
        if row.target is not None and row.place_in <= SHOWN:
            samples.setdefault((row.target, "in"), []).append(Moved(ideas[row.idea_id], names.get(row.present)))
        if row.present is not None and row.place_out <= SHOWN:
            samples.setdefault((row.present, "out"), []).append(Moved(ideas[row.idea_id], names.get(row.target)))
    return samples
