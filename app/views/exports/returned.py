"""Answers and actions back from a spreadsheet: upload the changed table, see what it changes, confirm it."""

from collections.abc import Sequence
from datetime import date
from functools import partial

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.exports.returned import pack, read_returned, unpack
from app.extensions import database
from app.forms.exports.returned import ConfirmReturnedForm, ReadReturnedForm, UploadReturnedForm
from app.mail.letters.letter import read_draft, write_letter
from app.text.notices.notice import sentence
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.language import language
from app.web.pages.rendering import form_status, translated
from ideas.activity.version import ReasonNeeded
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.errors import DomainError
from ideas.exports.returned.apply import apply_rows
from ideas.exports.returned.sheet import SheetRow
from ideas.exports.returned.step import Step, digest_of
from ideas.outreach.returned import Preview, drafts_for, preview_rows
from ideas.people.person import Person

views = Blueprint("returned", __name__, url_prefix="/campaigns/<int:campaign_id>/answers/import")


@views.route("", methods=["GET", "POST"])
@requires(Act.DECIDE)
def upload(campaign: Campaign) -> ResponseReturnValue:
    form = UploadReturnedForm()
    if form.validate_on_submit():
        content, name = form.file.data.read(), form.file.data.filename or ""
        database().rollback()  # reading a file takes a while: hold no write lock meanwhile
        with show_refusals(form, {DomainError: form.file}):
            rows = read_returned(content, name)
            shown = _preview(campaign, rows)
            packed = pack(step.row for step, _told in shown.changes)
            return _preview_page(campaign, shown, packed)
    return render_template("exports/returned/upload.html", campaign=campaign, form=form), form_status(form)


@views.post("/confirm")
@requires(Act.DECIDE)
def confirm(campaign: Campaign) -> ResponseReturnValue:
    form = ConfirmReturnedForm()
    rows = unpack(form.rows.data or "")
    if not rows or not form.validate_on_submit():
        if rows:
            return _preview_page(campaign, _preview(campaign, rows), form.rows.data or "", form=form)
        flash(_("Nothing was changed. Send the file again."), "error")
        return redirect(url_for("returned.upload", campaign_id=campaign.id), 303)
    session = database()
    steps = apply_rows(
        session, campaign, rows, reason=form.reason.data or "", by=member(), now=now(), day_first=_day_first()
    )
    lacking = any(isinstance(step.error, ReasonNeeded) for step in steps)
    if not lacking and digest_of(steps) == form.digest.data:
        session.commit()
        _say_what_was_done(steps)
        return redirect(url_for("theme_table.show", campaign_id=campaign.id), 303)
    session.rollback()
    if lacking:
        form.reason.errors = [translated(ReasonNeeded())]
        return _preview_page(campaign, _preview(campaign, rows), form.rows.data or "", form=form)
    shown = _preview(campaign, rows)
    return _preview_page(campaign, shown, pack(step.row for step, _told in shown.changes), form=form, changed=True)


@views.post("/message")
@requires(Act.DECIDE)
def message(campaign: Campaign) -> ResponseReturnValue:
    """What one of the people who are named in the list would read; without one of them, the list again."""
    form = ReadReturnedForm()
    rows = unpack(form.rows.data or "")
    if not rows:
        return redirect(url_for("returned.upload", campaign_id=campaign.id), 303)
    person = database().get(Person, form.person.data) if form.validate() and form.person.data else None
    if person is None:
        return _preview_page(campaign, _preview(campaign, rows), form.rows.data or "")
    found = drafts_for(
        database(), campaign, rows,
        person=person, read=partial(read_draft, database()), by=member(), now=now(), day_first=_day_first(),
    )  # fmt: skip
    database().rollback()
    drafts = [(step, sentence(contents.detail), write_letter(contents)) for step, contents in found]
    return render_template(
        "exports/returned/message.html", campaign=campaign, person=person, drafts=drafts, rows=form.rows.data
    )


def _preview(campaign: Campaign, rows: Sequence[SheetRow]) -> Preview:
    """What these rows would do. Nothing of it stays."""
    shown = preview_rows(database(), campaign, rows, by=member(), now=now(), day_first=_day_first())
    database().rollback()
    return shown


def _preview_page(
    campaign: Campaign,
    shown: Preview,
    packed: str,
    *,
    form: ConfirmReturnedForm | None = None,
    changed: bool = False,
) -> ResponseReturnValue:
    """What would change, theme by theme, and the form that confirms it. `changed`: it is not what was shown before."""
    form = form or ConfirmReturnedForm(formdata=None)
    form.rows.data, form.digest.data, form.digest.raw_data = packed, shown.digest, None
    page = render_template(
        "exports/returned/preview.html",
        campaign=campaign,
        shown=shown,
        errors=[(step, translated(step.error)) for step in shown.refused if step.error is not None],
        form=form,
        changed=changed,
        as_day=date.fromisoformat,
    )
    return page, 409 if changed else form_status(form)


def _say_what_was_done(steps: Sequence[Step]) -> None:
    count = sum(step.is_change for step in steps)
    flash(ngettext("%(num)s change made.", "%(num)s changes made.", count), "success")


def _day_first() -> bool:
    """Whether 3/4/2026 is a day in April: it is wherever French is read. In English it depends on the country."""
    return language() != "en"
