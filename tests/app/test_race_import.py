"""A large import beside people who write, and one that is interrupted: nobody waits, nothing is added twice."""

import threading
import time
from io import BytesIO

import pytest
from sqlalchemy import func, select

from app.extensions import database
from app.jobs import import_ideas as job_module
from app.worker.worker import run_next
from ideas.contributions.idea import Idea
from ideas.contributions.imports.importing import IdeaImport, ImportProgress, import_chunk
from ideas.work.job import Job, JobStatus, Queue
from tests.app.test_race import all_of, community, enter, shared  # noqa: F401 -- fixtures

ROWS = 12_000
FILE = b"id,text\n" + b"".join(b"%d,A night bus on line %d\n" % (number, number) for number in range(ROWS))


@pytest.fixture
def begun(shared, community, enter):  # noqa: F811 -- fixtures
    """The import of a large file, queued."""
    campaign, people = community
    owner = enter(people[0])
    sent = owner.post(f"/campaigns/{campaign}/import", data={"file": (BytesIO(FILE), "a.csv")})
    assert owner.post(sent.location, data={"text": "1", "key": "0"}).status_code == 303
    return owner, sent.location


def work(shared) -> None:  # noqa: F811
    with shared.app_context():
        run_next(queues=[Queue.QUICK])
        database().rollback()


def imported(shared) -> int:  # noqa: F811
    return all_of(shared, select(func.count(Idea.id)).where(Idea.import_key.is_not(None)))[0][0]


@pytest.mark.slow
def test_a_large_import_lets_others_write_at_once(shared, community, enter, begun):  # noqa: F811
    campaign, people = community
    worker = threading.Thread(target=work, args=(shared,))
    writers = [enter(person) for person in people[2:5]]
    waits, statuses = [], []
    worker.start()
    turn = 0
    while worker.is_alive():
        turn += 1
        started = time.monotonic()
        answer = writers[turn % 3].post(f"/campaigns/{campaign}/ideas/new", data={"body": f"Mine, number {turn}"})
        waits.append(time.monotonic() - started)
        statuses.append(answer.status_code)
        time.sleep(0.05)
    worker.join()
    assert imported(shared) == ROWS
    assert 503 not in statuses
    assert statuses.count(303) >= 1
    assert max(waits) < 3


@pytest.mark.slow
def test_an_interrupted_import_goes_on_where_it_was_and_adds_nothing_twice(shared, begun, monkeypatch):  # noqa: F811
    chunks = []

    def break_down(*arguments, **named):
        chunks.append(1)
        if len(chunks) == 4:
            raise RuntimeError("the worker breaks down")
        return import_chunk(*arguments, **named)

    monkeypatch.setattr(job_module, "import_chunk", break_down)
    work(shared)
    assert imported(shared) == 3 * 500
    assert all_of(shared, select(ImportProgress.done_rows)) == [(1_500,)]
    with shared.app_context():
        job = database().scalars(select(Job)).one()
        assert job.status is JobStatus.QUEUED
        job.run_at = job.created_at
        database().commit()
    work(shared)
    assert imported(shared) == ROWS
    [(report,)] = all_of(shared, select(IdeaImport.report))
    assert (report["added"], report["known"], report["refused_total"]) == (ROWS, 0, 0)


@pytest.mark.slow
def test_an_import_that_is_stopped_in_the_middle_keeps_what_it_added(shared, begun, monkeypatch):  # noqa: F811
    owner, address = begun
    chunks = []

    def stop_after(*arguments, **named):
        chunks.append(1)
        if len(chunks) == 3:
            arguments[0].rollback()
            assert owner.post(f"{address}/cancel").status_code == 303
        return import_chunk(*arguments, **named)

    monkeypatch.setattr(job_module, "import_chunk", stop_after)
    work(shared)
    assert imported(shared) == 2 * 500
    [(report,)] = all_of(shared, select(IdeaImport.report))
    assert report["added"] == 1_000
    assert all_of(shared, select(Job.status)) == [(JobStatus.CANCELLED,)]
    assert "1,000" in owner.get(address).text
