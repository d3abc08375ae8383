"""Tell people of the badges that they have reached, each once. It goes on from where it read the activity log last."""

from collections.abc import Callable
from typing import Any

from app.clock import now
from app.database.sqlite import reading
from app.extensions import database
from ideas.recognition.telling import unread_badges, write_badges
from ideas.work.job import Job

# Of two thousand acts each. What is left is read ten minutes later.
MAX_TURNS = 10


def run(job: Job, *, report: Callable[[str, float], None]) -> dict[str, Any]:  # noqa: ARG001 -- the signature of every kind of job
    """See app.worker.worker for the contract. Each turn ends with a commit, so that nobody waits for the next one."""
    session, people = database(), 0
    for _turn in range(MAX_TURNS):
        with reading(session):
            found = unread_badges(session)
        if found is None:
            break
        people += write_badges(session, found, now=now())
        session.commit()
    return {"people": people}
