"""The people to tell of an act, and when. Nobody is told of their own act."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from ideas.activity.activity import Activity
from ideas.base import chunks
from ideas.campaigns.audience import those_who_see
from ideas.campaigns.campaign import Campaign
from ideas.outreach.notice import Notice, NoticeKind
from ideas.outreach.recipients.rule import Rule
from ideas.outreach.recipients.rules import RULES, rules_for
from ideas.people.person import Person, is_here


def recipients(session: Session, activity: Activity, rule: Rule) -> list[int]:
    """The ids of the people to tell of this act, ascending, without the one who did it and accounts that were erased.

    Of a campaign, only those who see it by now; a role that ends is told to who had it.
    """
    if rule.every is not None and (last := _last_due(session, rule.kind, activity)) and last > activity.at:
        return []  # a notice that is still to come tells of this act too
    people = _still_here(session, set(rule.people(session, activity)) - {activity.actor_id or 0})
    campaign = session.get(Campaign, activity.campaign_id) if activity.campaign_id is not None else None
    if campaign is None or rule.kind is NoticeKind.ROLE_CHANGED:
        return people
    return sorted(those_who_see(session, campaign, people))


def due_at(session: Session, rule: Rule, activity: Activity, now: datetime) -> datetime:
    """When the notices of this act are shown and sent: now, or once enough time has passed since the last ones."""
    last = _last_due(session, rule.kind, activity) if rule.every is not None else None
    return max(now, last + rule.every) if last is not None and rule.every is not None else now


def told_by_kind(session: Session, activity: Activity) -> dict[NoticeKind, list[int]]:
    """The ids of the people to tell of this act, by the kind of their notice: each by the first rule that names them.

    For an act that nobody is told of yet; it need not be recorded.
    """
    told: dict[NoticeKind, list[int]] = {}
    known: set[int] = set()
    for rule in rules_for(activity):
        told[rule.kind] = [person_id for person_id in recipients(session, activity, rule) if person_id not in known]
        known.update(told[rule.kind])
    return told


def _still_here(session: Session, people: Collection[int]) -> list[int]:
    found: list[int] = []
    for ids in chunks(sorted(people)):
        found += session.scalars(select(Person.id).where(Person.id.in_(ids), is_here()).order_by(Person.id))
    return found


def _last_due(session: Session, kind: NoticeKind, activity: Activity) -> datetime | None:
    """When the latest notices of this kind in the campaign of this act were due; its own are left out.

    And those of acts that are told one by one, to others: the team's answer to an objection is not an objection.
    """
    others = (Notice.campaign_id == activity.campaign_id) & (Notice.activity_id != activity.id)
    gathered = [act for act, rule in RULES.items() if rule.kind is kind and rule.every is not None]
    told = select(func.max(Notice.not_before)).join(Activity, Activity.id == Notice.activity_id)
    acts = or_(*(and_(Activity.object_kind == of, Activity.verb == verb) for of, verb in gathered))
    return session.scalar(told.where(others, Notice.kind == kind, acts))
