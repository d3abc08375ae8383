"""Periods of retention have bounds, and what is older is deleted."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity
from ideas.activity.version import ChangedMeanwhile
from ideas.contributions.draft import delete_stale_drafts
from ideas.contributions.idea import Idea
from ideas.organisation.organisation import the_organisation
from ideas.organisation.retention import PERIODS, OutOfBounds, set_retention
from ideas.outreach.messages.kept import delete_old_messages
from ideas.outreach.messages.message import Message
from ideas.outreach.messages.queue import write_message

DAYS = {"keep_drafts": 400, "keep_sign_ins": 60, "keep_messages": 100, "keep_jobs": 120, "erasure_days": 7}
KEPT = timedelta(days=100)


@pytest.fixture
def ada(make_person):
    return make_person("Ada", is_admin=True)


def test_periods_are_set_with_what_was_before_in_the_log(session, ada, now):
    set_retention(session, DAYS, by=ada, now=now, seen=1)
    session.commit()
    assert the_organisation(session).keep_sign_ins == 60
    act = session.scalars(select(Activity).where(Activity.object_kind == "organisation")).one()
    assert (act.before["keep_sign_ins"], act.after["keep_sign_ins"]) == (30, 60)
    with pytest.raises(ChangedMeanwhile):
        set_retention(session, DAYS, by=ada, now=now, seen=1)


@pytest.mark.parametrize("name", PERIODS)
def test_a_period_out_of_its_bounds_is_refused(session, ada, now, name):
    for wrong in (PERIODS[name].least - 1, PERIODS[name].most + 1, -5):
        with pytest.raises(OutOfBounds) as refused:
            set_retention(session, DAYS | {name: wrong}, by=ada, now=now, seen=1)
        assert refused.value.period == name
    for right in (PERIODS[name].least, PERIODS[name].most):
        set_retention(session, DAYS | {name: right}, by=ada, now=now, seen=the_organisation(session).version)


def test_the_periods_of_a_new_site_are_within_their_bounds(session):
    organisation = the_organisation(session)
    assert all(bounds.least <= getattr(organisation, name) <= bounds.most for name, bounds in PERIODS.items())


def test_only_drafts_that_nobody_can_submit_any_more_are_deleted(session, make_campaign, make_idea, charlie, now):
    before = now - KEPT - timedelta(days=1)
    closed, just_closed, still_open = (
        make_campaign(opens_at=before - KEPT, closes_at=before),
        make_campaign(closes_at=now),
        make_campaign(),
    )
    old = {"submitted_at": None, "updated_at": before}
    make_idea(closed, charlie, "Gone", **old)
    make_idea(closed, charlie, "Changed since", submitted_at=None, updated_at=now)
    make_idea(closed, charlie, "Submitted", updated_at=before)
    make_idea(just_closed, charlie, "Closed today", **old)
    make_idea(still_open, charlie, "Open", **old)
    assert delete_stale_drafts(session, now=now, kept=KEPT) == 1
    session.commit()
    assert "Gone" not in session.scalars(select(Idea.body)).all()
    assert len(session.scalars(select(Idea.body)).all()) == 4


def test_old_mails_are_deleted_once_they_are_sent_or_given_up(session, charlie, now):
    def write(name, *, age, **facts):
        mail = {"subject": name, "body": name, "reason": name, "domain": "localhost"}
        message = write_message(session, to=charlie, **mail, now=now - age)
        for fact, value in facts.items():
            setattr(message, fact, value)

    old = KEPT + timedelta(seconds=1)
    write("sent", age=old, sent_at=now)
    write("given up", age=old, next_attempt_at=None)
    write("waits", age=old)
    write("recent", age=timedelta(days=1), sent_at=now)
    session.flush()
    assert delete_old_messages(session, now=now, kept=KEPT) == 2
    session.commit()
    assert session.scalars(select(Message.subject).order_by(Message.id)).all() == ["waits", "recent"]
