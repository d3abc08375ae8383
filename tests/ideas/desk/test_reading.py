from datetime import timedelta

import pytest

from ideas.contributions.idea import revise_idea
from ideas.desk.reading import (
    coverage,
    forget_reading,
    is_starred,
    last_read,
    next_idea,
    read_idea,
    star_idea,
    starred_ideas,
)
from ideas.themes.placement import Placement


@pytest.fixture
def placed(session, campaign, make_theme, make_idea, charlie):
    """Two themes with two ideas each, and one idea in none: (first, second, …), by how typical they are."""
    themes = [
        make_theme(campaign, name, bodies=[f"{name} 1", f"{name} 2"], author=charlie) for name in ("Buses", "Trees")
    ]
    alone = make_idea(campaign, charlie, "A bench")
    session.add(Placement(idea_id=alone.id, campaign_id=campaign.id, leftover="outlier"))
    rows = {}
    for theme in themes:
        rows[theme] = session.query(Placement).filter_by(theme_id=theme.id).order_by(Placement.idea_id).all()
        for strength, row in zip((0.4, 0.9), rows[theme], strict=True):
            row.strength = strength
    session.flush()
    typical, others = ([row.idea for row in column] for column in zip(*((b, a) for a, b in rows.values()), strict=True))
    return themes, [*typical, *others, alone]


def test_the_most_typical_of_each_theme_come_first_and_what_is_alone_last(session, campaign, placed, alice, now):
    themes, expected = placed
    read = []
    while (idea := next_idea(session, campaign, alice)) is not None:
        read.append(idea)
        read_idea(session, idea, by=alice, now=now + timedelta(minutes=len(read)))
    assert read == expected
    assert last_read(session, campaign, alice) is expected[-1]
    forget_reading(session, expected[1], by=alice)
    assert next_idea(session, campaign, alice) is expected[1]
    assert next_idea(session, campaign, alice, theme=themes[0]) is None
    assert next_idea(session, campaign, alice, theme=themes[1]) is expected[1]


def test_an_idea_that_is_left_for_later_comes_again(session, campaign, placed, alice):
    expected = placed[1]
    assert next_idea(session, campaign, alice, after=expected[0]) is expected[1]
    assert next_idea(session, campaign, alice, after=expected[-1]) is expected[0]


def test_coverage_counts_the_person_and_the_team_and_a_changed_text_is_unread(
    session, campaign, placed, alice, bob, charlie, now
):
    ideas = placed[1]
    for person, read in ((alice, ideas[:2]), (bob, ideas[1:4])):
        for idea in read:
            read_idea(session, idea, by=person, now=now)
    star_idea(session, ideas[0], by=alice, starred=True, now=now)
    found = coverage(session, campaign, alice)
    assert (found.total, found.mine, found.team, found.starred, found.left) == (5, 2, 4, 1, 3)
    revise_idea(session, ideas[0], title="", body="Another text", by=charlie, now=now)
    found = coverage(session, campaign, alice)
    assert (found.mine, found.team) == (1, 3)
    assert next_idea(session, campaign, alice) is ideas[0]
    read_idea(session, ideas[0], by=alice, now=now, seen=ideas[0].version - 1)  # changed while she read
    assert next_idea(session, campaign, alice) is ideas[0]
    ideas[1].withdrawn_at = now
    session.flush()
    found = coverage(session, campaign, alice)
    assert (found.total, found.mine, found.team) == (4, 0, 2)


def test_reading_one_of_those_that_say_the_same_is_reading_all_and_a_star_is_of_one(
    session, campaign, placed, alice, now
):
    ideas = placed[1]
    session.get(Placement, ideas[3].id).same_as = ideas[2].id
    session.flush()
    read_idea(session, ideas[3], by=alice, now=now)
    assert coverage(session, campaign, alice).mine == 2
    forget_reading(session, ideas[2], by=alice)
    assert coverage(session, campaign, alice).mine == 0
    star_idea(session, ideas[2], by=alice, starred=True, now=now)
    assert (is_starred(session, ideas[2], alice), is_starred(session, ideas[3], alice)) == (True, False)
    assert starred_ideas(session, campaign, alice, number=9).ideas == [ideas[2]]
    star_idea(session, ideas[2], by=alice, starred=False, now=now)
    assert starred_ideas(session, campaign, alice, number=1).total == 0


def test_a_campaign_that_is_not_grouped_is_read_in_its_order(session, campaign, make_idea, charlie, alice):
    first = make_idea(campaign, charlie, "A bench")
    make_idea(campaign, charlie, "A tree")
    assert next_idea(session, campaign, alice) is first
