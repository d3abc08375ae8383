"""A public vote: on which entries, for how many each person votes, and between which instants.

The entries are those of the shortlist when the vote is saved. Once it is open nothing changes but a later end, with a
reason that everyone reads. The ballots are in `ballot`.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.activity.activity import Activity, Verb, record
from ideas.activity.version import Version, check_unchanged, keep_version, reason_for_change, versions_of
from ideas.base import Base
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.contest.contest import contest_of
from ideas.contest.entry import entry_ids, uses_entries
from ideas.errors import DomainError, message_id
from ideas.people.person import Person

MIN_ENTRIES = 2
MAX_CHOICES = 20
MAX_LENGTH = timedelta(days=92)


class VotePhase(StrEnum):
    COMING = "coming"
    OPEN = "open"
    OVER = "over"


class NoShortlist(DomainError):
    message = message_id("Put at least %(least)s ideas on the shortlist of the contest first.")


class TooManyChoices(DomainError):
    message = message_id("Enter a number of votes from 1 to %(most)s: fewer than there are entries.")


class VoteDatesWrong(DomainError):
    message = message_id("Choose a beginning that is still to come, and an end after it, within three months.")


class VoteBegun(DomainError):
    message = message_id("The vote has begun. Only its end can still change, to a later moment.")


class VoteOver(DomainError):
    message = message_id("The vote is over. It stays as it is.")


class PublicVote(Base):
    """`choices`: for how many entries each person may vote. `entries`: the ids of the ideas, as saved last."""

    __tablename__ = "public_vote"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True)
    choices: Mapped[int]
    entries: Mapped[list[Any]] = mapped_column(default=list)
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    def phase(self, now: datetime) -> VotePhase:
        """At the instant of closing the vote is over."""
        if now < self.opens_at:
            return VotePhase.COMING
        return VotePhase.OPEN if now < self.closes_at else VotePhase.OVER


def public_vote_of(session: Session, campaign: Campaign) -> PublicVote | None:
    return session.get(PublicVote, campaign.id)


def changes_of(session: Session, campaign: Campaign) -> Sequence[Version]:
    """The saves of a vote that is promised, latest first. Whoever reads the campaign may read them."""
    return versions_of(session, PublicVote.__tablename__, campaign.id)


def set_public_vote(
    session: Session,
    campaign: Campaign,
    *,
    choices: int,
    opens_at: datetime,
    closes_at: datetime,
    by: Person,
    now: datetime,
    seen: int | None = None,
    change_reason: str = "",
) -> PublicVote:
    """Have people vote on the shortlist of the contest, or change that. Whoever manages the campaign may.

    `seen`: the version that `by` saw, 0 for none. Once it is open, an end that is later needs a reason.
    Raises ChangedMeanwhile, NoShortlist, TooManyChoices, VoteDatesWrong, VoteBegun, VoteOver, ReasonNeeded, TooLong.
    """
    lock_campaign(session, campaign)
    vote = session.get(PublicVote, campaign.id, populate_existing=True)
    if vote is not None:
        check_unchanged(vote, seen)
    phase = vote.phase(now) if vote is not None else VotePhase.COMING
    opens_at, closes_at = _to_the_minute(opens_at), _to_the_minute(closes_at)
    if phase is VotePhase.OVER:
        raise VoteOver
    reason = ""
    if vote is not None and phase is VotePhase.OPEN:
        if (vote.choices, vote.opens_at) != (choices, opens_at) or closes_at < vote.closes_at:
            raise VoteBegun
        entries = list(vote.entries)
        _check_dates(opens_at, closes_at)
        reason = reason_for_change(change_reason)
    else:
        entries = _entries(session, campaign)
        if not 1 <= choices < len(entries) or choices > MAX_CHOICES:
            raise TooManyChoices(most=min(MAX_CHOICES, len(entries) - 1))
        if opens_at <= now:
            raise VoteDatesWrong
        _check_dates(opens_at, closes_at)
    before = _values(vote) if vote is not None else None
    if vote is None:
        vote = PublicVote(campaign_id=campaign.id, version=_last_number(session, campaign))
        session.add(vote)
    vote.choices, vote.entries, vote.opens_at, vote.closes_at = choices, entries, opens_at, closes_at
    vote.version += 1
    session.flush()
    keep_version(session, vote, object_id=campaign.id, content=_values(vote), reason=reason, by=by, now=now)
    verb = Verb.CREATED if before is None else Verb.EXTENDED if phase is VotePhase.OPEN else Verb.CHANGED
    after = _values(vote)
    record(session, verb, vote, by=by, campaign_id=campaign.id, reason=reason, before=before, after=after, now=now)
    return vote


def drop_public_vote(session: Session, campaign: Campaign, *, by: Person, now: datetime) -> None:
    """Have no vote, as long as it has not begun. Whoever manages the campaign may. Raises VoteBegun."""
    lock_campaign(session, campaign)
    vote = session.get(PublicVote, campaign.id, populate_existing=True)
    if vote is None:
        return
    if vote.phase(now) is not VotePhase.COMING:
        raise VoteBegun
    record(session, Verb.DELETED, vote, by=by, campaign_id=campaign.id, before=_values(vote), now=now)
    session.delete(vote)
    session.flush()


def watch_votes(session: Session, *, now: datetime) -> int:
    """Record once that a vote has opened, and that it is over: who follows the campaign is told. For the worker."""
    done = 0
    began = select(PublicVote).join(Campaign, Campaign.id == PublicVote.campaign_id)
    for vote in session.scalars(began.where(PublicVote.opens_at <= now, Campaign.announced_at.is_not(None))).all():
        verb = Verb.OPENED if vote.phase(now) is VotePhase.OPEN else Verb.ENDED
        if verb not in _recorded(session, vote):
            record(session, verb, vote, by=None, campaign_id=vote.campaign_id, after={"of_vote": True}, now=now)
            done += 1
    return done


def _recorded(session: Session, vote: PublicVote) -> set[Verb]:
    here = (Activity.object_kind == PublicVote.__tablename__) & (Activity.object_id == vote.campaign_id)
    return set(session.scalars(select(Activity.verb).where(here)))


def _last_number(session: Session, campaign: Campaign) -> int:
    """The number of the last save. The saves of a vote that was cancelled stay, and a new one goes on from there."""
    return max((one.number for one in changes_of(session, campaign)), default=0)


def _entries(session: Session, campaign: Campaign) -> list[int]:
    """Those of the shortlist now. Raises NoShortlist."""
    found = entry_ids(session, campaign) if uses_entries(contest_of(session, campaign)) else []
    if len(found) < MIN_ENTRIES:
        raise NoShortlist(least=MIN_ENTRIES)
    return found


def _check_dates(opens_at: datetime, closes_at: datetime) -> None:
    if not timedelta() < closes_at - opens_at <= MAX_LENGTH:
        raise VoteDatesWrong


def _values(vote: PublicVote) -> dict[str, Any]:
    dates = {"opens_at": vote.opens_at.isoformat(), "closes_at": vote.closes_at.isoformat()}
    return {"choices": vote.choices, "entries": list(vote.entries), **dates}


def _to_the_minute(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(second=0, microsecond=0)
