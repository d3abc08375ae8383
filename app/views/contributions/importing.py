from collections.abc import Sequence
from dataclasses import asdict

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import idea_file
from app.access.access import member
from app.clock import now
from app.extensions import database
from app.forms.contributions.importing import NOT_THERE, ChooseColumnsForm, UploadIdeasForm
from app.idea_file import Columns
from app.web.rendering import page_or_block, refuse
from ideas.campaigns.campaign import Campaign
from ideas.contributions.importing import (
    IdeaImport,
    drop_upload,
    import_ideas,
    import_upload,
    imports_of,
    keep_upload,
)
from ideas.errors import DomainError

views = Blueprint("importing", __name__)

PREVIEWED = 8


@views.route("/campaigns/<int:campaign_id>/import", methods=["GET", "POST"])
def upload(campaign: Campaign) -> ResponseReturnValue:
    form = UploadIdeasForm()
    if form.validate_on_submit():
        content, name = form.file.data.read(), form.file.data.filename or ""
        database().rollback()  # while the file is read, others may write
        try:
            idea_file.read(content, name)
            kept = keep_upload(database(), campaign, by=member(), filename=name, content=content, now=now())
        except DomainError as error:
            refuse(form, error, form.file)
        else:
            database().commit()
            return redirect(url_for("importing.choose", campaign_id=campaign.id, upload_id=kept.id), 303)
    earlier = imports_of(database(), campaign)
    page = render_template("contributions/importing/upload.html", form=form, campaign=campaign, earlier=earlier)
    return page, 422 if form.errors else 200


@views.route("/campaigns/<int:campaign_id>/import/<int:upload_id>", methods=["GET", "POST"])
def choose(campaign: Campaign, upload: IdeaImport) -> ResponseReturnValue:
    if upload.content is None:
        return _report(campaign, upload)
    content, filename = upload.content, upload.filename
    database().rollback()  # while the file is read, others may write
    table = idea_file.read(content, filename)
    form = _form(table.columns)
    columns = _chosen(form, table.columns)
    rows = idea_file.rows(table, columns) if columns is not None else None
    if rows is not None and form.is_submitted() and "check" not in request.form:
        import_upload(database(), campaign, upload, rows, now=now())
        database().commit()
        flash(_("Import finished."), "success")
        return _report(campaign, upload)
    return page_or_block(
        "contributions/importing/choose.html",
        "outcome",
        status=422 if form.errors else 200,
        campaign=campaign,
        upload=upload,
        table=table,
        form=form,
        columns=columns,
        expected=import_ideas(database(), campaign, rows, now=now(), dry_run=True) if rows is not None else None,
        previewed=table.rows[:PREVIEWED],
    )


@views.route("/campaigns/<int:campaign_id>/import/<int:upload_id>/cancel", methods=["POST"])
def cancel(campaign: Campaign, upload: IdeaImport) -> ResponseReturnValue:
    drop_upload(database(), upload)
    database().commit()
    return redirect(url_for("importing.upload", campaign_id=campaign.id), 303)


def _report(campaign: Campaign, upload: IdeaImport) -> ResponseReturnValue:
    """The report of a finished import; a form that was sent leads to it."""
    if request.method == "POST":
        return redirect(url_for("importing.choose", campaign_id=campaign.id, upload_id=upload.id), 303)
    return render_template("contributions/importing/report.html", campaign=campaign, upload=upload)


def _form(headers: Sequence[str]) -> ChooseColumnsForm:
    """The choice of columns, as sent or else as guessed."""
    form = ChooseColumnsForm(data=asdict(idea_file.guess(headers)))
    places = [(place, name[:60]) for place, name in enumerate(headers)]
    form.text.choices = [(NOT_THERE, _("Choose a column")), *places]
    for field in (form.title, form.author, form.lang, form.key):
        field.choices = [(NOT_THERE, _("Not in this file")), *places]
    return form


def _chosen(form: ChooseColumnsForm, headers: Sequence[str]) -> Columns | None:
    """The chosen columns, or None where the form says what is wrong with them."""
    if form.is_submitted() and not form.validate():
        return None
    columns = Columns(**{name: form[name].data for name in Columns.__dataclass_fields__})
    if columns.text is None:
        return None
    try:
        idea_file.check(headers, columns)
    except DomainError as error:
        refuse(form, error)
        return None
    return columns
