"""Who took part, by profile: rounded down, nobody of a small group told apart, the team not counted."""

import pytest

from ideas.answers.figures import figures
from ideas.answers.participation import participation
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
def test_small_groups_are_not_shown_nor_what_would_give_them_away(session, campaign, taken_part, counts, shown):
    taken_part(*counts)
    (group,) = participation(session, campaign)
    assert [*group.by_value.values(), group.without] == shown
    assert figures(session, campaign).people == sum(counts)
