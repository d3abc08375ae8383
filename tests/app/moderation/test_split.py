"""The page on which an idea is split, and the lines that say so."""

from sqlalchemy import select

from ideas.contributions.idea import Idea

WHOLE = "More bikes at the station. Longer opening hours."
PART = "Longer opening hours."


def test_a_moderator_splits_an_idea_reads_the_lineage_and_undoes_it(
    session, signed_in, client, bob, make_idea, campaign, charlie
):
    idea = make_idea(campaign, charlie, WHOLE)
    here = f"/campaigns/{campaign.id}/ideas/{idea.id}"
    browser = signed_in(bob)
    assert f'href="{here}/split"' in browser.get(here).text
    assert WHOLE in browser.get(f"{here}/split").text
    for part, sentence in (("Shorter hours", "These words are not in the text."), (WHOLE, "This is the whole idea.")):
        answer = browser.post(f"{here}/split", data={"part": part, "reason": "Two wishes."})
        assert (answer.status_code, sentence in answer.text, "Two wishes." in answer.text) == (422, True, True)
    answer = browser.post(f"{here}/split", data={"part": PART, "reason": "Two wishes."})
    new = session.scalar(select(Idea).where(Idea.split_from_id == idea.id))
    there = f"/campaigns/{campaign.id}/ideas/{new.id}"
    assert answer.location == there
    page = browser.get(there).text
    assert f"The moderators split this idea from idea {idea.id}" in page
    assert f'action="{there}/split/undo"' in page
    shown = client.get(here).text
    assert f"The moderators split idea {new.id} from this one." in shown
    assert "split/undo" not in client.get(there).text
    assert browser.post(f"{there}/split/undo").location == here
    log = browser.get(f"/campaigns/{campaign.id}/moderation/log.csv").text
    assert f"Split into two ideas,Idea,{idea.id},,Bob,Two wishes." in log
    assert f"Put together again,Idea,{new.id},,Bob," in log
    assert WHOLE in client.get(here).text
