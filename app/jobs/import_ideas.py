"""Import the ideas of a stored file, a few hundred rows at a time, so that others write meanwhile."""

import time
from collections.abc import Callable
from itertools import islice
from typing import Any

from sqlalchemy.orm import Session

from app.clock import now
from app.database.sqlite import reading
from app.extensions import database
from app.tables.idea_file import Choices, open_rows
from ideas.campaigns.campaign import Campaign
from ideas.contributions.imports.importing import CHUNK_ROWS, IdeaImport, ImportClosed, finish_import, import_chunk
from ideas.contributions.imports.row import look_for_personal_data, prepare
from ideas.work.job import Job

# Between two transactions, others who wait for SQLite's write lock get it.
PAUSE_SECONDS = 0.05


def run(job: Job, *, report: Callable[[str, float], None]) -> dict[str, Any]:
    """Import the file of the job. See app.worker.worker for the contract, but each chunk is committed.

    An attempt that is interrupted is continued by the next one, after the rows that are done.
    """
    session = database()
    import_id: int = job.payload["import"]
    with reading(session):
        upload = session.get(IdeaImport, import_id)
        if upload is None or upload.content is None or upload.progress is None:
            return {}  # stopped, or finished by an attempt whose worker died at the very end
        choices, done = Choices.from_json(upload.progress.columns), upload.progress.done_rows
        total = (upload.preview or {}).get("row_count", 0) * choices.ideas_of_a_row
        content, filename = upload.content, upload.filename
        health = session.get_one(Campaign, job.of_campaign).is_health
    session.expunge_all()  # the file is not read again with each chunk
    report("import", 0.0)
    with open_rows(content, filename, choices) as rows:
        # All rows are prepared, since the key of a text depends on those before it. Personal data are looked for
        # between two transactions.
        prepared = look_for_personal_data(islice(prepare(rows), done, None), health=health)
        while chunk := list(islice(prepared, CHUNK_ROWS)):
            try:
                campaign = session.get_one(Campaign, job.of_campaign)
                done = import_chunk(session, campaign, import_id, chunk, done=done, now=now())
            except ImportClosed:
                session.rollback()
                break  # the debrief was published meanwhile: what was imported before stays, and is reported
            session.commit()
            report("import", min(1.0, done / max(1, total)))
            time.sleep(PAUSE_SECONDS)
    return _finish(session, import_id)


def _finish(session: Session, import_id: int) -> dict[str, Any]:
    upload = session.get(IdeaImport, import_id, with_for_update=True)
    if upload is None or upload.finished_at is not None:
        return {}
    finish_import(session, upload, now=now())
    return {"added": (upload.report or {})["added"]}
