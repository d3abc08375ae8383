"""From a file to themes on the page, through the real application, database and worker process.

The embedded default: SQLite, one worker process that is already up. Prints, for each size, the seconds of the import
page's work, of the grouping as the page sees it (job queued to job done), of the theme page's first answer, and the
worker's peak memory.
"""

import io
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from flask_migrate import upgrade

from app import create_app
from app.clock import now
from app.extensions import database, db
from app.settings import PROJECT, from_env
from app.sqlite import reading
from benchmarks.data import DATA
from ideas.campaign import Campaign, CampaignText, start_campaign
from ideas.job import Job, JobKind, enqueue
from ideas.person import open_sign_in, sign_up

FILE = "gdn_mobilite_fr.csv"
SIZES = (1_225, 6_884)
BOUNDS = {1_225: 10.0, 6_884: 40.0}
MEMORY_BOUND_MB = 1_024


def run() -> dict[str, Any]:
    """One row for each size; empty with a word where the data is absent."""
    path = DATA / FILE
    if not path.exists():
        return {"absent": FILE}
    return {str(size): _journey(path, size) for size in SIZES}


def _journey(path: Path, size: int) -> dict[str, float]:
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    content = "".join(lines[: size + 1]).encode()
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"CONVERGENCE_INSTANCE": folder, "DATABASE_URL": "", "EMBEDDING_MODEL": ""}
        app = create_app(from_env(environment))
        app.config.update(WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
        with app.app_context():
            upgrade()
            campaign_id, client = _owner(app)
        worker = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "app", "worker"], cwd=PROJECT, env=environment
        )
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
    campaign = start_campaign(database(), owner=person, text=CampaignText(title="T", challenge="Q"), now=now())
    token = open_sign_in(database(), person, now=now())
    database().commit()
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["sign_in"], cookie["_user_id"] = token, str(person.id)
    return campaign.id, client


def _timed(app: Any, client: Any, campaign_id: int, content: bytes, worker: int) -> dict[str, float]:
    start = time.perf_counter()
    address = f"/campaigns/{campaign_id}/import"
    sent = client.post(address, data={"file": (io.BytesIO(content), FILE)}, content_type="multipart/form-data")
    assert sent.status_code == 303, sent.status
    chosen = client.post(sent.location, data={"text": "text", "key": "id", "lang": "lang"})
    assert chosen.status_code in {200, 303}, chosen.status
    imported = time.perf_counter()
    with app.app_context():
        campaign = database().get_one(Campaign, campaign_id)
        job_id = enqueue(database(), JobKind.FIND_THEMES, campaign, now=now()).id
        database().commit()
        job = _wait(job_id)
        db.session.remove()
    grouped = time.perf_counter()
    page = client.get(f"/campaigns/{campaign_id}/themes")
    assert page.status_code == 200, page.status
    shown = time.perf_counter()
    return {
        "ideas": job.result["ideas"],
        "themes": job.result["themes"],
        "import s": round(imported - start, 2),
        "grouping s": round(grouped - imported, 2),
        "page s": round(shown - grouped, 2),
        "total s": round(shown - start, 2),
        "worker MB": round(_peak_mb(worker)),
        "page kB": round(len(page.data) / 1024),
    }


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
    """The worker loads its model once, when it starts: wait until its memory stands still."""
    before, still = 0.0, 0
    while still < 4:
        time.sleep(0.5)
        size = _peak_mb(pid)
        still = still + 1 if size == before and size > 60 else 0
        before = size


def _peak_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0


def lines(result: dict[str, Any]) -> list[str]:
    if "absent" in result:
        return [f"absent: {result['absent']}"]
    told = []
    for size, row in result.items():
        bound = BOUNDS[int(size)]
        told.append(
            f"{row['ideas']:>6} ideas → {row['themes']} themes: import {row['import s']} s,"
            f" grouping {row['grouping s']} s,"
            f" page {row['page s']} s; total {row['total s']} s (at most {bound:g}), worker {row['worker MB']} MB"
            f" (at most {MEMORY_BOUND_MB} at 1,225)"
        )
    return told
