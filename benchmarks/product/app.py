"""From a file to themes on the page, through the real application, database and worker process.

The embedded default: SQLite and one worker process that is already up. For each size: the seconds of the import page's
work, of the grouping as the page sees it (job queued to job done), of the theme page's first answer, and the worker's
peak memory.
"""

import io
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from flask_migrate import upgrade

from app import create_app
from app.clock import now
from app.database.sqlite import reading
from app.extensions import database, db
from app.settings import PROJECT, from_env
from benchmarks.data import DATA
from benchmarks.figures import Target, peak_mb, show_table, show_targets
from ideas.accounts.identity import sign_up
from ideas.accounts.sign_in import open_sign_in
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.promise import CampaignText, start_campaign
from ideas.contributions.imports.importing import IdeaImport, import_job
from ideas.work.job import Job, JobKind, enqueue

FILE = "gdn_mobilite_fr.csv"


@dataclass(frozen=True)
class Bounds:
    """What is promised: seconds from file to page, the worker's memory, and seconds of the table of the themes."""

    seconds: float
    worker_mb: int | None = None
    table: float | None = None


SIZES = {1_225: Bounds(10, 1_024, 0.3), 6_884: Bounds(40)}


@dataclass(frozen=True)
class Wait:
    """Seconds of each step as a manager waits for it, and what it took."""

    ideas: int
    themes: int
    importing: float
    grouping: float
    page: float
    table: float
    worker_mb: float
    page_kb: float

    @property
    def total(self) -> float:
        return self.importing + self.grouping + self.page

    def as_json(self) -> dict[str, float]:
        return asdict(self) | {"total": self.total}


def show() -> dict[str, object]:
    """Prints and returns how long a manager waits, from a file to themes on the page."""
    print(
        "\nFrom a file to themes on the page: web, worker and SQLite as `make run` starts them (seconds, peak memory)"
    )
    waits = {size: measure_app(size) for size in SIZES}
    rows = [_row(wait) if wait else [f"{size:,}", "absent"] for size, wait in waits.items()]
    show_table(["ideas", "themes", "import", "group", "page", "in all", "table", "worker MB", "page kB"], rows)
    targets = []
    for size, bounds in SIZES.items():
        wait = waits[size]
        if wait:
            targets.append(Target(f"{size:,}: seconds", wait.total, bounds.seconds, at_most=True))
        if wait and bounds.table:
            targets.append(Target(f"{size:,}: seconds of the table", wait.table, bounds.table, at_most=True))
        if wait and bounds.worker_mb:
            targets.append(Target(f"{size:,}: MB of the worker", wait.worker_mb, bounds.worker_mb, at_most=True))
    found = [wait.as_json() if wait else {"ideas": size, "absent": True} for size, wait in waits.items()]
    return {"sizes": found, "targets": show_targets(targets)}


def _row(wait: Wait) -> list[str]:
    steps = [f"{step:.2f}" for step in (wait.importing, wait.grouping, wait.page, wait.total, wait.table)]
    return [f"{wait.ideas:,}", str(wait.themes), *steps, f"{wait.worker_mb:.0f}", f"{wait.page_kb:.0f}"]


def measure_app(size: int) -> Wait | None:
    """The first `size` rows through a new instance; None where the data is absent."""
    path = DATA / FILE
    if not path.is_file():
        return None
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    content = "".join(lines[: size + 1]).encode()
    with tempfile.TemporaryDirectory() as instance:
        environment = os.environ | {"CONVERGENCE_INSTANCE": instance, "DATABASE_URL": "", "EMBEDDING_MODEL": ""}
        app = create_app(from_env(environment))
        app.config.update(WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
        with app.app_context():
            upgrade()
            campaign_id, client = _owner(app)
        with Path(instance, "worker.log").open("wb") as log:
            command = [sys.executable, "-m", "flask", "--app", "app", "worker"]
            worker = subprocess.Popen(command, cwd=PROJECT, env=environment, stderr=log)
        try:
            _wait_until_warm(worker.pid)
            return _timed(app, client, campaign_id, content, worker.pid)
        finally:
            worker.terminate()
            worker.wait()


def _owner(app: Any) -> tuple[int, Any]:
    person = sign_up(
        database(), email="o@example.org", name="Owner", password="a long enough one", rules_accepted=True, now=now()
    )
    person.may_open_campaigns = True
    campaign = start_campaign(database(), owner=person, text=CampaignText(title="T", challenge="Q"), now=now())
    token = open_sign_in(database(), person, now=now())
    database().commit()
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["sign_in"], cookie["_user_id"] = token, str(person.id)
    return campaign.id, client


def _timed(app: Any, client: Any, campaign_id: int, content: bytes, worker: int) -> Wait:
    start = time.perf_counter()
    address = f"/campaigns/{campaign_id}/import"
    sent = client.post(address, data={"file": (io.BytesIO(content), FILE)}, content_type="multipart/form-data")
    assert sent.status_code == 303, sent.status
    # The columns by their places in the file: id, text, label, lang.
    chosen = client.post(sent.location, data={"key": "0", "text": "1", "lang": "3"})
    assert chosen.status_code == 303, chosen.status
    with app.app_context():
        upload = database().get_one(IdeaImport, int(sent.location.rsplit("/", 1)[1]))
        _wait(import_job(database(), upload).id)
        db.session.remove()
    imported = time.perf_counter()
    with app.app_context():
        campaign = database().get_one(Campaign, campaign_id)
        job_id = enqueue(database(), JobKind.FIND_THEMES, campaign_id=campaign.id, now=now()).id
        database().commit()
        job = _wait(job_id)
        db.session.remove()
    grouped = time.perf_counter()
    page = client.get(f"/campaigns/{campaign_id}/themes")
    assert page.status_code == 200, page.status
    shown = time.perf_counter()
    table = f"/campaigns/{campaign_id}/themes/table"
    client.get(table)  # the first request reads the templates
    tabled = time.perf_counter()
    rows = client.get(table)
    assert rows.status_code == 200, rows.status
    read = time.perf_counter()
    assert job.result["ideas"], "no idea was grouped"
    return Wait(
        ideas=job.result["ideas"],
        themes=job.result["themes"],
        importing=imported - start,
        grouping=grouped - imported,
        page=shown - grouped,
        table=read - tabled,
        worker_mb=peak_mb(worker),
        page_kb=len(page.data) / 1024,
    )


def _wait(job_id: int) -> Any:
    while True:
        with reading(database()):
            job = database().get_one(Job, job_id)
            database().expunge(job)
        if not job.is_unfinished:
            assert job.result, job.error
            return job
        time.sleep(0.1)


def _wait_until_warm(pid: int) -> None:
    """Wait until the worker's memory is stable: it loads its model once, when it starts."""
    before, still = 0.0, 0
    while still < 4:
        time.sleep(0.5)
        size = peak_mb(pid)
        still = still + 1 if size == before and size > 60 else 0
        before = size
