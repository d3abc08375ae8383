"""Ballots of a public vote: one for each person, which they may change until the end. Secret: the log has none.

Nobody reads a count before the end, not even the team.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random

from sqlalchemy import ForeignKey, delete, func, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column

from ideas.accounts.verification import check_verified
from ideas.base import Base
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.contest.public_vote.public_vote import PublicVote, VotePhase
from ideas.contributions.authors.writer import wrote
from ideas.contributions.idea import Idea, is_readable
from ideas.errors import DomainError, message_id
from ideas.people.limit import LimitedAct, spend
from ideas.people.person import Person


class VoteNotOpen(DomainError):
    message = message_id("The vote is not open now. Nothing was changed.")


class TooManyVotes(DomainError):
    message = message_id("You can vote for %(most)s entries at most.")


class NotAnEntry(DomainError):
    message = message_id("One of the entries is no longer there. Check your votes and send them again.")


class OwnEntry(DomainError):
    message = message_id("You can’t vote for your own idea.")


class Ballot(Base):
    """That a person votes for an entry: as many rows as entries on their one ballot."""

    __tablename__ = "ballot"

    campaign_id: Mapped[int] = mapped_column(
        ForeignKey("public_vote.campaign_id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), primary_key=True, index=True)
    cast_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Counted:
    """An entry with its votes. Those with as many share a rank."""

    idea: Idea
    votes: int
    rank: int


@dataclass(frozen=True, slots=True)
class VoteResult:
    """The entries, the one with most votes first. `people`: how many voted."""

    entries: Sequence[Counted]
    people: int


def entries_to_choose(session: Session, vote: PublicVote, reader: Person | None) -> list[Idea]:
    """The entries that are still shown, in an order of the reader's own: none is always first. One query.

    One that was merged into another idea since stays, with its ballots: a merge decides no vote.
    """
    shown = select(Idea).where(Idea.id.in_(vote.entries), is_readable()).options(joinedload(Idea.author))
    found = list(session.scalars(shown.order_by(Idea.id)))
    Random(f"{vote.campaign_id} {reader.id if reader is not None else 0}").shuffle(found)  # noqa: S311 -- no secret
    return found


def own_entries(session: Session, vote: PublicVote, person: Person) -> set[int]:
    """The ids of the entries that the person wrote, alone or with others, with their name or without."""
    part = select(Idea.merged_into_id).where(Idea.merged_into_id.in_(vote.entries), wrote(Idea, person.id))
    own = select(Idea.id).where(Idea.id.in_(vote.entries), wrote(Idea, person.id))
    return {number for number in session.scalars(own.union(part)) if number is not None}


def ballot_of(session: Session, vote: PublicVote, person: Person) -> set[int]:
    """The ids of the entries on the person's ballot. Only they may read it."""
    here = (Ballot.campaign_id == vote.campaign_id) & (Ballot.person_id == person.id)
    return set(session.scalars(select(Ballot.idea_id).where(here)))


def cast_ballot(session: Session, campaign: Campaign, ideas: Collection[int], *, by: Person, now: datetime) -> set[int]:
    """Vote for these entries, in the place of an earlier ballot; none takes it back. Returns what is on it now.

    Anyone who may support ideas may, while the vote is open.
    Raises NotVerified, VoteNotOpen, TooManyVotes, NotAnEntry, OwnEntry, LimitReached.
    """
    check_verified(by)
    lock_campaign(session, campaign, shared=True)  # its end must not change between the check and the commit
    vote = session.get(PublicVote, campaign.id, populate_existing=True)
    if vote is None or vote.phase(now) is not VotePhase.OPEN or campaign.announced_at is None:
        raise VoteNotOpen
    chosen = set(ideas)
    if len(chosen) > vote.choices:
        raise TooManyVotes(most=vote.choices)
    if not chosen <= {idea.id for idea in entries_to_choose(session, vote, by)}:
        raise NotAnEntry
    if chosen & own_entries(session, vote, by):
        raise OwnEntry
    spend(session, LimitedAct.RESPOND, by=by, now=now)  # which holds a second request of theirs until the commit
    if chosen != ballot_of(session, vote, by):
        here = (Ballot.campaign_id == campaign.id) & (Ballot.person_id == by.id)
        session.execute(delete(Ballot).where(here))
        session.add_all(
            Ballot(campaign_id=campaign.id, person_id=by.id, idea_id=idea_id, cast_at=now) for idea_id in sorted(chosen)
        )
        session.flush()
    return chosen


def result_of_vote(session: Session, vote: PublicVote, *, now: datetime) -> VoteResult | None:
    """The votes of each entry; None before the end. Whoever reads the campaign may read them then. Three queries.

    An entry that was withdrawn or hidden since is left out.
    """
    if vote.phase(now) is not VotePhase.OVER:
        return None
    here = Ballot.campaign_id == vote.campaign_id
    counts = dict(session.execute(select(Ballot.idea_id, func.count()).where(here).group_by(Ballot.idea_id)).all())
    people = session.scalar(select(func.count(Ballot.person_id.distinct())).where(here)) or 0
    entries = entries_to_choose(session, vote, None)
    votes = sorted((counts.get(idea.id, 0) for idea in entries), reverse=True)
    found = [Counted(idea, counts.get(idea.id, 0), votes.index(counts.get(idea.id, 0)) + 1) for idea in entries]
    return VoteResult(sorted(found, key=lambda one: (one.rank, one.idea.id)), people)
