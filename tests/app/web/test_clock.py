"""A server's clock steps back or forward, by seconds or hours: nobody is signed out, no work waits."""

import re
import time
from datetime import timedelta

import pytest
from sqlalchemy import select

from ideas.contributions.idea import Idea
from ideas.work.job import JobKind, JobStatus, enqueue
from ideas.work.lease import claim
from ideas.work.schedule import add_missing_schedules, enqueue_scheduled


@pytest.mark.parametrize("ahead", [5, 3 * 60 * 60, -2 * 60 * 60])
def test_nobody_is_signed_out_when_the_clock_steps_back(app, session, signed_in, charlie, campaign, monkeypatch, ahead):
    """Nor when it steps forward by hours; and what was being written is published. `ahead`: of the clock before."""
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + ahead)
    browser, new = signed_in(charlie), f"/campaigns/{campaign.id}/ideas/new"
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    page = browser.get(new).text
    sent = {name: re.search(rf'name="{name}"[^>]*value="([^"]+)"', page)[1] for name in ("csrf_token", "form_key")}
    monkeypatch.setattr(time, "time", real)
    assert browser.get("/me").status_code == 200
    assert browser.post(new, data=sent | {"body": "A night bus"}).status_code == 303
    assert session.scalars(select(Idea.body).where(Idea.submitted_at.is_not(None))).all() == ["A night bus"]


def test_a_forged_or_an_old_cookie_signs_nobody_in(app, signed_in, charlie, monkeypatch):
    browser = signed_in(charlie)
    cookie = browser.get_cookie("session").value
    browser.set_cookie("session", cookie[:-3] + "abc")
    assert browser.get("/me").status_code == 303
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() - 31 * 24 * 60 * 60)
    browser = signed_in(charlie)
    monkeypatch.setattr(time, "time", real)
    assert browser.get("/me").status_code == 303


def test_a_job_claimed_or_queued_in_a_future_is_claimed_again(session, campaign, now):
    future = now + timedelta(hours=3)
    enqueue(session, JobKind.FIND_THEMES, campaign_id=campaign.id, now=future)
    job = claim(session, now=future)
    assert claim(session, now=now).id == job.id
    assert job.status is JobStatus.RUNNING
    queued = enqueue(session, JobKind.PLACE_IDEAS, campaign_id=campaign.id, now=future)
    assert claim(session, now=now).id == queued.id


def test_a_running_job_is_not_taken_when_the_clock_steps_back_by_seconds(session, campaign, now):
    enqueue(session, JobKind.FIND_THEMES, campaign_id=campaign.id, now=now)
    claim(session, now=now)
    assert claim(session, now=now - timedelta(seconds=5)) is None


def test_what_recurs_does_not_wait_for_an_hour_that_the_clock_has_left(session, now):
    add_missing_schedules(session, now=now + timedelta(days=3))
    assert enqueue_scheduled(session, now=now) > 0
    assert enqueue_scheduled(session, now=now) == 0
