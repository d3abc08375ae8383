"""Who took part in a campaign, by profile: how many people of each region or specialty, never fewer than five."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ideas.answers.debriefs.figures import took_part
from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea
from ideas.spaces.segment import Attribute, PersonValue, attributes, rounded, shown_counts


@dataclass(frozen=True, slots=True)
class Participation:
    """How many people who took part have each value of an attribute, by its id, and how many have none.

    As they may be shown: rounded down, or None. See `shown_counts`.
    """

    attribute: Attribute
    by_value: Mapping[int, int | None]
    without: int | None


@dataclass(frozen=True, slots=True)
class Profiles:
    """`people`: how many took part in all, rounded down; None for fewer than five."""

    people: int | None
    groups: Sequence[Participation]


def participation(session: Session, campaign: Campaign, *, now: datetime, zone: str) -> Profiles:
    """The people who took part before today in this time zone, by each attribute. Managers may read it. Four queries.

    Counted as in `figures`, but of earlier days: who saw the numbers move when somebody takes part would know their
    profile.
    """
    midnight = now.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    people = took_part(Idea.campaign_id == campaign.id, before=midnight).subquery()
    total = session.scalar(select(func.count()).select_from(people)) or 0
    counted = (
        select(PersonValue.value_id, func.count())
        .join(people, people.c.person_id == PersonValue.person_id)
        .group_by(PersonValue.value_id)
    )
    found = {value_id: count for value_id, count in session.execute(counted)}  # noqa: C416 -- dict() would take rows by their keys
    shown = []
    for attribute in attributes(session):
        counts: dict[int | None, int] = {value.id: found.get(value.id, 0) for value in attribute.values}
        counts[None] = total - sum(counts.values())
        groups = shown_counts(counts)
        by_value = {key: count for key, count in groups.items() if key is not None}
        shown.append(Participation(attribute, by_value, groups[None]))
    return Profiles(rounded(total), shown)
