from datetime import timedelta

import pytest

from ideas.outreach.messages.delivery import (
    LEASE,
    MAX_ATTEMPTS,
    due_messages,
    mark_refused,
    mark_sent,
    release_messages,
    take_messages,
)
from ideas.outreach.messages.kept import message_page
from ideas.outreach.messages.queue import write_message


@pytest.fixture
def write(session, charlie, now):
    def make(reason="debrief:1", **facts):
        given = {"to": charlie, "subject": "Hello", "body": "Dear Charlie", "domain": "ideas.example.org", "now": now}
        return write_message(session, reason=reason, **given | facts)

    return make


def test_the_same_reason_writes_once(write, alice):
    first = write()
    assert write(subject="Again") is first
    assert write(reason="debrief:2") is not first
    assert write(to=alice) is not first


def test_a_subject_is_one_line(write):
    assert write(subject="Hello\r\nBcc: everyone@example.org").subject == "Hello Bcc: everyone@example.org"


def test_mails_have_their_own_lasting_identifier(write):
    one, other = write(), write(reason="other")
    assert one.mail_id.endswith("@ideas.example.org>")
    assert one.mail_id != other.mail_id


def test_due_mails_come_oldest_first(session, write, now):
    first, second, later = write("a"), write("b"), write("c", now=now + timedelta(hours=1))
    assert due_messages(session, now=now) == [first, second]
    mark_sent(session, first.id, now=now)
    assert due_messages(session, now=now + timedelta(hours=2)) == [second, later]


def test_a_mail_is_held_by_one_worker_at_a_time(session, write, now):
    message = write()
    assert take_messages(session, now=now, limit=20) == [message.id]
    assert take_messages(session, now=now, limit=20) == []
    assert due_messages(session, now=now) == []
    after_a_crash = now + LEASE
    assert take_messages(session, now=after_a_crash, limit=20) == [message.id]


def test_mails_are_taken_oldest_first_and_given_back_where_they_were_not_tried(session, write, now):
    first, second, third = write("a"), write("b"), write("c")
    assert take_messages(session, now=now, limit=2) == [first.id, second.id]
    mark_sent(session, first.id, now=now)
    session.flush()
    release_messages(session, [first.id, second.id], now=now, leased_until=now + LEASE)
    session.expire_all()
    assert due_messages(session, now=now) == [second, third]
    assert first.next_attempt_at is None


def test_a_refused_mail_waits_longer_each_time_then_is_given_up(session, write, now):
    message = write()
    mark_refused(message, error="451 later", now=now)
    assert message.next_attempt_at == now + timedelta(minutes=1)
    mark_refused(message, error="451 later", now=now)
    assert message.next_attempt_at == now + timedelta(minutes=2)
    for _ in range(MAX_ATTEMPTS - 2):
        assert not message.is_given_up
        mark_refused(message, error="x" * 900, now=now)
    assert message.is_given_up
    assert len(message.error) == 500
    assert due_messages(session, now=now + timedelta(days=99)) == []


def test_the_outbox_has_pages(session, write):
    written = [write(str(number)) for number in range(5)]
    last = message_page(session, number=99, size=2)
    assert (last.messages, last.number, last.pages, last.total) == ([written[0]], 3, 3, 5)
    assert (last.has_previous, last.has_next) == (True, False)
    assert message_page(session, number=-1, size=2).messages == [written[4], written[3]]


def test_an_empty_outbox_is_one_page(session):
    assert message_page(session, number=1).pages == 1
