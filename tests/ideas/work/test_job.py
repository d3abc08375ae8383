from datetime import timedelta

import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity, Verb
from ideas.work import job as job_module
from ideas.work.job import (
    HANDLING,
    CannotRunAgain,
    Handling,
    Job,
    JobError,
    JobKind,
    JobStatus,
    Queue,
    cancel,
    delete_finished_jobs,
    enqueue,
    latest_job,
    run_again,
)
from ideas.work.lease import (
    LEASE,
    MAX_INTERRUPTIONS,
    LeaseLost,
    beat,
    claim,
    fail,
    finish,
    pause_after,
    release,
    report,
)

SECOND = timedelta(seconds=1)


def recorded(session):
    """What the activity log holds once this is committed."""
    session.commit()
    rows = session.scalars(select(Activity).where(Activity.object_kind == "job").order_by(Activity.id))
    return [(row.verb, row.actor_id, row.campaign_id, row.after) for row in rows]


@pytest.fixture
def job(session, campaign, now):
    return enqueue(session, JobKind.FIND_THEMES, campaign_id=campaign.id, now=now)


def test_the_same_work_is_never_queued_twice(session, campaign, job, now):
    assert enqueue(session, JobKind.FIND_THEMES, campaign_id=campaign.id, now=now + SECOND) is job
    assert enqueue(session, JobKind.PLACE_IDEAS, campaign_id=campaign.id, now=now) is not job
    claim(session, now=now)
    assert enqueue(session, JobKind.FIND_THEMES, campaign_id=campaign.id, now=now) is job


def test_work_that_is_done_can_be_asked_for_again(session, campaign, job, now):
    taken = claim(session, now=now)
    finish(session, taken.id, fence=taken.fence, result={"themes": 3}, now=now)
    again = enqueue(session, JobKind.FIND_THEMES, campaign_id=campaign.id, now=now + SECOND)
    assert again is not job
    assert latest_job(session, campaign.id, JobKind.FIND_THEMES) is again


def test_the_oldest_job_is_claimed_first_and_only_once(session, campaign, closed_campaign, job, now):
    later = enqueue(session, JobKind.FIND_THEMES, campaign_id=closed_campaign.id, now=now + SECOND)
    first, second, none = (claim(session, now=now + 2 * SECOND) for _ in range(3))
    assert (first.id, second.id, none) == (job.id, later.id, None)
    assert first.status is JobStatus.RUNNING
    assert (first.attempts, first.fence, first.lease_until) == (1, 1, now + 2 * SECOND + LEASE)


def test_a_beat_renews_the_lease(session, job, now):
    claim(session, now=now)
    beat(session, job.id, fence=1, now=now + LEASE)
    assert claim(session, now=now + LEASE + SECOND) is None
    session.refresh(job)
    assert job.lease_until == now + 2 * LEASE


def test_progress_is_recorded_within_its_bounds(session, job, now):
    claim(session, now=now)
    report(session, job.id, fence=1, stage="embed", progress=1.2, now=now)
    session.refresh(job)
    assert (job.stage, job.progress) == ("embed", 1.0)


def test_a_job_whose_lease_ran_out_is_claimed_again_and_its_first_worker_writes_nothing(session, job, now):
    claim(session, now=now)
    again = claim(session, now=now + LEASE + SECOND)
    assert (again.id, again.attempts, again.fence) == (job.id, 2, 2)
    for write in (
        lambda: beat(session, job.id, fence=1, now=now),
        lambda: report(session, job.id, fence=1, stage="name", progress=0.9, now=now),
        lambda: finish(session, job.id, fence=1, result={}, now=now),
        lambda: fail(session, job.id, fence=1, error=JobError.UNEXPECTED, now=now),
        lambda: release(session, job.id, fence=1),
    ):
        with pytest.raises(LeaseLost):
            write()
    finish(session, job.id, fence=2, result={"themes": 3}, now=now)
    session.refresh(job)
    assert (job.status, job.result, job.progress) == (JobStatus.DONE, {"themes": 3}, 1.0)


def test_a_job_interrupted_twice_has_failed_and_the_log_says_so(session, campaign, job, now):
    for attempt in range(MAX_INTERRUPTIONS):
        assert claim(session, now=now + attempt * (LEASE + SECOND)) is not None
    assert claim(session, now=now + MAX_INTERRUPTIONS * (LEASE + SECOND)) is None
    session.refresh(job)
    assert (job.status, job.error, job.interruptions) == (JobStatus.FAILED, JobError.INTERRUPTED, 2)
    assert recorded(session) == [(Verb.FAILED, None, campaign.id, {"kind": "find_themes", "error": "interrupted"})]


def test_an_interruption_counts_as_an_attempt(session, job, now, monkeypatch):
    monkeypatch.setitem(HANDLING, job.kind, Handling(Queue.HEAVY, max_attempts=2))
    claim(session, now=now)
    fail(session, job.id, fence=1, error=JobError.DATABASE, retry=True, now=now)
    later = now + timedelta(hours=1)
    assert claim(session, now=later).attempts == 2
    assert claim(session, now=later + LEASE + SECOND) is None
    session.refresh(job)
    assert (job.status, job.error, job.interruptions) == (JobStatus.FAILED, JobError.INTERRUPTED, 1)


def test_an_attempt_that_failed_is_repeated_after_a_pause_that_doubles(session, job, now):
    due = now
    for attempt, seconds in enumerate((10, 20, 40), start=1):
        assert claim(session, now=due - SECOND) is None
        taken = claim(session, now=due)
        fail(
            session, job.id, fence=taken.fence, error=JobError.DATABASE, detail="OperationalError", retry=True, now=due
        )
        session.refresh(job)
        due += timedelta(seconds=seconds)
        assert (job.status, job.attempts, job.run_at) == (JobStatus.QUEUED, attempt, due)
        assert (job.error, job.detail) == (JobError.DATABASE, "OperationalError")
    assert recorded(session) == [], "it has not failed"
    taken = claim(session, now=due)
    assert taken.error is JobError.DATABASE, "what went wrong is known until the job is done"
    finish(session, job.id, fence=taken.fence, result={}, now=due)
    session.refresh(job)
    assert (job.status, job.error, job.detail) == (JobStatus.DONE, None, "")


def test_the_pause_is_an_hour_at_most():
    assert [pause_after(attempts).total_seconds() for attempts in (1, 2, 9, 10, 500)] == [10, 20, 2560, 3600, 3600]


def test_a_job_has_failed_after_the_attempts_of_its_kind(session, campaign, job, now):
    at = now
    for _ in range(job.max_attempts):
        taken = claim(session, now=at)
        fail(session, job.id, fence=taken.fence, error=JobError.UNEXPECTED, retry=True, now=at)
        at += timedelta(hours=2)
    session.refresh(job)
    assert (job.status, job.attempts, job.error) == (JobStatus.FAILED, job.max_attempts, JobError.UNEXPECTED)
    assert claim(session, now=at) is None
    assert recorded(session) == [(Verb.FAILED, None, campaign.id, {"kind": "find_themes", "error": "unexpected"})]


def test_a_job_that_fails_keeps_the_reason_and_can_be_queued_again(session, campaign, job, now):
    claim(session, now=now)
    fail(session, job.id, fence=1, error=JobError.MODEL_UNAVAILABLE, now=now + SECOND)
    session.refresh(job)
    assert (job.status, job.error, job.finished_at) == (JobStatus.FAILED, JobError.MODEL_UNAVAILABLE, now + SECOND)
    assert enqueue(session, JobKind.FIND_THEMES, campaign_id=campaign.id, now=now) is not job


def test_a_job_that_was_deleted_with_its_campaign_is_lost_to_its_worker(session, job, now):
    claim(session, now=now)
    session.delete(job)
    session.flush()
    with pytest.raises(LeaseLost):
        fail(session, job.id, fence=1, error=JobError.UNEXPECTED, now=now)


def test_a_job_given_back_by_a_stopped_worker_has_lost_no_attempt(session, job, now):
    for _ in range(3):
        taken = claim(session, now=now)
        release(session, taken.id, fence=taken.fence)
    session.refresh(job)
    assert (job.status, job.attempts) == (JobStatus.QUEUED, 0)


def test_a_job_waits_for_its_time_and_the_higher_priority_goes_first(session, campaign, now):
    key = iter("abc")
    first, second, third = (
        enqueue(session, JobKind.PLACE_IDEAS, key=next(key), run_at=now + wait, priority=priority, now=now)
        for wait, priority in ((SECOND, 0), (2 * SECOND, 0), (2 * SECOND, 5))
    )
    assert claim(session, now=now) is None
    assert claim(session, now=now + SECOND).id == first.id
    assert [claim(session, now=now + 2 * SECOND).id for _ in range(2)] == [third.id, second.id]


def test_a_worker_claims_from_its_queues_only(session, campaign, job, now):
    quick = enqueue(session, JobKind.PLACE_IDEAS, campaign_id=campaign.id, now=now + SECOND)
    later = now + 2 * SECOND
    assert claim(session, queues=[Queue.MAIL, Queue.QUICK], now=later).id == quick.id
    assert claim(session, queues=[Queue.MAIL, Queue.QUICK], now=later + 2 * LEASE).id == quick.id
    assert claim(session, queues=[Queue.HEAVY], now=later).id == job.id


def test_work_needs_no_campaign_and_its_payload_makes_it_another(session, now):
    first = enqueue(session, JobKind.DELETE_EXPIRED, payload={"a": 1, "b": 2}, now=now)
    assert enqueue(session, JobKind.DELETE_EXPIRED, payload={"b": 2, "a": 1}, now=now) is first
    assert enqueue(session, JobKind.DELETE_EXPIRED, payload={"a": 2}, now=now) is not first
    assert (first.campaign_id, first.payload) == (None, {"a": 1, "b": 2})
    with pytest.raises(LookupError):
        _ = first.of_campaign


def test_every_kind_of_work_has_a_queue_and_some_attempts():
    assert HANDLING.keys() == set(JobKind)
    assert all(handling.max_attempts >= 2 for handling in HANDLING.values())


def test_a_cancelled_job_takes_the_lease_from_its_worker(session, campaign, job, alice, now):
    claim(session, now=now)
    cancel(session, job, by=alice, now=now + SECOND)
    assert (job.status, job.is_unfinished) == (JobStatus.CANCELLED, False)
    with pytest.raises(LeaseLost):
        finish(session, job.id, fence=1, result={}, now=now)
    assert claim(session, now=now + 2 * LEASE) is None
    assert recorded(session) == [(Verb.ABANDONED, alice.id, campaign.id, {"kind": "find_themes"})]


def test_a_failed_or_cancelled_job_can_be_run_again_with_all_its_attempts(session, campaign, job, alice, now):
    for _ in range(2):
        taken = claim(session, now=now)
        fail(session, job.id, fence=taken.fence, error=JobError.REFUSED, now=now)
        run_again(session, job, by=alice, now=now)
        assert (job.status, job.attempts, job.interruptions, job.finished_at) == (JobStatus.QUEUED, 0, 0, None)
    cancel(session, job, by=alice, now=now)
    run_again(session, job, by=alice, now=now)
    assert claim(session, now=now).id == job.id
    verbs = [verb for verb, *_rest in recorded(session)]
    assert verbs == [Verb.FAILED, Verb.RESTARTED, Verb.FAILED, Verb.RESTARTED, Verb.ABANDONED, Verb.RESTARTED]


def test_a_job_is_not_run_again_while_it_waits_or_the_same_work_is_queued_or_once_it_is_done(
    session, campaign, job, alice, now
):
    with pytest.raises(CannotRunAgain):
        run_again(session, job, by=alice, now=now)
    cancel(session, job, by=alice, now=now)
    again = enqueue(session, JobKind.FIND_THEMES, campaign_id=campaign.id, now=now)
    with pytest.raises(CannotRunAgain):
        run_again(session, job, by=alice, now=now)
    finish(session, again.id, fence=claim(session, now=now).fence, result={}, now=now)
    session.refresh(again)
    with pytest.raises(CannotRunAgain):
        run_again(session, again, by=alice, now=now)


def test_a_job_that_is_run_again_is_the_latest(session, campaign, job, alice, now):
    cancel(session, job, by=alice, now=now)
    newer = enqueue(session, JobKind.FIND_THEMES, campaign_id=campaign.id, now=now)
    cancel(session, newer, by=alice, now=now)
    assert latest_job(session, campaign.id, JobKind.FIND_THEMES) is newer
    run_again(session, job, by=alice, now=now)
    assert latest_job(session, campaign.id, JobKind.FIND_THEMES) is job


def test_finished_jobs_are_deleted_after_90_days_and_routine_that_is_done_after_one(session, campaign, now):
    def finished(kind, status, days, **facts):
        job = enqueue(session, kind, key=f"{kind} {status} {days}", now=now, **facts)
        job.status, job.finished_at = status, now - timedelta(days=days)
        return job

    of_campaign = {"campaign_id": campaign.id}
    kept = [
        finished(JobKind.FIND_THEMES, JobStatus.DONE, 89, **of_campaign),
        finished(JobKind.GROUP_CLOSED, JobStatus.FAILED, 89),
        finished(JobKind.GROUP_CLOSED, JobStatus.DONE, 0.5),
        enqueue(session, JobKind.FIND_THEMES, key="waits", now=now - timedelta(days=100), **of_campaign),
    ]
    finished(JobKind.FIND_THEMES, JobStatus.FAILED, 91, **of_campaign)
    finished(JobKind.FIND_THEMES, JobStatus.CANCELLED, 91, **of_campaign)
    finished(JobKind.GROUP_CLOSED, JobStatus.DONE, 2)
    assert delete_finished_jobs(session, now=now) == 3
    assert set(session.scalars(select(Job))) == set(kept)


def test_what_is_done_can_no_longer_be_cancelled(session, job, now):
    claim(session, now=now)
    finish(session, job.id, fence=1, result={}, now=now)
    cancel(session, job, by=None, now=now)
    assert job.status is JobStatus.DONE


def test_of_two_who_ask_at_the_same_instant_both_get_one_job(session, campaign, now, monkeypatch):
    first = enqueue(session, JobKind.FIND_THEMES, campaign_id=campaign.id, now=now)
    # The second looked before the first had written: it finds nothing, then the database says no.
    unfinished, looks = job_module._unfinished, []  # noqa: SLF001 -- what the second saw

    def late(*asked):
        looks.append(asked)
        return None if len(looks) == 1 else unfinished(*asked)

    monkeypatch.setattr(job_module, "_unfinished", late)
    assert enqueue(session, JobKind.FIND_THEMES, campaign_id=campaign.id, now=now) is first
