from datetime import timedelta

import pytest

from ideas.work.job import (
    LEASE,
    MAX_ATTEMPTS,
    JobKind,
    JobStatus,
    LeaseLost,
    beat,
    cancel,
    claim,
    enqueue,
    fail,
    finish,
    latest_job,
    release,
    report,
)

SECOND = timedelta(seconds=1)


@pytest.fixture
def job(session, campaign, now):
    return enqueue(session, JobKind.FIND_THEMES, campaign.id, now=now)


def test_the_same_work_is_never_queued_twice(session, campaign, job, now):
    assert enqueue(session, JobKind.FIND_THEMES, campaign.id, now=now + SECOND) is job
    assert enqueue(session, JobKind.PLACE_IDEAS, campaign.id, now=now) is not job
    claim(session, now=now)
    assert enqueue(session, JobKind.FIND_THEMES, campaign.id, now=now) is job


def test_work_that_is_done_can_be_asked_for_again(session, campaign, job, now):
    taken = claim(session, now=now)
    finish(session, taken.id, fence=taken.fence, result={"themes": 3}, now=now)
    again = enqueue(session, JobKind.FIND_THEMES, campaign.id, now=now + SECOND)
    assert again is not job
    assert latest_job(session, campaign.id, JobKind.FIND_THEMES) is again


def test_the_oldest_job_is_claimed_first_and_only_once(session, campaign, closed_campaign, job, now):
    later = enqueue(session, JobKind.FIND_THEMES, closed_campaign.id, now=now + SECOND)
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
        lambda: fail(session, job.id, fence=1, error="unexpected", now=now),
        lambda: release(session, job.id, fence=1),
    ):
        with pytest.raises(LeaseLost):
            write()
    finish(session, job.id, fence=2, result={"themes": 3}, now=now)
    session.refresh(job)
    assert (job.status, job.result, job.progress, job.key) == (JobStatus.DONE, {"themes": 3}, 1.0, None)


def test_a_job_interrupted_too_often_is_marked_failed(session, job, now):
    for attempt in range(MAX_ATTEMPTS):
        assert claim(session, now=now + attempt * (LEASE + SECOND)) is not None
    assert claim(session, now=now + MAX_ATTEMPTS * (LEASE + SECOND)) is None
    session.refresh(job)
    assert (job.status, job.error, job.key) == (JobStatus.FAILED, "interrupted", None)


def test_a_job_that_fails_keeps_the_reason_and_can_be_queued_again(session, campaign, job, now):
    claim(session, now=now)
    fail(session, job.id, fence=1, error="model_unavailable", now=now + SECOND)
    session.refresh(job)
    assert (job.status, job.error, job.finished_at) == (JobStatus.FAILED, "model_unavailable", now + SECOND)
    assert enqueue(session, JobKind.FIND_THEMES, campaign.id, now=now) is not job


def test_a_job_given_back_by_a_stopped_worker_has_lost_no_attempt(session, job, now):
    for _ in range(MAX_ATTEMPTS + 1):
        taken = claim(session, now=now)
        release(session, taken.id, fence=taken.fence)
    session.refresh(job)
    assert (job.status, job.attempts) == (JobStatus.QUEUED, 0)


def test_a_cancelled_job_takes_the_lease_from_its_worker(session, campaign, job, now):
    claim(session, now=now)
    cancel(session, job, now=now + SECOND)
    assert (job.status, job.key, job.is_unfinished) == (JobStatus.CANCELLED, None, False)
    with pytest.raises(LeaseLost):
        finish(session, job.id, fence=1, result={}, now=now)
    assert claim(session, now=now + 2 * LEASE) is None


def test_what_is_done_can_no_longer_be_cancelled(session, job, now):
    claim(session, now=now)
    finish(session, job.id, fence=1, result={}, now=now)
    cancel(session, job, now=now)
    assert job.status is JobStatus.DONE


def test_of_two_who_ask_at_the_same_instant_both_get_one_job(session, campaign, now, monkeypatch):
    first = enqueue(session, JobKind.FIND_THEMES, campaign.id, now=now)
    # The second looked before the first had written: it finds nothing, then the database says no.
    monkeypatch.setattr(session, "scalar", lambda _query: None)
    assert enqueue(session, JobKind.FIND_THEMES, campaign.id, now=now) is first
