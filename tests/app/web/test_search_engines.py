"""What search engines and other sites are shown: robots.txt, noindex, and the preview of a link."""

import re

import pytest


def test_robots_txt_is_text_that_may_be_kept(client):
    answer = client.get("/robots.txt")
    assert answer.mimetype == "text/plain"
    assert "max-age=86400" in answer.headers["Cache-Control"]
    lines = answer.text.splitlines()
    assert lines[0] == "User-agent: *"
    assert {"Disallow: /me", "Disallow: /people", "Disallow: /sign-in"} <= set(lines)


@pytest.mark.usefixtures("set_up")
def test_search_engines_list_what_a_visitor_may_read_and_no_error(client, signed_in, campaign, alice):
    here = f"/campaigns/{campaign.id}"
    for address in ("/", "/campaigns", here, f"{here}/ideas", "/rules"):
        assert "X-Robots-Tag" not in client.get(address).headers
    for address in ("/me", "/people", f"{here}/team", f"{here}/themes", "/nothing"):
        assert client.get(address).headers["X-Robots-Tag"] == "noindex, nofollow"
    for address in (here, "/me", "/campaigns"):
        assert signed_in(alice).get(address).headers["X-Robots-Tag"] == "noindex, nofollow"


def previews(page):
    return dict(re.findall(r'<meta property="og:(\w+)" content="([^"]*)">', page))


def test_a_link_to_an_announced_campaign_has_a_preview(client, campaign):
    address = f"/campaigns/{campaign.id}"
    shown = previews(client.get(address).text)
    assert shown["title"] == campaign.challenge
    assert shown["url"] == f"http://localhost{address}"
    assert {"type", "description", "locale"} <= set(shown)


def test_a_draft_has_no_preview(signed_in, draft_campaign, alice):
    assert previews(signed_in(alice).get(f"/campaigns/{draft_campaign.id}").text) == {}
