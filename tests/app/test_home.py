from datetime import timedelta

import pytest

pytestmark = pytest.mark.usefixtures("set_up")


def test_a_visitor_sees_the_product_and_the_open_campaigns(client, campaign, closed_campaign, session):
    closed_campaign.title = "Yesterday's question"
    session.commit()
    page = client.get("/", headers={"Accept-Language": "en"}).text
    assert campaign.title in page
    assert "Yesterday&#39;s question" not in page
    assert 'href="/sign-up"' in page
    assert 'href="/rules"' in page


def test_the_home_page_says_when_no_campaign_is_open(client):
    assert 'class="empty"' in client.get("/").text


def test_a_draft_campaign_is_not_shown_on_the_home_page(client, draft_campaign):
    assert draft_campaign.title not in client.get("/").text


def test_a_member_goes_straight_to_the_campaigns(signed_in, charlie):
    answer = signed_in(charlie).get("/")
    assert (answer.status_code, answer.location) == (303, "/campaigns")


def test_a_campaign_that_opens_later_is_not_listed_as_open(client, make_campaign, now):
    later = make_campaign(title="Next week", opens_at=now + timedelta(days=1))
    assert later.title not in client.get("/").text


def test_everyone_reads_the_rules(client, signed_in, charlie):
    for browser in (client, signed_in(charlie)):
        assert "<h2>Respect each other</h2>" in browser.get("/rules").text
