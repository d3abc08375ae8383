"""Kinds of campaigns: what a new one is set to at first, and its gaps."""

from datetime import timedelta

import pytest

from ideas.campaigns.audience import audience_of
from ideas.campaigns.campaign import GAP, GateItem, launch_gate
from ideas.campaigns.kind import SETTINGS, CampaignKind, settle_as
from ideas.campaigns.promise import CampaignText, start_campaign
from ideas.spaces.audience import Audience

pytestmark = pytest.mark.one_database


def test_a_new_campaign_has_the_audience_and_standings_of_its_kind(session, make_person, now):
    owner = make_person("Aude", may_open_campaigns=True)
    for day, kind in enumerate(CampaignKind):
        campaign = start_campaign(session, owner=owner, text=CampaignText(title=kind), now=now + timedelta(days=day))
        settle_as(session, campaign, kind, by=owner, now=now)
        choice, settings = audience_of(session, campaign), SETTINGS[kind]
        assert (choice.first.audience, choice.open_to_visitors) == (settings.audience, settings.open_to_visitors)
        assert campaign.has_standings is settings.has_standings
    assert (campaign.audience, SETTINGS[CampaignKind.BOARD].has_standings) == (Audience.MEMBERS, False)


def test_a_text_with_a_gap_is_missing_until_the_announcement_and_no_longer_after_it(campaign, now):
    campaign.brief = f"The figures: {GAP}"
    assert launch_gate(campaign, now=now) == [GateItem.BRIEF]
    assert launch_gate(campaign, now=None) == []
    campaign.brief = f"Today.\n\n{GAP}\n\nTomorrow."
    assert launch_gate(campaign, now=now) == [], "alone on its line it is Markdown's line"
