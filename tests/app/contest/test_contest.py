"""A contest from its criteria to its winners, as the pages have it."""

import re
from datetime import timedelta

import pytest

from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Role, add_to_team
from ideas.contest.contest import contest_of, criteria_of
from ideas.contest.entry import entry_ids

pytestmark = pytest.mark.one_database


@pytest.fixture
def jury(session, closed_campaign, alice, make_person, now):
    people = [make_person("June"), make_person("Jack")]
    for person in people:
        add_to_team(session, closed_campaign, person, role=Role.JURY, by=alice, now=now)
    session.commit()
    return people


@pytest.fixture
def entries(closed_campaign, make_ideas, charlie):
    return make_ideas(closed_campaign, charlie, [{"body": body} for body in ("A bench", "A tree", "A bus")])


def test_a_contest_from_its_criteria_to_a_correction_of_its_winners(  # noqa: PLR0915 -- one story
    session, closed_campaign, entries, jury, make_theme, signed_in, client, alice, charlie, now
):
    here = f"/campaigns/{closed_campaign.id}"
    owner, june, jack = (signed_in(person) for person in (alice, *jury))
    streets = make_theme(closed_campaign, "Streets", ideas=entries[:2])
    due = (now + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M")
    sent = {
        "version": 0, "name_0": "Useful", "weight_0": "3", "name_1": "New", "weight_1": "1", "highest_score": "10",
        "only_shortlist": "shortlist", "several_winners": "one", "hides_authors": "y", "scores_due_at": due,
    }  # fmt: skip
    wrong = owner.post(f"{here}/contest", data=sent | {"weight_0": "11"})
    assert (wrong.status_code, "Enter a weight from 1 to 10." in wrong.text) == (422, True)
    assert owner.post(f"{here}/contest", data=sent).status_code == 303
    assert owner.post(f"{here}/contest", data=sent | {"name_0": "Cheap"}).status_code == 409
    assert "The scoring has not begun" in june.get(f"{here}/contest/judging").text

    shortlist = f"{here}/contest/shortlist"
    assert "A bus" in owner.get(shortlist, query_string={"containing": "bus"}).text
    assert owner.post(f"{shortlist}/add", data={"idea": entries[2].id}).status_code == 303
    theme = streets.id
    assert "2 ideas added" in owner.post(f"{shortlist}/add", data={"theme": theme}, follow_redirects=True).text
    owner.post(f"{shortlist}/{entries[2].id}/remove")
    assert entry_ids(session, closed_campaign) == [entries[0].id, entries[1].id]
    assert owner.post(f"{here}/contest/begin").status_code == 303
    owner.post(f"{here}/contest/take-back")
    assert owner.post(f"{here}/contest/begin").status_code == 303

    useful, new = (f"score_{one.id}" for one in criteria_of(session, closed_campaign))
    judging = f"{here}/contest/judging"
    page = june.get(f"{judging}/{entries[0].id}").text
    assert "The authors are hidden from the jury." in page
    assert "Charlie" not in page
    wrong = june.post(f"{judging}/{entries[0].id}", data={"version": 0, useful: "11", new: "0"})
    assert (wrong.status_code, "Enter a whole number from 0 to 10." in wrong.text) == (422, True)
    following = june.post(f"{judging}/{entries[0].id}", data={"version": 0, useful: "8", new: "4"})
    assert following.location == f"{judging}/{entries[1].id}"
    june.post(f"{judging}/{entries[1].id}", data={"version": 0, useful: "5", new: "5"})
    assert june.get(f"{here}/contest/ranking").status_code == 303  # Jack has not scored
    assert "Scores of the jury" not in jack.get(f"{judging}/{entries[0].id}").text
    assert "0 of 2" in owner.get(f"{here}/contest").text
    jack.post(f"{judging}/{entries[0].id}", data={"version": 0, useful: "6", new: "6"})
    declared = {"version": 0, "interest": "My sister wrote it."}
    assert jack.post(f"{judging}/{entries[1].id}/conflict", data=declared).status_code == 303

    ranked = re.sub(r"\s+", " ", june.get(f"{here}/contest/ranking").text)
    assert "<strong>6.5</strong>" in ranked
    assert "6 to 7" in ranked
    changed = {"version": 1, useful: "10", new: "4"}
    assert june.post(f"{judging}/{entries[0].id}", data=changed).status_code == 422
    stale = june.post(f"{judging}/{entries[0].id}", data=changed | {"version": 0, "change_reason": "Jack is right."})
    assert stale.status_code == 409
    assert 'name="version" type="hidden" value="1"' in stale.text  # sent again, it replaces what is shown
    june.post(f"{judging}/{entries[0].id}", data=changed | {"change_reason": "Jack is right."})
    june.post(f"{judging}/{entries[0].id}/notes", data={"body": "Well done"})
    page = jack.get(f"{judging}/{entries[0].id}").text
    for said in ("June changed their mean from 7 to 8.5.", "Jack is right.", "Well done"):
        assert said in page
    assert "My sister wrote it." in june.get(f"{judging}/{entries[1].id}").text

    announce = f"{here}/winners/announce"
    assert owner.get(announce).location == f"{here}/winners/choose"
    assert f'value="{entries[0].id}"' in owner.get(f"{here}/winners/choose").text
    assert "A bench" in owner.get(announce, query_string={"idea": entries[0].id}).text
    said = {"idea": entries[0].id, f"reason_{entries[0].id}": "It helps most people.", "words_to_others": "Thank you."}
    assert owner.post(announce, data=said | {"words_to_others": ""}).status_code == 422
    two = said | {"idea": [entries[0].id, entries[1].id], f"reason_{entries[1].id}": "Good too."}
    assert "This contest has one winner." in owner.post(announce, data=two).text
    assert owner.post(announce, data=said).location == f"{here}/winners"
    for address in (here, f"{here}/winners"):
        assert "It helps most people." in client.get(address).text
    other = {
        "version": 1, "idea": entries[1].id, f"reason_{entries[1].id}": "It grows.", "words_to_others": "Thank you.",
        "change_reason": "The jury read the wrong line.",
    }  # fmt: skip
    assert owner.post(announce, data=other | {"change_reason": ""}).status_code == 422
    assert owner.post(announce, data=other | {"version": 7}).status_code == 409
    assert owner.post(announce, data=other).status_code == 303
    earlier = client.get(f"{here}/winners/versions").text
    for said in ("It helps most people.", "It grows.", "The jury read the wrong line."):
        assert said in earlier


def test_a_campaign_started_as_a_contest_has_one_and_its_copy_too(session, signed_in, alice):
    browser = signed_in(alice)
    answer = browser.post("/campaigns/new?kind=contest_several", data={"title": "Dream job", "supports_each": "5"})
    number = int(re.search(r"/campaigns/(\d+)/", answer.location)[1])
    campaign = session.get(Campaign, number)
    assert contest_of(session, campaign).several_winners
    copy = browser.post(f"/campaigns/{number}/duplicate").location
    assert contest_of(session, session.get(Campaign, int(re.search(r"/campaigns/(\d+)/", copy)[1]))).several_winners
