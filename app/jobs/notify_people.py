"""Tell the people of an act that was deferred, because its notices could not be written when the log was read."""

from collections.abc import Callable
from typing import Any

from app.clock import now
from app.mail.notices import notify_of
from ideas.work.job import Job


def run(job: Job, *, report: Callable[[str, float], None]) -> dict[str, Any]:
    """See app.worker.worker for the contract. It commits as it goes: nobody is told twice, so it may begin again."""
    return {"notices": notify_of(job.payload["activity_id"], now(), report=report)}
