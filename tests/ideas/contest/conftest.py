"""A contest whose campaign is closed: three entries by Charlie, a jury of two, two criteria."""

from datetime import timedelta

import pytest

from ideas.campaigns.people.team import Role, add_to_team
from ideas.contest.contest import ContestText, criteria_of, set_up_contest
from ideas.contest.entry import begin_scoring
from ideas.contest.judging import score_entry


@pytest.fixture
def jury(session, closed_campaign, alice, make_person, now):
    people = [make_person("June"), make_person("Jack")]
    for person in people:
        add_to_team(session, closed_campaign, person, role=Role.JURY, by=alice, now=now)
    return people


@pytest.fixture
def text(now):
    criteria = [("Useful", 3), ("New", 1)]
    return ContestText(criteria=criteria, several_winners=True, scores_due_at=now + timedelta(days=9))


@pytest.fixture
def entries(closed_campaign, make_ideas, charlie):
    return make_ideas(closed_campaign, charlie, [{"body": body} for body in ("A bench", "A tree", "A bus")])


@pytest.fixture
def contest(session, closed_campaign, alice, text, now):
    return set_up_contest(session, closed_campaign, text=text, by=alice, now=now, seen=0)


@pytest.fixture
def begun(session, contest, entries, jury, alice, now):
    begin_scoring(session, contest, by=alice, now=now)
    return contest


@pytest.fixture
def score(session, closed_campaign, now):
    """Score an entry: useful, new."""

    def give(juror, idea, *values, at=now, contest=None, **facts):
        from ideas.contest.contest import contest_of

        numbers = [one.id for one in criteria_of(session, closed_campaign)]
        found = contest or contest_of(session, closed_campaign)
        score_entry(session, found, idea, scores=dict(zip(numbers, values, strict=False)), by=juror, now=at, **facts)

    return give
