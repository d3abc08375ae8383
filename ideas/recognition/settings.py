"""What a campaign says of motivation: what each act gives, and whether standings are shown."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from ideas.activity.activity import MAX_REASON_LENGTH, Verb, record
from ideas.activity.version import ChangedMeanwhile, ReasonNeeded, reason_for_change
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.errors import DomainError, message_id
from ideas.people.person import Person
from ideas.recognition.facts import PointAct
from ideas.recognition.points import DEFAULTS, MAX_POINTS, PointValue, point_values
from ideas.spaces.segment import Attribute
from ideas.text import optional


class PointsOutOfRange(DomainError):
    message = message_id("Enter a whole number from 0 to %(most)s.")


class PointsReasonNeeded(ReasonNeeded):
    message = message_id("This campaign is announced. Say why you change its points or standings. Your reason is kept.")


class AttributeGone(DomainError):
    message = message_id("Groups can’t be compared by this any more. Choose something else.")


def set_motivation(
    session: Session,
    campaign: Campaign,
    *,
    values: Mapping[PointAct, int],
    has_standings: bool,
    groups_by: int | None = None,
    by: Person,
    now: datetime,
    seen: int | None = None,
    change_reason: str = "",
) -> None:
    """Say what acts give in this campaign, and whether standings are shown. Whoever manages it may. `seen`: the version
    that `by` saw. `groups_by`: the attribute by which groups are compared, one that members choose; none for no groups.
    Points are right at once, also those of acts of before.

    Raises ChangedMeanwhile, PointsOutOfRange, AttributeGone; once the campaign is announced also PointsReasonNeeded,
    TooLong.
    """
    lock_campaign(session, campaign)
    if seen is not None and campaign.motivation_version != seen:
        raise ChangedMeanwhile
    if any(not 0 <= points <= MAX_POINTS for points in values.values()):
        raise PointsOutOfRange(most=MAX_POINTS)
    present = point_values(session, campaign)
    chosen = {**present, **values}
    earlier, attribute = _attribute(session, campaign.standing_attribute_id), _attribute(session, groups_by)
    if groups_by is not None and (attribute is None or not attribute.chosen):
        raise AttributeGone
    before = {act.value: present[act] for act in PointAct} | _facts(earlier, has_standings=campaign.has_standings)
    after = {act.value: chosen[act] for act in PointAct} | _facts(attribute, has_standings=has_standings)
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
    campaign.has_standings, campaign.standing_attribute_id = has_standings, groups_by
    campaign.motivation_version += 1
    record(
        session, Verb.CHANGED, campaign,
        by=by, campaign_id=campaign.id, reason=reason, before=before, after=after, now=now,
    )  # fmt: skip
    session.flush()


def copy_motivation(session: Session, campaign: Campaign, *, to: Campaign) -> None:
    """Have acts give in a new draft what they give in another campaign, with the standings that that one has."""
    for act, points in point_values(session, campaign).items():
        if points != DEFAULTS[act]:
            session.add(PointValue(campaign_id=to.id, act=act, points=points))
    to.has_standings, to.standing_attribute_id = campaign.has_standings, campaign.standing_attribute_id
    session.flush()


def _attribute(session: Session, attribute_id: int | None) -> Attribute | None:
    return session.get(Attribute, attribute_id) if attribute_id is not None else None


def _facts(attribute: Attribute | None, *, has_standings: bool) -> dict[str, Any]:
    """What the log keeps beside the points."""
    return {"has_standings": has_standings} | ({"groups_by": attribute.name} if attribute is not None else {})
