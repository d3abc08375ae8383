"""A worker is killed wherever its job is: the next one does the job once, as if nothing had been.

The worker is a copy of this process (`fork`), which ends itself with SIGKILL where a function is called. So each place
costs no start of a process.
"""

import os
import signal
import time
from dataclasses import replace
from datetime import timedelta
from importlib import import_module

import pytest
from sqlalchemy import func, select, update

from app.clock import now as clock
from app.extensions import database, db
from app.mail.delivery import deliver_due
from app.worker.worker import run_next
from ideas.activity.activity import first_broken
from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea
from ideas.contributions.imports.importing import CHUNK_ROWS, IdeaImport, keep_upload, start_import
from ideas.exports.export import ExportFormat, ask_for_export
from ideas.files import File, sweep
from ideas.outreach.messages.delivery import LEASE
from ideas.outreach.messages.message import Message
from ideas.outreach.messages.queue import write_message
from ideas.people.person import Person
from ideas.privacy.erasure import Contents, Erasure, ask_to_erase
from ideas.store import Folder
from ideas.work.backup import latest_backups
from ideas.work.job import Job, JobKind, JobStatus, enqueue

pytestmark = pytest.mark.slow
ROWS = 2 * CHUNK_ROWS + 7
PATIENCE_SECONDS = 120
# Where every kind of job may die: all is written, and not committed.
AT_THE_END = "ideas.work.lease.finish"


def killed_at(app, place, act, *, call=1):
    """Do something in a process of its own that is killed where this function is called, for the given time."""
    name, _, function = place.rpartition(".")
    module, calls = import_module(name), []
    db.session.remove()
    db.engine.dispose()
    pid = os.fork()
    if pid == 0:
        try:
            real = getattr(module, function)

            def die(*arguments, **named):
                calls.append(1)
                if len(calls) == call:
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(*arguments, **named)

            setattr(module, function, die)
            with app.app_context():
                act()
        finally:
            os._exit(1)
    end = time.monotonic() + PATIENCE_SECONDS
    while (ended := os.waitpid(pid, os.WNOHANG)) == (0, 0):
        if time.monotonic() > end:
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)
    assert time.monotonic() < end, "it did not come to this place"
    assert os.waitstatus_to_exitcode(ended[1]) == -signal.SIGKILL


def the_campaign():
    """Open, of an owner who has a file and some ideas."""
    session, now = database(), clock()
    owner = Person(email="o@example.org", name="O", created_at=now, verified_at=now)
    leaver = Person(email="eloise@example.org", name="Éloïse Zylberstein", created_at=now, verified_at=now)
    ends = {"opens_at": now - timedelta(days=1), "closes_at": now + timedelta(days=1)}
    promised = {"benefit": "Three changes.", "motivation": "Thanks.", "debrief_due_at": now + timedelta(days=9)}
    campaign = Campaign(owner=owner, title="T", challenge="C", created_at=now, announced_at=now, **ends, **promised)
    session.add_all([campaign, leaver])
    session.flush()
    sent = dict.fromkeys(("created_at", "updated_at", "submitted_at"), now)
    session.add_all(
        Idea(campaign=campaign, author=leaver, body=f"A bus on Sunday, number {number}", **sent) for number in range(20)
    )
    session.commit()
    return campaign, owner, leaver


def export(campaign, owner, _leaver):
    ask_for_export(database(), campaign, format_=ExportFormat.JSON, named=True, by=owner, now=clock())


def one_file_is_kept(app):
    [file] = database().scalars(select(File))
    folder = app.extensions["settings"].uploads
    assert (folder / file.stored_as).stat().st_size == file.size > 1_000
    sweep(database(), Folder(folder), now=clock() + timedelta(days=2))
    assert [path for path in folder.rglob("*") if path.is_file()] == [folder / file.stored_as]


def an_import(campaign, owner, _leaver):
    content = b"text\n" + b"".join(b"A night bus on line %d\n" % number for number in range(ROWS))
    upload = keep_upload(
        database(), campaign, by=owner, filename="a.csv", content=content, preview={"row_count": ROWS}, now=clock()
    )
    start_import(database(), campaign, upload, {"text": 0}, now=clock())


def each_row_is_an_idea(_app):
    bodies = database().scalars(select(Idea.body).where(Idea.import_key.is_not(None))).all()
    assert (len(bodies), len(set(bodies))) == (ROWS, ROWS)
    [upload] = database().scalars(select(IdeaImport))
    assert (upload.report["added"], upload.content) == (ROWS, None)


def erasure(_campaign, _owner, leaver):
    ask_to_erase(database(), leaver, contents=Contents.DELETE, by=leaver, now=clock())
    database().execute(update(Job).values(run_at=clock()))


def nothing_is_left_of_the_person(_app):
    [erased] = database().scalars(select(Erasure))
    assert erased.done_at is not None
    person = database().get(Person, erased.person_id)
    assert person.erased_at is not None
    assert "Zylberstein" not in person.name
    assert first_broken(database()) is None


def back_up(_campaign, _owner, _leaver):
    enqueue(database(), JobKind.BACK_UP, now=clock())


def one_back_up_is_there(app):
    [noted] = latest_backups(database())
    folder = app.extensions["settings"].backup_folder
    assert noted.error == ""
    assert [str(path) for path in folder.glob("convergence-*")] == [noted.place]
    assert noted.size == (folder / noted.place).stat().st_size


PLACES = {
    "app.jobs.export_campaign.write_export": (export, one_file_is_kept),
    "app.jobs.export_campaign.keep_export": (export, one_file_is_kept),
    "app.jobs.import_ideas.open_rows": (an_import, each_row_is_an_idea),
    "app.jobs.import_ideas.import_chunk 2": (an_import, each_row_is_an_idea),
    "app.jobs.import_ideas.finish_import": (an_import, each_row_is_an_idea),
    "app.jobs.erase_person.erase": (erasure, nothing_is_left_of_the_person),
    "app.jobs.erase_person.discard_scratch": (erasure, nothing_is_left_of_the_person),
    "app.jobs.erase_person.note_erasure": (erasure, nothing_is_left_of_the_person),
    "app.jobs.back_up.back_up": (back_up, one_back_up_is_there),
    "app.jobs.back_up.remove_old": (back_up, one_back_up_is_there),
}
ENDS = (
    (export, one_file_is_kept),
    (an_import, each_row_is_an_idea),
    (erasure, nothing_is_left_of_the_person),
    (back_up, one_back_up_is_there),
)


@pytest.mark.parametrize(
    ("place", "ask", "check"),
    [pytest.param(place, *both, marks=pytest.mark.one_database) for place, both in PLACES.items()]
    # PostgreSQL sees one that reads one moment and one that goes on where it was.
    + [
        pytest.param(AT_THE_END, *both, marks=() if both[0] in {export, an_import} else pytest.mark.one_database)
        for both in ENDS
    ],
    ids=lambda given: given if isinstance(given, str) else given.__name__,
)
def test_a_job_whose_worker_is_killed_anywhere_is_done_once(own, place, ask, check, monkeypatch, request):
    if ask is back_up and db.engine.dialect.name == "postgresql":
        request.getfixturevalue("programs")
    settings = own.extensions["settings"]
    chosen = {"backup_folder": settings.instance / "back-ups", "embedding_model": "/no/such/model"}  # none is needed
    monkeypatch.setitem(own.extensions, "settings", replace(settings, **chosen))
    ask(*the_campaign())
    job_id, kind = database().execute(select(Job.id, Job.kind)).one()
    database().commit()
    import_module(f"app.jobs.{kind}")  # once, and not in each copy
    name, _, call = place.partition(" ")
    killed_at(own, name, run_next, call=int(call or 1))
    assert database().get(Job, job_id).status is JobStatus.RUNNING
    database().execute(update(Job).where(Job.id == job_id).values(lease_until=clock() - timedelta(seconds=1)))
    database().commit()
    assert run_next()
    job = database().get(Job, job_id, populate_existing=True)
    assert (job.status, job.attempts, job.interruptions) == (JobStatus.DONE, 2, 1), job.detail
    check(own)
    database().rollback()


def test_a_mail_that_was_taken_before_its_worker_was_killed_comes_again_as_the_same_one(own):
    """Between the answer of the server and the mark in the database; the mail's program shows one of them."""
    _, owner, _ = the_campaign()
    about = {"subject": "Hello", "body": "Hello", "domain": "localhost"}
    for number in range(3):
        write_message(database(), to=owner, reason=f"test {number}", **about, now=clock())
    database().commit()
    killed_at(own, "app.mail.delivery.mark_sent", lambda: deliver_due(clock()), call=2)
    assert database().scalar(select(func.count(Message.sent_at))) == 1
    database().rollback()
    assert deliver_due(clock()) == 0, "another worker waits until the lease has run out"
    assert deliver_due(clock() + LEASE + timedelta(seconds=1)) == 2
    assert deliver_due(clock() + LEASE + timedelta(hours=9)) == 0
    sent = [path.read_text() for path in own.extensions["settings"].mail_folder.glob("*.eml")]
    ids = [next(line for line in text.splitlines() if line.startswith("Message-ID")) for text in sent]
    assert len(set(ids)) == 3
    assert len(ids) <= 4
