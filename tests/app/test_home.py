from dataclasses import replace
from datetime import UTC, datetime, timedelta

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


def test_whoever_finds_a_weakness_reads_whom_to_tell(app, client, monkeypatch, now):
    assert client.get("/.well-known/security.txt").status_code == 404  # no address is set
    settings = replace(app.extensions["settings"], contact_email="security@example.org", base_url="https://example.org")
    monkeypatch.setitem(app.extensions, "settings", settings)
    answer = client.get("/.well-known/security.txt")
    assert answer.content_type == "text/plain; charset=utf-8"
    told = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert told["Contact"] == "mailto:security@example.org"
    assert told["Canonical"] == "https://example.org/.well-known/security.txt"
    assert told["Preferred-Languages"] == "fr, en"
    until = datetime.strptime(told["Expires"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC) - now
    assert timedelta(days=170) < until < timedelta(days=365)
