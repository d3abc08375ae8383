from datetime import timedelta

from ideas.activity.activity import Activity, Verb
from ideas.campaigns.reminder import is_overtaken, record_debrief_reminders, record_reminders
from ideas.outreach.follow import follow
from ideas.outreach.notice import NoticeKind


def test_a_day_before_followers_and_writers_of_drafts_are_reminded_and_an_hour_before_the_writers(
    session, make_campaign, make_idea, make_person, charlie, told_each, latest, now
):
    campaign = make_campaign(opens_at=now - timedelta(days=9), closes_at=now + timedelta(days=3))
    campaign.announced_at = now - timedelta(days=10)
    dora, emil = make_person("Dora"), make_person("Emil")
    make_idea(campaign, charlie, "A bench", submitted_at=None)
    make_idea(campaign, emil, "A tree")
    for person in (charlie, dora):
        follow(session, campaign, by=person, now=now)
    closes_at = campaign.closes_at
    assert record_reminders(session, now=closes_at - timedelta(days=2)) == 0
    assert record_reminders(session, now=closes_at - timedelta(hours=23)) == 1
    draft = {NoticeKind.DRAFT_WAITING: ["Charlie"]}
    assert told_each(latest()) == draft | {NoticeKind.FOLLOWED_CAMPAIGN: ["Dora"]}
    assert record_reminders(session, now=closes_at - timedelta(hours=2)) == 0
    assert record_reminders(session, now=closes_at - timedelta(minutes=50)) == 1
    assert told_each(latest()) == draft
    assert record_reminders(session, now=closes_at - timedelta(minutes=5)) == 0
    assert record_reminders(session, now=closes_at) == 0
    # Extended: a new date, and new reminders.
    reminder = latest()
    assert not is_overtaken(reminder, campaign, now=closes_at - timedelta(minutes=1))
    assert is_overtaken(reminder, campaign, now=closes_at)
    campaign.closes_at = closes_at + timedelta(days=5)
    assert is_overtaken(reminder, campaign, now=closes_at - timedelta(minutes=1)), "it names the date before"
    assert record_reminders(session, now=campaign.closes_at - timedelta(hours=23)) == 1


def test_a_campaign_that_has_just_been_announced_or_is_deleted_or_closed_reminds_nobody(session, make_campaign, now):
    make_campaign(opens_at=now - timedelta(hours=3), closes_at=now + timedelta(hours=20))
    make_campaign(announced_at=None, opens_at=now - timedelta(days=9), closes_at=now + timedelta(hours=20))
    make_campaign(opens_at=now - timedelta(days=9), closes_at=now - timedelta(hours=1))
    assert record_reminders(session, now=now) == 0
    assert session.query(Activity).filter_by(verb=Verb.REMINDED).count() == 0


def test_who_owes_a_debrief_is_told_before_everyone_sees_that_it_is_late(
    session, make_campaign, make_idea, charlie, told_each, latest, now
):
    due = now + timedelta(days=9)
    campaign = make_campaign(closes_at=now - timedelta(days=1), debrief_due_at=due)
    make_idea(campaign, charlie, "A bench", submitted_at=None)
    team = {NoticeKind.DEBRIEF_DUE: ["Alice", "Bob"]}
    assert record_debrief_reminders(session, now=now) == 0
    assert record_debrief_reminders(session, now=due - timedelta(days=2)) == 1
    assert told_each(latest()) == team
    assert record_debrief_reminders(session, now=due - timedelta(hours=1)) == 0, "once"
    assert not campaign.debrief_is_overdue(due - timedelta(hours=1))
    assert record_debrief_reminders(session, now=due + timedelta(hours=1)) == 1
    assert told_each(latest()) == team
    late = latest()
    assert not is_overtaken(late, campaign, now=due + timedelta(days=2))
    campaign.debrief_due_at = due + timedelta(days=5)
    assert is_overtaken(late, campaign, now=due + timedelta(days=2)), "it was put off"
    assert record_debrief_reminders(session, now=due + timedelta(days=3)) == 1
    campaign.debriefed_at = now
    assert record_debrief_reminders(session, now=due + timedelta(days=6)) == 0
    assert record_reminders(session, now=now) == 0
