"""Outgoing mail, for administrators."""

from datetime import datetime

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, Power, requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.outreach.message import UndeliverableForm
from app.mail.address import address_of
from app.mail.report import report_token
from app.settings import Settings
from app.web.csv_file import csv_response
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status
from ideas.accounts.undeliverable import (
    NoAddress,
    UndeliverableAddress,
    note_undeliverable,
    send_again,
    undeliverable_page,
)
from ideas.outreach.messages.kept import export_messages, message_page
from ideas.outreach.messages.message import Message
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
@requires(Platform.ADMIN, power=Power.EXPORT)
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


@views.route("/messages/undeliverable", methods=["GET", "POST"])
@requires(Platform.ADMIN)
def undeliverable() -> ResponseReturnValue:
    """The addresses to which nothing is sent, and a form to note one whose mail came back later."""
    form = UndeliverableForm()
    if form.validate_on_submit():
        with show_refusals(form, {NoAddress: form.address}):
            note_undeliverable(
                database(), form.address.data, why=form.why.data, detail=form.detail.data, by=member(), now=now()
            )
            database().commit()
            flash(_("Nothing is sent to this address any more."), "success")
            return redirect(url_for("message.undeliverable"), 303)
    to = _part(request.args.get("to", ""))
    rows, total = undeliverable_page(database(), to)
    page = render_template(
        "outreach/message/undeliverable.html",
        form=form,
        rows=rows,
        total=total,
        to=to,
        hook=address_of("mail_report.take", hook=report_token()),
    )
    return page, form_status(form)


@views.post("/messages/undeliverable/<int:undeliverable_id>/send-again")
@requires(Platform.ADMIN)
def send_again_to(undeliverable: UndeliverableAddress) -> ResponseReturnValue:
    address = undeliverable.address
    send_again(database(), undeliverable, by=member(), now=now())
    database().commit()
    flash(_("Emails are sent to %(address)s again.", address=address), "success")
    return redirect(url_for("message.undeliverable"), 303)


@views.get("/messages/<int:message_id>")
@requires(Platform.ADMIN)
def show(message: Message) -> str:
    return render_template("outreach/message/show.html", message=message)
