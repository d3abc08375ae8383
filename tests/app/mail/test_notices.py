"""From the activity log to notices and mails: everyone once, whatever fails in between."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from flask_migrate import upgrade
from sqlalchemy import event, func, insert, select
from sqlalchemy.exc import OperationalError

from app.clock import now as clock
from app.extensions import database, db
from app.mail import notices as consumer
from app.mail.notices import READER, notify_due
from ideas.activity.activity import Activity, Cursor, Verb, record
from ideas.answers.debrief import Debrief, publish_debrief, write_debrief
from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea
from ideas.contributions.vote import Vote
from ideas.outreach.message import Message, write_message
from ideas.outreach.notice import Notice, NoticeKind
from ideas.outreach.preference import switch_mail
from ideas.people.person import Person
from ideas.themes.placement import Placement
from ideas.themes.theme import Theme
from tests.databases import own_database

ROOT = Path(__file__).parent.parent.parent.parent


@pytest.fixture
def notify(app, session):
    def notify(now):
        session.commit()
        with app.app_context():
            return notify_due(now)

    return notify


@pytest.fixture
def publish(session, closed_campaign, make_idea, make_theme, give_answer, alice, charlie, now):
    """Publish the debrief of the closed campaign, where Charlie wrote."""
    give_answer(make_theme(closed_campaign, ideas=[make_idea(closed_campaign, charlie, "One click.")]))

    def publish():
        debrief = write_debrief(session, closed_campaign, body="Here it is.", by=alice, now=now)
        publish_debrief(session, debrief, by=alice, now=now)
        session.commit()

    return publish


def test_publishing_a_debrief_tells_everyone_who_took_part_once(session, publish, notify, charlie, now):
    publish()
    assert notify(now) == 1
    assert notify(now) == 0
    (notice,) = session.scalars(select(Notice))
    assert (notice.kind, notice.person_id, notice.read_at) == (NoticeKind.DEBRIEF_PUBLISHED, charlie.id, None)
    (message,) = session.scalars(select(Message))
    assert (message.notice_id, message.address, message.is_written) == (notice.id, charlie.email, False)
    assert message.key == f"debrief:{notice.campaign_id}:{charlie.id}"
    assert session.get(Cursor, READER).activity_id == session.scalar(select(func.max(Activity.id)))


def test_a_mail_that_was_written_before_is_not_written_again(session, publish, notify, closed_campaign, charlie, now):
    publish()
    reason = f"debrief:{closed_campaign.id}"
    write_message(session, to=charlie, subject="Old", body="Hello", reason=reason, domain="a.org", now=now)
    assert notify(now) == 1
    assert [message.subject for message in session.scalars(select(Message))] == ["Old"]


def test_whoever_switched_mail_off_has_the_notice_alone(session, publish, notify, charlie, now):
    publish()
    switch_mail(session, charlie, NoticeKind.DEBRIEF_PUBLISHED, on=False)
    assert notify(now) == 1
    assert session.scalar(select(func.count(Notice.id))) == 1
    assert session.scalar(select(func.count(Message.id))) == 0


def test_acts_that_concern_nobody_are_read_past(session, campaign, notify, alice, monkeypatch, now):
    monkeypatch.setattr(consumer, "MAX_ACTIVITIES", 2)
    for _ in range(3):
        record(session, Verb.ANNOUNCED, campaign, by=alice, campaign_id=campaign.id, now=now)
    assert notify(now) == 0
    assert session.get(Cursor, READER).activity_id == session.scalar(select(func.max(Activity.id)))


def test_an_idle_turn_asks_twice_at_most_and_writes_nothing(app, connection, notify, count_queries, now):
    notify(now)
    assert count_queries(lambda: notify(now)) <= 4  # the cursor and the log, and the test's own savepoint


def test_a_turn_that_is_full_goes_on_at_the_next(session, publish, notify, make_person, monkeypatch, now):
    idea = session.scalars(select(Idea)).one()
    for number in range(7):
        session.add(Vote(idea_id=idea.id, person_id=make_person(f"Person {number}").id, created_at=now))
    publish()
    monkeypatch.setattr(consumer, "MAX_NOTICES", 3)
    assert [notify(now) for _ in range(4)] == [3, 3, 2, 0]
    assert session.scalar(select(func.count(Notice.person_id.distinct()))) == 8
    assert session.scalar(select(func.count(Message.id))) == 8


def test_a_second_worker_that_read_the_same_act_writes_nothing(app, session, publish, notify, monkeypatch, now):
    publish()
    recipients = consumer.recipients

    def overtaken(*asked):
        """Between reading and writing, another worker does it all."""
        monkeypatch.setattr(consumer, "recipients", recipients)
        found = recipients(*asked)
        notify_due(now)
        return found

    monkeypatch.setattr(consumer, "recipients", overtaken)
    notify(now)
    assert session.scalar(select(func.count(Notice.id))) == 1
    assert session.scalar(select(func.count(Message.id))) == 1


# On a database of its own, where what is committed stays --------------------------------------------------------------


@pytest.fixture
def crowd(settings, tmp_path):
    """An application whose campaign has a debrief to publish, and 1,200 people who supported its one idea."""
    with own_database(settings, tmp_path) as app, app.app_context():
        upgrade()
        _fill(1_200)
        yield app


def _fill(people):
    at = clock()
    session = database()
    facts = {"locale": "en", "rules_accepted_at": at, "created_at": at}
    owner = Person(email="owner@example.org", name="Owner", **facts)
    campaign = Campaign(
        owner=owner,
        title="Mornings",
        benefit="Three changes.",
        motivation="Thanks.",
        opens_at=at - timedelta(days=9),
        closes_at=at - timedelta(days=1),
        debrief_due_at=at + timedelta(days=9),
        created_at=at,
        announced_at=at - timedelta(days=9),
    )
    idea = Idea(campaign=campaign, body="One click.", created_at=at, updated_at=at, submitted_at=at)
    theme = Theme(campaign=campaign, found_name="Clicks", created_at=at)
    session.add_all([owner, campaign, idea, theme])
    session.flush()
    session.add(Placement(idea_id=idea.id, campaign_id=campaign.id, theme_id=theme.id))
    session.execute(
        insert(Person),
        [
            {
                "email": f"{number}@example.org",
                "name": f"Person {number}",
                "headline": "",
                "timezone": "Europe/Paris",
                "is_admin": False,
                **facts,
            }
            for number in range(people)
        ],
    )
    ids = session.scalars(select(Person.id).where(Person.id != owner.id)).all()
    session.execute(insert(Vote), [{"idea_id": idea.id, "person_id": one, "created_at": at} for one in ids])
    session.add(Debrief(campaign=campaign, body="Here it is.", updated_at=at))
    session.commit()


def _publish():
    session = database()
    debrief = session.scalars(select(Debrief)).one()
    debrief.published_at = debrief.campaign.debriefed_at = clock()
    record(session, Verb.PUBLISHED, debrief, by=debrief.campaign.owner, campaign_id=debrief.campaign_id, now=clock())
    session.commit()


def _counts():
    session = database()
    counts = [
        session.scalar(select(func.count(counted)))
        for counted in (Notice.id, Notice.person_id.distinct(), Message.id, Message.person_id.distinct())
    ]
    session.rollback()
    return counts


def test_everyone_is_told_once_when_the_database_fails_in_the_middle(crowd):
    _publish()
    failures = []

    def fail(_connection, _cursor, statement, *_rest):
        if statement.startswith("INSERT INTO message"):
            failures.append(statement)
            if len(failures) in {2, 3}:
                raise OperationalError(statement, None, Exception("the database is gone"))

    event.listen(db.engine, "before_cursor_execute", fail)
    written = []
    for _ in range(4):
        try:
            written.append(notify_due(clock()))
        except OperationalError:
            database().rollback()
            written.append(None)
    event.remove(db.engine, "before_cursor_execute", fail)
    assert written == [None, None, 700, 0]
    assert _counts() == [1_200] * 4


KILLED_BEFORE = """
import os, signal
from app import create_app
from tests.app.mail.test_notices import _publish
with create_app().app_context():
    _publish()
    os.kill(os.getpid(), signal.SIGKILL)
"""
KILLED_WITHIN = """
import os, signal
from sqlalchemy import event
from sqlalchemy.orm import Session
from app import create_app
from app.clock import now
from app.mail.notices import notify_due
with create_app().app_context():
    commits = []
    @event.listens_for(Session, "before_commit")
    def kill(session):
        commits.append(session)
        if len(commits) == 2:
            os.kill(os.getpid(), signal.SIGKILL)
    notify_due(now())
"""


@pytest.mark.slow
def test_everyone_is_told_once_when_processes_are_killed_between_an_act_and_its_notices(crowd, tmp_path):
    """Once between the two, once while the second part of the notices is written."""
    url = db.engine.url.render_as_string(hide_password=False)
    environment = os.environ | {"DATABASE_URL": url, "CONVERGENCE_INSTANCE": str(tmp_path), "PYTHONPATH": str(ROOT)}
    for code, expected in ((KILLED_BEFORE, [0] * 4), (KILLED_WITHIN, [500] * 4)):
        ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=False)  # noqa: S603 -- our own command
        assert ended.returncode == -signal.SIGKILL
        assert _counts() == expected
    assert notify_due(clock()) == 700
    assert _counts() == [1_200] * 4
    assert notify_due(clock()) == 0
