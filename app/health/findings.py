"""What administrators read of the health of the site: each part, how it is, and how large."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.health import health
from app.health.health import Health, Part
from app.health.schema import Schema, schema_state
from app.settings import Settings
from ideas.outreach.messages.state import mail_state
from ideas.search import count_unindexed
from ideas.work.backup import Backup, last_good_backup
from ideas.work.job import Queue
from ideas.work.job_list import count_failed, lacks_model

# A back-up that is older than this is too old to lean on.
BACKUP_LASTS = timedelta(days=7)


class Level(StrEnum):
    """How much a part matters now: nothing to do, something to look at, something that does not work."""

    FINE = "fine"
    CARE = "care"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """A part of the site and how it is: templates/work/health/words.html has a sentence for both, and what to do."""

    part: str
    state: str
    level: Level
    values: dict[str, Any] = field(default_factory=dict)


def findings(session: Session, settings: Settings, *, backups: Sequence[Backup], now: datetime) -> list[Finding]:
    """Every part, the worst first. A constant number of queries. `backups`: the latest, the newest first."""
    seen = health.check(session, settings, now=now)
    found = [
        *_machine(seen, settings),
        _jobs(session),
        _mail(session, settings, seen),
        _model(session),
        _schema(session),
        _search(session),
        _backup(session, backups, now),
    ]
    ranks = list(reversed(Level))
    return sorted(found, key=lambda finding: ranks.index(finding.level))


def database_bytes(session: Session) -> int:
    """How large the database is."""
    if session.get_bind().dialect.name == "postgresql":
        asked = text("SELECT pg_database_size(current_database())")
    else:
        asked = text("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
    return int(session.execute(asked).scalar_one())


def _machine(found: Health, settings: Settings) -> list[Finding]:
    """The disk, Redis, the store of files, the worker and what waits for it, as /healthz has them."""
    free = {"free": shutil.disk_usage(settings.instance).free}
    disk = {Part.OK: Level.FINE, Part.LOW: Level.CARE}.get(found.disk, Level.BAD)
    redis = Level.BAD if found.redis is Part.AWAY else Level.FINE
    files = Level.BAD if found.files is Part.AWAY else Level.FINE
    waited = {"minutes": found.oldest_due_seconds // 60}
    return [
        _worker(found),
        Finding("queue", found.jobs, Level.FINE if found.jobs is Part.OK else Level.CARE, waited),
        Finding("disk", found.disk, disk, free),
        *([Finding("redis", found.redis, redis)] if found.redis else []),
        *([Finding("files", found.files, files)] if found.files else []),
    ]


def _worker(found: Health) -> Finding:
    """All queues may be silent, or some: those are named."""
    if not found.silent:
        return Finding("worker", "ok", Level.FINE)
    state = "silent" if len(found.silent) == len(Queue) else "partly"
    return Finding("worker", state, Level.BAD, {"queues": found.silent})


def _jobs(session: Session) -> Finding:
    failed = count_failed(session)
    return Finding("jobs", "failed" if failed else "ok", Level.CARE if failed else Level.FINE, {"count": failed})


def _mail(session: Session, settings: Settings, seen: Health) -> Finding:
    found = mail_state(session)
    values = {"count": found.failing + found.given_up, "error": found.error, "sent_at": found.sent_at}
    if not settings.smtp_url:
        return Finding("mail", "not_set", Level.CARE, values)
    if found.failing:
        return Finding("mail", "failing", Level.BAD if seen.mail is Part.FAILING else Level.CARE, values)
    if seen.mail is Part.LATE:
        return Finding("mail", "late", Level.BAD, {"minutes": seen.oldest_mail_seconds // 60})
    return Finding("mail", "given_up" if found.given_up else "ok", Level.CARE if found.given_up else Level.FINE, values)


def _model(session: Session) -> Finding:
    missing = lacks_model(session)
    return Finding("model", "missing" if missing else "ok", Level.BAD if missing else Level.FINE)


def _schema(session: Session) -> Finding:
    """Whether the tables are those of this version."""
    same = schema_state(session) is Schema.OK
    return Finding("schema", "ok" if same else "pending", Level.FINE if same else Level.BAD)


def _search(session: Session) -> Finding:
    missing = count_unindexed(session)
    values = {"count": missing}
    return Finding("search", "incomplete" if missing else "ok", Level.CARE if missing else Level.FINE, values)


def _backup(session: Session, backups: Sequence[Backup], now: datetime) -> Finding:
    made_at = last_good_backup(session)
    is_old = made_at is None or now - made_at > BACKUP_LASTS
    values = {"made_at": made_at}
    if backups and backups[0].error:
        return Finding("backup", "failed", Level.BAD if is_old else Level.CARE, values | {"error": backups[0].error})
    if made_at is None:
        return Finding("backup", "unknown", Level.CARE)
    if backups and backups[0].missing:
        return Finding("backup", "lacking", Level.CARE, values | {"count": backups[0].missing})
    return Finding("backup", "old" if is_old else "ok", Level.CARE if is_old else Level.FINE, values)
