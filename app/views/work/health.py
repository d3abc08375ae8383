"""The health of the site in words, for administrators: what is wrong, what to do, and a test mail."""

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, requires
from app.access.roles import member
from app.clock import now
from app.extensions import database, limiter
from app.health.findings import Level, database_bytes, findings
from app.mail.letters.trial import Trial, send_trial
from app.settings import Settings
from app.signing.caller import caller_address
from app.web.pages.site import site
from ideas.files import storage
from ideas.work.backup import latest_backups

views = Blueprint("health", __name__, url_prefix="/health")

# Each waits for a mail server.
MAX_TRIALS = "6 per minute"


@views.get("")
@requires(Platform.ADMIN)
def show() -> str:
    return _page()


@views.post("/test-mail")
@limiter.limit(MAX_TRIALS, key_func=caller_address)
@requires(Platform.ADMIN)
def send_test_mail() -> ResponseReturnValue:
    name, address = member().name, member().email
    called = site().name
    database().rollback()  # the server may take a while: hold no write lock meanwhile
    return _page(send_trial(_settings(), name=name, address=address, site=called, now=now()))


def _page(trial: Trial | None = None) -> str:
    backups = latest_backups(database())
    found = findings(database(), _settings(), backups=backups, now=now())
    return render_template(
        "work/health/show.html",
        wrong=[finding for finding in found if finding.level is not Level.FINE],
        fine=[finding for finding in found if finding.level is Level.FINE],
        database_bytes=database_bytes(database()),
        storage=storage(database()),
        backups=backups,
        backup_folder=_settings().backup_folder,
        trial=trial,
        by_smtp=bool(_settings().smtp_url),
    )


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
