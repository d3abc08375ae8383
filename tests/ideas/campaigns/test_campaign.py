from datetime import timedelta

import pytest
from sqlalchemy import update

from ideas.campaigns.campaign import DEBRIEF_LEEWAY, Campaign, GateItem, State, launch_gate, lock_campaign
from ideas.campaigns.people.portrait import set_portrait
from ideas.campaigns.people.team import Role, role_of, visible_campaigns
from ideas.campaigns.promise import (
    AlreadyClosed,
    CampaignText,
    ClosesBeforeOpening,
    DebriefBeforeClosing,
    LaunchRefused,
    NotAVideoLink,
    OpeningIsPast,
    announce,
    close_now,
    start_campaign,
    validation_errors,
    write_campaign,
)
from ideas.errors import NotAllowed
from ideas.files import Purpose, Upload
from ideas.media_type import WEBP


def test_an_empty_draft_lists_all_that_the_gate_asks_for(session, alice, now):
    campaign = start_campaign(session, owner=alice, text=CampaignText(title="Mornings"), now=now)
    everything = [item for item in GateItem if item is not GateItem.PHASES]
    assert launch_gate(campaign, now=now) == everything
    with pytest.raises(LaunchRefused) as refused:
        announce(session, campaign, by=alice, now=now)
    assert refused.value.missing == tuple(everything)
    assert campaign.state(now) is State.DRAFT


def test_only_the_owner_announces(session, draft_campaign, alice, bob, now):
    with pytest.raises(NotAllowed):
        announce(session, draft_campaign, by=bob, now=now)
    announce(session, draft_campaign, by=alice, now=now)
    assert draft_campaign.state(now) is State.OPEN


def as_it_is(campaign, **changes):
    """The text of the campaign as its form shows it, with these changes."""
    return CampaignText(**{name: getattr(campaign, name) for name in CampaignText.__dataclass_fields__} | changes)


def test_the_instant_of_closing_is_closed(campaign):
    instant = timedelta(microseconds=1)
    assert campaign.state(campaign.opens_at - instant) is State.ANNOUNCED
    assert campaign.state(campaign.opens_at) is State.OPEN
    assert campaign.state(campaign.closes_at - instant) is State.OPEN
    assert campaign.state(campaign.closes_at) is State.CLOSED


def test_states_follow_from_what_was_done(campaign):
    after = campaign.closes_at + timedelta(days=1)
    campaign.grouped_at = after
    assert campaign.state(after) is State.UNDER_REVIEW
    campaign.debriefed_at = after
    assert campaign.state(after) is State.DEBRIEFED


def test_a_promise_that_is_late_shows(campaign):
    due = campaign.debrief_due_at
    assert not campaign.debrief_is_overdue(due)
    assert not campaign.debrief_is_overdue(due + DEBRIEF_LEEWAY)
    assert campaign.debrief_is_overdue(due + DEBRIEF_LEEWAY + timedelta(seconds=1))
    campaign.debriefed_at = due
    assert not campaign.debrief_is_overdue(due + timedelta(days=9))


@pytest.mark.parametrize(
    ("dates", "refusal"),
    [
        ({"opens_at": 5, "closes_at": 5}, ClosesBeforeOpening),
        ({"opens_at": 5, "closes_at": 2}, ClosesBeforeOpening),
        ({"closes_at": 5, "debrief_due_at": 4}, DebriefBeforeClosing),
    ],
)
def test_dates_must_come_in_their_order(session, alice, now, dates, refusal):
    given = {name: now + timedelta(days=days) for name, days in dates.items()}
    with pytest.raises(refusal):
        start_campaign(session, owner=alice, text=CampaignText(title="T", **given), now=now)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "http://video.example.org", "https://x", "https://u@a.org/", "//a"]
)
def test_a_video_is_a_safe_link(session, alice, now, url):
    with pytest.raises(NotAVideoLink):
        start_campaign(session, owner=alice, text=CampaignText(title="T", owner_video_url=url), now=now)


def test_what_was_read_can_be_written_again_after_the_closing(session, closed_campaign, alice, now):
    write_campaign(session, closed_campaign, text=as_it_is(closed_campaign), by=alice, now=now)
    assert closed_campaign.version == 1, "nothing changed"
    with pytest.raises(AlreadyClosed):
        close_now(session, closed_campaign, reason="Enough.", by=alice, now=now)


def test_closing_now_ends_the_collection(session, campaign, alice, now):
    close_now(session, campaign, reason="Enough.", by=alice, now=now)
    assert campaign.state(now) is State.CLOSED


def test_drafts_are_seen_by_their_team_only(session, draft_campaign, alice, bob, charlie, now):
    assert draft_campaign in visible_campaigns(session, alice, now=now)
    assert draft_campaign in visible_campaigns(session, bob, now=now)
    assert draft_campaign not in visible_campaigns(session, charlie, now=now)
    assert draft_campaign not in visible_campaigns(session, None, now=now)


def test_roles(session, campaign, alice, bob, charlie):
    assert role_of(session, campaign, alice) is Role.OWNER
    assert role_of(session, campaign, bob) is Role.FACILITATOR
    assert role_of(session, campaign, charlie) is Role.PARTICIPANT
    assert role_of(session, campaign, None) is Role.VISITOR


def test_all_errors_of_dates_and_link_are_reported_together(campaign, now):
    text = CampaignText(
        title="T",
        opens_at=now + timedelta(days=3),
        closes_at=now + timedelta(days=2),
        debrief_due_at=now + timedelta(days=9),
        owner_video_url="http://a.org",
    )
    assert [type(objection) for objection in validation_errors(None, text=text, now=now)] == [
        ClosesBeforeOpening,
        NotAVideoLink,
    ]
    kinds = [type(objection) for objection in validation_errors(campaign, text=text, now=now)]
    assert kinds == [ClosesBeforeOpening, OpeningIsPast, NotAVideoLink]
    assert campaign.opens_at < now


def test_the_exact_instant_of_an_early_closing_survives_an_edit(session, campaign, alice, now):
    instant = now.replace(second=42)
    close_now(session, campaign, reason="Enough.", by=alice, now=instant)
    text = as_it_is(campaign, closes_at=instant.replace(second=0), title="Other")
    later = instant + timedelta(hours=1)
    write_campaign(session, campaign, text=text, by=alice, now=later, change_reason="Shorter")
    assert (campaign.title, campaign.closes_at) == ("Other", instant)


def test_a_new_portrait_replaces_the_one_before_and_says_where_that_is(session, campaign, bob, now):
    before = campaign.portrait
    upload = Upload("bob.webp", WEBP, b"RIFF")
    assert set_portrait(session, campaign, upload, stored_as="new", by=bob, now=now) == before.stored_as
    assert (campaign.portrait.stored_as, campaign.portrait.purpose) == ("new", Purpose.PORTRAIT)
    assert before.removed_at == now


def test_locking_a_campaign_reads_it_again(session, campaign, now):
    assert campaign.is_open(now)
    session.execute(
        update(Campaign).values(closes_at=now - timedelta(hours=1)).execution_options(synchronize_session=False)
    )
    assert campaign.is_open(now), "the loaded object is older than the row"
    lock_campaign(session, campaign)
    assert not campaign.is_open(now)
