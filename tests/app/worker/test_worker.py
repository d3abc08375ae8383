"""Jobs are carried out beside the web, once, whatever happens to the worker."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError

from app import create_app
from app.clock import now as clock
from app.database import sqlite
from app.database.sqlite import reading
from app.extensions import database, db
from app.jobs import find_themes as themes
from app.worker import worker
from app.worker.worker import run_next
from clustering.types import Leftover
from ideas.accounts.sign_in import SignIn
from ideas.activity.activity import Activity, Verb
from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea
from ideas.errors import NotAllowed
from ideas.files import kept
from ideas.people.person import Person
from ideas.store import Folder
from ideas.themes.edits.edit import rename_theme
from ideas.themes.placement import Placement
from ideas.themes.runs.difference import differences
from ideas.themes.runs.proposal import Proposal, ProposedPlacement, open_proposal
from ideas.themes.runs.run import ThemeRun, enqueue_after_closing
from ideas.themes.theme import Theme, active_themes
from ideas.work import lease
from ideas.work.job import Job, JobError, JobKind, JobStatus, Queue, cancel, enqueue
from ideas.work.lease import claim
from tests.chat import answer, send, server
from tests.runs import apply_run, found_theme, placed_idea, run_result

ROOT = Path(__file__).parent.parent.parent.parent
SUBJECTS = {
    "parking": [
        "Build a larger car park near the station",
        "More parking spaces for cars downtown",
        "Parking is too dear",
    ],
    "trees": [
        "Plant trees along the avenue",
        "More shade and trees on the squares",
        "Trees in every schoolyard please",
    ],
    "buses": ["Run the night bus until two", "A bus every ten minutes", "Buses should run later on Saturday night"],
}


def texts(count: int) -> list[str]:
    openings = [text for said in SUBJECTS.values() for text in said]
    return [f"{openings[n % len(openings)]}, {'really ' * (n % 4)}number {n}" for n in range(count)]


@pytest.fixture
def many_ideas(closed_campaign, charlie, make_idea):
    return [make_idea(closed_campaign, charlie, body) for body in texts(45)]


@pytest.mark.model
def test_a_run_is_recorded_with_its_job(app, session, closed_campaign, many_ideas, now):
    job = enqueue(session, JobKind.FIND_THEMES, campaign_id=closed_campaign.id, now=now)
    session.commit()
    with app.app_context():
        assert run_next()
        assert not run_next(), "nothing else waits"
    session.refresh(job)
    assert job.status is JobStatus.DONE
    assert job.progress == 1
    run = session.scalars(select(ThemeRun)).one()
    assert job.result == {"run": run.id, "ideas": 45, "themes": len(active_themes(session, closed_campaign))}
    assert run.themes >= 2
    assert session.scalar(select(func.count()).select_from(Placement)) == 45
    session.refresh(closed_campaign)
    assert closed_campaign.grouped_at is not None


@pytest.mark.model
def test_a_second_run_keeps_identity_and_the_name_a_person_gave(app, session, closed_campaign, many_ideas, alice, now):
    with app.app_context():
        enqueue(database(), JobKind.FIND_THEMES, campaign_id=closed_campaign.id, now=now)
        database().commit()
        run_next()
    first = active_themes(session, closed_campaign)
    rename_theme(session, first[0], name="What people wrote of it", by=alice, now=now)
    enqueue(session, JobKind.FIND_THEMES, campaign_id=closed_campaign.id, now=now)
    session.commit()
    with app.app_context():
        run_next()
    session.expire_all()
    again = active_themes(session, closed_campaign)
    assert [theme.id for theme in again] == [theme.id for theme in first]
    assert again[0].name == "What people wrote of it"


@pytest.fixture
def set_to(app, monkeypatch):
    """Let the application have other settings for this test."""

    def change(**facts):
        monkeypatch.setitem(app.extensions, "settings", replace(app.extensions["settings"], **facts))

    return change


@pytest.mark.model
def test_the_namer_of_the_settings_names_the_themes(app, session, closed_campaign, many_ideas, set_to, now):
    def name_them(handler):
        groups = json.loads(received[-1][2]["messages"][1]["content"])["groups"]
        send(handler, answer(json.dumps([group["name so far"].upper() for group in groups])))

    enqueue(session, JobKind.FIND_THEMES, campaign_id=closed_campaign.id, now=now)
    session.commit()
    with server(name_them) as (url, received), app.app_context():
        set_to(namer_url=url, namer_model="small", namer_key="secret")
        run_next()
    names = [theme.name for theme in active_themes(session, closed_campaign)]
    assert all(name.isupper() for name in names)
    assert len(names) >= 2
    assert received[0][1]["Authorization"] == "Bearer secret"


@pytest.mark.model
def test_where_the_namer_fails_our_names_are_kept_and_it_is_logged(
    app, session, closed_campaign, many_ideas, set_to, now, caplog
):
    job = enqueue(session, JobKind.FIND_THEMES, campaign_id=closed_campaign.id, now=now)
    session.commit()
    with server(lambda handler: send(handler, b"", 503)) as (url, received), app.app_context():
        set_to(namer_url=url, namer_model="small")
        run_next()
    session.refresh(job)
    assert job.status is JobStatus.DONE
    themes_found = active_themes(session, closed_campaign)
    assert len(themes_found) >= 2
    assert all(theme.name for theme in themes_found)
    assert len(received) == 1
    assert "answered with status 503" in caplog.text


@pytest.fixture
def shaped(session, closed_campaign, many_ideas, alice, now):
    """One theme of all ideas, which a person named: a run is proposed from then on."""
    placed = [placed_idea(idea.id, 1, None, 0.9, [(1, 0.9)], 0.5, 0.5) for idea in many_ideas]
    found = run_result([found_theme(1, "All", [], [], 0.5, 0.5, 0.5)], placed)
    apply_run(session, closed_campaign, found, now=now)
    (theme,) = active_themes(session, closed_campaign)
    rename_theme(session, theme, name="What people wrote of it", by=alice, now=now)
    session.commit()
    return theme


@pytest.mark.model
def test_a_run_over_themes_that_people_shaped_becomes_a_proposal(app, session, closed_campaign, shaped, now):
    session.delete(session.scalars(select(Placement)).first())
    enqueue(session, JobKind.FIND_THEMES, campaign_id=closed_campaign.id, now=now)
    session.commit()
    with app.app_context():
        run_next()
    session.expire_all()
    proposal = open_proposal(session, closed_campaign)
    assert sum(one.moving_in for one in differences(session, proposal)) > 0
    assert active_themes(session, closed_campaign) == [shaped]
    assert session.scalar(select(func.count()).select_from(Placement)) == 45, "none is left without a place"
    assert proposal.run.tree
    assert all(placement.node is None for placement in session.scalars(select(Placement))), "of the applied run"


@pytest.mark.model
@pytest.mark.parametrize("end", ["cancelled", "failed"])
def test_a_run_that_ends_badly_leaves_nothing_half_written(
    app, session, closed_campaign, shaped, now, monkeypatch, end
):
    job = enqueue(session, JobKind.FIND_THEMES, campaign_id=closed_campaign.id, now=now)
    session.commit()
    before = session.execute(select(Placement.idea_id, Placement.theme_id, Placement.x)).all()
    finish = lease.finish

    def end_badly(work_session, job_id, **facts):
        assert work_session.scalar(select(func.count()).select_from(Proposal)) == 1
        if end == "failed":
            raise RuntimeError("at the last moment")
        cancel(work_session, work_session.get_one(Job, job_id), by=None, now=now)
        finish(work_session, job_id, **facts)

    monkeypatch.setattr(lease, "finish", end_badly)
    with app.app_context():
        run_next()
    session.expire_all()
    assert session.scalar(select(func.count()).select_from(Proposal)) == 0
    assert session.scalar(select(func.count()).select_from(ProposedPlacement)) == 0
    assert session.scalar(select(func.count()).select_from(ThemeRun)) == 1
    assert session.execute(select(Placement.idea_id, Placement.theme_id, Placement.x)).all() == before
    assert active_themes(session, closed_campaign) == [shaped]
    assert job.status is (JobStatus.QUEUED if end == "failed" else JobStatus.RUNNING)


@pytest.mark.model
def test_too_few_ideas_are_reported_as_too_few(app, session, closed_campaign, charlie, make_idea, now):
    for body in texts(3):
        make_idea(closed_campaign, charlie, body)
    job = enqueue(session, JobKind.FIND_THEMES, campaign_id=closed_campaign.id, now=now)
    session.commit()
    with app.app_context():
        run_next()
    session.refresh(job)
    assert (job.status, job.result["themes"]) == (JobStatus.DONE, 0)
    assert session.scalars(select(ThemeRun)).one().too_few
    assert {placement.leftover for placement in session.scalars(select(Placement))} == {Leftover.OUTLIER}


@pytest.mark.model
def test_a_campaign_without_ideas_is_grouped_without_harm(app, session, closed_campaign, now):
    job = enqueue(session, JobKind.FIND_THEMES, campaign_id=closed_campaign.id, now=now)
    session.commit()
    with app.app_context():
        run_next()
    session.refresh(job)
    assert job.status is JobStatus.DONE


def test_a_model_that_cannot_be_loaded_fails_the_job_and_changes_nothing(
    app, session, closed_campaign, many_ideas, set_to, now
):
    job = enqueue(session, JobKind.FIND_THEMES, campaign_id=closed_campaign.id, now=now)
    session.commit()
    set_to(embedding_model="/nowhere/no-such-model")
    with app.app_context():
        run_next()
    session.refresh(job)
    assert (job.status, job.error) == (JobStatus.FAILED, "model_unavailable")
    assert session.scalar(select(func.count()).select_from(Idea)) == 45
    again = enqueue(session, JobKind.FIND_THEMES, campaign_id=closed_campaign.id, now=now)
    assert again.id != job.id, "the job can be run again"


@pytest.mark.slow
def test_a_failure_leaves_the_old_themes(app, session, closed_campaign, many_ideas, now, monkeypatch):
    session.add(Theme(campaign_id=closed_campaign.id, found_name="Kept", created_at=now))
    job = enqueue(session, JobKind.FIND_THEMES, campaign_id=closed_campaign.id, now=now)
    session.commit()

    def break_half_way(session, campaign, _found, **_facts):
        for theme in active_themes(session, campaign):
            theme.retired_at = now
        session.flush()
        raise RuntimeError("half-way")

    monkeypatch.setattr(themes, "apply_or_propose", break_half_way)
    monkeypatch.setattr(themes, "find_themes", lambda *_args, **_facts: run_result().found)
    with app.app_context():
        run_next()
    session.refresh(job)
    assert (job.status, job.error) == (JobStatus.QUEUED, JobError.UNEXPECTED), "it is tried again"
    assert [theme.name for theme in active_themes(session, closed_campaign)] == ["Kept"]


def test_a_worker_that_lost_its_lease_writes_nothing(app, session, closed_campaign, many_ideas, now, monkeypatch):
    job = enqueue(session, JobKind.FIND_THEMES, campaign_id=closed_campaign.id, now=now)
    session.commit()

    def taken_meanwhile(work_session, campaign_id, *, report):
        work_session.add(Theme(campaign_id=campaign_id, found_name="Late", created_at=now))
        work_session.execute(update(Job).values(lease_until=clock() - timedelta(seconds=1)))
        assert claim(work_session, now=clock()).fence == 2
        return ThemeRun(id=0, ideas=0, themes=0)

    monkeypatch.setattr(themes, "group_ideas", taken_meanwhile)
    with app.app_context():
        run_next()
    assert active_themes(session, closed_campaign) == []
    session.refresh(job)
    assert job.status is JobStatus.RUNNING, "rolled back: it is as it was claimed"


def test_a_campaign_that_closes_is_grouped_once(session, closed_campaign, campaign, draft_campaign, now):
    assert enqueue_after_closing(session, now=now) == 1
    assert enqueue_after_closing(session, now=now) == 0
    job = session.scalars(select(Job)).one()
    assert job.campaign_id == closed_campaign.id
    job.status = JobStatus.CANCELLED
    assert enqueue_after_closing(session, now=now) == 0, "what a person cancelled stays cancelled"


# Attempts -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def work_of(monkeypatch):
    """Let this function be what a kind of work does."""

    def replace_by(kind, act):
        monkeypatch.setitem(sys.modules, f"app.jobs.{kind}", SimpleNamespace(run=lambda job, **_facts: act(job)))

    return replace_by


def make_due(session, job):
    """Let the pause before the next attempt be over."""
    session.execute(update(Job).where(Job.id == job.id).values(run_at=clock() - timedelta(seconds=1)))
    session.commit()


def test_a_database_error_delays_the_work_and_loses_nothing(app, session, closed_campaign, work_of, now):
    failures = iter([0, 1])

    def write_a_theme(job):
        database().add(Theme(campaign_id=job.of_campaign, found_name="Late", created_at=now))
        database().flush()
        if next(failures, None) is not None:
            raise OperationalError("INSERT INTO theme", {"name": "Late"}, Exception("disk I/O error"))
        return {}

    work_of(JobKind.FIND_THEMES, write_a_theme)
    job = enqueue(session, JobKind.FIND_THEMES, campaign_id=closed_campaign.id, now=now)
    session.commit()
    for attempt in (1, 2):
        with app.app_context():
            assert run_next()
            assert not run_next(), "it waits for its next attempt"
        session.refresh(job)
        assert (job.status, job.attempts, job.error) == (JobStatus.QUEUED, attempt, JobError.DATABASE)
        assert job.detail.startswith("Exception: disk I/O error, tests/app/worker/test_worker.py:")
        assert active_themes(session, closed_campaign) == [], "nothing half-written"
        make_due(session, job)
    with app.app_context():
        assert run_next()
    session.refresh(job)
    assert (job.status, job.attempts, job.error, job.detail) == (JobStatus.DONE, 3, None, "")
    assert [theme.name for theme in active_themes(session, closed_campaign)] == ["Late"]


def test_a_rule_that_forbids_the_work_fails_it_at_once_and_the_log_says_so(app, session, closed_campaign, work_of, now):
    def refuse(_job):
        raise NotAllowed

    work_of(JobKind.FIND_THEMES, refuse)
    job = enqueue(session, JobKind.FIND_THEMES, campaign_id=closed_campaign.id, now=now)
    session.commit()
    with app.app_context():
        run_next()
    session.refresh(job)
    assert (job.status, job.error, job.attempts) == (JobStatus.FAILED, JobError.REFUSED, 1)
    act = session.scalars(select(Activity).where(Activity.object_kind == "job")).one()
    assert (act.verb, act.actor_id, act.object_id, act.campaign_id) == (Verb.FAILED, None, job.id, closed_campaign.id)


def test_the_end_of_a_job_is_written_once_the_database_is_back(
    app, session, closed_campaign, work_of, now, monkeypatch
):
    def break_down(_job):
        raise ValueError("a bug")

    away = iter(range(3))
    fail = lease.fail

    def fail_when_back(*asked, **facts):
        if next(away, None) is not None:
            raise OperationalError("UPDATE job", {}, Exception("server closed the connection"))
        fail(*asked, **facts)

    work_of(JobKind.FIND_THEMES, break_down)
    monkeypatch.setattr(lease, "fail", fail_when_back)
    monkeypatch.setattr(worker, "AGAIN_SECONDS", 0)
    job = enqueue(session, JobKind.FIND_THEMES, campaign_id=closed_campaign.id, now=now)
    session.commit()
    with app.app_context():
        run_next()
    session.refresh(job)
    assert (job.status, job.error, job.interruptions) == (JobStatus.QUEUED, JobError.UNEXPECTED, 0)
    assert next(away, None) is None


def test_a_worker_that_stops_does_not_wait_for_a_database_that_is_away(
    app, session, closed_campaign, work_of, now, monkeypatch
):
    stop = threading.Event()

    def break_down(_job):
        stop.set()
        raise ValueError("a bug")

    def fail_always(*_asked, **_facts):
        raise OperationalError("UPDATE job", {}, Exception("server closed the connection"))

    work_of(JobKind.FIND_THEMES, break_down)
    monkeypatch.setattr(lease, "fail", fail_always)
    job = enqueue(session, JobKind.FIND_THEMES, campaign_id=closed_campaign.id, now=now)
    session.commit()
    with app.app_context():
        run_next(stop)
    session.refresh(job)
    assert job.status is JobStatus.RUNNING, "its lease runs out"


def test_recurring_work_groups_what_closed_and_deletes_what_expired(
    app, session, closed_campaign, charlie, uploads, now
):
    with kept(Folder(uploads), b"left by a process that died") as stored_as:
        os.utime(uploads / stored_as, (0, 0))
    old = clock() - timedelta(days=40)
    session.add(SignIn(person_id=charlie.id, token_hash="-", created_at=old, expires_at=clock(), ended_at=old))
    for kind in (JobKind.GROUP_CLOSED, JobKind.DELETE_EXPIRED):
        enqueue(session, kind, now=now)
    session.commit()
    with app.app_context():
        assert run_next(queues=[Queue.QUICK])
        assert run_next(queues=[Queue.QUICK])
    found = {job.kind: job for job in session.scalars(select(Job))}
    assert found[JobKind.GROUP_CLOSED].result == {"queued": 1}
    assert found[JobKind.FIND_THEMES].campaign_id == closed_campaign.id
    assert found[JobKind.DELETE_EXPIRED].result == {
        "sign_ins": 1,
        "jobs": 0,
        "files": 1,
        "portraits": 0,
        "idea_files": 0,
        "limits": 0,
        "drafts": 0,
        "messages": 0,
        "private_texts": 0,
        "undeliverable": 0,
        "links": 0,
        "host_entries": 0,
        "webhooks": 0,
    }
    assert not (uploads / stored_as).exists()


@pytest.mark.parametrize("kind", list(JobKind))
def test_each_kind_of_work_has_a_module_of_its_name(kind):
    assert callable(import_module(f"app.jobs.{kind}").run)


@pytest.fixture
def beside(tmp_path, migrated):
    """A database of its own, as two processes share it."""
    environment = os.environ | {"CONVERGENCE_INSTANCE": str(tmp_path), "DATABASE_URL": ""}
    from app.settings import from_env

    app = create_app(from_env(environment))
    with app.app_context():
        migrated()
        yield environment
        db.session.remove()
        db.engine.dispose()


def test_progress_that_a_busy_database_refuses_is_written_again(beside, monkeypatch, caplog):
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0)
    monkeypatch.setattr(worker, "HEARTBEAT_SECONDS", 0.05)
    monkeypatch.setattr(worker, "AGAIN_SECONDS", 0.05)
    db.engine.dispose()  # the connections that wait longer
    campaign = _campaign()
    job_id = enqueue(database(), JobKind.FIND_THEMES, campaign_id=campaign.id, now=clock()).id
    database().commit()
    began = clock()

    def busy():
        return [record for record in caplog.records if "the database is busy" in record.message]

    def while_another_writes(_session, _campaign_id, *, report):
        other = sqlite3.connect(Path(beside["CONVERGENCE_INSTANCE"], "convergence.sqlite"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        report("embed", 0.3)
        _wait(lambda: len(busy()) > 2, "the heart beats on")
        other.close()
        _wait_for(job_id, lambda job: job.lease_until > began + lease.LEASE + timedelta(milliseconds=100))
        # A heartbeat may be in the way just now: it is written again.
        _wait_for(job_id, lambda job: report("group", 0.6) or job.stage == "group")
        return ThemeRun(id=0, ideas=0, themes=0)

    monkeypatch.setattr(themes, "group_ideas", while_another_writes)
    run_next()
    assert _wait_for(job_id, lambda _job: True).status is JobStatus.DONE
    assert not [record for record in caplog.records if record.exc_info]


def _campaign() -> Campaign:
    now = clock()
    owner = Person(email="o@example.org", name="O", created_at=now)
    campaign = Campaign(owner=owner, title="T", challenge="C", created_at=now)
    database().add(campaign)
    database().flush()
    return campaign


def _start_worker(environment) -> subprocess.Popen:
    command = [sys.executable, "-m", "flask", "--app", "app", "worker"]
    with Path(environment["CONVERGENCE_INSTANCE"], "worker.log").open("ab") as log:
        return subprocess.Popen(command, env=environment, cwd=ROOT, stderr=log)  # noqa: S603 -- our own command


def _wait(condition, what: str, *, seconds: float = 300) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError(f"waited in vain: {what}")


def _wait_for(job_id: int, condition, *, seconds: float = 300) -> Job:
    seen = []

    def look() -> bool:
        with reading(database()):
            seen[:] = [database().get(Job, job_id)]
            database().expunge(seen[0])
        return condition(seen[0])

    _wait(look, f"job {job_id}", seconds=seconds)
    return seen[0]


@pytest.mark.model
def test_a_job_whose_worker_was_killed_is_tried_once_more(beside):
    now, campaign = clock(), _campaign()
    for body in texts(6_000):
        facts = {"created_at": now, "updated_at": now, "submitted_at": now}
        database().add(Idea(campaign_id=campaign.id, body=body, **facts))
    database().add(Theme(campaign_id=campaign.id, found_name="Old", created_at=now))
    job_id = enqueue(database(), JobKind.FIND_THEMES, campaign_id=campaign.id, now=now).id
    campaign_id = campaign.id
    database().commit()
    process = _start_worker(beside)
    try:
        # Whatever its stage is: a look may miss the one of embedding, which takes a second.
        _wait_for(job_id, lambda job: job.status is JobStatus.RUNNING and job.progress > 0.05)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    job = _wait_for(job_id, lambda _job: True)
    assert (job.status, job.attempts) == (JobStatus.RUNNING, 1)
    assert [theme.name for theme in active_themes(database(), database().get(Campaign, campaign_id))] == ["Old"]
    database().rollback()
    # Time passes: the lease that nobody renews runs out.
    database().execute(update(Job).values(lease_until=clock() - timedelta(seconds=1)))
    database().commit()
    process = _start_worker(beside)
    try:
        job = _wait_for(job_id, lambda job: not job.is_unfinished)
    finally:
        process.terminate()
        process.wait()
    assert (job.status, job.attempts) == (JobStatus.DONE, 2)
    assert job.result["ideas"] == 6_000
    assert "Old" not in [theme.name for theme in active_themes(database(), database().get(Campaign, campaign_id))]
