"""Delete what is kept for a time only: ended sign-ins, finished jobs, counts of limits, portraits
that wait for their form, bytes of no file.
"""

from collections.abc import Callable
from typing import Any

from app.clock import now
from app.extensions import database
from app.sqlite import reading
from app.web.uploads import uploads
from ideas.campaigns.portrait import delete_waiting
from ideas.files import sweep
from ideas.people.limit import delete_old_counts
from ideas.people.sign_in import delete_ended_sign_ins
from ideas.work.job import Job, delete_finished_jobs


def run(job: Job, *, report: Callable[[str, float], None]) -> dict[str, Any]:  # noqa: ARG001 -- the signature of every kind of job
    """See app.jobs.worker for the contract."""
    instant = now()
    with reading(database()) as session:  # no lock is held while files are looked at
        files = sweep(session, uploads(), now=instant)
    return {
        "sign_ins": delete_ended_sign_ins(database(), now=instant),
        "jobs": delete_finished_jobs(database(), now=instant),
        "files": files,
        "portraits": delete_waiting(database(), now=instant),
        "limits": delete_old_counts(database(), now=instant),
    }
