from datetime import timedelta

import pytest

from ideas.activity.activity import Activity
from ideas.contributions.vote import Vote

pytestmark = pytest.mark.one_database


def test_moderators_read_facts_and_the_names_only_with_a_reason_that_stays(
    session, campaign, idea, make_person, signed_in, alice, now
):
    browser, here = signed_in(alice), f"/campaigns/{campaign.id}/moderation/support"
    assert "Nothing unusual" in browser.get(here).text
    for number in range(5):
        person = make_person(f"Newcomer {number}")
        person.created_at = now - timedelta(days=1)
        session.add(Vote(idea_id=idea.id, person_id=person.id, created_at=now + timedelta(minutes=number)))
    session.commit()
    assert f'href="{here}"' in browser.get(f"/campaigns/{campaign.id}/moderation").text
    page = browser.get(here).text
    for said in ("New accounts that only support one idea", "Many new accounts within minutes", "5 of 5 supports"):
        assert said in page
    assert "Newcomer" not in page
    assert browser.post(here, data={"reason": ""}).status_code == 422
    assert "Newcomer 3" in browser.post(here, data={"reason": "Is this one person?"}).text
    act = session.query(Activity).filter_by(verb="revealed").one()
    assert (act.actor_id, act.reason, act.after) == (alice.id, "Is this one person?", {"unusual_support": 5})
