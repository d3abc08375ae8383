"""What a campaign says of its texts: about health, names of patients are looked for; strict, moderators read first."""

from datetime import datetime

from sqlalchemy.orm import Session

from ideas.activity.activity import Verb, record
from ideas.campaigns.campaign import Campaign
from ideas.people.person import Person


def set_health(session: Session, campaign: Campaign, *, is_health: bool, by: Person, now: datetime) -> None:
    """Say whether the campaign is about health. Whoever manages it may, at any time. The same again changes nothing."""
    _set(session, campaign, "is_health", is_health, by=by, now=now)


def set_strict(session: Session, campaign: Campaign, *, is_strict: bool, by: Person, now: datetime) -> None:
    """Say whether texts with personal data wait for a moderator. Whoever manages the campaign may, at any time.

    What is published already stays public. The same again changes nothing.
    """
    _set(session, campaign, "is_strict", is_strict, by=by, now=now)


def _set(session: Session, campaign: Campaign, name: str, value: bool, *, by: Person, now: datetime) -> None:
    before = getattr(campaign, name)
    if before == value:
        return
    setattr(campaign, name, value)
    record(
        session, Verb.CHANGED, campaign, by=by, campaign_id=campaign.id, now=now,
        before={name: before}, after={name: value},
    )  # fmt: skip
    session.flush()
