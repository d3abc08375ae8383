"""A new campaign that starts from a template, or from an earlier campaign."""

import re

import pytest
from sqlalchemy import select

from ideas.campaigns.campaign import GAP, Campaign
from ideas.campaigns.kind import CampaignKind
from ideas.spaces.audience import Audience

pytestmark = pytest.mark.one_database


def test_a_template_begins_the_texts_and_sets_what_the_form_does_not_ask(signed_in, session, campaign, alice):
    browser = signed_in(alice)
    plain = browser.get("/campaigns/new").text
    assert GAP not in plain
    assert f"/campaigns/{campaign.id}/duplicate" in plain
    begun = {}
    for kind in CampaignKind:
        page = browser.get(f"/campaigns/new?kind={kind.value}").text
        begun[kind] = re.search(r'name="brief"[^>]*>\s*(.*?)</textarea>', page, re.DOTALL)[1]
        assert begun[kind].count(GAP) >= 3
    assert len(set(begun.values())) == len(CampaignKind)
    assert "Each person may support 3 ideas." in browser.get("/campaigns/new?kind=contest_one").text
    assert GAP not in browser.get("/campaigns/new?kind=x").text
    text = {
        "title": "Board of nurses",
        "brief": begun[CampaignKind.BOARD],
        "benefit": "A better agenda.",
        "motivation": "Thanks.",
    }
    sent = browser.post("/campaigns/new?kind=board", data=text)
    made = session.scalars(select(Campaign).order_by(Campaign.id.desc())).first()
    assert (made.title, made.audience, made.has_standings) == ("Board of nurses", Audience.INVITED, False)
    gate = browser.get(sent.location).text
    assert "Replace each “____” of this text." in gate
