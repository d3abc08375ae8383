"""The worker where Celery brings the jobs: a process for each queue, a Celery worker that does one job at a time."""

import os
import threading
from collections.abc import Collection
from functools import partial

from flask import Flask

from app.settings import Settings
from app.worker import broker
from app.worker.process import WorkerProcess
from app.worker.worker import TICK_SECONDS, keep_time, ready, run_next, work_on
from ideas.work.job import Queue


def work_in_processes(stop: threading.Event, queues: Collection[Queue], *, parent: int | None = None) -> None:
    """Let a process for each of these queues work until `stop` is set or the process `parent` is gone."""
    processes = [WorkerProcess("--carrier", "celery", "--queues", queue) for queue in queues]
    while not stop.is_set() and parent in {None, os.getppid()}:
        stop.wait(TICK_SECONDS)
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait()


def work_with_celery(app: Flask, stop: threading.Event, queue: Queue, *, parent: int | None = None) -> None:
    """Carry out the jobs of this queue whose ids Celery brings, until `stop` is set or the process `parent` is gone.

    Returns when the job that it was at has ended, or is put back. The queue of mail also sends mails, whether
    Redis is there or not. For the main thread.
    """
    from celery.exceptions import Reject
    from celery.worker import state

    settings: Settings = app.extensions["settings"]
    celery = broker.celery_of(settings.redis_url)

    @celery.task(name=broker.TASK)  # type: ignore[untyped-decorator]
    def carry_out(job_id: int) -> None:
        with app.app_context():
            run_next(stop, queues=[queue], job_id=job_id)
        if stop.is_set():  # it may have been put back: another worker gets its id
            raise Reject(requeue=True)

    def watch() -> None:
        keep_time(app, stop, [queue], parent=parent, also=partial(broker.send_due, queue))
        state.should_stop = 0  # the loop of the Celery worker ends

    with ready(app, stop, queue):
        threads = [threading.Thread(target=watch, name="time")]
        if queue is Queue.MAIL:
            threads.append(threading.Thread(target=work_on, args=(app, queue, stop), kwargs={"claims": False}))
        for thread in threads:
            thread.start()
        celery.WorkController(
            pool="solo",
            concurrency=1,
            queues=[queue],
            without_heartbeat=True,
            without_mingle=True,
            without_gossip=True,
        ).start()
        failed = not stop.is_set()
        stop.set()
        for thread in threads:
            thread.join()
    if failed:  # Celery has logged why
        raise SystemExit(1)
