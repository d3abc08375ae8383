"""The entries of a contest: every idea of the campaign, or those of a shortlist. Fixed once the scoring begins."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, delete, false, func, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column

from ideas.activity.activity import Verb, record
from ideas.base import Base
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.contest.contest import Contest, DueInThePast, NoCriterion, ScoringBegun, criteria_of, is_decided, jurors_of
from ideas.contributions.idea import Idea, is_submitted
from ideas.errors import DomainError, message_id
from ideas.people.person import Person
from ideas.themes.passage import counted
from ideas.themes.theme import Theme

# More than a jury can read. A campaign with more ideas makes a shortlist.
MAX_ENTRIES = 500


class TooManyEntries(DomainError):
    message = message_id("A jury can score %(most)s ideas at most. Make a shortlist.")


class NoEntry(DomainError):
    message = message_id("There is no idea to score yet.")


class EmptyShortlist(DomainError):
    message = message_id("The shortlist is empty. Add ideas to it, or have the jury score all ideas.")


class NoJuror(DomainError):
    message = message_id("Nobody is in the jury. Give at least one person the role “jury member” in the team.")


class WinnersAnnounced(DomainError):
    message = message_id("The winners are announced, so no scoring begins any more.")


class CampaignStillOpen(DomainError):
    message = message_id("The campaign still takes ideas. The scoring begins after its closing date.")


class ContestEntry(Base):
    """An idea that the jury scores. Before the scoring: an idea of the shortlist.

    `is_finalist`: chosen from the scores.
    """

    __tablename__ = "contest_entry"

    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    added_at: Mapped[datetime]
    is_finalist: Mapped[bool] = mapped_column(default=False, server_default=false())


def uses_entries(contest: Contest | None) -> bool:
    """False where the stored entries are a shortlist that is not used: all ideas are to be scored, and none is yet."""
    return contest is not None and (contest.only_shortlist or contest.begun_at is not None)


def entry_ids(session: Session, campaign: Campaign) -> list[int]:
    """The ids of the ideas that are entries by now, oldest first. One that was withdrawn, hidden or merged is none."""
    found = select(Idea.id).join(ContestEntry, ContestEntry.idea_id == Idea.id).where(_is_entry(campaign))
    return list(session.scalars(found.order_by(Idea.id)))


def finalist_ids(session: Session, campaign: Campaign) -> list[int]:
    """Those of `entry_ids` that were chosen from the scores, oldest first."""
    found = select(Idea.id).join(ContestEntry, ContestEntry.idea_id == Idea.id).where(_is_entry(campaign))
    return list(session.scalars(found.where(ContestEntry.is_finalist).order_by(Idea.id)))


def entries_of(session: Session, campaign: Campaign) -> Sequence[Idea]:
    """The ideas of `entry_ids`, with their authors. One query."""
    found = select(Idea).join(ContestEntry, ContestEntry.idea_id == Idea.id).where(_is_entry(campaign))
    return session.scalars(found.order_by(Idea.id).options(joinedload(Idea.author))).all()


def is_entry(session: Session, idea: Idea) -> bool:
    return idea.is_public and session.get(ContestEntry, idea.id) is not None


def add_entries(session: Session, contest: Contest, ideas: Collection[int], *, by: Person, now: datetime) -> int:
    """Put ideas of the campaign on the shortlist, by their ids. Returns how many were not there and count.

    Whoever manages the campaign may. Raises ScoringBegun, TooManyEntries.
    """
    _hold_to_prepare(session, contest)
    here = (Idea.campaign_id == contest.campaign_id) & is_submitted()
    known = select(ContestEntry.idea_id).where(ContestEntry.campaign_id == contest.campaign_id)
    new = session.scalars(select(Idea.id).where(here, Idea.id.in_(ideas), Idea.id.not_in(known))).all()
    _add(session, contest, new, by=by, now=now)
    if new:
        record(
            session, Verb.ADDED, contest, by=by, campaign_id=contest.campaign_id, after={"ideas": list(new)}, now=now
        )
    return len(new)


def add_theme(session: Session, contest: Contest, theme: Theme, *, by: Person, now: datetime) -> int:
    """As `add_entries`, with the ideas that count in a theme of the campaign."""
    pairs = counted(theme_id=theme.id).subquery()
    return add_entries(session, contest, session.scalars(select(pairs.c.idea_id)).all(), by=by, now=now)


def remove_entry(session: Session, contest: Contest, idea: Idea, *, by: Person, now: datetime) -> None:
    """Take an idea off the shortlist; a second time changes nothing. Whoever manages the campaign may.

    Raises ScoringBegun.
    """
    _hold_to_prepare(session, contest)
    entry = session.get(ContestEntry, idea.id)
    if entry is not None:
        session.delete(entry)
        session.flush()
        removed = {"ideas": [idea.id]}
        record(session, Verb.REMOVED, contest, by=by, campaign_id=contest.campaign_id, before=removed, now=now)


def begin_scoring(session: Session, contest: Contest, *, by: Person, now: datetime) -> None:
    """Have the jury score. From here on criteria, weights and entries are fixed; the jurors are told.

    Whoever manages the campaign may. A second time changes nothing.
    Raises WinnersAnnounced, CampaignStillOpen, NoCriterion, NoJuror, DueInThePast, NoEntry, EmptyShortlist,
    TooManyEntries.
    """
    campaign = contest.campaign
    lock_campaign(session, campaign)
    session.refresh(contest)
    if contest.begun_at is not None:
        return
    if is_decided(session, contest):
        raise WinnersAnnounced
    if campaign.announced_at is None or campaign.closes_at is None or campaign.closes_at > now:
        raise CampaignStillOpen
    if not criteria_of(session, campaign):
        raise NoCriterion
    if not jurors_of(session, campaign):
        raise NoJuror
    if contest.scores_due_at is None or contest.scores_due_at <= now:
        raise DueInThePast
    if not contest.only_shortlist:
        _enter_all(session, contest, by=by, now=now)
    count = len(entry_ids(session, campaign))
    if not count:
        raise EmptyShortlist if contest.only_shortlist else NoEntry
    contest.begun_at = now
    contest.version += 1
    session.flush()
    record(session, Verb.OPENED, contest, by=by, campaign_id=campaign.id, after={"entries": count}, now=now)


def _enter_all(session: Session, contest: Contest, *, by: Person, now: datetime) -> None:
    """Every idea of the campaign, in the place of a shortlist that is not used."""
    session.execute(delete(ContestEntry).where(ContestEntry.campaign_id == contest.campaign_id))
    everything = select(Idea.id).where(Idea.campaign_id == contest.campaign_id, is_submitted())
    total = session.scalar(select(func.count()).select_from(everything.subquery())) or 0
    if total > MAX_ENTRIES:
        raise TooManyEntries(most=MAX_ENTRIES)
    _add(session, contest, session.scalars(everything.order_by(Idea.id)).all(), by=by, now=now)


def _add(session: Session, contest: Contest, ideas: Sequence[int], *, by: Person, now: datetime) -> None:
    if len(ideas) + len(entry_ids(session, contest.campaign)) > MAX_ENTRIES:
        raise TooManyEntries(most=MAX_ENTRIES)
    here = {"campaign_id": contest.campaign_id, "added_by_id": by.id, "added_at": now}
    session.add_all(ContestEntry(idea_id=idea_id, **here) for idea_id in ideas)
    session.flush()


def _hold_to_prepare(session: Session, contest: Contest) -> None:
    lock_campaign(session, contest.campaign)
    session.refresh(contest)
    if contest.begun_at is not None:
        raise ScoringBegun


def _is_entry(campaign: Campaign) -> ColumnElement[bool]:
    """SQL condition, beside a join of the two: the idea is an entry of the campaign and counts by now."""
    return (ContestEntry.campaign_id == campaign.id) & is_submitted()
