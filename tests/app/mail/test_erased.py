"""Whoever is erased between the writing of a mail and its sending gets none, of whatever kind, to the last moment."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.mail import delivery, transport
from app.mail.delivery import deliver_due
from app.mail.notices import notify_due
from ideas.activity.activity import Verb, record
from ideas.outreach.follow import follow
from ideas.outreach.messages.message import Message
from ideas.outreach.messages.queue import queue_digests
from ideas.outreach.newsletters.newsletter import (
    NewsletterText,
    approve_newsletter,
    name_referent,
    propose_newsletter,
    write_newsletter,
)
from ideas.outreach.newsletters.readers import begin_newsletters
from ideas.privacy.erase import Words, erase
from ideas.privacy.erasure import Contents, ask_to_erase
from ideas.spaces.edit import SpaceText, create_space
from ideas.spaces.membership import add_person
from ideas.spaces.space import SpaceRole

WORDS = Words(name="Former member", text="Deleted")


@pytest.fixture
def queued(app, session, settings, connection, campaign, alice, charlie, any_hour, tmp_path, monkeypatch, now):
    """A notice, a newsletter and a digest for Charlie and for Alice, which wait in the outbox."""
    monkeypatch.setitem(app.extensions, "settings", replace(settings, instance=tmp_path))
    monkeypatch.setattr(delivery, "TURN_SECONDS", 60)
    space = create_space(session, text=SpaceText("Nurses"), by=alice, now=now)
    add_person(session, space, charlie, role=SpaceRole.MEMBER, by=alice, now=now)
    name_referent(session, space, alice, by=alice, now=now)
    letter = write_newsletter(session, space, text=NewsletterText("June", "Hello."), by=alice, now=now)
    propose_newsletter(session, letter, by=alice, now=now)
    approve_newsletter(session, letter, readers=2, by=alice, now=now)
    begin_newsletters(session, now=now)
    for person in (alice, charlie):
        follow(session, campaign, by=person, now=now)
    record(session, Verb.ENDED, campaign, by=None, campaign_id=campaign.id, now=now)
    session.commit()
    with app.app_context():
        notify_due(now)
    both = (alice.id, charlie.id)
    digests, planned = {one: {"support": 2} for one in both}, dict.fromkeys(both, now)
    queue_digests(session, digests, planned=planned, counts=True, reason="d", domain="x", now=now)
    session.commit()
    session.expire_all()
    kinds = {(one.notice.kind if one.notice else "digest") for one in mails_of(session, charlie)}
    assert kinds >= {"newsletter", "followed_campaign", "digest"}


def mails_of(session, person):
    return session.scalars(select(Message).where(Message.person_id == person.id).order_by(Message.id)).all()


def forget(session, person, now):
    asked = ask_to_erase(session, person, contents=Contents.DELETE, by=person, now=now)
    erase(session, asked, words=WORDS, now=now)
    session.commit()


def addresses(folder):
    return [line for file in folder.iterdir() for line in file.read_text("utf-8").splitlines() if line[:4] == "To: "]


def test_nothing_that_waits_goes_to_whoever_was_erased_since(app, session, queued, charlie, tmp_path, now):
    forget(session, charlie, now)
    with app.app_context():
        deliver_due(now)
    assert set(addresses(tmp_path / "mail")) == {"To: Alice <alice@example.org>"}
    assert session.scalars(select(Message.id).where(Message.sent_at.is_(None))).all() == []


def test_a_mail_that_a_worker_has_taken_already_is_not_sent_either(
    app, session, queued, charlie, tmp_path, monkeypatch, now
):
    """The erasure comes while the first mail is handed over; all texts are made by then."""
    monkeypatch.setattr(delivery, "LOOK_AGAIN", 0.0)
    send, done = transport.MailFolder.hand_over, []

    def hand_over(self, mail, *, name):
        send(self, mail, name=name)
        if not done:
            done.append(name)
            forget(session, charlie, now)

    monkeypatch.setattr(transport.MailFolder, "hand_over", hand_over)
    with app.app_context():
        deliver_due(now)
        deliver_due(now + timedelta(minutes=10))
    told = addresses(tmp_path / "mail")
    assert len(done) == 1
    assert told.count("To: Charlie <charlie@example.org>") <= 1, "the one that was on its way"
    assert told.count("To: Alice <alice@example.org>") >= 3
