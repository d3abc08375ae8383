"""Outgoing mail, for administrators."""

from datetime import datetime

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.settings import Settings
from app.web.csv_file import csv_response
from ideas.outreach.message import Message, export_messages, message_page
from ideas.people.person import MAX_EMAIL_LENGTH
from ideas.text import clean_line

views = Blueprint("message", __name__)

MAX_EXPORTED = 20_000
COLUMNS = ("number", "to", "subject", "written_at", "sent_at", "attempts", "error")


@views.get("/messages")
@requires(Platform.ADMIN)
def index() -> str:
    settings: Settings = current_app.extensions["settings"]
    to = _part(request.args.get("to", ""))
    page = message_page(database(), number=request.args.get("page", 1, type=int), to=to)
    return render_template("outreach/message/index.html", page=page, to=to, by_smtp=bool(settings.smtp_url))


@views.post("/messages/export")
@requires(Platform.ADMIN)
def export() -> ResponseReturnValue:
    """The mails that the page lists, without their texts, as a file. A POST: the activity log says who took it."""
    to = _part(request.form.get("to", ""))
    found = export_messages(database(), to=to, limit=MAX_EXPORTED, by=member(), now=now())
    rows = [
        [one.id, one.address, one.subject, *map(_instant, (one.created_at, one.sent_at)), one.attempts, one.error]
        for one in found
    ]
    database().commit()
    return csv_response(f"emails-{now():%Y-%m-%d}.csv", COLUMNS, rows)


def _part(sent: str) -> str:
    return clean_line(sent)[:MAX_EMAIL_LENGTH]


def _instant(at: datetime | None) -> str:
    return at.isoformat() if at is not None else ""


@views.get("/messages/<int:message_id>")
@requires(Platform.ADMIN)
def show(message: Message) -> str:
    return render_template("outreach/message/show.html", message=message)
