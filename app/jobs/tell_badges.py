"""Tell people of the badges that they have reached, each once. It goes on from where it read the activity log last."""

from collections.abc import Callable
from typing import Any

from app.clock import now
from app.extensions import database
from ideas.recognition.telling import tell_badges
from ideas.work.job import Job

# Of two thousand acts each. What is left is read ten minutes later.
MAX_TURNS = 10


def run(job: Job, *, report: Callable[[str, float], None]) -> dict[str, Any]:  # noqa: ARG001 -- the signature of every kind of job
    """See app.jobs.worker for the contract."""
    people = 0
    for _turn in range(MAX_TURNS):
        told = tell_badges(database(), now=now())
        if told is None:
            break
        people += told
    return {"people": people}
