"""The process beside the web: claims jobs, carries them out, writes notices and delivers the mail.

A kind of work is a module with `run(job, report=…)`. It reads, ends its transaction before it computes, then
writes without committing: the worker marks the job done in the same transaction.
"""

import logging
import os
import threading
from collections.abc import Callable
from importlib import import_module
from typing import Any, Self

from flask import Flask, current_app
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.clock import now
from app.extensions import database, db
from app.jobs.mail import deliver_due
from app.jobs.notices import notify_due
from clustering.errors import ModelUnavailable
from ideas.themes.run import enqueue_after_closing
from ideas.work import job as jobs
from ideas.work.job import Job, JobKind, LeaseLost

Report = Callable[[str, float], None]

MODULES = {
    JobKind.FIND_THEMES: "app.jobs.find_themes",
    JobKind.PLACE_IDEAS: "app.jobs.place_ideas",
}
HEARTBEAT_SECONDS = 5.0
# The pause after a heartbeat that could not be written, because the database was busy.
AGAIN_SECONDS = 1.0
IDLE_SECONDS = 0.5

log = logging.getLogger(__name__)


class Stopped(Exception):
    """Raised inside the work when the process is to end."""


def work(app: Flask, stop: threading.Event, *, parent: int | None = None) -> None:
    """Carry out jobs until `stop` is set, or the process `parent`, which started this one, is gone."""
    while not stop.is_set() and parent in {None, os.getppid()}:
        with app.app_context():
            busy = _turn(stop)
        if not busy:
            stop.wait(IDLE_SECONDS)


def _turn(stop: threading.Event) -> bool:
    """Look once for everything that is due. True if there was a job."""
    try:
        enqueue_after_closing(database(), now=now())
        database().commit()
        busy = run_next(stop)
        notify_due(now())
        deliver_due(now())
    except Exception:
        # The database may be back at the next turn, so the worker goes on.
        log.exception("a turn of the worker failed")
        database().rollback()
        return False
    return busy


def run_next(stop: threading.Event | None = None) -> bool:
    """Claim one job and carry it out. False if none waits."""
    job = jobs.claim(database(), now=now())
    if job is not None:
        database().expunge(job)  # plain values from here on: a look at them opens no transaction
    database().commit()
    if job is None:
        return False
    _carry_out(job, job.id, job.fence, stop or threading.Event())
    return True


def _carry_out(job: Job, job_id: int, fence: int, stop: threading.Event) -> None:
    log.info("job %d (%s) starts, attempt %d", job_id, job.kind, job.attempts)
    try:
        with _Heart(job_id, fence) as heart:
            result = import_module(MODULES[job.kind]).run(job, report=_Reporter(job_id, fence, stop, heart))
        jobs.finish(database(), job_id, fence=fence, result=result, now=now())
        database().commit()
        log.info("job %d is done", job_id)
    except LeaseLost:
        database().rollback()
        log.warning("job %d was taken away: nothing written", job_id)
    except Stopped:
        _close(lambda session: jobs.release(session, job_id, fence=fence))
    except ModelUnavailable as error:
        log.error("job %d: %s", job_id, error)  # noqa: TRY400 -- the message is complete without a traceback
        _close(lambda session: jobs.fail(session, job_id, fence=fence, error="model_unavailable", now=now()))
    except Exception:
        log.exception("job %d failed", job_id)
        _close(lambda session: jobs.fail(session, job_id, fence=fence, error="unexpected", now=now()))


def _close(write: Callable[[Session], None]) -> None:
    """Throw away what the work wrote, and write how it ended."""
    database().rollback()
    try:
        write(database())
        database().commit()
    except LeaseLost:
        database().rollback()


def _aside(write: Callable[[Session], None]) -> bool:
    """Write in a short separate transaction, whatever the work has open. False while the database is busy."""
    try:
        with db.session.session_factory() as session:
            write(session)
            session.commit()
    except OperationalError as error:
        log.warning("the database is busy (%s): written again later", error.orig)
        return False
    return True


class _Reporter:
    """Stores the progress for the page, at most five times a second. Raises Stopped or LeaseLost to end the work."""

    _PAUSE = 0.2

    def __init__(self, job_id: int, fence: int, stop: threading.Event, heart: "_Heart") -> None:
        self._job_id, self._fence, self._stop, self._heart = job_id, fence, stop, heart
        self._last: tuple[str, Any] = ("", now())

    def __call__(self, stage: str, progress: float) -> None:
        if self._stop.is_set():
            raise Stopped
        if self._heart.lost:
            raise LeaseLost
        last_stage, reported_at = self._last
        if stage == last_stage and (now() - reported_at).total_seconds() < self._PAUSE:
            return
        _aside(
            lambda session: jobs.report(
                session, self._job_id, fence=self._fence, stage=stage, progress=progress, now=now()
            )
        )
        self._last = (stage, now())


class _Heart:
    """Renews the lease from a thread of its own while the work computes."""

    def __init__(self, job_id: int, fence: int) -> None:
        self.lost = False
        self._job_id, self._fence = job_id, fence
        self._app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 -- the way Flask hands its app to a thread
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stopped.set()
        self._thread.join()

    def _beat(self) -> None:
        pause = HEARTBEAT_SECONDS
        while not self._stopped.wait(pause):
            try:
                with self._app.app_context():
                    written = _aside(lambda session: jobs.beat(session, self._job_id, fence=self._fence, now=now()))
                pause = HEARTBEAT_SECONDS if written else AGAIN_SECONDS
            except LeaseLost:
                self.lost = True
                return
            except Exception:
                log.exception("a heartbeat of job %d failed", self._job_id)
