"""The pages of the finalists of a contest, and who reads and changes them."""

from datetime import timedelta

import pytest

from ideas.campaigns.people.team import Role, add_to_team
from ideas.contest.contest import ContestText, criteria_of, set_up_contest
from ideas.contest.entry import begin_scoring, finalist_ids
from ideas.contest.judging import score_entry


@pytest.fixture
def june(session, closed_campaign, alice, make_person, now):
    person = make_person("June")
    add_to_team(session, closed_campaign, person, role=Role.JURY, by=alice, now=now)
    return person


@pytest.fixture
def entries(session, closed_campaign, make_ideas, june, alice, charlie, now):
    """Three entries that the jury has scored: the first best, the last worst."""
    ideas = make_ideas(closed_campaign, charlie, [{"body": body} for body in ("A bench", "A tree", "A bus")])
    text = ContestText(criteria=[("Useful", 1)], several_winners=True, scores_due_at=now + timedelta(days=9))
    contest = set_up_contest(session, closed_campaign, text=text, by=alice, now=now)
    begin_scoring(session, contest, by=alice, now=now)
    (useful,) = criteria_of(session, closed_campaign)
    for idea, value in zip(ideas, (9, 6, 3), strict=True):
        score_entry(session, contest, idea, scores={useful.id: value}, by=june, now=now)
    session.commit()
    return ideas


def test_the_owner_chooses_the_best_or_ticks_entries_then_the_winners_among_them(
    session, closed_campaign, entries, signed_in, alice, june
):
    here, owner = f"/campaigns/{closed_campaign.id}", signed_in(alice)
    assert "Choose the finalists" in owner.get(f"{here}/contest").text
    page = owner.get(f"{here}/contest/finalists").text
    version = page.partition('name="version"')[2].partition('value="')[2].partition('"')[0]
    refused = owner.post(f"{here}/contest/finalists", data={"version": version})
    assert (refused.status_code, "Choose at least one finalist" in refused.text) == (422, True)
    sent = {"version": version, "top": "2", "note": "The two most useful"}
    chosen = owner.post(f"{here}/contest/finalists", data=sent, follow_redirects=True).text
    assert "Only the 2 finalists are shown." in chosen
    assert "A bus" not in chosen
    assert owner.post(f"{here}/contest/finalists", data=sent | {"top": "1"}).status_code == 409
    assert "2 finalists" in owner.get(f"{here}/contest").text
    for page in (owner.get(f"{here}/contest").text, signed_in(june).get(f"{here}/contest/ranking").text):
        assert "The two most useful" in page
    data = {"version": int(version) + 1, "idea": [entries[2].id], "note": ""}
    assert owner.post(f"{here}/contest/finalists", data=data).status_code == 303
    assert finalist_ids(session, closed_campaign) == [entries[2].id]
    assert "no finalists any more" in owner.post(f"{here}/contest/finalists/undo", follow_redirects=True).text
    assert finalist_ids(session, closed_campaign) == []


def test_others_neither_choose_nor_read_the_finalists(
    session, closed_campaign, entries, signed_in, client, june, charlie, make_person
):
    finalists = f"/campaigns/{closed_campaign.id}/contest/finalists"
    for browser in (signed_in(june), signed_in(charlie)):
        for answer in (
            browser.get(finalists),
            browser.post(finalists, data={"top": 1}),
            browser.post(f"{finalists}/undo"),
        ):
            assert answer.status_code in {403, 404}
    assert client.get(finalists).status_code in {302, 303, 401, 403}
    assert finalist_ids(session, closed_campaign) == []
