"""What an announced campaign promises changes only with a reason, and stays readable."""

from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity, Verb
from ideas.activity.version import ChangedMeanwhile, ReasonNeeded, versions_of
from ideas.campaigns.earlier import first_promise, history
from ideas.campaigns.promise import (
    NAMES,
    AlreadyClosed,
    CampaignText,
    CloseReasonNeeded,
    ClosingInThePast,
    DebriefInThePast,
    DebriefIsPublished,
    StillNeeded,
    announce,
    close_now,
    start_campaign,
    write_campaign,
)

DAY = timedelta(days=1)


@pytest.fixture
def announced(session, draft_campaign, alice, now):
    announce(session, draft_campaign, by=alice, now=now)
    session.commit()
    return draft_campaign


@pytest.fixture
def change(session, alice, now):
    """Save the campaign with these values changed."""

    def save(campaign, *, reason="Because.", seen=None, by=alice, at=now, **changes):
        text = CampaignText(**{name: getattr(campaign, name) for name in NAMES} | changes)
        write_campaign(session, campaign, text=text, by=by, now=at, seen=seen, change_reason=reason)
        session.commit()

    return save


def acts_on(session, campaign):
    log = select(Activity).where(Activity.object_kind == "campaign", Activity.object_id == campaign.id)
    return session.scalars(log.order_by(Activity.id)).all()


def test_a_draft_changes_freely(session, draft_campaign, change):
    change(draft_campaign, reason="", benefit="Nothing.")
    assert draft_campaign.benefit == "Nothing."
    assert versions_of(session, "campaign", draft_campaign.id) == []


def test_nothing_changed_since_the_announcement(session, announced):
    assert [version.number for version in versions_of(session, "campaign", announced.id)] == [announced.version]
    assert history(session, announced) == []


@pytest.mark.parametrize("name", ["challenge", "brief", "benefit", "motivation"])
def test_a_changed_text_keeps_what_was_promised_with_who_why_and_when(session, announced, change, bob, now, name):
    before = getattr(announced, name)
    with pytest.raises(ReasonNeeded):
        change(announced, reason=" ", **{name: "Something else."})
    session.rollback()
    assert getattr(announced, name) == before
    change(announced, reason="A typing error.", by=bob, at=now + DAY, **{name: "Something else."})

    (save,) = history(session, announced)
    assert (save.at, save.by_id, save.reason) == (now + DAY, bob.id, "A typing error.")
    assert [(each.name, each.before, each.after) for each in save.changes] == [(name, before, "Something else.")]


@pytest.mark.parametrize("name", ["title", "owner_word", "owner_video_url"])
def test_what_is_no_promise_changes_without_a_reason_and_stays_readable(session, announced, change, bob, now, name):
    before, after = getattr(announced, name), "https://video.example.org/2"
    change(announced, reason="", by=bob, at=now + DAY, **{name: after})

    (save,) = history(session, announced)
    assert (save.at, save.by_id, save.reason) == (now + DAY, bob.id, "")
    assert [(each.name, each.before, each.after) for each in save.changes] == [(name, before, after)]
    change(announced, reason="A typing error.", **{name: before})
    assert history(session, announced)[0].reason == "A typing error."
    with pytest.raises(ReasonNeeded):
        change(announced, reason="", benefit="Something else.", **{name: after})


def test_extending_the_closing_is_public_with_its_reason(session, announced, change):
    first, due = announced.closes_at, announced.debrief_due_at
    change(announced, reason="Holidays.", closes_at=first + DAY)
    change(announced, reason="Sickness.", closes_at=first + 2 * DAY, debrief_due_at=due + DAY)

    changes = history(session, announced)
    assert [save.reason for save in changes] == ["Sickness.", "Holidays."]
    assert first_promise(changes, "closes_at") == first
    assert first_promise(changes, "debrief_due_at") == due
    assert first_promise(changes, "opens_at") is None
    extended = [act for act in acts_on(session, announced) if act.verb is Verb.EXTENDED]
    assert [set(act.after) for act in extended] == [{"closes_at"}, {"closes_at", "debrief_due_at"}]
    assert extended[0].reason == "Holidays."


def test_the_debrief_may_be_put_off_after_the_closing_but_not_once_it_is_there(session, closed_campaign, change, now):
    promised = closed_campaign.debrief_due_at
    with pytest.raises(ReasonNeeded):
        change(closed_campaign, reason="", debrief_due_at=promised + DAY)
    session.rollback()
    change(closed_campaign, debrief_due_at=promised + DAY)
    with pytest.raises(DebriefInThePast):
        change(closed_campaign, debrief_due_at=now - timedelta(hours=1))
    session.rollback()
    closed_campaign.debriefed_at = now
    session.commit()
    with pytest.raises(DebriefIsPublished):
        change(closed_campaign, debrief_due_at=promised + 2 * DAY)


def test_a_closed_campaign_does_not_open_again(session, closed_campaign, change, now):
    with pytest.raises(AlreadyClosed):
        change(closed_campaign, closes_at=now + DAY)


def test_an_open_campaign_is_not_closed_backwards(announced, change, now):
    with pytest.raises(ClosingInThePast):
        change(announced, closes_at=now - DAY)


def test_an_announced_campaign_stays_complete(announced, change):
    with pytest.raises(StillNeeded):
        change(announced, benefit="")


def test_closing_early_needs_a_reason_and_shows_when_it_should_have_closed(session, announced, alice, now):
    planned = announced.closes_at
    for reason in ("", " "):
        with pytest.raises(CloseReasonNeeded):
            close_now(session, announced, reason=reason, by=alice, now=now + DAY)
    assert announced.closes_at == planned
    close_now(session, announced, reason="Enough ideas.", by=alice, now=now + DAY)
    session.commit()

    (save,) = history(session, announced)
    assert save.reason == "Enough ideas."
    assert [(each.name, each.before, each.after) for each in save.changes] == [("closes_at", planned, now + DAY)]
    act = acts_on(session, announced)[-1]
    assert (act.verb, act.reason) == (Verb.CLOSED, "Enough ideas.")


def test_a_second_save_does_not_win_silently(session, announced, change, bob):
    seen = announced.version
    change(announced, seen=seen, benefit="First.")
    with pytest.raises(ChangedMeanwhile):
        change(announced, seen=seen, by=bob, benefit="Second.")
    session.rollback()
    assert announced.benefit == "First."
    change(announced, seen=announced.version, by=bob, benefit="Second.")
    assert history(session, announced)[0].changes[0].before == "First."


def test_starting_and_announcing_are_recorded(session, alice, now):
    campaign = start_campaign(session, owner=alice, text=CampaignText(title="T"), now=now)
    session.commit()
    assert [(act.verb, act.actor_id) for act in acts_on(session, campaign)] == [(Verb.CREATED, alice.id)]


@pytest.mark.parametrize("story", list(product("AB", repeat=4)), ids="".join)
def test_every_promise_that_was_ever_made_can_be_read(session, announced, change, story):
    """Whatever is saved in whatever order: each text that was public is kept once, in order."""
    texts = [announced.benefit]
    for text in story:
        change(announced, benefit=text)
        texts += [text] if text != texts[-1] else []
    kept = [version.content["benefit"] for version in reversed(versions_of(session, "campaign", announced.id))]
    assert kept == texts
