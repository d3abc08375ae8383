"""The hour at which a debrief is published by itself: on the page before publishing, and by the worker."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.extensions import database
from app.jobs import record_dates
from app.mail.letters.letter import read_contents, write_letter
from app.mail.notices import notify_due
from app.views.answers.debriefs import debrief as debrief_views
from ideas.activity.activity import Activity, Verb
from ideas.answers.debriefs.debrief import debrief_of, write_debrief
from ideas.answers.decision import Decision
from ideas.answers.scheduled import DebriefSchedule, confirmed_stamp, schedule_publication
from ideas.outreach.notice import Notice, NoticeKind

pytestmark = pytest.mark.one_database


def test_an_hour_is_chosen_with_what_was_read_then_refused_by_a_change_and_given_up(
    app, session, signed_in, closed_campaign, make_theme, give_answer, alice, bob, now
):
    give_answer(make_theme(closed_campaign))
    write_debrief(session, closed_campaign, body="Thanks.", by=alice, now=now)
    alice.timezone = "Europe/Paris"
    session.commit()
    manager, here = signed_in(alice), f"/campaigns/{closed_campaign.id}/debrief"
    step = f"{here}/write?step=publish"

    def stamp():
        return re.search(r'name="stamp"[^>]*value="(\w+)"', manager.get(step).text)[1]

    at = (now + timedelta(days=30)).strftime("%Y-%m-%dT12:00")
    asked = {"publish_at": at, "stamp": stamp(), "told": "1"}
    unread = manager.post(f"{here}/schedule", data=asked)
    assert (unread.status_code, "Read both, then tick the box." in unread.text, at in unread.text) == (422, True, True)
    unsaid = manager.post(f"{here}/schedule", data=asked | {"confirmed": "y", "publish_at": ""})
    assert (unsaid.status_code, "Choose the day and the hour" in unsaid.text) == (422, True)
    past = manager.post(f"{here}/schedule", data=asked | {"confirmed": "y", "publish_at": "2026-01-01T12:00"})
    assert (past.status_code, "This time has passed." in past.text) == (422, True)
    other = manager.post(f"{here}/schedule", data=asked | {"confirmed": "y", "stamp": "other"})
    assert (other.status_code, "changed since it was read" in other.text) == (409, True)
    assert manager.post(f"{here}/schedule", data=asked | {"confirmed": "y"}).location == step
    for page in (step, f"{here}/write"):
        assert "The debrief will be published on" in manager.get(page).text
    row = session.scalars(select(DebriefSchedule)).one()
    assert (row.set_by_id, row.told, row.publish_at.strftime("%M")) == (alice.id, 1, "00")

    # Bob rewrites the text: the page says so, and the worker leaves the debrief a draft.
    write_debrief(session, closed_campaign, body="Other words.", by=bob, now=now)
    row.publish_at = now - timedelta(minutes=1)
    session.commit()
    assert "Something changed since." in manager.get(step).text
    with app.app_context():
        record_dates.run(None, report=print)
        database().commit()
        notify_due(now + timedelta(minutes=9))
    session.expire_all()
    assert debrief_of(session, closed_campaign).published_at is None
    assert "The debrief was not published on" in manager.get(step).text
    [notice] = session.scalars(select(Notice).where(Notice.kind == NoticeKind.PUBLICATION_REFUSED))
    assert notice.person_id == alice.id
    session.commit()
    with app.app_context():
        letter = write_letter(read_contents(session, [notice.id])[notice.id])
    assert "changed since it was read" in letter.text
    assert "because you manage the campaign" in letter.text

    assert manager.post(f"{here}/schedule/cancel").location == step
    assert "was not published on" not in manager.get(step).text


def test_publishing_at_once_publishes_what_was_read_and_nothing_else(
    session, signed_in, closed_campaign, make_theme, give_answer, alice, bob, now, press_publish
):
    give_answer(make_theme(closed_campaign))
    write_debrief(session, closed_campaign, body="Thanks.", by=alice, now=now)
    session.commit()
    manager, here = signed_in(alice), f"/campaigns/{closed_campaign.id}/debrief"
    read = re.search(r'name="stamp"[^>]*value="(\w+)"', manager.get(f"{here}/write?step=publish").text)[1]
    write_debrief(session, closed_campaign, body="Other words.", by=bob, now=now)
    session.commit()
    for unread in ({"stamp": read}, {}):
        refused = manager.post(f"{here}/publish", data=unread)
        assert (refused.status_code, "changed since it was read" in refused.text) == (409, True)
        assert "Other words." in refused.text  # the page as it is now
    session.expire_all()
    assert debrief_of(session, closed_campaign).published_at is None
    assert press_publish(manager, here).location == here
    session.expire_all()
    assert debrief_of(session, closed_campaign).published_at is not None


def test_what_changes_while_the_page_is_read_is_not_confirmed_by_it(
    session, signed_in, closed_campaign, make_theme, give_answer, alice, now, monkeypatch
):
    decision_id = give_answer(make_theme(closed_campaign)).id
    write_debrief(session, closed_campaign, body="Thanks.", by=alice, now=now)
    session.commit()
    before, read = confirmed_stamp(session, closed_campaign), debrief_views.debrief_contents

    def read_and_change(*given, **facts):
        contents = read(*given, **facts)
        later = update(Decision).where(Decision.id == decision_id).values(version=Decision.version + 1)
        database().execute(later.execution_options(synchronize_session=False))
        return contents

    monkeypatch.setattr(debrief_views, "debrief_contents", read_and_change)
    shown = signed_in(alice).get(f"/campaigns/{closed_campaign.id}/debrief/write?step=publish").text
    assert re.search(r'name="stamp"[^>]*value="(\w+)"', shown)[1] == before


def test_a_debrief_whose_hour_has_come_is_published_before_anyone_reads_that_it_is_late(
    app, session, make_campaign, make_theme, give_answer, alice, now
):
    due = now - timedelta(minutes=9)
    campaign = make_campaign(closes_at=now - timedelta(days=1), debrief_due_at=due)
    give_answer(make_theme(campaign))
    debrief = write_debrief(session, campaign, body="Thanks.", by=alice, now=now)
    earlier = {"publish_at": due, "seen": confirmed_stamp(session, campaign), "told": 1, "by": alice}
    schedule_publication(session, debrief, **earlier, now=now - timedelta(hours=1))
    session.commit()
    with app.app_context():
        record_dates.run(None, report=print)
        database().commit()
    session.expire_all()
    assert debrief.published_at is not None
    assert session.scalars(select(Activity.id).where(Activity.verb == Verb.REMINDED)).all() == []
