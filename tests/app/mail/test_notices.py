"""From the activity log to notices and mails: everyone once, whatever fails in between."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, func, insert, select, update
from sqlalchemy.exc import OperationalError

from app.clock import now as clock
from app.extensions import database, db
from app.mail import notices as consumer
from app.mail.notices import notify_due
from app.worker.worker import run_next
from ideas.activity.activity import Activity, Cursor, Verb, record
from ideas.answers.debriefs.debrief import Debrief, publish_debrief, write_debrief
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Role, add_to_team
from ideas.contributions.idea import Idea
from ideas.contributions.vote import Vote
from ideas.moderation.report import report
from ideas.outreach.limits.budget import READER
from ideas.outreach.messages.message import Message
from ideas.outreach.messages.queue import write_message
from ideas.outreach.notice import Notice, NoticeKind
from ideas.outreach.preference import switch_mail
from ideas.people.person import Person
from ideas.people.sanction import Reason
from ideas.themes.placement import Placement
from ideas.themes.theme import Theme
from ideas.work.job import HANDLING, Job, JobKind, JobStatus, Queue
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


def test_moderators_are_told_of_reports_once_a_day_at_most(
    session, notify, campaign, make_idea, make_person, alice, bob, charlie, now
):
    """What is reported within the day is told at its end, in one notice. The reporter is not told of their own."""
    switch_mail(session, alice, NoticeKind.MODERATION_WAITING, on=False)
    people = [make_person(f"Person {number}") for number in range(5)]
    hours = iter(people)

    def report_at(hour):
        idea, at = make_idea(campaign, charlie, f"Hour {hour}"), now + timedelta(hours=hour)
        report(session, campaign, idea, reason=Reason.INSULT, note="", by=next(hours), now=at)
        return notify(at)

    assert [report_at(hour) for hour in (0, 1, 2)] == [2, 2, 0]
    assert [report_at(hour) for hour in (25, 72)] == [2, 2]
    asked = select(Notice).where(Notice.person_id == bob.id).order_by(Notice.id)
    notices = session.scalars(asked).all()
    assert [notice.not_before - now for notice in notices] == [timedelta(hours=hour) for hour in (0, 24, 48, 72)]
    mails = select(Message).order_by(Message.id)
    assert [(mail.person_id, mail.next_attempt_at - now) for mail in session.scalars(mails)] == [
        (bob.id, timedelta(hours=hour)) for hour in (0, 24, 48, 72)
    ]


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


# An act whose notices can't be written -------------------------------------------------------------------------------


@pytest.fixture
def fault(monkeypatch):
    """Make the rule of these acts fail until `mend` is called."""

    class Fault:
        def __init__(self):
            self.acts = set()

        def break_rule(self, of, verb):
            self.acts.add((of, verb))

        def mend(self):
            self.acts.clear()

    fault, people = Fault(), consumer.recipients

    def recipients(session, activity, rule):
        if (activity.object_kind, activity.verb) in fault.acts:
            raise KeyError("nothing to read")
        return people(session, activity, rule)

    monkeypatch.setattr(consumer, "recipients", recipients)
    return fault


@pytest.fixture
def run_retry(app, session):
    """Run the jobs that are queued for mail, each once, whenever they are due."""

    def run():
        session.execute(update(Job).where(Job.status == JobStatus.QUEUED).values(run_at=clock()))
        session.commit()
        with app.app_context():
            while run_next(queues=[Queue.MAIL]):
                pass
        session.expire_all()

    return run


def told(session, kind):
    return session.scalars(select(Notice.person_id).where(Notice.kind == kind).order_by(Notice.id)).all()


def test_an_act_whose_rule_fails_holds_up_no_later_act(
    session, closed_campaign, publish, notify, fault, run_retry, make_person, charlie, alice, now
):
    dora = make_person("Dora")
    publish()
    add_to_team(session, closed_campaign, dora, role=Role.JURY, by=alice, now=now)
    fault.break_rule("debrief", Verb.PUBLISHED)
    assert notify(now) == 1
    assert told(session, NoticeKind.ROLE_CHANGED) == [dora.id]
    job = session.scalars(select(Job)).one()
    assert (job.kind, job.run_at > now) == (JobKind.NOTIFY_PEOPLE, True)
    fault.mend()
    run_retry()
    assert (job.status, job.result) == (JobStatus.DONE, {"notices": 1})
    assert notify(now) == 0
    assert told(session, NoticeKind.DEBRIEF_PUBLISHED) == [charlie.id]
    assert session.scalar(select(func.count(Message.id))) == 2


def test_an_act_that_always_fails_is_shown_to_administrators_and_run_again_by_hand(
    session, publish, notify, fault, run_retry, make_person, signed_in, charlie, now
):
    ada = make_person("Ada", is_admin=True)
    publish()
    fault.break_rule("debrief", Verb.PUBLISHED)
    notify(now)
    for _ in range(HANDLING[JobKind.NOTIFY_PEOPLE].max_attempts):
        run_retry()
    job = session.scalars(select(Job)).one()
    assert (job.status, job.attempts) == (JobStatus.FAILED, 8)
    notify(now)
    assert told(session, NoticeKind.JOB_FAILED) == [ada.id]
    admin = signed_in(ada)
    page = admin.get("/jobs?status=failed").text
    for words in ("Notify people of an act", f"Act no. {job.payload['activity_id']}", "KeyError: …"):
        assert words in page, words
    assert (
        f'id="activity-{job.payload["activity_id"]}"'
        in admin.get(f"/activity?before={job.payload['activity_id'] + 1}").text
    )
    assert "Some people could not be notified of an act." in admin.get("/me/notices").text
    fault.mend()
    admin.post(f"/jobs/{job.id}/run-again")
    run_retry()
    assert told(session, NoticeKind.DEBRIEF_PUBLISHED) == [charlie.id]


def test_a_rule_for_failed_jobs_that_fails_makes_no_endless_row_of_jobs(
    session, publish, notify, fault, run_retry, now
):
    publish()
    fault.break_rule("debrief", Verb.PUBLISHED)
    fault.break_rule("job", Verb.FAILED)
    for _ in range(20):
        notify(now)
        run_retry()
    assert session.scalars(select(Job.status)).all() == [JobStatus.FAILED]
    assert session.get(Cursor, READER).activity_id == session.scalar(select(func.max(Activity.id)))


# On a database of its own, where what is committed stays --------------------------------------------------------------


@pytest.fixture
def crowd(settings, tmp_path, migrated):
    """An application whose campaign has a debrief to publish, and 1,200 people who supported its one idea."""
    with own_database(settings, tmp_path) as app, app.app_context():
        migrated()
        _fill(1_200)
        yield app


def _fill(people):
    at = clock()
    session = database()
    facts = {"locale": "en", "created_at": at}
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
    """The act is deferred each time, and told by the second attempt of its job."""
    _publish()
    failures = []

    def fail(_connection, _cursor, statement, *_rest):
        if statement.startswith("INSERT INTO message"):
            failures.append(statement)
            if len(failures) in {2, 3}:
                raise OperationalError(statement, None, Exception("the database is gone"))

    event.listen(db.engine, "before_cursor_execute", fail)
    assert (notify_due(clock()), _counts()) == (0, [1_000] * 4)
    assert (notify_due(clock()), _run_retry(), _counts()) == (0, JobStatus.QUEUED, [1_000] * 4)
    assert (_run_retry(), _counts()) == (JobStatus.DONE, [1_200] * 4)
    event.remove(db.engine, "before_cursor_execute", fail)
    assert database().scalars(select(Job)).one().result == {"notices": 200}


def test_nothing_is_read_past_while_the_database_is_away(crowd):
    _publish()

    def fail(_connection, _cursor, statement, *_rest):
        if statement.startswith(("INSERT INTO notice", "INSERT INTO job")):
            raise OperationalError(statement, None, Exception("the database is gone"))

    event.listen(db.engine, "before_cursor_execute", fail)
    for _ in range(2):
        with pytest.raises(OperationalError):
            notify_due(clock())
        database().rollback()
    event.remove(db.engine, "before_cursor_execute", fail)
    assert notify_due(clock()) == 1_200
    assert database().scalar(select(func.count(Job.id))) == 0


def _run_retry():
    """Run the job that tries again, whenever it is due. Returns its state."""
    session = database()
    session.execute(update(Job).where(Job.status == JobStatus.QUEUED).values(run_at=clock()))
    session.commit()
    assert run_next(queues=[Queue.MAIL])
    status = session.scalars(select(Job.status)).one()
    session.rollback()
    return status


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


KILLED_DEFERRING = """
import os, signal
from sqlalchemy import event
from sqlalchemy.orm import Session
from app import create_app
from app.clock import now
from app.mail import notices
from ideas.work.job import Job
def fail(*_):
    raise KeyError("nothing to read")
notices.recipients = fail
with create_app().app_context():
    @event.listens_for(Session, "after_flush")
    def kill(session, _context):
        if any(isinstance(row, Job) for row in session.new):
            os.kill(os.getpid(), signal.SIGKILL)
    notices.notify_due(now())
"""


@pytest.mark.slow
def test_everyone_is_told_once_when_processes_are_killed_between_an_act_and_its_notices(crowd, tmp_path):
    """Between the two, while the second part of the notices is written, and while the act is deferred."""
    url = db.engine.url.render_as_string(hide_password=False)
    environment = os.environ | {"DATABASE_URL": url, "CONVERGENCE_INSTANCE": str(tmp_path), "PYTHONPATH": str(ROOT)}
    for code, expected in (
        (KILLED_BEFORE, [0] * 4),
        (KILLED_WITHIN, [1_000] * 4),
        (KILLED_DEFERRING, [1_000] * 4),
    ):
        ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=False)  # noqa: S603 -- our own command
        assert ended.returncode == -signal.SIGKILL
        assert _counts() == expected
    assert notify_due(clock()) == 200
    assert _counts() == [1_200] * 4
    assert notify_due(clock()) == 0
