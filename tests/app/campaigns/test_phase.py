"""The form of phases, and what participants find in each."""

import re
from datetime import timedelta

import pytest

pytestmark = pytest.mark.one_database


def test_a_team_sets_phases_and_participants_are_offered_what_each_takes(
    session, campaign, bob, charlie, make_idea, signed_in, now
):
    address = f"/campaigns/{campaign.id}"
    idea = make_idea(campaign, bob, "One click")
    lead, member = signed_in(bob), signed_in(charlie)
    bob.timezone = charlie.timezone = "UTC"
    session.commit()

    def local(instant):
        return instant.strftime("%Y-%m-%dT%H:%M")

    start, end = now - timedelta(days=1), now + timedelta(days=2)
    version = re.search(r'name="version"[^>]*value="(\d+)"', lead.get(f"{address}/phases").text)[1]
    sent = {
        "version": version,
        "name_1": "Support",
        "starts_at_1": local(start),
        "ends_at_1": local(end),
        "support_1": "y",
    }
    refused = lead.post(f"{address}/phases", data=sent)
    assert (refused.status_code, "Why do you change it?" in refused.text) == (422, True)
    refused = lead.post(f"{address}/phases", data=sent | {"ends_at_1": "", "change_reason": "Focus"})
    assert "Enter when this phase begins and when it ends." in refused.text
    refused = lead.post(
        f"{address}/phases", data=sent | {"ends_at_1": local(now + timedelta(days=70)), "change_reason": "F"}
    )
    assert "Ideas and support are only taken from the opening to the closing date" in refused.text
    assert lead.post(f"{address}/phases", data=sent | {"change_reason": "First read, then support"}).status_code == 303
    assert lead.post(f"{address}/phases", data=sent | {"name_1": "Other", "change_reason": "F"}).status_code == 409
    session.expire_all()
    assert [phase.name for phase in campaign.phase_list] == ["Support"]
    page = member.get(address).text
    assert "You can: support ideas" in page
    assert 'aria-current="step"' in page
    assert f'href="{address}/ideas/new"' not in page
    assert "First read, then support" in page
    assert "Support, from" in member.get(f"{address}/history").text
    page = member.get(f"{address}/ideas/{idea.id}").text
    assert "This phase of the campaign takes no comments." in page
    assert f'action="{address}/ideas/{idea.id}/vote"' in page
    assert member.post(f"{address}/ideas/{idea.id}/comments", data={"body": "And then?"}).status_code == 422
    assert f'action="{address}/ideas/{idea.id}/comments"' in lead.get(f"{address}/ideas/{idea.id}").text
    assert "This phase of the campaign takes no ideas." in member.get(f"{address}/ideas/new").text
    answer = member.post(
        f"{address}/ideas/new", data={"title": "", "body": "Mine", "form_key": "k"}, follow_redirects=True
    )
    assert "Your text is saved as a draft." in answer.text
    assert "Mine" in member.get("/me").text
