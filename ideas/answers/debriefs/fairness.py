"""“Is this fair to what was said?”: what readers of a debrief say, for the team. Names are kept, and not shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, Text, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.accounts.verification import check_verified
from ideas.activity.activity import Verb, record
from ideas.answers.debriefs.debrief import debrief_of
from ideas.base import Base
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.campaigns.people.team import Role, role_of
from ideas.errors import DomainError, NotAllowed, message_id
from ideas.people.limit import LimitedAct, spend
from ideas.people.person import Person
from ideas.people.sanction import check_may_write
from ideas.text import optional

MAX_REASON_LENGTH = 1_000
MAX_SHOWN = 200


class NotPublishedYet(DomainError):
    message = message_id("The debrief is not published yet. You can say this once it is.")


class NotAsked(NotAllowed):
    message = message_id("Only members who may take part in the campaign are asked whether its debrief is fair.")


class WhyUnfair(DomainError):
    message = message_id("Say what is not fair, so that the team can correct it.")


class Fairness(Base):
    """What one person says of the debrief of a campaign. `version`: of its text, as they read it."""

    __tablename__ = "fairness"
    __table_args__ = (UniqueConstraint("campaign_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    version: Mapped[int]
    is_fair: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text, default="")
    said_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Fairnesses:
    """How many say that a debrief is fair, and how many that it is not. `earlier`: how many read an earlier text."""

    fair: int = 0
    unfair: int = 0
    earlier: int = 0

    @property
    def total(self) -> int:
        return self.fair + self.unfair


def say_fair(
    session: Session, campaign: Campaign, *, is_fair: bool, reason: str, by: Person, now: datetime, seen: int = 0
) -> Fairness:
    """Say whether the debrief is fair to what was said; said again, it replaces what the person said before.

    `seen`: the version of its text that they read, 0 for the present one. Participants may: neither the team nor
    who only reads. Raises NotAsked, NotVerified, NotPublishedYet, Suspended or Banned, WhyUnfair, TooLong,
    LimitReached.
    """
    if role_of(session, campaign, by) is not Role.PARTICIPANT:
        raise NotAsked
    check_verified(by)
    debrief = debrief_of(session, campaign)
    if debrief is None or debrief.published_at is None:
        raise NotPublishedYet
    check_may_write(session, by, campaign.id, now=now)
    reason = optional(reason, max_length=MAX_REASON_LENGTH)
    if not is_fair and not reason:
        raise WhyUnfair
    lock_campaign(session, campaign)
    spend(session, LimitedAct.RESPOND, by=by, now=now)
    said = said_by(session, campaign, by)
    if said is None:
        said = Fairness(campaign_id=campaign.id, person_id=by.id)
        session.add(said)
    said.version = min(seen, debrief.version) if seen > 0 else debrief.version
    said.is_fair, said.reason, said.said_at = is_fair, reason, now
    session.flush()
    record(session, Verb.REACTED, said, by=by, campaign_id=campaign.id, now=now)
    return said


def said_by(session: Session, campaign: Campaign, person: Person) -> Fairness | None:
    """What this person said of the debrief. For themself."""
    return session.scalar(select(Fairness).where(Fairness.campaign_id == campaign.id, Fairness.person_id == person.id))


def count_fairness(session: Session, campaign: Campaign) -> Fairnesses:
    """How many say so. The team may read it. One query."""
    debrief = debrief_of(session, campaign)
    version = debrief.version if debrief is not None else 0
    fair, unfair, earlier = session.execute(
        select(
            func.count().filter(Fairness.is_fair),
            func.count().filter(~Fairness.is_fair),
            func.count().filter(Fairness.version < version),
        ).where(Fairness.campaign_id == campaign.id)
    ).one()
    return Fairnesses(fair, unfair, earlier)


def fairness_reasons(session: Session, campaign: Campaign) -> Sequence[Fairness]:
    """The reasons that were given, those of “not fair” first, then the latest; MAX_SHOWN at most. The team may."""
    return session.scalars(
        select(Fairness)
        .where(Fairness.campaign_id == campaign.id, Fairness.reason != "")
        .order_by(Fairness.is_fair, Fairness.said_at.desc(), Fairness.id.desc())
        .limit(MAX_SHOWN)
    ).all()
