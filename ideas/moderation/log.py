"""What moderation did in a campaign, from the activity log: the log for the team, the counts for everyone."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from ideas.activity.activity import Activity, Verb
from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea
from ideas.contributions.merged import IdeaMerge
from ideas.contributions.withheld import ObjectKind, Review
from ideas.people.sanction import Reason, Sanction

# Smaller counts are not told exactly: they could name somebody.
MIN_COUNT = 5
_PUBLIC = (Verb.HIDDEN, Verb.CHANGE_ASKED, Verb.REWORDED)


@dataclass(frozen=True, slots=True)
class LogRow:
    """One act. `object_id`: of the idea, the comment or the person. `of_split`: it split an idea, or undid that."""

    at: datetime
    verb: Verb
    by_id: int | None
    kind: ObjectKind
    object_id: int
    reason: str
    note: str
    of_split: bool


@dataclass(frozen=True, slots=True)
class Month:
    """What was hidden, reworded, or sent back to its author, in a month, by reason, without zeros."""

    first_day: datetime
    counts: dict[Reason, int]


def log_of(session: Session, campaign: Campaign) -> list[LogRow]:
    """Every act of moderation in the campaign, oldest first. Moderators may read it."""
    reviewed = (
        select(Activity, Review.object_kind, Review.object_id)
        .join(Review, Review.id == Activity.object_id)
        .where(Activity.object_kind == Review.__tablename__, Activity.campaign_id == campaign.id)
    )
    sanctioned = (
        select(Activity, Sanction.person_id)
        .join(Sanction, Sanction.id == Activity.object_id)
        .where(Activity.object_kind == Sanction.__tablename__, Activity.campaign_id == campaign.id)
    )
    rows = [(act, kind, object_id) for act, kind, object_id in session.execute(reviewed)]
    rows += [(act, ObjectKind.PERSON, person_id) for act, person_id in session.execute(sanctioned)]
    merged = (
        select(Activity, IdeaMerge.idea_id)
        .join(IdeaMerge, IdeaMerge.id == Activity.object_id)
        .where(
            Activity.object_kind == IdeaMerge.__tablename__,
            Activity.campaign_id == campaign.id,
            IdeaMerge.by_consent.is_(False),
        )
    )
    rows += [(act, ObjectKind.IDEA, idea_id) for act, idea_id in session.execute(merged)]
    of_ideas = (
        select(Activity)
        .join(Idea, Idea.id == Activity.object_id)
        .where(
            Activity.object_kind == Idea.__tablename__,
            Activity.campaign_id == campaign.id,
            or_(
                Activity.verb.in_([Verb.SPLIT, Verb.REVEALED]),
                (Activity.verb == Verb.UNDONE) & Idea.split_from_id.is_not(None),
            ),
        )
    )
    rows += [(act, ObjectKind.IDEA, act.object_id) for act in session.scalars(of_ideas)]
    rows.sort(key=lambda row: row[0].id)
    return [
        LogRow(
            act.at,
            act.verb,
            # Who reported is for the page of the object alone.
            None if act.verb is Verb.REPORTED else act.actor_id,
            kind,
            object_id,
            str((act.after or {}).get("reason") or ""),
            act.reason,
            act.object_kind == Idea.__tablename__,
        )
        for act, kind, object_id in rows
    ]


def months_of(session: Session, campaign: Campaign, *, zone: str) -> Sequence[Month]:
    """How many texts were hidden or sent back, by month in this time zone and by reason, latest first.

    Everyone may read it. An act that was undone since still counts: it was done.
    """
    acts = session.execute(
        select(Activity.at, Activity.after).where(
            Activity.object_kind == Review.__tablename__,
            Activity.campaign_id == campaign.id,
            Activity.verb.in_(_PUBLIC),
        )
    )
    counted: dict[datetime, Counter[Reason]] = {}
    for at, after in acts:
        local = at.astimezone(ZoneInfo(zone))
        first_day = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)
        counted.setdefault(first_day, Counter())[Reason((after or {}).get("reason") or Reason.OTHER)] += 1
    return [
        Month(day, {reason: counts[reason] for reason in Reason if counts[reason]})
        for day, counts in sorted(counted.items(), reverse=True)
    ]
