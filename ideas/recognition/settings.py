"""What a campaign says of motivation: what each act gives, and whether standings are shown."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from ideas.activity.activity import MAX_REASON_LENGTH, Verb, record
from ideas.activity.version import ChangedMeanwhile, ReasonNeeded, reason_for_change
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.errors import DomainError, message_id
from ideas.people.person import Person
from ideas.recognition.facts import PointAct
from ideas.recognition.points import DEFAULTS, MAX_POINTS, PointValue, point_values
from ideas.text import optional


class PointsOutOfRange(DomainError):
    message = message_id("Enter a whole number from 0 to %(most)s.")


class PointsReasonNeeded(ReasonNeeded):
    message = message_id("This campaign is announced. Say why you change its points or standings. Your reason is kept.")


def set_motivation(
    session: Session,
    campaign: Campaign,
    *,
    values: Mapping[PointAct, int],
    has_standings: bool,
    by: Person,
    now: datetime,
    seen: int | None = None,
    change_reason: str = "",
) -> None:
    """Say what acts give in this campaign, and whether standings are shown. Whoever manages it may. `seen`: the version
    that `by` saw. Points are right at once, also those of acts of before.

    Raises ChangedMeanwhile, PointsOutOfRange; once the campaign is announced also PointsReasonNeeded, TooLong.
    """
    lock_campaign(session, campaign)
    if seen is not None and campaign.motivation_version != seen:
        raise ChangedMeanwhile
    if any(not 0 <= points <= MAX_POINTS for points in values.values()):
        raise PointsOutOfRange(most=MAX_POINTS)
    present = point_values(session, campaign)
    chosen = {**present, **values}
    before = {act.value: present[act] for act in PointAct} | {"has_standings": campaign.has_standings}
    after = {act.value: chosen[act] for act in PointAct} | {"has_standings": has_standings}
    if before == after:
        return
    if campaign.announced_at is None:
        reason = optional(change_reason, max_length=MAX_REASON_LENGTH)
    elif not change_reason.strip():
        raise PointsReasonNeeded
    else:
        reason = reason_for_change(change_reason)
    session.execute(delete(PointValue).where(PointValue.campaign_id == campaign.id))
    session.add_all(
        PointValue(campaign_id=campaign.id, act=act, points=points)
        for act, points in chosen.items()
        if points != DEFAULTS[act]
    )
    campaign.has_standings = has_standings
    campaign.motivation_version += 1
    record(
        session, Verb.CHANGED, campaign,
        by=by, campaign_id=campaign.id, reason=reason, before=before, after=after, now=now,
    )  # fmt: skip
    session.flush()


def copy_motivation(session: Session, campaign: Campaign, *, to: Campaign) -> None:
    """Have acts give in a new draft what they give in another campaign, with standings where that one has them."""
    for act, points in point_values(session, campaign).items():
        if points != DEFAULTS[act]:
            session.add(PointValue(campaign_id=to.id, act=act, points=points))
    to.has_standings = campaign.has_standings
    session.flush()
