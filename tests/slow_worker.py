"""The worker as tests start it: its work lasts until a file is in the instance folder, or kills it."""

import os
import signal
import sys
import time
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

from app.clock import now
from app.extensions import database
from ideas.themes.theme import Theme


def run(job, *, report):
    """Write a theme when it may end, in the transaction that ends the job.

    Of the payload, `until` names the file that it waits for, and `kills` ends the process.
    """
    if "kills" in job.payload:
        os.kill(os.getpid(), signal.SIGKILL)
    report("group", 0.5)
    while not (_instance() / job.payload.get("until", "release")).exists():
        time.sleep(0.05)
        report("group", 0.5)
    database().add(Theme(campaign_id=job.of_campaign, found_name="Late", created_at=now()))
    return {}


def _instance() -> Path:
    from flask import current_app

    return current_app.extensions["settings"].instance


if __name__ == "__main__":
    for kind in ("find_themes", "notify_people"):
        sys.modules[f"app.jobs.{kind}"] = SimpleNamespace(run=run)
    from flask.cli import main

    from app.worker import broker, process

    if "VISIBILITY_SECONDS" in os.environ:
        broker.VISIBILITY = timedelta(seconds=float(os.environ["VISIBILITY_SECONDS"]))

    process.COMMAND = (sys.executable, "-m", "tests.slow_worker")
    sys.argv = ["flask", "--app", "app", *sys.argv[1:]]
    main()
