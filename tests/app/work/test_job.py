"""The page of jobs, and the notices of work that failed."""

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.clock import now as clock
from app.text.notices.notice import target
from ideas.activity.activity import Activity, Verb
from ideas.outreach.detail import NoticeDetail
from ideas.outreach.notice import NoticeKind
from ideas.work.job import JobError, JobKind, JobStatus, Queue, enqueue
from ideas.work.lease import claim, fail, finish
from ideas.work.schedule import add_missing_schedules
from tests.places import at


@pytest.fixture
def admin(make_person, signed_in):
    return signed_in(make_person("Ada", is_admin=True))


@pytest.fixture
def make_job(session, campaign, now):
    """A job of the campaign, in this state."""

    def make(kind=JobKind.PLACE_IDEAS, *, status=JobStatus.QUEUED, of=campaign, error=None, detail="", **facts):
        job = enqueue(session, kind, campaign_id=of.id if of else None, **{"now": now, "key": None} | facts)
        if status is not JobStatus.QUEUED:
            job.status, job.started_at, job.finished_at = status, now, now
            job.error, job.detail, job.attempts = error, detail, 3
        session.commit()
        return job

    return make


def order(page, *jobs):
    places = [page.index(f'id="job-{job.id}"') for job in jobs]
    return places == sorted(places)


def test_an_empty_page_says_what_comes_there(admin):
    assert "No job yet" in admin.get("/jobs").text


def test_failures_come_first_with_a_sentence_and_a_detail(admin, make_job, campaign):
    failed = make_job(status=JobStatus.FAILED, error=JobError.DATABASE, detail="OperationalError: away, app/a.py:3")
    waiting = make_job(JobKind.FIND_THEMES, run_at=clock() + timedelta(minutes=3))
    done = make_job(JobKind.FIND_THEMES, key="earlier", status=JobStatus.DONE)
    page = admin.get("/jobs").text
    assert order(page, failed, waiting, done)
    for words in (
        "1 job failed.",
        "The database did not respond, or refused the change.",
        "OperationalError: away, app/a.py:3",
        "next attempt on",
        "3 of 8",
        campaign.title,
        "Run the job again",
        "Cancel the job",
    ):
        assert words in page


def test_what_has_ended_well_is_folded_below_what_an_administrator_looks_for(admin, make_job):
    done = make_job(JobKind.FIND_THEMES, key="earlier", status=JobStatus.DONE)
    page = admin.get("/jobs").text
    assert "No job has failed, is running or is waiting." in page
    assert page.index("<summary>", page.index("No job has failed")) < page.index(f'id="job-{done.id}"')
    failed = make_job(status=JobStatus.FAILED, error=JobError.DATABASE)
    page = admin.get("/jobs").text
    assert page.index(f'id="job-{failed.id}"') < page.index("Finished jobs") < page.index(f'id="job-{done.id}"')
    assert "Finished jobs" not in admin.get("/jobs?status=done").text


@pytest.mark.parametrize("error", list(JobError))
def test_each_code_has_a_sentence_and_each_kind_a_name(app, error):
    words = app.jinja_env.get_template("work/job/words.html").module
    with app.test_request_context(headers={"Accept-Language": "en"}):
        sentences = {code: words.job_error(code.value, ended=True) for code in JobError}
        assert sentences[error].strip().endswith("run the job again.")
        assert "again" not in words.job_error(error.value), "it is tried again by itself"
        assert len(set(sentences.values())) == len(JobError)
        for kind in JobKind:
            assert words.job_kind(kind.value).strip() != kind.value
        for queue in Queue:
            assert words.job_queue(queue.value).strip() != queue.value


def test_the_list_is_filtered_by_state_queue_kind_and_campaign(admin, make_job, closed_campaign):
    failed = make_job(status=JobStatus.FAILED, error=JobError.REFUSED)
    elsewhere = make_job(JobKind.FIND_THEMES, of=closed_campaign)
    for query, shown, hidden in (
        ("status=failed", failed, elsewhere),
        ("status=queued", elsewhere, failed),
        ("queue=quick", failed, elsewhere),
        ("kind=find_themes", elsewhere, failed),
        (f"campaign={closed_campaign.id}", elsewhere, failed),
    ):
        page = admin.get(f"/jobs?{query}").text
        assert f'id="job-{shown.id}"' in page, query
        assert f'id="job-{hidden.id}"' not in page, query
    assert "No job found" in admin.get("/jobs?status=done").text


@pytest.mark.parametrize("query", ["status=junk&queue=&kind=1&campaign=x", "campaign=99999999999", "endpoint=a&page=b"])
def test_a_filter_that_makes_no_sense_is_left_out(admin, make_job, query):
    job = make_job()
    assert f'id="job-{job.id}"' in admin.get(f"/jobs?{query}").text


def test_recurring_work_that_is_done_is_listed_only_when_asked_for(admin, session, make_job, now):
    done = make_job(JobKind.GROUP_CLOSED, of=None, status=JobStatus.DONE)
    failed = make_job(JobKind.DELETE_EXPIRED, of=None, status=JobStatus.FAILED, error=JobError.UNEXPECTED)
    add_missing_schedules(session, now=now)
    session.commit()
    page = admin.get("/jobs").text
    assert f'id="job-{done.id}"' not in page
    assert f'id="job-{failed.id}"' in page
    assert "Recurring jobs" in page
    assert f'id="job-{done.id}"' in admin.get("/jobs?kind=group_closed").text


def test_the_list_has_pages_and_a_constant_number_of_queries(admin, make_job, count_queries):
    jobs = [make_job(key="0")]
    few = count_queries(lambda: admin.get("/jobs"))
    jobs += [make_job(key=str(number)) for number in range(1, 51)]
    assert count_queries(lambda: admin.get("/jobs")) == few
    assert f'id="job-{jobs[0].id}"' not in admin.get("/jobs").text
    for number in ("2", "99"):
        assert f'id="job-{jobs[0].id}"' in admin.get(f"/jobs?page={number}").text


def test_a_failed_job_is_run_again_and_the_log_says_who_did_it(admin, session, make_job):
    job = make_job(status=JobStatus.FAILED, error=JobError.DATABASE)
    answer = admin.post(f"/jobs/{job.id}/run-again", data={"status": "failed", "endpoint": "x"})
    assert (answer.status_code, answer.location) == (303, "/jobs?status=failed")
    session.refresh(job)
    assert (job.status, job.attempts) == (JobStatus.QUEUED, 0)
    assert "The job is queued again." in admin.get("/jobs").text
    act = session.scalars(select(Activity)).one()
    assert (act.verb, act.object_kind, act.object_id) == (Verb.RESTARTED, "job", job.id)
    assert act.actor_id is not None


def test_a_second_press_runs_nothing_twice_and_says_so(admin, session, make_job):
    job = make_job(status=JobStatus.FAILED, error=JobError.DATABASE)
    for _ in range(2):
        admin.post(f"/jobs/{job.id}/run-again")
    assert "This job can’t be run again." in admin.get("/jobs").text
    session.refresh(job)
    assert job.status is JobStatus.QUEUED


def test_a_job_is_cancelled_once(admin, session, make_job):
    job = make_job()
    admin.post(f"/jobs/{job.id}/cancel")
    assert "Job cancelled." in admin.get("/jobs").text
    session.refresh(job)
    assert job.status is JobStatus.CANCELLED
    job.status = JobStatus.DONE
    session.commit()
    admin.post(f"/jobs/{job.id}/cancel")
    assert "This job had ended already." in admin.get("/jobs").text


def test_looking_at_the_jobs_changes_nothing(admin, session, make_job):
    job = make_job(status=JobStatus.FAILED, error=JobError.DATABASE)
    assert admin.get(f"/jobs/{job.id}/run-again").status_code == 405
    assert admin.get(f"/jobs/{job.id}/cancel").status_code == 405


def test_the_jobs_are_for_administrators(client, signed_in, alice, make_job):
    job = make_job()
    assert "/sign-in" in client.get("/jobs").location
    for method, address in (
        ("GET", "/jobs"),
        ("POST", f"/jobs/{job.id}/run-again"),
        ("POST", f"/jobs/{job.id}/cancel"),
    ):
        assert signed_in(alice).open(address, method=method).status_code == 403


def test_administrators_find_failures_on_their_first_page(admin, signed_in, alice, make_job):
    make_job(status=JobStatus.FAILED, error=JobError.DATABASE)
    assert "1 job failed." in admin.get("/campaigns").text
    assert "job failed" not in signed_in(alice).get("/campaigns").text


@pytest.mark.parametrize(("campaign_id", "endpoint"), [(None, "job.index"), (3, "theme.index")])
def test_a_notice_of_a_failure_leads_to_where_the_job_can_be_run_again(now, campaign_id, endpoint):
    detail = NoticeDetail(
        id=1, kind=NoticeKind.JOB_FAILED, verb=Verb.FAILED, at=now, is_read=False, campaign_id=campaign_id
    )
    assert target(detail)[0] == endpoint


# In the campaign ------------------------------------------------------------------------------------------------------


def failed_placing(session, campaign, now):
    job = enqueue(session, JobKind.PLACE_IDEAS, campaign_id=campaign.id, now=now)
    taken = claim(session, now=now)
    fail(session, job.id, fence=taken.fence, error=JobError.UNEXPECTED, now=now)
    session.commit()
    return job


def test_managers_see_what_failed_in_their_campaign_and_run_it_again(
    session, closed_campaign, signed_in, alice, bob, charlie, now
):
    job = failed_placing(session, closed_campaign, now)
    sentence = "New ideas could not be placed in the themes."
    for manager in (alice, bob):
        assert sentence in signed_in(manager).get(at(closed_campaign)).text
    address = f"/campaigns/{closed_campaign.id}/jobs/{job.id}/run-again"
    assert signed_in(charlie).post(address).status_code == 403
    answer = signed_in(alice).post(address)
    assert (answer.status_code, answer.location) == (303, at(closed_campaign))
    session.refresh(job)
    assert job.status is JobStatus.QUEUED
    assert sentence not in signed_in(alice).get(at(closed_campaign)).text


def test_a_failure_is_no_longer_shown_once_the_same_work_is_done(session, closed_campaign, signed_in, alice, now):
    failed_placing(session, closed_campaign, now)
    enqueue(session, JobKind.PLACE_IDEAS, campaign_id=closed_campaign.id, now=now)
    taken = claim(session, now=now)
    finish(session, taken.id, fence=taken.fence, result={}, now=now)
    session.commit()
    assert "could not be placed" not in signed_in(alice).get(at(closed_campaign)).text


def test_visitors_of_the_themes_see_no_failures(session, make_campaign, client, now):
    debriefed = make_campaign(closes_at=now - timedelta(days=2), debriefed_at=now)
    failed_placing(session, debriefed, now)
    page = client.get(at(debriefed))
    assert page.status_code == 200
    assert "could not be placed" not in page.text


@pytest.mark.one_database
def test_the_jobs_of_a_filter_are_a_file(admin, make_job):
    failed = make_job(status=JobStatus.FAILED, error=JobError.DATABASE, detail="locked")
    make_job()
    answer = admin.post("/jobs/export", data={"status": "failed"})
    [row] = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert (row["number"], row["state"], row["error"], row["detail"]) == (
        str(failed.id),
        "failed",
        "database",
        "locked",
    )
