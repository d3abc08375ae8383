"""One mail of each week to come is kept for the digest of whoever gets one."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from ideas.accounts.sign_in import open_sign_in
from ideas.activity.activity import Verb
from ideas.organisation.organisation import the_organisation
from ideas.outreach.digest import read_batch, read_turn, write_batch
from ideas.outreach.limits import hours
from ideas.outreach.limits.budget import hold, plan_mails, put_off, without_budget
from ideas.outreach.limits.digest_run import DigestRun, due_run
from ideas.outreach.limits.hours import Frequency, Hours, choose_digest
from ideas.outreach.messages.message import Message
from ideas.outreach.messages.queue import queue_mails
from ideas.outreach.notice import Notice, NoticeKind, write_notices

# A Friday evening in Paris, after the hours of that week; lunch on the Monday after it.
FRIDAY = datetime(2026, 12, 4, 20, tzinfo=UTC)
MONDAY = datetime(2026, 12, 7, 11, tzinfo=UTC)
THIS_WEEK, NEXT_WEEK = date(2026, 11, 30), date(2026, 12, 7)
KIND = NoticeKind.FOLLOWED_CAMPAIGN
WEEK = timedelta(days=7)


@pytest.fixture(autouse=True)
def lunch(monkeypatch, any_hour):
    monkeypatch.setattr(hours, "DEFAULT", Hours())


@pytest.fixture
def tell(session, campaign, act):
    """Tell somebody something of the campaign by mail, as the worker does. Returns the notice."""

    def write(person, at):
        told = act(Verb.OPENED, campaign, campaign_id=campaign.id, now=at)
        notices = write_notices(session, told, KIND, [person.id], now=at)
        planned = plan_mails(session, [person.id], now=at)
        by_mail = {one: notices[one] for one in planned}
        queue_mails(session, by_mail, reason=f"t:{told.id}", domain="x", now=at, planned=planned, in_hours=True)
        hold(session, [notices[one] for one in notices if one not in planned], now=at)
        session.commit()
        return session.get_one(Notice, notices[person.id])

    return write


@pytest.fixture
def made(session):
    """The weekly digests of a week are made for everyone, or only some of them."""

    def end(day, *, frequency=Frequency.WEEKLY, at=FRIDAY - timedelta(days=4), ended=True):
        run = DigestRun(frequency=frequency, day=day, began_at=at, ended_at=at if ended else None, last_person_id=1)
        session.add(run)
        session.commit()

    return end


@pytest.fixture
def digests(session):
    """Make the weekly digests that are due."""

    def make(at):
        turn = read_turn(session, due_run(session, Frequency.WEEKLY, today=at.date(), now=at), now=at)
        batch = read_batch(session, turn, after=0)
        write_batch(session, turn, batch, domain="x", now=at)
        while batch.last_id is not None:
            batch = read_batch(session, turn, after=batch.last_id)
            write_batch(session, turn, batch, domain="x", now=at)
        session.commit()

    return make


def test_a_mail_of_next_week_is_kept_for_the_digest(session, charlie, tell, made):
    made(THIS_WEEK)
    for _ in range(2):
        tell(charlie, FRIDAY)
    assert plan_mails(session, [charlie.id], now=FRIDAY) == {}
    assert without_budget(session, [charlie.id], now=FRIDAY) == {charlie.id: MONDAY + timedelta(days=6, hours=12)}
    assert plan_mails(session, [charlie.id], now=FRIDAY, for_digest=True) == {charlie.id: MONDAY}
    held = tell(charlie, FRIDAY)
    assert held.held_at == FRIDAY
    the_organisation(session).weekly_mails = 4
    assert plan_mails(session, [charlie.id], now=FRIDAY) == {charlie.id: MONDAY}


@pytest.mark.parametrize("why", ["visited", "daily", "no digest", "made", "first week"])
def test_nothing_is_kept_where_no_weekly_digest_is_to_come(session, charlie, tell, made, why):
    if why != "first week":
        made(THIS_WEEK)
    for _ in range(2):
        tell(charlie, FRIDAY)
    match why:
        case "visited":
            open_sign_in(session, charlie, now=FRIDAY)
        case "daily":
            choose_digest(session, charlie, Frequency.DAILY)
        case "no digest":
            choose_digest(session, charlie, Frequency.NONE)
        case "made":
            made(NEXT_WEEK, at=FRIDAY)
    session.flush()
    assert plan_mails(session, [charlie.id], now=FRIDAY) == {charlie.id: MONDAY}


def test_it_is_kept_until_the_digests_of_that_week_are_made_for_everyone(session, charlie, tell, made):
    made(THIS_WEEK)
    made(NEXT_WEEK, ended=False)
    made(NEXT_WEEK, frequency=Frequency.DAILY)
    open_sign_in(session, charlie, now=FRIDAY - WEEK)  # the digest before told what came until then
    for _ in range(2):
        tell(charlie, FRIDAY)
    assert plan_mails(session, [charlie.id], now=FRIDAY) == {}


def test_a_mail_that_moves_to_another_week_leaves_the_digest_its_place(session, charlie, tell, made):
    """As after a worker that slept through its hour."""
    made(THIS_WEEK)
    for _ in range(2):
        tell(charlie, FRIDAY - timedelta(days=2))
        tell(charlie, FRIDAY)
    late, digest = session.scalars(select(Message).where(Message.budgeted_at < FRIDAY).order_by(Message.id)).all()
    digest.notice_id, digest.digest = None, {"held": []}
    session.flush()
    assert put_off(session, [late, digest], now=FRIDAY) == {late.id, digest.id}
    assert session.get(Message, late.id) is None
    assert (digest.budgeted_at, digest.next_attempt_at) == (MONDAY, MONDAY)


@pytest.mark.parametrize("budget", [1, 3])
def test_a_community_that_is_busy_each_weekend_still_gets_its_digest_each_week(
    session, charlie, tell, made, digests, budget
):
    the_organisation(session).weekly_mails = budget
    charlie.created_at = FRIDAY - 9 * WEEK
    made(THIS_WEEK)
    for number in range(4):
        notices = {tell(charlie, FRIDAY + number * WEEK).id for _ in range(5)}
        digests(MONDAY + number * WEEK - timedelta(hours=9))
        of_week = Message.budgeted_at.between(FRIDAY + number * WEEK, FRIDAY + (number + 1) * WEEK)
        mails = session.scalars(select(Message).where(Message.person_id == charlie.id, of_week)).all()
        assert len(mails) == budget
        (digest,) = [mail.digest for mail in mails if mail.digest]
        assert {*digest["held"], *(mail.notice_id for mail in mails if mail.notice_id)} == notices
        for mail in mails:
            mail.sent_at = mail.budgeted_at
        session.commit()
