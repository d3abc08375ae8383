"""Outgoing mail, for administrators."""

from flask import Blueprint, current_app, render_template, request

from app.access.needs import Platform, requires
from app.extensions import database
from app.settings import Settings
from ideas.outreach.message import Message, message_page

views = Blueprint("message", __name__)


@views.get("/messages")
@requires(Platform.ADMIN)
def index() -> str:
    settings: Settings = current_app.extensions["settings"]
    page = message_page(database(), number=request.args.get("page", 1, type=int))
    return render_template("outreach/message/index.html", page=page, by_smtp=bool(settings.smtp_url))


@views.get("/messages/<int:message_id>")
@requires(Platform.ADMIN)
def show(message: Message) -> str:
    return render_template("outreach/message/show.html", message=message)
