"""The buttons, the list of what one follows, and the way out from a notice."""

import pytest

from app.mail.notices import notify_due
from ideas.contributions.comment import add_comment
from ideas.outreach.follow import FollowKind, is_following

pytestmark = pytest.mark.one_database


def test_a_person_follows_an_idea_is_told_and_stops_from_the_notice(app, signed_in, session, idea, bob, charlie, now):
    browser, page = signed_in(bob), f"/campaigns/{idea.campaign_id}/ideas/{idea.id}"
    assert 'aria-pressed="false"' in browser.get(page).text
    asked = {"kind": "idea", "number": idea.id, "next": page}
    assert browser.post("/me/follows/add", data=asked).location == page
    part = browser.post("/me/follows/add", data=asked, headers={"HX-Request": "true"})
    assert part.text.strip().startswith("<form")
    assert 'aria-pressed="true"' in part.text
    assert "Fewer clicks" in browser.get("/me/follows").text
    assert "Follow this idea" not in signed_in(charlie).get(page).text
    add_comment(session, idea, author=charlie, body="Still waiting.", now=now)
    session.commit()
    with app.app_context():
        notify_due(now)
    notices = browser.get("/me/notices").text
    assert "Charlie comments on an idea that you follow: “Still waiting.”" in notices
    assert "Stop following" in notices
    browser.post("/me/follows/remove", data={"kind": "idea", "number": idea.id, "next": "/me/notices?page=1"})
    session.expire_all()
    assert not is_following(session, idea, bob)
    assert "You follow nothing yet" in browser.get("/me/follows").text


def test_a_campaign_and_a_space_have_the_button_and_what_is_not_seen_is_not_found(
    signed_in, campaign, draft_campaign, charlie
):
    browser = signed_in(charlie)
    assert "Follow this campaign" in browser.get(f"/campaigns/{campaign.id}").text
    assert browser.post("/me/follows/add", data={"kind": "campaign", "number": campaign.id}).location == "/me/follows"
    for kind, number in ((FollowKind.CAMPAIGN, draft_campaign.id), (FollowKind.SPACE, 9)):
        assert browser.post("/me/follows/add", data={"kind": kind, "number": number}).status_code == 404
    for kind, number in (("person", 1), ("idea", "x")):
        assert browser.post("/me/follows/add", data={"kind": kind, "number": number}).status_code == 422
