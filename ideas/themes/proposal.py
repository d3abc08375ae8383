"""A run that waits for the owner's word: what it would change, taken whole, in part, or not at all."""

from collections.abc import Sequence
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

from clustering.types import FoundTheme, Leftover, Near
from ideas.base import Base, choice
from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea
from ideas.people.person import Person
from ideas.themes.placement import MEASURED, change_stands, read_anew, stands
from ideas.themes.run import follow
from ideas.themes.stored import NEAREST, THEMES
from ideas.themes.theme import Placement, ThemeRun, active_themes, unmeasured


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
    """Where an open proposal would put an idea: see Placement. `theme`: a number of Proposal.themes.

    Of a proposal that was accepted, what had been measured before, for the undoing.
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


def open_proposal(session: Session, campaign: Campaign) -> Proposal | None:
    """The run that waits for the owner's word, if there is one."""
    return session.scalar(
        select(Proposal)
        .where(Proposal.campaign_id == campaign.id, Proposal.status == ProposalStatus.OPEN)
        .options(joinedload(Proposal.run))
    )


def declined_proposals(session: Session, campaign: Campaign, *, limit: int) -> Sequence[Proposal]:
    """The latest runs that were not taken up, the newest first, with who declined them."""
    return session.scalars(
        select(Proposal)
        .where(Proposal.campaign_id == campaign.id, Proposal.status == ProposalStatus.DECLINED)
        .options(joinedload(Proposal.closed_by))
        .order_by(Proposal.closed_at.desc(), Proposal.id.desc())
        .limit(limit)
    ).all()


def close(session: Session, proposal: Proposal, status: ProposalStatus, *, by: Person | None, now: datetime) -> None:
    """Let a proposal be open no longer, and forget what it says of each idea: nobody asks for it any more."""
    proposal.status, proposal.closed_at, proposal.closed_by = status, now, by
    session.execute(delete(ProposedPlacement).where(ProposedPlacement.proposal_id == proposal.id))
    session.flush()


def take_measured(session: Session, proposal: Proposal) -> None:
    """Write on placements what the proposal measured, but of ideas revised since, and keep what was measured before.

    All at once, within the database: what is written of thousands of ideas holds nobody up.
    """
    columns = [getattr(Placement, name) for name in ("idea_id", "theme_id", "leftover", *MEASURED)]
    here = select(literal(proposal.id).label("proposal_id"), *columns)
    here = here.where(Placement.campaign_id == proposal.campaign_id)
    before = CreateTableAs(here, "measured_before", temporary=True)
    proposed = ProposedPlacement.proposal_id == proposal.id
    session.execute(before)
    revised = select(Idea.id).where(Idea.campaign_id == proposal.campaign_id, Idea.updated_at > proposal.run.created_at)
    _write_measured(session, proposed & ProposedPlacement.idea_id.not_in(revised))
    session.execute(delete(ProposedPlacement).where(proposed))
    names = ["proposal_id", "idea_id", "theme", "leftover", *MEASURED]
    session.execute(insert(ProposedPlacement).from_select(names, select(before.table)))
    session.execute(DropTable(before.table))


def _write_measured(session: Session, which: ColumnElement[bool]) -> None:
    session.execute(
        update(Placement)
        .values({name: getattr(ProposedPlacement, name) for name in MEASURED})
        .where(Placement.idea_id == ProposedPlacement.idea_id, which)
        .execution_options(synchronize_session=False)
    )
    read_anew(session)


def restore_measured(session: Session, proposal: Proposal) -> None:
    """Write again what was measured before the proposal was accepted.

    An idea that came since gets the finest group of the nearest idea that was there; of one that a person put elsewhere
    since, nothing is said that was measured where it stood.
    """
    kept = ProposedPlacement.proposal_id == proposal.id
    rows = session.execute(select(ProposedPlacement.idea_id, ProposedPlacement.node).where(kept))
    leaves = {row.idea_id: row.node for row in rows}
    _write_measured(session, kept)
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


def forget_measured(session: Session, campaign: Campaign) -> None:
    """What was measured before an acceptance is of no use once a run is recorded: no undoing goes behind that."""
    accepted = select(Proposal.id).where(Proposal.campaign_id == campaign.id)
    session.execute(delete(ProposedPlacement).where(ProposedPlacement.proposal_id.in_(accepted)))
