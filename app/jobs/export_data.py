"""Make the file with all that is stored about a person: JSON for each kind, CSV, and the files that they added."""

import json
import shutil
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from app.clock import now
from app.database.sqlite import reading
from app.extensions import database
from app.web.csv_file import csv_text
from app.web.uploads import uploads
from ideas.files import digest_of, discard, writing
from ideas.people.person import Person
from ideas.privacy.export import added_files, keep_export, sheets, stored_rows
from ideas.work.job import Job


class _Erased(Exception):
    """The account was erased meanwhile: the bytes that were written are deleted."""


def run(job: Job, *, report: Callable[[str, float], None]) -> dict[str, Any]:
    """See app.worker.worker for the contract. An attempt that ends in between leaves no row; its bytes are swept."""
    session = database()
    earlier: Sequence[str] = ()
    report("export", 0.0)
    with suppress(_Erased), writing(uploads()) as (path, stored_as):
        with reading(session):
            person = session.get(Person, job.payload["person"])
            if person is None or person.erased_at is not None:
                raise _Erased
            _fill(path, person)
        report("export", 0.9)
        size, digest = path.stat().st_size, digest_of(path)
        person = session.get_one(Person, job.payload["person"])
        session.refresh(person, with_for_update=True)  # an erasure waits, or has been
        if person.erased_at is not None:
            raise _Erased
        earlier = keep_export(session, person, stored_as=stored_as, size=size, digest=digest, now=now())
    for old in earlier:
        discard(uploads(), old)
    return {}


def _fill(path: Path, person: Person) -> None:
    session = database()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in stored_rows(session, person):
            archive.writestr(f"json/{name}.json", json.dumps(rows, ensure_ascii=False, indent=1))
        for sheet in sheets(session, person):
            archive.writestr(f"csv/{sheet.name}.csv", csv_text(sheet.columns, sheet.rows))
        for name, stored_as in added_files(session, person).items():
            with suppress(FileNotFoundError), uploads().open(stored_as) as file, archive.open(name, "w") as copy:
                shutil.copyfileobj(file, copy)
