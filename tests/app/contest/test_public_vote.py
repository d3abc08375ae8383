"""Pages of a public vote: set up by the team, open to whoever may support, counted once it is over."""

import re
from datetime import timedelta

import pytest

from app.mail.notices import notify_due
from ideas.contest.contest import ContestText, set_up_contest
from ideas.contest.entry import add_entries
from ideas.contest.public_vote.public_vote import public_vote_of, watch_votes
from ideas.outreach.follow import follow

pytestmark = pytest.mark.one_database


def test_a_vote_from_its_set_up_to_its_result(
    app, session, closed_campaign, alice, bob, charlie, make_person, make_ideas, signed_in, client, now
):
    here = f"/campaigns/{closed_campaign.id}/public-vote"
    lead, voter, author = signed_in(bob), signed_in(make_person("Rose")), signed_in(charlie)
    assert client.get(here).status_code == 303
    assert "Put at least two ideas on the shortlist" in lead.get(f"{here}/set-up").text
    ideas = make_ideas(closed_campaign, charlie, [{"body": body} for body in ("A bench", "A tree", "A bus")])
    contest = set_up_contest(session, closed_campaign, text=ContestText(only_shortlist=True), by=alice, now=now)
    add_entries(session, contest, [idea.id for idea in ideas], by=alice, now=now)
    bob.timezone = "UTC"
    session.commit()

    def local(hours):
        return (now + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M")

    sent = {"version": "0", "choices": "2", "opens_at": local(2), "closes_at": local(20)}
    assert "fewer than there are entries" in lead.post(f"{here}/set-up", data=sent | {"choices": "9"}).text
    assert lead.post(f"{here}/set-up", data=sent | {"closes_at": ""}).status_code == 422
    assert lead.post(f"{here}/set-up", data=sent).status_code == 303
    assert lead.post(f"{here}/set-up", data=sent).status_code == 409
    assert "The vote opens on" in client.get(f"/campaigns/{closed_campaign.id}").text
    assert voter.post(here, data={"entry": [ideas[0].id]}).status_code == 422
    vote = public_vote_of(session, closed_campaign)
    vote.opens_at = now - timedelta(hours=1)
    session.commit()
    page = voter.get(here).text
    assert page.count('name="entry"') == 3
    assert "Sign in to vote" in client.get(here).text
    page = author.get(here).text
    assert ('name="entry"' in page, page.count("You can’t vote for your own idea.")) == (False, 3)
    refused = voter.post(here, data={"entry": [idea.id for idea in ideas]})
    assert (refused.status_code, refused.text.count(" checked")) == (422, 3), "what was ticked stays"
    assert "You can vote for 2 entries at most." in refused.text
    assert voter.post(here, data={"entry": [ideas[0].id, ideas[1].id]}).status_code == 303
    assert voter.get(here).text.count(" checked") == 2
    assert "people voted" not in lead.get(here).text
    assert lead.post(f"{here}/drop").status_code == 422
    follow(session, closed_campaign, by=bob, now=now)
    session.commit()
    assert watch_votes(session, now=now) == 1
    session.commit()
    with app.app_context():
        notify_due(now)
    assert "The public vote of this campaign, which you follow, is open." in lead.get("/me/notices").text
    vote.closes_at = now - timedelta(minutes=5)
    session.commit()
    page = client.get(here).text
    assert "1 person voted" in page
    assert re.findall(r"(\d) vote", page)[:3] == ["1", "1", "0"]
    assert voter.post(here, data={}).status_code == 422
    assert "Read the results" in client.get(f"/campaigns/{closed_campaign.id}").text
