"""Figures for Prometheus: requests by route, jobs, mail, disk, worker. No text, name, address or number of a person."""

import os
import shutil
import time
from collections.abc import Iterator
from math import isfinite
from typing import Any

from flask import Flask, Response, current_app, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from app.extensions import database
from app.health.health import Health, seconds_silent
from app.health.schema import Schema
from app.settings import Settings
from ideas.outreach.messages.state import count_waiting
from ideas.work.job import Job, JobStatus, Queue

CONTENT_TYPE = CONTENT_TYPE_LATEST
# Seconds: pages promise 0.3, and nothing takes longer than a minute.
_BUCKETS = (0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 60)


class Requests:
    """Counts of one process; of all, where PROMETHEUS_MULTIPROC_DIR names a folder that they share."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.answered = Counter(
            "convergence_requests", "Requests answered", ["route", "method", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "convergence_request_seconds", "Time to answer", ["route"], buckets=_BUCKETS, registry=self.registry
        )

    def note(self, response: Response) -> Response:
        """Count an answer, by the name of its route: an address may hold what somebody typed."""
        route = request.endpoint or "none"
        method = request.method if request.method in {"GET", "HEAD", "POST", "OPTIONS"} else "other"
        self.answered.labels(route, method, str(response.status_code)).inc()
        self.seconds.labels(route).observe(time.perf_counter() - g.get("began", time.perf_counter()))
        return response

    def text(self) -> bytes:
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            return generate_latest(self.registry)
        shared = CollectorRegistry()
        MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
        return generate_latest(shared)


class _Now(Collector):
    """How the site is at this moment.

    `schema`: None where the database or a disk did not answer. `health`: None there, and where tables are missing.
    """

    def __init__(self, health: Health | None, schema: Schema | None, settings: Settings) -> None:
        self._health, self._schema, self._settings = health, schema, settings

    def collect(self) -> Iterator[Metric]:
        is_up = self._schema is not None
        yield _gauge("convergence_up", "1 where the database and the disk answered in time", int(is_up))
        parts = GaugeMetricFamily("convergence_part_ok", "1 where a part of the site is well", labels=["part"])
        if self._schema is not None:
            parts.add_metric(["schema"], int(self._schema is not Schema.PENDING))
        if self._health is None:
            yield parts
            return
        for part in ("disk", "worker", "jobs", "model", "mail", "redis", "files"):
            state = getattr(self._health, part)
            if state is not None:
                parts.add_metric([part], int(state in {"ok", "not_set"}))
        yield parts
        yield _gauge("convergence_oldest_due_seconds", "How long a job has been due", self._health.oldest_due_seconds)
        yield _gauge(
            "convergence_oldest_mail_seconds", "How long a mail has been due", self._health.oldest_mail_seconds
        )
        meaning = "Since a worker of the queue said that it is alive"
        silent = GaugeMetricFamily("convergence_worker_silent_seconds", meaning, labels=["queue"])
        for queue in Queue:
            if isfinite(seconds := seconds_silent(self._settings, queue)):
                silent.add_metric([queue], seconds)
        yield silent
        free = shutil.disk_usage(self._settings.instance).free
        yield _gauge("convergence_disk_free_bytes", "Room in the instance folder", free)
        jobs = GaugeMetricFamily("convergence_jobs", "Jobs that are not done", labels=["queue", "status"])
        waiting = Job.status.in_([JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.FAILED])
        counted = select(Job.queue, Job.status, func.count()).where(waiting).group_by(Job.queue, Job.status)
        for queue, status, count in database().execute(counted):
            jobs.add_metric([queue, status], count)
        yield jobs
        yield _gauge("convergence_mails_waiting", "Mails that are not delivered yet", count_waiting(database()))


def init_app(app: Flask) -> None:
    """Count requests, where the settings say so."""
    app.extensions["metrics"] = requests = Requests()
    app.after_request(requests.note)


def exposition(requests: Any, health: Health | None, *, schema: Schema | None) -> bytes:
    """The page that Prometheus reads."""
    now = CollectorRegistry()
    now.register(_Now(health, schema, current_app.extensions["settings"]))
    text: bytes = requests.text() + generate_latest(now)
    return text


def _gauge(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, meaning, value=value)
