"""Ask for a grouping of each campaign that has closed."""

from collections.abc import Callable
from typing import Any

from app.clock import now
from app.extensions import database
from ideas.themes.runs.run import enqueue_after_closing
from ideas.work.job import Job


def run(job: Job, *, report: Callable[[str, float], None]) -> dict[str, Any]:  # noqa: ARG001 -- the signature of every kind of job
    """See app.worker.worker for the contract."""
    return {"queued": enqueue_after_closing(database(), now=now())}
