from datetime import timedelta

import pytest
from sqlalchemy import select

from ideas.work import schedule as schedule_module
from ideas.work.job import Job, JobKind, JobStatus
from ideas.work.schedule import RECURRING, Schedule, add_missing_schedules, enqueue_scheduled

MINUTE = timedelta(minutes=1)


@pytest.fixture
def schedule(session, now):
    """Each ten minutes, due now."""
    row = Schedule(name="sweep", kind=JobKind.DELETE_EXPIRED, payload={"a": 1}, every_seconds=600, next_at=now)
    session.add(row)
    session.commit()
    return row


def jobs(session):
    return session.scalars(select(Job).order_by(Job.id)).all()


def done(session, now):
    for job in jobs(session):
        job.status, job.finished_at = JobStatus.DONE, now
    session.flush()


def test_what_is_due_is_queued_once_a_turn(session, schedule, now):
    assert enqueue_scheduled(session, now=now - MINUTE) == 0
    assert enqueue_scheduled(session, now=now) == 1
    assert enqueue_scheduled(session, now=now + 9 * MINUTE) == 0
    (job,) = jobs(session)
    assert (job.kind, job.payload, job.key) == (JobKind.DELETE_EXPIRED, {"a": 1}, "schedule:sweep")
    done(session, now)
    assert enqueue_scheduled(session, now=now + 10 * MINUTE) == 1
    assert len(jobs(session)) == 2


def test_missed_turns_are_made_up_for_by_one_job_and_the_rhythm_stays(session, schedule, now):
    assert enqueue_scheduled(session, now=now + 95 * MINUTE) == 1
    session.refresh(schedule)
    assert schedule.next_at == now + 100 * MINUTE
    assert len(jobs(session)) == 1


def test_of_two_workers_with_the_same_schedule_in_hand_one_queues_its_job(session, schedule, now, monkeypatch):
    class Meanwhile:
        """Another worker moves the schedule on between this one's look and its change."""

        @staticmethod
        def count(asked, statement):
            asked.execute(Schedule.__table__.update().values(next_at=now + 10 * MINUTE))
            return changed(asked, statement)

    changed = schedule_module.changed_rows
    monkeypatch.setattr(schedule_module, "changed_rows", Meanwhile.count)
    assert enqueue_scheduled(session, now=now) == 0
    assert jobs(session) == []


def test_a_job_that_still_waits_is_not_queued_a_second_time(session, schedule, now):
    enqueue_scheduled(session, now=now)
    enqueue_scheduled(session, now=now + 10 * MINUTE)
    assert len(jobs(session)) == 1


def test_what_is_switched_off_is_not_queued(session, schedule, now):
    schedule.enabled = False
    session.flush()
    assert enqueue_scheduled(session, now=now) == 0


def test_missing_schedules_are_added_once_and_what_somebody_changed_stays(session, now):
    assert add_missing_schedules(session, now=now) == len(RECURRING)
    row = session.scalars(select(Schedule).where(Schedule.name == "delete_expired")).one()
    row.every_seconds, row.enabled = 7, False
    session.commit()
    assert add_missing_schedules(session, now=now + MINUTE) == 0
    session.refresh(row)
    assert (row.every_seconds, row.enabled, row.next_at) == (7, False, now)


def test_a_schedule_that_another_worker_adds_at_the_same_moment_is_not_added_twice(session, now, monkeypatch):
    add_missing_schedules(session, now=now)
    monkeypatch.setattr(session, "scalars", lambda _query: [])
    assert add_missing_schedules(session, now=now) == 0
