"""The comments on a debrief are open once it is published; whoever publishes may close them, with a sentence."""

from datetime import datetime

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.activity.activity import Verb, record
from ideas.base import Base
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.errors import DomainError, message_id
from ideas.people.person import Person
from ideas.text import required

MAX_CLOSING_LENGTH = 300


class NoDebriefYet(DomainError):
    message = message_id("The debrief is not published yet. You can comment on it once it is.")


class ClosedByTeam(DomainError):
    message = message_id("The campaign team has closed the comments on this debrief: %(reason)s")


class ClosedTalk(Base):
    """The comments on the debrief of this campaign are closed, as long as the row is there. `reason`: for everyone."""

    __tablename__ = "closed_talk"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True)
    closed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    closed_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text)


def close_talk(session: Session, campaign: Campaign, *, reason: str, by: Person, now: datetime) -> None:
    """Close the comments on the debrief; said again, the sentence is another one. Whoever may publish it may.

    Those that are there stay. Raises NoDebriefYet, EmptyText, TooLong.
    """
    reason = required(reason, max_length=MAX_CLOSING_LENGTH)
    lock_campaign(session, campaign)
    if campaign.debriefed_at is None:
        raise NoDebriefYet
    closed = closed_talk(session, campaign)
    if closed is not None and closed.reason == reason:
        return
    before = {"reason": closed.reason} if closed is not None else None
    closed = closed or ClosedTalk(campaign_id=campaign.id)
    closed.closed_by_id, closed.closed_at, closed.reason = by.id, now, reason
    session.add(closed)
    session.flush()
    record(session, Verb.CLOSED, closed, by=by, campaign_id=campaign.id, now=now, reason=reason, before=before)


def reopen_talk(session: Session, campaign: Campaign, *, by: Person, now: datetime) -> None:
    """Open the comments on the debrief again. Whoever may publish it may. Twice changes nothing."""
    lock_campaign(session, campaign)
    closed = closed_talk(session, campaign)
    if closed is not None:
        record(session, Verb.OPENED, closed, by=by, campaign_id=campaign.id, now=now)
        session.delete(closed)
        session.flush()


def closed_talk(session: Session, campaign: Campaign) -> ClosedTalk | None:
    """Why nobody may comment on the debrief any more. None while the comments are open."""
    return session.get(ClosedTalk, campaign.id, populate_existing=True)
