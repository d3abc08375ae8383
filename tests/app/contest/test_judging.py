"""The pages of the jury."""

from datetime import timedelta

import pytest
from sqlalchemy import delete

from ideas.campaigns.people.team import Role, add_to_team
from ideas.contest.contest import ContestText, criteria_of, set_up_contest
from ideas.contest.entry import ContestEntry, add_entries, begin_scoring
from ideas.contest.result import announce_winners
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
    refused = june.post(here, data={"version": 0, score: "5"})
    assert (refused.status_code, "Declare a conflict of interest: others read only" in refused.text) == (422, True)
    assert "0 of 2" in june.get(judging).text
    assert signed_in(alice).get(f"/campaigns/{closed_campaign.id}/contest").text.count("0 of 2") >= 2
    said = {"version": 0, "interest": "I can’t be fair to it."}
    assert june.post(f"{here}/conflict", data=said).location == f"{judging}/{other.id}"
    for person, entry in ((june, other), (jack, other), (jack, idea)):
        person.post(f"{judging}/{entry.id}", data={"version": 0, score: "5"})
    page = jack.get(here).text
    assert "I can’t be fair to it." in page
    assert told not in page


def test_what_is_sent_to_an_entry_that_is_none_any_more_comes_back(
    session, closed_campaign, contest, jury, make_idea, signed_in, alice, charlie, now
):
    idea = make_idea(closed_campaign, charlie, "A bench")
    begin_scoring(session, contest, by=alice, now=now)
    contest.revealed_at = now
    session.execute(delete(ContestEntry))
    session.commit()
    june, here = signed_in(jury[0]), f"/campaigns/{closed_campaign.id}/contest/judging/{idea.id}"
    assert june.get(here).status_code == 303
    said = "The bench is too long for this street."
    sent = {"version": 0, "change_reason": said, "interest": said, "body": said}
    for address in (here, f"{here}/conflict", f"{here}/notes"):
        answer = june.post(address, data=sent, headers={"Referer": f"http://localhost{here}"})
        assert (answer.status_code, said in answer.text) == (422, True)
        assert "not an entry of the contest" in answer.text


def test_criteria_written_while_the_scoring_began_come_back(
    session, closed_campaign, contest, jury, make_idea, signed_in, alice, charlie, now
):
    make_idea(closed_campaign, charlie, "A bench")
    seen = contest.version
    begin_scoring(session, contest, by=alice, now=now)
    session.commit()
    here = f"/campaigns/{closed_campaign.id}/contest"
    sent = {
        "version": seen, "name_0": "Good for the whole street", "weight_0": "1", "highest_score": "10",
        "only_shortlist": "all", "several_winners": "one", "hides_authors": "y",
        "scores_due_at": (now + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M"),
    }  # fmt: skip
    owner = signed_in(alice)
    for weight in ("1", "x"):
        answer = owner.post(here, data=sent | {"weight_0": weight}, headers={"Referer": f"http://localhost{here}"})
        assert answer.status_code == 422
        assert "The scoring has begun." in answer.text
        assert "Good for the whole street" in answer.text


def test_who_corrects_an_old_announcement_sees_the_winners_that_there_are(
    session, closed_campaign, contest, make_idea, signed_in, alice, charlie, now
):
    bench, tree = (make_idea(closed_campaign, charlie, body) for body in ("A bench", "A tree"))
    text = ContestText(only_shortlist=True)
    contest = set_up_contest(session, closed_campaign, text=text, by=alice, now=now)
    add_entries(session, contest, [bench.id, tree.id], by=alice, now=now)
    announce_winners(
        session, contest, reasons={tree.id: "It gives shade."}, words_to_others="Thank you.", by=alice, now=now
    )
    session.commit()
    sent = {"version": 0, "idea": bench.id, f"reason_{bench.id}": "One can sit.", "words_to_others": "Thank you.",
            "change_reason": "x"}  # fmt: skip
    page = signed_in(alice).post(f"/campaigns/{closed_campaign.id}/winners/announce", data=sent)
    assert page.status_code == 409
    panel = page.text.split("There are two versions")[1].split("The form below")[0]
    for said in ("A tree", "It gives shade.", "A bench", "One can sit."):
        assert said in panel


def test_a_shortlist_that_is_not_used_is_no_choice_of_winners(
    session, closed_campaign, contest, make_idea, signed_in, alice, charlie, now
):
    idea = make_idea(closed_campaign, charlie, "A bench")
    add_entries(session, contest, [idea.id], by=alice, now=now)
    session.commit()
    here = f"/campaigns/{closed_campaign.id}"
    assert "There is no entry yet" in signed_in(alice).get(f"{here}/winners/choose").text


def test_a_reason_that_is_missing_is_asked_for_in_true_words(
    session, closed_campaign, contest, jury, make_idea, signed_in, alice, charlie, now
):
    idea = make_idea(closed_campaign, charlie, "A bench")
    begin_scoring(session, contest, by=alice, now=now)
    session.commit()
    june, here = signed_in(jury[0]), f"/campaigns/{closed_campaign.id}/contest/judging/{idea.id}"
    [score] = [f"score_{one.id}" for one in criteria_of(session, closed_campaign)]
    june.post(here, data={"version": 0, score: "5"})
    contest.revealed_at = now
    session.commit()
    page = june.post(here, data={"version": 1, score: "6"}).text
    assert "the jury and the campaign team read it" in page
    assert "everyone can read" not in page
    assert "Write your note to the jury first." in june.post(f"{here}/notes", data={"body": ""}).text
