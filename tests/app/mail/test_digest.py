"""What exceeds a budget, and the digest that tells it: from the act to the mail, in its reader's language."""

import re
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from sqlalchemy import select

from app.extensions import database
from app.jobs import send_digests
from app.mail.delivery import deliver_due
from app.mail.notices import notify_due
from ideas.accounts.sign_in import open_sign_in
from ideas.activity.activity import Verb, record
from ideas.contributions.vote import Vote
from ideas.desk.work import today_of
from ideas.outreach.follow import follow
from ideas.outreach.limits.hours import Frequency, choose_digest, choose_hours
from ideas.outreach.messages.message import Message
from ideas.outreach.notice import Notice
from ideas.people.person import Person
from ideas.people.sanction import Reason, Sanction, SanctionKind


@pytest.fixture
def turn(app, session, settings, connection, tmp_path, monkeypatch, now):
    """Carry out a turn of the worker; the mails that it sent since the last one, with the address of each."""
    monkeypatch.setitem(app.extensions, "settings", replace(settings, instance=tmp_path))
    seen = set()

    def work(at=now, *, digests=False):
        session.commit()
        with app.app_context():
            notify_due(at)
            if digests:
                monkeypatch.setattr(send_digests, "now", lambda: at)
                send_digests.run(None, report=lambda _stage, _share: None)
            deliver_due(at)
            database().rollback()
        session.expire_all()
        found = [path for path in sorted((tmp_path / "mail").glob("*.eml")) if path not in seen]
        seen.update(found)
        return [message_from_bytes(path.read_bytes(), policy=default) for path in found]

    return work


@pytest.fixture
def followed(session, campaign, charlie, now):
    """Charlie follows the campaign; an act in it tells him."""
    follow(session, campaign, by=charlie, now=now)
    campaign.closes_at = now + timedelta(days=10)
    for person in session.scalars(select(Person)):
        person.created_at = now - timedelta(days=90)

    def change():
        facts = {"campaign_id": campaign.id, "before": {}, "after": {}}
        record(session, Verb.OPENED, campaign, by=None, now=now, **facts)

    return change


def test_what_exceeds_the_budget_is_in_the_product_now_and_in_the_digest_later(
    session, turn, followed, campaign, make_idea, make_person, charlie, now
):
    charlie.locale = "fr"
    session.add(
        Vote(idea_id=make_idea(campaign, charlie, "Lampes").id, person_id=make_person("Fan").id, created_at=now)
    )
    make_idea(campaign, make_person("Dora"), "<b>Des chaises</b>")
    for _ in range(5):
        followed()
    assert len(turn()) == 3
    assert len(session.scalars(select(Notice).where(Notice.person_id == charlie.id)).all()) == 5
    later = now + timedelta(days=7)
    (mail,) = [one for one in turn(later, digests=True) if charlie.email in one["To"]]
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert f"http://localhost/campaigns/{campaign.id}" in text
    assert text.count("est ouverte") == 2, "what exceeded the budget, and no more"
    assert "<b>Des chaises</b>" in text
    assert "&lt;b&gt;Des chaises" in html
    assert 'lang="fr"' in html
    assert re.search(r"jusqu’au .+ \(heure de Paris\)", text), "a mail has no footer with the zone"
    assert "Lampes" not in text, "his own idea"
    assert mail["List-Unsubscribe"].startswith("<http://localhost/unsubscribe/")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert turn(later + timedelta(hours=1), digests=True) == []
    assert [one for one in turn(later + timedelta(days=7), digests=True) if charlie.email in one["To"]] == []


def test_a_digest_that_is_no_news_any_more_is_not_sent(session, turn, followed, charlie, alice, bob, make_person, now):
    """A visit, another choice, a ban or having read it all since it was made: the mail that waits is deleted."""
    dora, erin, later = make_person("Dora"), make_person("Erin"), now + timedelta(days=6)
    dora.created_at = erin.created_at = now - timedelta(days=90)
    for person in (alice, bob, charlie, dora, erin):
        choose_hours(session, person, first=0, last=24, days=[today_of(alice, later + timedelta(days=1)).weekday()])
    assert turn(later, digests=True) == []
    waiting = {message.person.name for message in session.scalars(select(Message).where(Message.digest.is_not(None)))}
    assert waiting == {"Alice", "Bob", "Charlie", "Dora", "Erin"}, "the campaign closes"
    open_sign_in(session, alice, now=later + timedelta(hours=2))
    choose_digest(session, bob, Frequency.NONE)
    ban = {"kind": SanctionKind.BAN, "reason": Reason.INSULT, "given_by_id": alice.id, "given_at": later}
    session.add(Sanction(person_id=erin.id, **ban))
    sent = turn(later + timedelta(days=1))
    assert sorted(str(mail["To"]) for mail in sent) == ["Charlie <charlie@example.org>", "Dora <dora@example.org>"]
    assert session.scalars(select(Message).where(Message.sent_at.is_(None))).all() == []


def test_mails_wait_for_the_hours_of_their_people_but_for_what_is_urgent(
    session, turn, followed, campaign, charlie, now
):
    tomorrow = now + timedelta(days=2)
    choose_hours(session, charlie, first=0, last=24, days=[today_of(charlie, tomorrow).weekday()])
    followed()
    assert turn() == []
    reminder = {"hours": 24, "closes_at": campaign.closes_at.isoformat()}
    record(session, Verb.REMINDED, campaign, by=None, now=now, campaign_id=campaign.id, after=reminder)
    assert len(turn()) == 1
    slept = now + timedelta(days=5)
    assert turn(slept) == []
    assert len(turn(now + timedelta(days=9))) == 1
    assert turn(now + timedelta(days=10)) == []


def test_a_reminder_that_comes_too_late_is_not_sent(session, turn, followed, campaign, now):
    """The worker slept past the closing. A reminder that was held back for the digest is left out there."""
    campaign.debrief_due_at = now + timedelta(days=60)
    reminder = {"hours": 24, "closes_at": campaign.closes_at.isoformat()}
    late = campaign.closes_at + timedelta(hours=1)
    record(session, Verb.REMINDED, campaign, by=None, now=now, campaign_id=campaign.id, after=reminder)
    assert turn(late) == []
    assert session.scalars(select(Message)).all() == []
    session.scalars(select(Notice)).one().held_at = late
    session.commit()
    assert turn(late + timedelta(days=6), digests=True) == []
