"""The pages of the jury."""

from datetime import timedelta

import pytest

from ideas.campaigns.people.team import Role, add_to_team
from ideas.contest.contest import ContestText, criteria_of, set_up_contest
from ideas.contest.entry import begin_scoring
from ideas.contributions.authors.anonymous import AnonymousAuthor

pytestmark = pytest.mark.one_database


@pytest.fixture
def jury(session, closed_campaign, alice, make_person, now):
    people = [make_person("June"), make_person("Jack")]
    for person in people:
        add_to_team(session, closed_campaign, person, role=Role.JURY, by=alice, now=now)
    session.commit()
    return people


@pytest.fixture
def contest(session, closed_campaign, alice, now):
    text = ContestText(criteria=[("Useful", 1)], scores_due_at=now + timedelta(days=9))
    return set_up_contest(session, closed_campaign, text=text, by=alice, now=now)


def test_only_its_author_is_told_how_to_deal_with_an_anonymous_entry(
    session, closed_campaign, contest, jury, make_idea, signed_in, alice, charlie, now
):
    june, jack = (signed_in(person) for person in jury)
    other = make_idea(closed_campaign, charlie, "A bench")
    idea = make_idea(
        closed_campaign, None, "Hers", is_anonymous=True, anonymous_author=AnonymousAuthor(person_id=jury[0].id)
    )
    judging, told = f"/campaigns/{closed_campaign.id}/contest/judging", "without your name"
    assert [told in person.get(judging).text for person in (june, jack)] == [True, False]  # before the scoring
    begin_scoring(session, contest, by=alice, now=now)
    session.commit()
    here = f"{judging}/{idea.id}"
    assert [told in person.get(here).text for person in (june, jack)] == [True, False]
    [score] = [f"score_{one.id}" for one in criteria_of(session, closed_campaign)]
    assert score not in june.get(here).text
    assert june.post(here, data={"version": 0, score: "5"}).status_code == 403
    assert "0 of 2" in june.get(judging).text
    assert signed_in(alice).get(f"/campaigns/{closed_campaign.id}/contest").text.count("0 of 2") >= 2
    said = {"version": 0, "interest": "I can’t be fair to it."}
    assert june.post(f"{here}/conflict", data=said).location == f"{judging}/{other.id}"
    for person, entry in ((june, other), (jack, other), (jack, idea)):
        person.post(f"{judging}/{entry.id}", data={"version": 0, score: "5"})
    page = jack.get(here).text
    assert "I can’t be fair to it." in page
    assert told not in page
