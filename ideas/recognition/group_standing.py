"""Team against team: the groups of a campaign's standing, by what members are, such as their department.

The campaign chooses an attribute of the segments, or none. A group counts with the mean of its people, so that a large
one is no better off. Only people who are listed count, and only from MIN_PEOPLE of them on, so that nobody's points
can be inferred. A group reveals what its people are: so only what members chose themselves makes a group, and only
members read it. Means are whole numbers and stop at the last midnight, so that no single act shows.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ideas.campaigns.campaign import Campaign
from ideas.recognition.facts import Scope
from ideas.recognition.points import totals
from ideas.recognition.standing import MIN_PEOPLE, listed_totals
from ideas.spaces.segment import Attribute, AttributeValue, PersonValue, rounded


@dataclass(frozen=True, slots=True)
class Group:
    """A group's place. `mean`: points of each of its listed people, as a whole number; `people`: how many these are,
    rounded down.
    """

    name: str
    mean: int
    people: int
    rank: int


def group_standing(session: Session, campaign: Campaign, *, since: datetime | None, until: datetime) -> list[Group]:
    """The groups of a campaign, the one with the highest mean first. Members who read the campaign may. One query.

    `until`: the last midnight. Who shares a mean shares a rank. None where the campaign chose no attribute, or one that
    members do not choose. All groups are listed, even the last: a group is not a person.
    """
    if campaign.standing_attribute_id is None:
        return []
    listed = listed_totals(totals(Scope(campaign.id, since=since, until=until)).subquery("summed")).subquery("listed")
    people = func.count()
    rows = session.execute(
        select(AttributeValue.name, func.sum(listed.c.points), people)
        .join(PersonValue, PersonValue.value_id == AttributeValue.id)
        .join(listed, listed.c.person_id == PersonValue.person_id)
        .join(Attribute, Attribute.id == AttributeValue.attribute_id)
        .where(Attribute.id == campaign.standing_attribute_id, Attribute.chosen)
        .group_by(AttributeValue.id, AttributeValue.name)
        .having(people >= MIN_PEOPLE)
    )
    found = [(name, round(int(points) / count), rounded(count) or 0) for name, points, count in rows]
    found.sort(key=lambda one: (-one[1], one[0].casefold()))
    means = [mean for _name, mean, _people in found]
    return [Group(name, mean, count, 1 + means.index(mean)) for name, mean, count in found]
