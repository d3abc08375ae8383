"""A second person approves an answer on its page, before the debrief and after it."""

import re
from datetime import timedelta

import pytest

from ideas.answers.decision import decision_on

pytestmark = pytest.mark.one_database


def test_two_people_publish_an_answer(session, closed_campaign, make_theme, signed_in, alice, bob, client, now):
    theme = make_theme(closed_campaign, "Buses", bodies=["A bus"])
    owner, other = signed_in(alice), signed_in(bob)
    here = f"/campaigns/{closed_campaign.id}"
    page = f"{here}/themes/{theme.id}/decision"
    assert "Ask for a second person" not in other.get(f"{here}/themes/table").text
    assert "Ask for a second person" in owner.get(f"{here}/themes/table").text
    assert other.post(f"{here}/answers/second-person", data={"asked": "1"}).status_code == 403
    assert owner.post(f"{here}/answers/second-person", data={"asked": "1"}).status_code == 303
    answer = {"status": "planned", "reason": "In May.", "respondent": alice.id, "decided_on": now.date().isoformat()}
    assert owner.post(page, data=answer | {"then": "themes"}).status_code == 303
    assert "Approve this answer" not in owner.get(page).text
    assert "Approve this answer" in other.get(page).text
    assert "You wrote this answer" in owner.post(f"{page}/approve", data={"version": 1}, follow_redirects=True).text
    assert other.post(f"{page}/approve", data={"version": 1}).status_code == 303
    assert "Bob approved this answer" in owner.get(page).text
    session.expire_all()
    decision = decision_on(session, theme)
    closed_campaign.debriefed_at = decision.published_at = now - timedelta(hours=1)
    session.commit()
    change = answer | {"version": 1, "reason": "In June.", "change_reason": "Late."}
    assert other.post(page, data=change).status_code == 303
    assert "In June." not in client.get(f"{here}/themes/{theme.id}").text
    assert "This answer waits for a second person" in other.get(page).text
    assert "Approve and publish this answer" not in other.get(page).text
    seen = owner.get(page).text
    assert "In June." in seen
    assert "Answer given by Alice on" in seen
    mark = re.search(r'name="mark" value="(\w+)"', seen).group(1)
    assert f'name="replaces" type="hidden" value="{mark}"' in seen  # who edits it now edits this proposal
    refused = owner.post(page, data=change | {"reason": "In July."})  # and who did not see it overwrites nothing
    assert refused.status_code == 409
    assert "In June." in refused.text
    assert "Waits for a second person" in other.get(f"{here}/themes/table?waiting=1").text
    assert owner.post(f"{page}/publish", data={"mark": mark}).status_code == 303
    session.expire_all()
    assert decision_on(session, theme).reason == "In June."
    assert other.post(page, data=change | {"version": 2, "reason": "Never."}).status_code == 303
    mark = re.search(r'name="mark" value="(\w+)"', owner.get(page).text).group(1)
    assert owner.post(f"{page}/drop", data={"mark": mark}).status_code == 303
    assert "This answer waits" not in owner.get(page).text
