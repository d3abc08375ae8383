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
from app.settings import Settings
from ideas.outreach.message import Message
from ideas.work.job import Job, JobStatus

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
    """How the site is at this moment. `health`: None where the database or a disk did not answer."""

    def __init__(self, health: Health | None, settings: Settings) -> None:
        self._health, self._settings = health, settings

    def collect(self) -> Iterator[Metric]:
        yield _gauge("convergence_up", "1 where the database and the disk answered in time", int(bool(self._health)))
        if self._health is None:
            return
        parts = GaugeMetricFamily("convergence_part_ok", "1 where a part of the site is well", labels=["part"])
        for part in ("disk", "worker", "jobs", "model", "mail"):
            parts.add_metric([part], int(getattr(self._health, part) in {"ok", "not_set"}))
        yield parts
        yield _gauge("convergence_oldest_due_seconds", "How long a job has been due", self._health.oldest_due_seconds)
        silent = seconds_silent(self._settings)
        if isfinite(silent):
            yield _gauge("convergence_worker_silent_seconds", "Since the worker said that it is alive", silent)
        free = shutil.disk_usage(self._settings.instance).free
        yield _gauge("convergence_disk_free_bytes", "Room in the instance folder", free)
        jobs = GaugeMetricFamily("convergence_jobs", "Jobs that are not done", labels=["queue", "status"])
        waiting = Job.status.in_([JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.FAILED])
        counted = select(Job.queue, Job.status, func.count()).where(waiting).group_by(Job.queue, Job.status)
        for queue, status, count in database().execute(counted):
            jobs.add_metric([queue, status], count)
        yield jobs
        unsent = select(func.count()).where(Message.sent_at.is_(None), Message.next_attempt_at.is_not(None))
        yield _gauge("convergence_mails_waiting", "Mails that are not delivered yet", database().scalar(unsent) or 0)


def init_app(app: Flask) -> None:
    """Count requests, where the settings say so."""
    app.extensions["metrics"] = requests = Requests()
    app.after_request(requests.note)


def exposition(requests: Any, health: Health | None) -> bytes:
    """The page that Prometheus reads."""
    now = CollectorRegistry()
    now.register(_Now(health, current_app.extensions["settings"]))
    text: bytes = requests.text() + generate_latest(now)
    return text


def _gauge(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, meaning, value=value)
