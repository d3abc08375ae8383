"""Campaigns about health: names of patients are looked for in what people write there."""

from datetime import datetime

from sqlalchemy.orm import Session

from ideas.activity.activity import Verb, record
from ideas.campaigns.campaign import Campaign
from ideas.people.person import Person


def set_health(session: Session, campaign: Campaign, *, is_health: bool, by: Person, now: datetime) -> None:
    """Say whether the campaign is about health. Whoever manages it may, at any time. The same again changes nothing."""
    if campaign.is_health == is_health:
        return
    before, campaign.is_health = campaign.is_health, is_health
    record(
        session, Verb.CHANGED, campaign, by=by, campaign_id=campaign.id, now=now,
        before={"is_health": before}, after={"is_health": is_health},
    )  # fmt: skip
    session.flush()
