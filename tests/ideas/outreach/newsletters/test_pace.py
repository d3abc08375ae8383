"""How fast newsletters go out, whatever the hours of their readers, a pause or a worker that slept; and their end."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select

from ideas.activity.activity import Activity, Verb
from ideas.outreach.digest import _held, read_turn
from ideas.outreach.limits import hours
from ideas.outreach.limits.budget import hold, plan_mails, put_off
from ideas.outreach.limits.digest_run import due_run
from ideas.outreach.limits.hours import Frequency, Hours, choose_hours, readers
from ideas.outreach.messages.delivery import limited_messages, mark_sent, take_messages
from ideas.outreach.messages.message import Message
from ideas.outreach.messages.queue import queue_mails
from ideas.outreach.newsletters.newsletter import (
    Involvement,
    NewsletterState,
    NewsletterText,
    NoReaders,
    approve_newsletter,
    name_referent,
    pause_newsletter,
    propose_newsletter,
    resume_newsletter,
    stop_newsletter,
    write_newsletter,
)
from ideas.outreach.newsletters.pace import HOUR, hold_back, paused_among, spread
from ideas.outreach.newsletters.readers import begin_newsletters, forecast, reader_ids
from ideas.outreach.notice import NoticeKind, write_notices
from ideas.people.person import Person
from ideas.spaces.edit import SpaceText, create_space
from ideas.spaces.membership import add_person
from ideas.spaces.space import Membership, SpaceRole

# A Tuesday at half past twelve in Paris: half an hour after lunch begins.
TUESDAY = datetime(2026, 12, 1, 11, 30, tzinfo=UTC)


@pytest.fixture
def publish(session, alice, make_person):
    """A newsletter to its author and so many others, begun at an instant, and the act that tells of it."""
    space = create_space(session, text=SpaceText("Nurses"), by=alice, now=TUESDAY)
    for number in range(9):
        add_person(session, space, make_person(f"N{number}"), role=SpaceRole.MEMBER, by=alice, now=TUESDAY)
    name_referent(session, space, alice, by=alice, now=TUESDAY)

    def begin(**facts):
        text = NewsletterText("In June", "Hello.", **facts)
        newsletter = write_newsletter(session, space, text=text, by=alice, now=TUESDAY)
        propose_newsletter(session, newsletter, by=alice, now=TUESDAY)
        approve_newsletter(session, newsletter, readers=10, by=alice, now=TUESDAY)
        begin_newsletters(session, now=TUESDAY)
        session.commit()
        return newsletter, session.scalars(select(Activity).order_by(Activity.id.desc()).limit(1)).one()

    return begin


@pytest.fixture
def queued(session, publish, monkeypatch):
    """A newsletter at two an hour to ten people at lunch, whose mails are planned in two parts, as the worker does."""
    monkeypatch.setattr(hours, "DEFAULT", Hours())
    newsletter, act = publish(per_hour=2)
    people = reader_ids(session, newsletter, now=TUESDAY)
    choose_hours(session, session.get_one(Person, people[0]), first=12, last=18, days=range(5))
    for part in (people[:6], people[6:]):
        notices = write_notices(session, act, NoticeKind.NEWSLETTER, part, now=TUESDAY)
        wanted = spread(session, act, part, now=TUESDAY)
        planned = plan_mails(session, part, now=TUESDAY, wanted=wanted)
        about = {"reason": "n", "domain": "x", "now": TUESDAY, "in_hours": True}
        queue_mails(session, {one: notices[one] for one in planned}, planned=planned, **about)
        session.commit()
    return newsletter


def deliver(session, since, until):
    """Send what is due every ten minutes, as the worker does. Returns when each mail went."""
    for turn in range(int((until - since) / timedelta(minutes=10)) + 1):
        now = since + turn * timedelta(minutes=10)
        while taken := take_messages(session, now=now, limit=4):
            ended = hold_back(session, taken, now=now)
            left = [one for one in taken if one not in ended]
            ended |= put_off(session, limited_messages(session, left), now=now)
            for one in left:
                if one not in ended:
                    mark_sent(session, one, now=now)
            session.commit()
            session.expire_all()
    return dict(session.execute(select(Message.person_id, Message.sent_at).where(Message.sent_at.is_not(None))).all())


def check(session, sent, *, most):
    """Each in their hours, and never more than so many within an hour."""
    times, known = sorted(sent.values()), readers(session, list(sent))
    assert all(known[person_id].next(at) == at for person_id, at in sent.items())
    assert max(sum(at <= other < at + HOUR for other in times) for at in times) == most


def test_readers_at_lunch_are_told_over_days_and_never_all_at_once(session, queued):
    planned = session.scalars(select(Message.next_attempt_at)).all()
    assert Counter(at.date().day for at in planned) == {1: 3, 2: 4, 3: 3}, "the rest does not come at noon of day two"
    week = TUESDAY + timedelta(days=4)
    sent = deliver(session, TUESDAY, week)
    assert len(sent) == 10
    check(session, sent, most=2)


def test_what_a_pause_or_a_stopped_worker_held_goes_out_no_faster(session, queued, alice):
    sent = deliver(session, TUESDAY, TUESDAY + timedelta(minutes=20))
    assert len(sent) == 1
    pause_newsletter(session, queued, by=alice, now=TUESDAY)
    assert len(deliver(session, TUESDAY + HOUR, TUESDAY + 26 * HOUR)) == 1
    resume_newsletter(session, queued, by=alice, now=TUESDAY)
    asleep_until = TUESDAY + timedelta(days=2, minutes=10)
    sent = deliver(session, asleep_until, asleep_until + timedelta(days=9))
    assert len(sent) == 10
    check(session, sent, most=2)


def test_a_digest_leaves_out_a_newsletter_that_is_stopped_and_waits_for_one_that_is_paused(session, queued, alice, now):
    people = session.scalars(select(Message.person_id)).all()
    notices = session.scalars(select(Message.notice_id)).all()
    hold(session, notices, now=TUESDAY)
    session.commit()
    turn = read_turn(session, due_run(session, Frequency.WEEKLY, today=TUESDAY.date(), now=TUESDAY), now=TUESDAY)
    assert _held(session, people, turn).keys() == set(people)
    pause_newsletter(session, queued, by=alice, now=TUESDAY)
    assert _held(session, people, turn) == {}
    assert sorted(paused_among(session, notices)) == sorted(notices)
    resume_newsletter(session, queued, by=alice, now=TUESDAY)
    assert _held(session, people, turn).keys() == set(people)
    stop_newsletter(session, queued, by=alice, now=TUESDAY)
    assert _held(session, people, turn) == {}
    assert paused_among(session, notices) == [], "it never comes"


def test_one_that_too_few_would_get_by_now_is_stopped_and_its_author_is_told(session, publish, told_each, any_hour):
    newsletter, act = publish(involvement=Involvement.TOOK_PART)
    assert newsletter.state is NewsletterState.STOPPED
    assert newsletter.begun_at is None
    assert (act.verb, act.after["too_few"]) == (Verb.ABANDONED, True)
    assert told_each(act) == {NoticeKind.NEWSLETTER_WORK: ["Alice"]}


def test_a_space_where_nobody_is_left_says_so_in_its_own_words(session, publish, any_hour):
    newsletter, _act = publish()
    assert newsletter.state is NewsletterState.SENDING
    session.execute(delete(Membership))
    with pytest.raises(NoReaders, match="Nobody would get this"):
        forecast(session, newsletter, now=TUESDAY)
