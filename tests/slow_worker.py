"""The worker as tests start it: its grouping lasts until the file `release` is in the instance folder."""

import sys
import time
from pathlib import Path
from types import SimpleNamespace

from app.clock import now
from app.extensions import database
from ideas.themes.theme import Theme


def run(job, *, report):
    """Write a theme when it may end, in the transaction that ends the job."""
    report("group", 0.5)
    while not (_instance() / "release").exists():
        time.sleep(0.05)
        report("group", 0.5)
    database().add(Theme(campaign_id=job.of_campaign, found_name="Late", created_at=now()))
    return {}


def _instance() -> Path:
    from flask import current_app

    return current_app.extensions["settings"].instance


if __name__ == "__main__":
    sys.modules["app.jobs.find_themes"] = SimpleNamespace(run=run)
    from flask.cli import main

    sys.argv = ["flask", "--app", "app", "worker", *sys.argv[1:]]
    main()
