"""Record that campaigns have opened or closed by their dates, so that those who follow them are told."""

from collections.abc import Callable
from typing import Any

from app.clock import now
from app.extensions import database
from ideas.campaigns.passed_dates import record_passed_dates
from ideas.work.job import Job


def run(job: Job, *, report: Callable[[str, float], None]) -> dict[str, Any]:  # noqa: ARG001 -- the signature of every kind of job
    """See app.worker.worker for the contract."""
    return {"recorded": record_passed_dates(database(), now=now())}
