"""The process beside the web: claims jobs, carries them out, writes notices, delivers the mail, finds similar ideas.

Each queue has its thread, so that mail and the placing of an idea never wait for a grouping. A kind of work is the
module of its name in `app.jobs`, with `run(job, report=…)`. It reads, ends its transaction before it computes, then
writes without committing: the worker marks the job done in the same transaction.
"""

import logging
import os
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from functools import partial
from importlib import import_module
from typing import Any, Self

from flask import Flask, current_app
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from app.clock import now
from app.extensions import database, db
from app.health.health import say_alive
from app.mail.delivery import deliver_due
from app.mail.notices import notify_due
from app.mail.transport import kept_connection
from app.worker.failure import code_of, detail_of, may_pass
from app.worker.memory import give_back
from ideas.work import lease
from ideas.work.job import HANDLING, Job, Queue
from ideas.work.lease import LeaseLost
from ideas.work.schedule import add_missing_schedules, enqueue_scheduled

Report = Callable[[str, float], None]

HEARTBEAT_SECONDS = 5.0
# The pause after a write that failed, because the database was busy or away.
AGAIN_SECONDS = 1.0
IDLE_SECONDS = 0.5
# The longest pause after turns that failed: on a full disk each of them logs a traceback.
MAX_PAUSE_SECONDS = 30.0
TICK_SECONDS = 5.0

log = logging.getLogger(__name__)


class Stopped(Exception):
    """Raised inside the work when the process is to end."""


def work(
    app: Flask, stop: threading.Event, *, queues: Collection[Queue] = tuple(Queue), parent: int | None = None
) -> None:
    """Carry out the jobs of these queues until `stop` is set, or the process `parent`, which started this one, is gone.

    Returns when every thread has ended the job that it was at, or put it back.
    """
    threads = []
    with ExitStack() as loaded:
        for queue in Queue:  # mail first: it needs no model
            if queue in queues:
                loaded.enter_context(ready(app, stop, queue))
                threads.append(threading.Thread(target=work_on, args=(app, queue, stop), name=queue))
                threads[-1].start()
        keep_time(app, stop, queues, parent=parent)
        for thread in threads:
            thread.join()


@contextmanager
def ready(app: Flask, stop: threading.Event, queue: Queue) -> Iterator[None]:
    """Load what the jobs of this queue need, before a thread does, as two must not load it at once.

    Meanwhile BLAS is held to one thread: the limit is one of the process, and a queue that ends its computation would
    lift it for another's. Where the queue is quick, the pages that ask for similar ideas are answered: its process has
    the model for new ideas.
    """
    for kind, handling in HANDLING.items():
        if handling.queue is queue:
            import_module(f"app.jobs.{kind}")
    if queue is Queue.MAIL:
        yield
        return
    from app.worker.similar_server import answering
    from app.worker.vector_store import warm_up
    from clustering.threads import one_blas_thread

    with one_blas_thread():
        with app.app_context():
            warm_up()
        with answering(app, stop) if queue is Queue.QUICK else nullcontext():
            yield


def keep_time(
    app: Flask,
    stop: threading.Event,
    queues: Collection[Queue],
    *,
    parent: int | None = None,
    also: Callable[[], object] | None = None,
) -> None:
    """Every few seconds, say that the worker of these queues is alive and queue the jobs that are due. Then do `also`.

    Returns when `stop` is set. Sets it when the process `parent` is gone.
    """
    while not stop.is_set() and parent in {None, os.getppid()}:
        with app.app_context():
            _tick(queues)
            if also is not None:
                also()
        stop.wait(TICK_SECONDS)
    stop.set()


def _tick(queues: Collection[Queue]) -> None:
    """Say that the worker is alive, and queue the jobs that recur and are due."""
    with suppress(OSError):
        say_alive(current_app.extensions["settings"], queues)
    try:
        session = database()
        add_missing_schedules(session, now=now())
        enqueue_scheduled(session, now=now())
        session.commit()
    except Exception:
        log.exception("the schedule could not be read")
        database().rollback()


def work_on(app: Flask, queue: Queue, stop: threading.Event, *, claims: bool = True) -> None:
    """Carry out the jobs of one queue, one after the other. The queue of mail also delivers the mails that are due.

    Without `claims`, only the latter: Celery brings the jobs. After turns that fail one after the other, the pauses
    grow.
    """
    pause = IDLE_SECONDS
    with kept_connection() if queue is Queue.MAIL else nullcontext():
        while not stop.is_set():
            with app.app_context():
                busy = _turn(queue, stop, claims=claims)
            pause = min(2 * pause, MAX_PAUSE_SECONDS) if busy is None else IDLE_SECONDS
            if not busy:
                stop.wait(pause)


def _turn(queue: Queue, stop: threading.Event, *, claims: bool) -> bool | None:
    """Look once for what is due in the queue. True if there was something: there may be more. None where it failed."""
    try:
        busy = claims and run_next(stop, queues=[queue])
        if queue is Queue.MAIL:
            busy |= notify_due(now()) > 0
            busy |= deliver_due(now()) > 0
    except Exception:
        # The database may be back at the next turn, so the worker goes on.
        log.exception("a turn of the queue %s failed", queue)
        database().rollback()
        return None
    return busy


def run_next(
    stop: threading.Event | None = None, *, queues: Collection[Queue] = tuple(Queue), job_id: int | None = None
) -> bool:
    """Claim one job, or the one with this id, and carry it out. False if none waits."""
    job = lease.claim(database(), queues=queues, job_id=job_id, now=now())
    if job is not None:
        database().expunge(job)  # plain values from here on: a look at them opens no transaction
    database().commit()
    if job is None:
        return False
    _carry_out(job, job.id, job.fence, stop or threading.Event())
    if HANDLING[job.kind].queue is Queue.HEAVY:
        give_back()
    return True


def _carry_out(job: Job, job_id: int, fence: int, stop: threading.Event) -> None:
    log.info("job %d (%s) starts, attempt %d", job_id, job.kind, job.attempts)
    try:
        with _Heart(job_id, fence) as heart, _traced(job):
            result = import_module(f"app.jobs.{job.kind}").run(job, report=_Reporter(job_id, fence, stop, heart))
        lease.finish(database(), job_id, fence=fence, result=result, now=now())
        database().commit()
        log.info("job %d is done", job_id)
    except LeaseLost:
        database().rollback()
        log.warning("job %d was taken away: nothing written", job_id)
    except Stopped:
        _close(lambda session: lease.release(session, job_id, fence=fence), stop)
    except Exception as error:
        retry = may_pass(error)
        if retry:
            log.exception("job %d failed", job_id)
        else:
            log.error("job %d: %s", job_id, error)  # noqa: TRY400 -- the message is complete without a traceback
        failed = partial(lease.fail, error=code_of(error), detail=detail_of(error), retry=retry)
        _close(lambda session: failed(session, job_id, fence=fence, now=now()), stop)


def _traced(job: Job) -> AbstractContextManager[None]:
    """A span of the trace, where this process makes them."""
    if "telemetry" not in current_app.extensions:
        return nullcontext()
    from app.health.telemetry import job_span

    return job_span(job.kind, job.queue, job.attempts)


def _close(write: Callable[[Session], None], stop: threading.Event) -> None:
    """Throw away what the work wrote, and write how it ended: again and again while the database is away.

    Otherwise a job whose database was away twice would pass for one that kills its worker.
    """
    while True:
        try:
            database().rollback()
            write(database())
            database().commit()
        except LeaseLost:
            database().rollback()
        except (InterfaceError, OperationalError):
            log.exception("the end of a job could not be written")
            if not stop.wait(AGAIN_SECONDS):
                continue
        return


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
            lambda session: lease.report(
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
                    written = _aside(lambda session: lease.beat(session, self._job_id, fence=self._fence, now=now()))
                pause = HEARTBEAT_SECONDS if written else AGAIN_SECONDS
            except LeaseLost:
                self.lost = True
                return
            except Exception:
                log.exception("a heartbeat of job %d failed", self._job_id)
