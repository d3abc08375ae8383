"""The opening and the closing of a campaign, recorded when their dates have passed: nobody does them."""

from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from ideas.activity.activity import Activity, Verb, record
from ideas.campaigns.campaign import Campaign

# Older dates are not recorded: nobody waits for the news any more.
MAX_AGE = timedelta(days=7)


def record_passed_dates(session: Session, *, now: datetime) -> int:
    """Record each opening and each closing that has come and is not in the log. Returns how many. For the worker.

    A campaign that was closed early is in the log already.
    """
    recorded = 0
    dates = (
        (Campaign.opens_at, Verb.OPENED, {Verb.OPENED}),
        (Campaign.closes_at, Verb.ENDED, {Verb.ENDED, Verb.CLOSED}),
    )
    for date, verb, known in dates:
        told = exists().where(
            Activity.object_kind == Campaign.__tablename__, Activity.object_id == Campaign.id, Activity.verb.in_(known)
        )
        due = Campaign.announced_at.is_not(None) & (date <= now) & (date > now - MAX_AGE) & ~told
        for campaign in session.scalars(select(Campaign).where(due).order_by(Campaign.id)).all():
            record(session, verb, campaign, by=None, campaign_id=campaign.id, now=now)
            recorded += 1
    return recorded
