"""The health of the site, for whoever watches it: database, disk, Redis, the worker and what waits for it."""

import os
import shutil
import tempfile
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from sqlalchemy.orm import Session

from app.file_store import Bucket, file_store
from app.server.private_files import database_file
from app.settings import Settings
from ideas.outreach.messages.state import is_mail_refused, oldest_due_mail
from ideas.store import DISK_IS_FULL, StoreAway
from ideas.work.job import Queue
from ideas.work.job_list import lacks_model, oldest_due

# The disk is low below the first, and full below the second.
LOW_BYTES, FULL_BYTES = 500_000_000, 20_000_000
# The worker says that it is alive every five seconds.
WORKER_SECONDS = 60.0
# A job or a mail that is due waits at most this long where the worker keeps up.
LATE_SECONDS = 15 * 60
# Redis is waited for so long, and the rest of the look has a second at least.
_REDIS_TIMEOUTS = {"socket_connect_timeout": 1, "socket_timeout": 1}
_BLOCK = bytes(4_096)


class Part(StrEnum):
    """How a part is. The last two are failures: the site can't do its work."""

    OK = "ok"
    NOT_SET = "not_set"
    LATE = "late"
    MISSING = "missing"
    FAILING = "failing"
    SILENT = "silent"
    AWAY = "away"
    LOW = "low"
    FULL = "full"
    READ_ONLY = "read_only"


FAILURES = frozenset({Part.FULL, Part.READ_ONLY})


@dataclass(frozen=True, slots=True)
class Health:
    """How each part is. It names no path and no address: anyone may read it."""

    disk: Part
    worker: Part
    silent: tuple[Queue, ...]  # the queues whose process did not show itself
    jobs: Part
    oldest_due_seconds: int
    redis: Part | None  # None where the settings name none
    files: Part | None  # of a store beside the folder, as well
    model: Part
    mail: Part
    oldest_mail_seconds: int

    @property
    def fails(self) -> bool:
        """True where pages can't do their work. Without its worker the site still answers."""
        return self.disk in FAILURES

    @property
    def status(self) -> str:
        if self.fails:
            return "failing"
        parts = {self.disk, self.worker, self.jobs, self.model, self.mail, self.redis, self.files}
        return "ok" if parts <= {Part.OK, Part.NOT_SET, None} else "degraded"


def check(session: Session, settings: Settings, *, now: datetime) -> Health:
    """Look once at everything: a few queries, a block on the disk, a file, a ping. Raises OperationalError."""
    due = oldest_due(session, now=now)
    waited = 0 if due is None else max(0, int((now - due).total_seconds()))
    mail_due = oldest_due_mail(session, now=now)
    mail_waited = 0 if mail_due is None else max(0, int((now - mail_due).total_seconds()))
    silent = silent_queues(settings)
    return Health(
        disk=disk_state(settings),
        worker=Part.SILENT if silent else Part.OK,
        silent=silent,
        jobs=Part.LATE if waited > LATE_SECONDS else Part.OK,
        oldest_due_seconds=waited,
        redis=_redis(settings),
        files=_files(settings),
        model=Part.MISSING if lacks_model(session) else Part.OK,
        mail=_mail(session, settings, waited=mail_waited, now=now),
        oldest_mail_seconds=mail_waited,
    )


def say_alive(settings: Settings, queues: Collection[Queue] = tuple(Queue)) -> None:
    """Note that a worker of these queues is alive, in the time of empty files: that needs no room and no lock.

    One for each queue: the process of mail may be gone while that of groupings lives.
    """
    for queue in queues:
        path = alive_file(settings, queue)
        try:
            os.utime(path)
        except FileNotFoundError:
            path.touch(mode=0o600)


def alive_file(settings: Settings, queue: Queue) -> Path:
    return settings.instance / f"worker-{queue}.alive"


def seconds_silent(settings: Settings, queue: Queue) -> float:
    """How long ago a worker of this queue said that it is alive; infinite where none did."""
    try:
        return abs(time.time() - alive_file(settings, queue).stat().st_mtime)
    except OSError:
        return float("inf")


def silent_queues(settings: Settings) -> tuple[Queue, ...]:
    """The queues of which no worker has shown itself for a minute."""
    return tuple(queue for queue in Queue if seconds_silent(settings, queue) >= WORKER_SECONDS)


def _redis(settings: Settings) -> Part | None:
    if not settings.redis_url:
        return None
    from redis import Redis, RedisError
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    try:  # once: the library would try again for longer than the whole look may take
        with Redis.from_url(settings.redis_url, **_REDIS_TIMEOUTS, retry=Retry(NoBackoff(), 0)) as redis:
            redis.ping()
    except RedisError:
        return Part.AWAY
    return Part.OK


def _files(settings: Settings) -> Part | None:
    store = file_store(settings)
    if not isinstance(store, Bucket):
        return None
    try:
        store.look()
    except StoreAway:
        return Part.AWAY
    return Part.OK


def _mail(session: Session, settings: Settings, *, waited: int, now: datetime) -> Part:
    if not settings.smtp_url:
        return Part.NOT_SET
    if is_mail_refused(session, now=now):
        return Part.FAILING
    return Part.LATE if waited > LATE_SECONDS else Part.OK


def disk_state(settings: Settings) -> Part:
    """The worst of the folders that are written to: the instance, uploads, and where an SQLite database is."""
    database = database_file(settings.database_url)
    folders = {settings.instance} if database is None else {settings.instance, database.parent}
    if settings.uploads.is_dir():  # made with the first upload; it may be a disk of its own
        folders.add(settings.uploads)
    found = {_folder(folder) for folder in folders}
    return next((part for part in (Part.READ_ONLY, Part.FULL, Part.LOW) if part in found), Part.OK)


def _folder(folder: Path) -> Part:
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return Part.READ_ONLY
    if free < FULL_BYTES:
        return Part.FULL
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(_BLOCK)
    except OSError as error:  # also where bytes are free, but not for this user, or no file can be added
        return Part.FULL if error.errno in DISK_IS_FULL else Part.READ_ONLY
    return Part.LOW if free < LOW_BYTES else Part.OK
