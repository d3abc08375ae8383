from sqlalchemy import select

from ideas.campaigns.campaign import Campaign
from ideas.recognition.facts import PointAct
from ideas.recognition.points import DEFAULTS, point_values
from ideas.recognition.settings import set_motivation


def at(campaign, act=""):
    return f"/campaigns/{campaign.id}{act}"


def test_the_owner_duplicates_a_campaign_and_goes_on_with_its_draft(signed_in, alice, campaign, session):
    owner = signed_in(alice)
    assert "Duplicate the campaign" in owner.get(at(campaign)).text
    answer = owner.post(at(campaign, "/duplicate"))
    copy = session.scalars(select(Campaign).where(Campaign.id != campaign.id)).one()
    assert answer.location == at(copy, "/edit")
    assert copy.title == "Copy of Easier mornings"
    assert "This draft has the texts of" in owner.get(answer.location).text


def test_a_copy_gives_the_points_and_has_the_standings_of_its_campaign(signed_in, alice, campaign, session, now):
    values = {PointAct.IDEA: 12, PointAct.COMMENT: 0}
    said = {"by": alice, "now": now, "change_reason": "Fairer."}
    set_motivation(session, campaign, values=values, has_standings=not campaign.has_standings, **said)
    session.commit()
    signed_in(alice).post(at(campaign, "/duplicate"))
    copy = session.scalars(select(Campaign).where(Campaign.id != campaign.id)).one()
    assert copy.has_standings is campaign.has_standings
    assert point_values(session, copy) == point_values(session, campaign) == {**DEFAULTS, **values}


def test_a_long_title_is_cut_in_the_copy(signed_in, alice, campaign, session):
    campaign.title = "t" * 120
    session.commit()
    assert signed_in(alice).post(at(campaign, "/duplicate")).status_code == 303


def test_a_facilitator_who_starts_no_campaigns_is_not_offered_to_duplicate(signed_in, bob, campaign):
    browser = signed_in(bob)
    assert "Duplicate the campaign" not in browser.get(at(campaign)).text
    assert browser.post(at(campaign, "/duplicate")).status_code == 403


def test_the_owner_deletes_a_draft_and_restores_it(signed_in, alice, draft_campaign):
    owner = signed_in(alice)
    assert "Delete this draft campaign" in owner.get(at(draft_campaign)).text
    page = owner.post(at(draft_campaign, "/delete"), follow_redirects=True)
    assert "is deleted. You can restore it for 30 days." in page.text
    assert owner.get(at(draft_campaign)).status_code == 404
    assert draft_campaign.title not in owner.get("/campaigns").text
    back = owner.post(f"/me/deleted-campaigns/{draft_campaign.id}/restore", follow_redirects=True)
    assert "is a draft again." in back.text
    assert owner.get(at(draft_campaign)).status_code == 200


def test_a_facilitator_does_not_delete_and_an_announced_campaign_stays(signed_in, alice, bob, campaign, draft_campaign):
    assert signed_in(bob).post(at(draft_campaign, "/delete")).status_code == 403
    assert "Delete this draft campaign" not in signed_in(alice).get(at(campaign)).text
    refused = signed_in(alice).post(at(campaign, "/delete"), headers={"Referer": f"http://localhost{at(campaign)}"})
    assert refused.status_code == 303
    assert signed_in(alice).get(at(campaign)).status_code == 200


def test_nobody_restores_the_draft_of_another(signed_in, alice, charlie, draft_campaign):
    signed_in(alice).post(at(draft_campaign, "/delete"))
    browser = signed_in(charlie)
    assert draft_campaign.title not in browser.get("/me/deleted-campaigns").text
    browser.post(f"/me/deleted-campaigns/{draft_campaign.id}/restore")
    assert signed_in(alice).get(at(draft_campaign)).status_code == 404


def test_a_page_of_deleted_drafts_that_is_empty_says_so(signed_in, alice):
    assert "No deleted draft" in signed_in(alice).get("/me/deleted-campaigns").text


def test_my_page_leads_to_the_deleted_drafts_while_there_are_any(signed_in, alice, charlie, draft_campaign):
    owner = signed_in(alice)
    assert "/me/deleted-campaigns" not in owner.get("/me").text
    owner.post(at(draft_campaign, "/delete"))
    page = owner.get("/me").text
    assert 'href="/me/deleted-campaigns">1 deleted draft campaign</a>' in page
    assert "/me/deleted-campaigns" not in signed_in(charlie).get("/me").text
