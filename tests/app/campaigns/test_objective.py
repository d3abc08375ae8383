"""The page of an objective, and the list by objective."""

import re

import pytest

pytestmark = pytest.mark.one_database


def test_a_team_says_what_its_campaign_is_for_and_participants_do_not_read_it(campaign, alice, charlie, signed_in):
    lead, address = signed_in(alice), f"/campaigns/{campaign.id}"
    version = re.search(r'name="version"[^>]*value="(\d+)"', lead.get(f"{address}/objective").text)[1]
    sent = {"version": version, "objective": "engagement", "expected_outcome": "People meet in March."}
    assert lead.post(f"{address}/objective", data=sent | {"objective": "magic"}).status_code == 422
    assert lead.post(f"{address}/objective", data=sent).status_code == 303
    assert lead.post(f"{address}/objective", data=sent | {"objective": "success"}).status_code == 409
    assert "Objective: Engagement." in lead.get(address).text
    assert "People meet in March." not in signed_in(charlie).get(address).text
    assert "People meet in March." in lead.get("/objectives").text
    assert signed_in(charlie).get("/objectives").status_code == 403
