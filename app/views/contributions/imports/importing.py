"""Import ideas from a file: upload it, choose its columns, watch the import, read the report."""

from collections.abc import Mapping
from contextlib import suppress

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import requires
from app.access.roles import may, member
from app.clock import now
from app.database import sqlite
from app.extensions import database
from app.forms.contributions.claim import InviteAuthorsForm
from app.forms.contributions.imports.importing import ChooseColumnsForm, UploadIdeasForm
from app.forms.contributions.imports.undo import UndoImportForm
from app.sandbox.reading import ReadersBusy
from app.tables import idea_file
from app.tables.idea_file import Choices, Preview
from app.views.contributions.imports.choices import (
    choices_form,
    chosen,
    column_label,
    other_reading,
    with_likely_answer,
)
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.language import language
from app.web.pages.rendering import form_status, is_fragment, page_or_block
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.form_field import asked_fields
from ideas.campaigns.people.team import Act
from ideas.contributions.claim import unclaimed
from ideas.contributions.imports.importing import (
    IdeaImport,
    drop_upload,
    import_ideas,
    import_job,
    imports_of,
    keep_upload,
    start_import,
)
from ideas.contributions.imports.report import ImportReport
from ideas.contributions.imports.undo import extent, reason_of_withdrawal
from ideas.errors import DomainError
from ideas.personal_data.rows import PersonalReport
from ideas.store import DiskFull

views = Blueprint("importing", __name__)

# A larger file is not tried before it is imported: its report says which rows were refused.
MAX_CHECKED_ROWS = 5_000
# Characters that are looked at for personal data before the import: about a second. The import looks at all of them.
MAX_READ = 500_000


@views.route("/campaigns/<int:campaign_id>/import", methods=["GET", "POST"])
@requires(Act.MANAGE)
def upload(campaign: Campaign) -> ResponseReturnValue:
    form = UploadIdeasForm()
    if form.validate_on_submit():
        content, name = form.file.data.read(), form.file.data.filename or ""
        database().rollback()  # reading a file takes a while: hold no write lock meanwhile
        with show_refusals(form, {DomainError: form.file}):
            shown = idea_file.preview(content, name).as_json()
            kept = keep_upload(
                database(), campaign, by=member(), filename=name, content=content, preview=shown, now=now()
            )
            database().commit()
            return redirect(url_for("importing.choose", campaign_id=campaign.id, upload_id=kept.id), 303)
    earlier = imports_of(database(), campaign)
    page = render_template("contributions/importing/upload.html", form=form, campaign=campaign, earlier=earlier)
    return page, form_status(form)


@views.route("/campaigns/<int:campaign_id>/import/<int:upload_id>", methods=["GET", "POST"])
@requires(Act.MANAGE)
def choose(campaign: Campaign, upload: IdeaImport) -> ResponseReturnValue:
    if upload.finished_at is not None or upload.progress is not None:
        return _started(campaign, upload)
    content, filename = upload.content or b"", upload.filename
    stored = upload.preview
    database().rollback()  # reading a file takes a while: hold no write lock meanwhile
    table = Preview.from_json(stored) if stored and "guess" in stored else idea_file.preview(content, filename)
    form = choices_form(table)
    how = other_reading(form, table)
    if how is not None:
        return _read_otherwise(campaign, upload, table, form, how)
    choices = _filling(campaign, table, chosen(form, table))
    if choices is not None and form.is_submitted() and "check" not in request.form:
        start_import(database(), campaign, upload, choices.as_json(), now=now())
        database().commit()
        return redirect(url_for("importing.choose", campaign_id=campaign.id, upload_id=upload.id), 303)
    return _choices_page(campaign, upload, table, form, choices)


def _read_otherwise(
    campaign: Campaign, upload: IdeaImport, table: Preview, form: ChooseColumnsForm, how: Mapping[str, object]
) -> ResponseReturnValue:
    """Read the file as a person chose, and show what is in it then. Nothing is imported yet, whatever was pressed."""
    content, filename, number = upload.content or b"", upload.filename, upload.id
    database().rollback()
    with show_refusals(form):
        table = idea_file.preview(content, filename, how)
        database().get_one(IdeaImport, number).preview = table.as_json()
        database().commit()
        form = choices_form(table, fresh=True)
    choices = None if form.errors else _filling(campaign, table, chosen(form, table, fresh=True))
    return _choices_page(campaign, database().get_one(IdeaImport, number), table, form, choices, read_again=True)


def _filling(campaign: Campaign, table: Preview, choices: Choices | None) -> Choices | None:
    """The choices with the columns that fill fields of the campaign's form."""
    if choices is None or not table.header:
        return choices
    return idea_file.filling(choices, table.columns, asked_fields(database(), campaign))


def _choices_page(
    campaign: Campaign,
    upload: IdeaImport,
    table: Preview,
    form: ChooseColumnsForm,
    choices: Choices | None,
    *,
    read_again: bool = False,
) -> ResponseReturnValue:
    """The page, or what changes of it: with another column of the text, or another reading, also the choices."""
    expected = _expected(campaign, upload, table, choices)
    if choices is not None:
        likely = with_likely_answer(form, choices, expected)
        expected = expected if likely.same_id is choices.same_id else _expected(campaign, upload, table, likely)
        choices = likely
    return page_or_block(
        "contributions/importing/choose.html",
        "choices" if read_again or request.form.get("check") == "choices" else "outcome",
        status=form_status(form),
        campaign=campaign,
        upload=upload,
        table=table,
        form=form,
        choices=choices,
        expected=expected,
        label=column_label,
        samples=idea_file.samples(table, choices) if choices else [],
    )


@views.post("/campaigns/<int:campaign_id>/import/<int:upload_id>/cancel")
@requires(Act.MANAGE)
def cancel(campaign: Campaign, upload: IdeaImport) -> ResponseReturnValue:
    drop_upload(database(), upload, by=member(), now=now())
    database().commit()
    return redirect(url_for("importing.upload", campaign_id=campaign.id), 303)


def _started(campaign: Campaign, upload: IdeaImport) -> ResponseReturnValue:
    """The progress of an import, or its report once it has ended. A post is redirected to it."""
    if request.method == "POST":
        return redirect(url_for("importing.choose", campaign_id=campaign.id, upload_id=upload.id), 303)
    if upload.finished_at is None:
        job = import_job(database(), upload)
        return page_or_block(
            "contributions/importing/progress.html",
            "progress",
            campaign=campaign,
            upload=upload,
            job=job,
            total=(upload.preview or {}).get("row_count", 0) * Choices.from_json(upload.progress.columns).ideas_of_a_row
            if upload.progress
            else 0,
        )
    if is_fragment():
        flash(_("Import finished."), "success")
        return "", 200, {"HX-Refresh": "true"}
    return report_page(campaign, upload)


def report_page(
    campaign: Campaign, upload: IdeaImport, *, undo_form: UndoImportForm | None = None
) -> ResponseReturnValue:
    """The report of a finished import, and how it is undone. A refused form keeps what was written in it."""
    form = undo_form or UndoImportForm(formdata=None)
    page = render_template(
        "contributions/importing/report.html",
        campaign=campaign,
        upload=upload,
        extent=extent(database(), campaign, upload),
        unclaimed=unclaimed(database(), campaign) if may(Act.INVITE) else None,
        authors_form=InviteAuthorsForm(formdata=None, locale=language()[:2]),
        personal=PersonalReport.from_json((upload.report or {}).get("personal", {})),
        why_undone=reason_of_withdrawal(database(), upload) if upload.undone_at else "",
        form=form,
    )
    return page, form_status(form)


def _expected(campaign: Campaign, upload: IdeaImport, table: Preview, choices: Choices | None) -> ImportReport | None:
    """What the import would do, or None without columns, for a large file, and where it can't be read now."""
    if choices is None or table.row_count > MAX_CHECKED_ROWS:
        return None
    content, filename = upload.content or b"", upload.filename
    database().rollback()  # reading a file takes a while: hold no write lock meanwhile
    with (
        suppress(ReadersBusy, DiskFull),
        sqlite.reading(database()) as session,
        idea_file.open_rows(content, filename, choices) as rows,
    ):
        campaign = session.get_one(Campaign, campaign.id)
        return import_ideas(
            session, campaign, rows, same_id=choices.same_id, personal=choices.personal, now=now(), dry_run=True,
            most_read=MAX_READ,
        )  # fmt: skip
    return None
