"""Who took part, by profile: rounded down, nobody of a small group told apart, the team not counted."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from ideas.answers.debriefs.figures import figures
from ideas.answers.debriefs.participation import participation
from ideas.contributions.idea import Idea
from ideas.contributions.vote import Vote
from ideas.spaces.segment import Attribute, AttributeValue, PersonValue


@pytest.fixture
def region(session):
    region = Attribute(name="Region")
    session.add(region)
    session.flush()
    session.add_all(AttributeValue(attribute_id=region.id, name=name) for name in ("North", "South", "East"))
    session.flush()
    session.refresh(region, ["values"])
    return region


@pytest.fixture
def taken_part(session, campaign, make_idea, make_person, region, now):
    """So many people of each value, in its order, then so many without one, support an idea of the owner's."""

    def make(*counts):
        idea = make_idea(campaign, campaign.owner, "Open the door.")
        for value, count in zip([*region.values, None], counts, strict=True):
            for number in range(count):
                person = make_person(f"P{value.id if value else 0}-{number}")
                session.add(Vote(idea_id=idea.id, person_id=person.id, created_at=now))
                if value is not None:
                    session.add(PersonValue(person_id=person.id, attribute_id=region.id, value_id=value.id))
        session.add(PersonValue(person_id=campaign.owner_id, attribute_id=region.id, value_id=region.values[2].id))
        session.flush()

    return make


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ((0, 0, 0, 0), [None, None, None, None]),
        ((12, 7, 0, 6), [10, 5, None, 5]),  # the owner is of the third, and of the team
        ((12, 7, 3, 0), [10, None, None, None]),  # else 22 people less 12 and 7 tell how many are of the third
        ((9, 0, 0, 2), [None, None, None, None]),
        ((13, 0, 4, 4), [10, None, None, None]),
    ],
)
def test_small_groups_are_not_shown_nor_what_would_give_them_away(session, campaign, taken_part, counts, shown, now):
    taken_part(*counts)
    here = {"now": now + timedelta(days=1), "zone": "Europe/Paris"}
    found = participation(session, campaign, **here)
    (group,) = found.groups
    assert [*group.by_value.values(), group.without] == shown
    assert found.people == (sum(counts) // 5 * 5 or None)
    assert figures(session, campaign).people == sum(counts)


def test_who_takes_part_today_is_counted_tomorrow(session, campaign, taken_part, region, make_person, now):
    taken_part(10, 5, 0, 0)
    noon = now.replace(hour=12)
    for vote in session.scalars(select(Vote)):
        vote.created_at = noon - timedelta(days=1)
    idea = session.scalars(select(Idea)).one()
    for number in range(5):
        person = make_person(f"Late {number}")
        session.add(Vote(idea_id=idea.id, person_id=person.id, created_at=noon - timedelta(hours=1)))
        session.add(PersonValue(person_id=person.id, attribute_id=region.id, value_id=region.values[0].id))
    session.flush()
    for later, counts in ((timedelta(), [10, 5, None, 15]), (timedelta(days=1), [15, 5, None, 20])):
        found = participation(session, campaign, now=noon + later, zone="Europe/Paris")
        assert [*found.groups[0].by_value.values(), found.people] == counts
