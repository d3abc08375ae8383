"""Celery on Redis, the second carrier of jobs. It carries their ids; their rows say what is done, and once.

The id of a new job is sent when its transaction has committed. What could not be sent, got lost or waits for its hour
is sent by `send_due`, which the worker calls every few seconds. An id that arrives twice does no harm: the lease lets
one worker in. The web imports Celery with the first id that it sends.
"""

import logging
import ssl
import time
from collections.abc import Iterable
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app, has_app_context
from sqlalchemy import event
from sqlalchemy.orm import Session, object_session

from app.clock import now
from app.extensions import database
from app.settings import Settings
from ideas.work import lease
from ideas.work.job import Job, Queue

TASK = "job"
# An id that no worker has acknowledged for so long is given to another one.
VISIBILITY = 10 * lease.LEASE
# A request waits at most so long for Redis, and does not ask it again soon after it was away.
TIMEOUTS = {"socket_connect_timeout": 1, "socket_timeout": 2}
AWAY_SECONDS = 30.0
MAX_SENT = 1_000
_NEW = "new_jobs"
_away_until = 0.0

log = logging.getLogger(__name__)


def init_app(app: Flask) -> None:
    """Where the settings name a Redis, send the id of each new job after its commit."""
    settings: Settings = app.extensions["settings"]
    if settings.redis_url and not event.contains(Job, "after_insert", _note):
        event.listen(Job, "after_insert", _note)
        event.listen(Session, "after_commit", _send_new)


@cache
def celery_of(redis_url: str) -> Any:
    """The Celery application, which has one task: a job with this id. TLS asks for a valid certificate."""
    from celery import Celery

    celery = Celery("convergence", broker=redis_url)
    celery.conf.update(
        task_acks_late=True,
        task_ignore_result=True,
        worker_prefetch_multiplier=1,
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        broker_connection_max_retries=None,
        broker_connection_retry_on_startup=True,
        broker_use_ssl={"ssl_cert_reqs": ssl.CERT_REQUIRED} if urlsplit(redis_url).scheme == "rediss" else None,
        broker_transport_options=TIMEOUTS | {"visibility_timeout": VISIBILITY.total_seconds(), "max_retries": 0},
    )
    return celery


def send_due(queue: Queue) -> None:
    """Send the ids of the jobs of a queue that are due, where fewer ids wait at the broker than jobs in the database.

    For the worker. Whatever fails is logged, and tried at the next call.
    """
    session = database()
    try:
        lease.fail_interrupted(session, queues=[queue], now=now())
        due = lease.due_jobs(session, queue, limit=MAX_SENT, now=now())
        session.commit()
        if due and _waiting(queue) < len(due):
            send((job_id, queue) for job_id in due)
    except Exception as error:
        if not _is_away(error):
            log.exception("the jobs that are due could not be sent")
        session.rollback()


def _waiting(queue: Queue) -> int:
    """How many ids wait in this queue of the broker."""
    with celery_of(_settings().redis_url).connection_for_write() as connection:
        waiting: int = connection.default_channel.queue_declare(queue=queue).message_count
    return waiting


def send(jobs: Iterable[tuple[int, Queue]]) -> None:
    """Send the ids of these jobs. Raises what Kombu raises where Redis is away."""
    celery = celery_of(_settings().redis_url)
    once = {"max_retries": 1, "interval_start": 0}  # a connection that Redis has ended is opened again
    for job_id, queue in jobs:
        celery.send_task(TASK, args=[job_id], queue=queue, retry=True, retry_policy=once)


def _note(_mapper: object, _connection: object, job: Job) -> None:
    session = object_session(job)
    if session is not None and job.run_at <= job.created_at:
        session.info.setdefault(_NEW, []).append((job.id, job.queue))


def _send_new(session: Session) -> None:
    """Send what this transaction has added. The request goes on where Redis is away: the worker sends it later."""
    if session.in_nested_transaction():
        return
    added = session.info.pop(_NEW, None)
    if not added or not has_app_context() or not _settings().redis_url or time.monotonic() < _away_until:
        return
    try:
        send(added)
    except Exception as error:
        if not _is_away(error):
            log.exception("jobs could not be sent")


def _is_away(error: Exception) -> bool:
    """True where Redis does not answer, which is logged and remembered for a while."""
    from kombu.exceptions import OperationalError

    global _away_until  # noqa: PLW0603 -- each process finds out by itself
    if not isinstance(error, OperationalError):
        return False
    _away_until = time.monotonic() + AWAY_SECONDS
    log.warning("Redis is away: jobs are sent later (%s)", error)
    return True


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
