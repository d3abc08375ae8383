"""Proposals: a complete run that waits until a manager accepts or declines it, and what it measured."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    CreateTableAs,
    ForeignKey,
    Index,
    delete,
    insert,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship
from sqlalchemy.schema import DropTable

from clustering.types import FoundTheme, Leftover, Near, PlacedPassage
from ideas.base import Base, choice
from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea
from ideas.people.person import Person
from ideas.themes.passage import numbered
from ideas.themes.placement import (
    MEASURED,
    Placement,
    expire_placements,
    following_columns,
    load_placements,
    measured_columns,
    unmeasured_columns,
    update_placements,
)
from ideas.themes.runs.run import RunResult, ThemeRun, save_run
from ideas.themes.stored import NEAREST, PASSAGES, THEMES
from ideas.themes.theme import Theme, active_themes


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

    `passages`: those of the idea that count, with numbers of themes too.
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
    same_as: Mapped[int | None]
    passages: Mapped[tuple[PlacedPassage, ...]] = mapped_column(PASSAGES, default=(), server_default="[]")


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
            "passages": numbered(placed.passages, numbers),
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
    active = {theme.id for theme in active_themes(session, proposal.campaign)}
    since = [row for row in load_placements(session, proposal.campaign).values() if row.idea_id not in nodes]
    update_placements(session, following_columns(session, since, active, nodes))


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
