"""Reminders that a campaign closes or takes no ideas soon, a day and an hour before, and that its debrief is due: they
are recorded, and nobody does them.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ideas.activity.activity import Activity, Verb, record
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.phases.phase import PhaseAct

HOUR = timedelta(hours=1)
# The first one is for everyone who follows the campaign, both are for those who have a draft in it.
DAY_BEFORE, HOUR_BEFORE = 24 * HOUR, HOUR
# For those who owe a debrief; a date that has been over for longer is no news.
DEBRIEF_BEFORE = timedelta(days=3)


def record_reminders(session: Session, *, now: datetime) -> int:
    """Record the reminder of each campaign that takes ideas for a day, or an hour, more. Returns how many.

    For the worker. Each is recorded once for a date: a campaign that is extended gets new ones. One that was open for
    less than a day, or an hour, by then gets none: it has just been announced.
    """
    is_open = Campaign.announced_at.is_not(None) & (Campaign.opens_at <= now) & (Campaign.closes_at > now)
    recorded = 0
    for campaign in session.scalars(select(Campaign).where(is_open).order_by(Campaign.id)).all():
        reminder = _reminder(campaign, now)
        if reminder is not None and reminder not in _recorded(session, campaign):
            record(session, Verb.REMINDED, campaign, by=None, campaign_id=campaign.id, after=reminder, now=now)
            recorded += 1
    return recorded


def record_debrief_reminders(session: Session, *, now: datetime) -> int:
    """Record the reminder of each debrief that is due in three days, and of each that is late. Returns how many.

    For the worker. Who manages the campaign is told before everyone can see that the debrief is late. Each is recorded
    once for a date: a debrief that is put off gets new ones.
    """
    is_awaited = Campaign.announced_at.is_not(None) & Campaign.debriefed_at.is_(None) & Campaign.deleted_at.is_(None)
    is_near = (Campaign.debrief_due_at <= now + DEBRIEF_BEFORE) & (Campaign.debrief_due_at > now - DEBRIEF_BEFORE)
    recorded = 0
    for campaign in session.scalars(select(Campaign).where(is_awaited, is_near).order_by(Campaign.id)).all():
        if campaign.debrief_due_at is None:
            continue
        is_late = campaign.debrief_is_overdue(now)
        reminder = {"debrief_due_at": campaign.debrief_due_at.isoformat(), "is_late": is_late}
        if reminder not in _recorded(session, campaign):
            record(session, Verb.REMINDED, campaign, by=None, campaign_id=campaign.id, after=reminder, now=now)
            recorded += 1
    return recorded


def is_day_before(reminder: Activity) -> bool:
    """True for the reminder of the day before, which everyone who follows the campaign gets."""
    return (reminder.after or {}).get("hours") == DAY_BEFORE / HOUR


def is_overtaken(reminder: Activity, campaign: Campaign, *, now: datetime) -> bool:
    """True once the date that a reminder names is over, or is another one by now. False for any other act.

    A debrief that is late is still to be written: its reminder is over once it is published or put off.
    """
    named = (reminder.after or {}) if reminder.verb is Verb.REMINDED else {}
    if due := named.get("debrief_due_at"):
        return campaign.debriefed_at is not None or campaign.debrief_due_at != datetime.fromisoformat(due)
    if end := named.get("closes_at"):
        at = datetime.fromisoformat(end)
        return at <= now or at not in campaign.ends_of(PhaseAct.WRITE)
    return False


def _reminder(campaign: Campaign, now: datetime) -> dict[str, Any] | None:
    """What is recorded of the reminder that is due now; None where the campaign was not open for long enough."""
    if campaign.announced_at is None or campaign.opens_at is None or campaign.closes_at is None:
        return None
    end = next((at for at in sorted(campaign.ends_of(PhaseAct.WRITE)) if now < at <= now + DAY_BEFORE), None)
    if end is None:
        return None
    before = HOUR_BEFORE if end <= now + HOUR_BEFORE else DAY_BEFORE
    if max(campaign.opens_at, campaign.announced_at) > end - 2 * before:
        return None
    of_phase = {"of_phase": True} if end != campaign.closes_at else {}
    return {"hours": before // HOUR, "closes_at": end.isoformat(), **of_phase}


def _recorded(session: Session, campaign: Campaign) -> list[dict[str, Any] | None]:
    """What the campaign's reminders say: one or two for each of its closing dates."""
    here = (Activity.object_kind == Campaign.__tablename__) & (Activity.object_id == campaign.id)
    return list(session.scalars(select(Activity.after).where(here, Activity.verb == Verb.REMINDED)))
