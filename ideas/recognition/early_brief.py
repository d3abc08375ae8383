"""Briefs shown early: of campaigns that are still prepared, to pioneers and to members whose level gives it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from ideas.activity.activity import Verb, record
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.campaigns.promise import AlreadyAnnounced
from ideas.people.person import Person
from ideas.recognition.level import reads_early
from ideas.recognition.pioneer import is_pioneer
from ideas.spaces.audience import admitted


def show_early(session: Session, campaign: Campaign, *, is_shown: bool, by: Person, now: datetime) -> None:
    """Show the brief of a draft early, or no longer. Whoever manages the campaign may. Raises AlreadyAnnounced."""
    lock_campaign(session, campaign)
    if campaign.announced_at is not None:
        raise AlreadyAnnounced
    if is_shown == (campaign.shown_early_at is not None):
        return
    campaign.shown_early_at = now if is_shown else None
    session.flush()
    after = {"shown_early": is_shown}
    record(session, Verb.CHANGED, campaign, by=by, campaign_id=campaign.id, after=after, now=now)


def may_read_early(session: Session, person: Person, *, now: datetime) -> bool:
    """True for pioneers, and where the person's level gives it."""
    return bool(session.scalar(select(is_pioneer(person, now=now)))) or reads_early(session, person, now=now)


def early_briefs(session: Session, person: Person, *, now: datetime) -> Sequence[Campaign]:
    """The drafts whose brief the person may read early: of those that they will find once they are announced."""
    if not may_read_early(session, person, now=now):
        return []
    shown = Campaign.shown_early_at.is_not(None) & Campaign.announced_at.is_(None) & Campaign.deleted_at.is_(None)
    return session.scalars(
        select(Campaign)
        .where(shown, admitted(person.id, Campaign.id, Campaign.audience))
        .options(joinedload(Campaign.owner))
        .order_by(Campaign.shown_early_at.desc(), Campaign.id.desc())
    ).all()
