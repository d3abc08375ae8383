"""Whatever is published, changed, abandoned, done, moved, merged and undone, in whatever order: nothing published
disappears, no number stands for two contents, follow-through equals a recount, and the log is whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from ideas.activity.activity import first_broken
from ideas.campaigns.campaign import Campaign
from ideas.people.person import Person
from tests.stories import ANSWERING, CHANGING, TAKING_PART, TO_THE_DEBRIEF, Story, hurried, steps_of, undone

pytestmark = pytest.mark.slow


@pytest.fixture
def cast(session, campaign, make_theme, make_person, alice, charlie):
    """The ids of an open campaign with three themes, of its owner, and of two who take part."""
    dora = make_person("Dora")
    for number, author in enumerate([charlie, dora, charlie]):
        bodies = [f"Idea {number}", f"Another {number}"]
        make_theme(campaign, f"Theme {number}", bodies=bodies, author=author)
    ids = campaign.id, alice.id, (charlie.id, dora.id)
    session.commit()
    return ids


def tell(connection, cast, now, steps):
    """The story of these steps, undone at its end."""
    with undone(connection), Session(bind=connection, join_transaction_mode="create_savepoint") as session:
        campaign, owner = session.get_one(Campaign, cast[0]), session.get_one(Person, cast[1])
        story = Story(session, campaign, owner, now, [session.get_one(Person, number) for number in cast[2]])
        for step in steps:
            story.take(*step)
            story.check()
        assert first_broken(session) is None


@hurried(40)
@given(steps=steps_of(ANSWERING))
def test_nothing_published_disappears_and_follow_through_equals_a_recount(connection, cast, now, steps):
    tell(connection, cast, now, [("close", 0, 0), *steps])


@hurried(30)
@given(open_for=st.integers(0, 8), steps=steps_of((*ANSWERING, *CHANGING, *TAKING_PART), least=12, most=30))
def test_the_same_holds_while_people_take_part_and_ideas_and_promises_change(connection, cast, now, open_for, steps):
    """The campaign closes after some acts, and its debrief is published soon after."""
    tell(connection, cast, now, [*steps[:open_for], *TO_THE_DEBRIEF, *steps[open_for:]])
