from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity, Verb
from ideas.campaigns.campaign import State
from ideas.campaigns.draft import (
    AnnouncedStays,
    RestoredTooLate,
    delete_draft_campaign,
    deleted_drafts,
    duplicate_campaign,
    restore_draft_campaign,
)
from ideas.campaigns.people.team import managed_campaigns, team_of, visible_campaign, visible_campaigns
from ideas.campaigns.phases.phase import CampaignPhase, PhaseAct, moved_phases, stored_phases
from ideas.campaigns.promise import CampaignText, NotACampaignAuthor, write_campaign
from ideas.errors import NotAllowed
from ideas.files import attachments_of
from ideas.people.limit import NEW_ACCOUNT_LIMITS, LimitedAct, LimitReached


def acts_on(session, campaign):
    return session.scalars(
        select(Activity).where(Activity.object_kind == "campaign", Activity.object_id == campaign.id)
    ).all()


def test_a_copy_has_the_texts_and_none_of_the_dates_team_files_and_ideas(session, campaign, idea, alice, now):
    copy = duplicate_campaign(session, campaign, title="Copy", by=alice, now=now)
    session.commit()
    assert copy.state(now) is State.DRAFT
    assert (copy.title, copy.owner) == ("Copy", alice)
    for name in ("challenge", "brief", "benefit", "motivation", "owner_word", "granularity"):
        assert getattr(copy, name) == getattr(campaign, name)
    assert (copy.opens_at, copy.closes_at, copy.debrief_due_at) == (None, None, None)
    assert (copy.portrait, list(team_of(session, copy)), list(attachments_of(session, copy.id))) == (None, [], [])
    assert [act.verb for act in acts_on(session, copy)] == [Verb.CREATED]


def test_a_copy_asks_for_a_second_person_as_its_campaign_does(session, campaign, alice, now):
    assert not duplicate_campaign(session, campaign, title="Copy", by=alice, now=now).answers_reviewed
    campaign.answers_reviewed = True
    assert duplicate_campaign(session, campaign, title="Copy", by=alice, now=now).answers_reviewed


def test_a_copy_has_the_objective_and_the_phases_which_begin_with_it(session, campaign, alice, now):
    act = frozenset({PhaseAct.WRITE})
    begin = now - timedelta(days=3)
    phases = [CampaignPhase("Write", begin, now, act), CampaignPhase("Talk", now, now + timedelta(days=2), frozenset())]
    campaign.phases, campaign.objective, campaign.expected_outcome = stored_phases(phases), "product", "Ten tests"
    copy = duplicate_campaign(session, campaign, title="Copy", by=alice, now=now)
    assert (copy.objective, copy.expected_outcome) == ("product", "Ten tests")
    later = copy.phase_list[0].starts_at - begin
    assert later % timedelta(weeks=1) == timedelta()
    assert timedelta(weeks=1) <= copy.phase_list[0].starts_at - now < timedelta(weeks=2, days=1)
    assert copy.phase_list == moved_phases(phases, later)
    text = CampaignText("Copy", opens_at=(now + timedelta(days=40)).replace(second=0, microsecond=0))
    for days in (0, 2):
        text = replace(text, opens_at=text.opens_at + timedelta(days=days))
        write_campaign(session, copy, text=text, by=alice, now=now)
        assert copy.phase_list == moved_phases(phases, text.opens_at - begin)


def test_the_copy_of_another_owner_has_not_the_words_of_the_first(session, campaign, bob, now):
    bob.may_open_campaigns = True
    copy = duplicate_campaign(session, campaign, title="Copy", by=bob, now=now)
    assert (copy.owner, copy.owner_word, copy.owner_video_url) == (bob, "", "")


def test_only_campaign_authors_duplicate_and_only_so_many(session, campaign, alice, bob, now):
    with pytest.raises(NotACampaignAuthor):
        duplicate_campaign(session, campaign, title="Copy", by=bob, now=now)
    for number in range(NEW_ACCOUNT_LIMITS[LimitedAct.START_CAMPAIGN][0].most):
        duplicate_campaign(session, campaign, title=f"Copy {number}", by=alice, now=now)
    with pytest.raises(LimitReached) as refused:
        duplicate_campaign(session, campaign, title="One more", by=alice, now=now)
    assert refused.value.act is LimitedAct.START_CAMPAIGN


def test_nobody_finds_a_deleted_draft_and_the_log_keeps_its_title(
    session, draft_campaign, alice, bob, make_person, now
):
    admin = make_person("Ada", is_admin=True)
    delete_draft_campaign(session, draft_campaign, by=alice, now=now)
    delete_draft_campaign(session, draft_campaign, by=alice, now=now)
    session.commit()
    for person in (None, alice, bob, admin):
        assert visible_campaign(session, draft_campaign.id, person) is None
        assert visible_campaigns(session, person, now=now) == []
    assert list(managed_campaigns(session, alice)) == []
    [act] = acts_on(session, draft_campaign)
    assert (act.verb, act.actor_id, act.before) == (Verb.DELETED, alice.id, {"title": "Easier mornings"})


def test_what_was_announced_is_not_deleted(session, campaign, alice, now):
    with pytest.raises(AnnouncedStays):
        delete_draft_campaign(session, campaign, by=alice, now=now)


def test_a_deleted_draft_comes_back_within_thirty_days(session, draft_campaign, alice, bob, make_person, now):
    delete_draft_campaign(session, draft_campaign, by=alice, now=now)
    later = now + timedelta(days=30)
    assert list(deleted_drafts(session, alice, now=later - timedelta(seconds=1))) == [draft_campaign]
    assert list(deleted_drafts(session, make_person("Ada", is_admin=True), now=now)) == [draft_campaign]
    assert list(deleted_drafts(session, bob, now=now)) == []
    with pytest.raises(NotAllowed):
        restore_draft_campaign(session, draft_campaign, by=bob, now=now)
    restore_draft_campaign(session, draft_campaign, by=alice, now=later)
    session.commit()
    assert visible_campaign(session, draft_campaign.id, bob) is draft_campaign
    assert acts_on(session, draft_campaign)[-1].verb is Verb.RESTORED


def test_a_deleted_draft_does_not_come_back_after_thirty_days(session, draft_campaign, alice, now):
    delete_draft_campaign(session, draft_campaign, by=alice, now=now)
    later = now + timedelta(days=30, seconds=1)
    assert list(deleted_drafts(session, alice, now=later)) == []
    with pytest.raises(RestoredTooLate):
        restore_draft_campaign(session, draft_campaign, by=alice, now=later)
