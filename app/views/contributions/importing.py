"""Import ideas from a file: upload it, choose its columns, watch the import, read the report."""

from collections.abc import Sequence
from dataclasses import asdict

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import idea_file, sqlite
from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.contributions.import_undo import UndoImportForm
from app.forms.contributions.importing import NO_COLUMN, ChooseColumnsForm, UploadIdeasForm
from app.idea_file import Columns, Preview
from app.web.errors import show_refusals
from app.web.rendering import form_status, is_fragment, page_or_block
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.team import Act
from ideas.contributions.import_undo import extent, reason_of_withdrawal
from ideas.contributions.importing import (
    IdeaImport,
    ImportReport,
    drop_upload,
    import_ideas,
    import_job,
    imports_of,
    keep_upload,
    start_import,
)
from ideas.errors import DomainError

views = Blueprint("importing", __name__)

# A larger file is not tried before it is imported: its report says which rows were refused.
MAX_CHECKED_ROWS = 5_000


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
    table = Preview.from_json(stored) if stored else idea_file.preview(content, filename)
    form = _columns_form(table.columns)
    columns = _chosen_columns(form, table.columns)
    if columns is not None and form.is_submitted() and "check" not in request.form:
        start_import(database(), campaign, upload, asdict(columns), now=now())
        database().commit()
        return redirect(url_for("importing.choose", campaign_id=campaign.id, upload_id=upload.id), 303)
    expected = _expected(campaign, content, filename, table, columns)
    return page_or_block(
        "contributions/importing/choose.html",
        "outcome",
        status=form_status(form),
        campaign=campaign,
        upload=upload,
        table=table,
        form=form,
        columns=columns,
        expected=expected,
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
            total=(upload.preview or {}).get("row_count", 0),
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
        extent=extent(database(), upload),
        why_undone=reason_of_withdrawal(database(), upload) if upload.undone_at else "",
        form=form,
    )
    return page, form_status(form)


def _expected(
    campaign: Campaign, content: bytes, filename: str, table: Preview, columns: Columns | None
) -> ImportReport | None:
    """What the import would do, or None without columns and for a large file."""
    if columns is None or table.row_count > MAX_CHECKED_ROWS:
        return None
    with sqlite.reading(database()) as session, idea_file.open_rows(content, filename, columns) as rows:
        return import_ideas(session, session.get_one(Campaign, campaign.id), rows, now=now(), dry_run=True)


def _columns_form(headers: Sequence[str]) -> ChooseColumnsForm:
    """The choice of columns: as it was sent, or as guessed from the headers."""
    form = ChooseColumnsForm(data=asdict(idea_file.guess(headers)))
    places = [(place, name[:60]) for place, name in enumerate(headers)]
    form.text.choices = [(NO_COLUMN, _("Choose a column")), *places]
    for field in (form.title, form.author, form.lang, form.key):
        field.choices = [(NO_COLUMN, _("Not in this file")), *places]
    return form


def _chosen_columns(form: ChooseColumnsForm, headers: Sequence[str]) -> Columns | None:
    """The chosen columns, or None where they are wrong: then the form shows why."""
    if form.is_submitted() and not form.validate():
        return None
    columns = Columns(**{name: form[name].data for name in Columns.__dataclass_fields__})
    if columns.text is None:
        return None
    with show_refusals(form):
        idea_file.check(headers, columns)
        return columns
    return None
