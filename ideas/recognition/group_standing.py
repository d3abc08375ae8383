"""Team against team: the groups of a standing, by what members are, such as their department.

A campaign chooses an attribute of the segments, or none; a space compares by the one that most of its campaigns chose.
A group counts with the mean of its people, so that a large one is no better off. Only people who are listed count, and
only from MIN_PEOPLE of them on, so that nobody's points can be inferred. A group reveals what its people are: so only
what members chose themselves makes a group, and only members read it. Means are whole numbers and stop at the last
midnight, so that no single act shows. As with people, no group is shown to be last: the first half is listed at most.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from ideas.campaigns.campaign import Campaign
from ideas.people.person import Person
from ideas.recognition.facts import Scope
from ideas.recognition.points import points_given
from ideas.recognition.standing import MIN_PEOPLE, asked_once, campaigns_that_count, listed_in, people_inside, sums
from ideas.spaces.segment import Attribute, AttributeValue, PersonValue, rounded
from ideas.spaces.space import Space

# Of two groups, the one that is not first would be known to be last.
MIN_GROUPS = 3


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
    members do not choose. Never the groups with the lowest mean, unless all have the same.
    """
    if campaign.standing_attribute_id is None:
        return []
    return _groups(session, Scope(campaign.id, since=since, until=until), campaign.standing_attribute_id)


def attribute_of_space(session: Session, space: Space, reader: Person) -> Attribute | None:
    """What the groups of a space are by for this reader: what most of its campaigns with standings compare by."""
    here = Campaign.id.in_(campaigns_that_count(space, reader))
    found = (
        select(Attribute)
        .join(Campaign, Campaign.standing_attribute_id == Attribute.id)
        .where(here, Attribute.chosen)
        .group_by(Attribute.id)
        .order_by(func.count().desc(), Attribute.id)
    )
    return session.scalars(found.limit(1)).first()


def space_group_standing(
    session: Session, space: Space, attribute: Attribute, *, since: datetime | None, until: datetime, reader: Person
) -> list[Group]:
    """The groups of the people who are in a space, as those of a campaign: in its campaigns with standings that the
    reader sees and that compare by this attribute. Whoever is in the space may read it. One query.
    """
    campaigns = campaigns_that_count(space, reader).where(Campaign.standing_attribute_id == attribute.id)
    return _groups(
        session, Scope(asked_once(campaigns), people=people_inside(space), since=since, until=until), attribute.id
    )


def _groups(session: Session, scope: Scope, attribute_id: int) -> list[Group]:
    inside = [scope.people] if isinstance(scope.people, Select) else []
    of_value = select(PersonValue.person_id, PersonValue.value_id).where(PersonValue.attribute_id == attribute_id)
    summed = sums(points_given(replace(scope, people=None)), inside, of_value).subquery("summed")
    people = func.count()
    summed_up = (
        listed_in(summed, inside)
        .with_only_columns(
            summed.c.group.label("value_id"), func.sum(summed.c.points).label("points"), people.label("people")
        )
        .where(summed.c.group > 0)
        .group_by(summed.c.group)
        .having(people >= MIN_PEOPLE)
        .subquery()
    )
    rows = session.execute(
        select(AttributeValue.name, summed_up.c.points, summed_up.c.people)
        .join(summed_up, summed_up.c.value_id == AttributeValue.id)
        .join(Attribute, Attribute.id == AttributeValue.attribute_id)
        .where(Attribute.chosen)
    )
    found = [(name, round(int(points) / count), rounded(count) or 0) for name, points, count in rows]
    if len(found) < MIN_GROUPS:
        return []
    found.sort(key=lambda one: (-one[1], one[0].casefold()))
    means = [mean for _name, mean, _people in found]
    groups = [Group(name, mean, count, 1 + means.index(mean)) for name, mean, count in found]
    return [one for one in groups if 2 * one.rank <= len(groups) and (one.mean > means[-1] or means[0] == means[-1])]
