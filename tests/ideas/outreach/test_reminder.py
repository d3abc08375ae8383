from datetime import timedelta

from ideas.activity.activity import Activity, Verb
from ideas.campaigns.reminder import is_overtaken, record_reminders
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
