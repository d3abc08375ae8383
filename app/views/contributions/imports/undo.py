"""Undo an import, or withdraw one imported idea."""

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.contributions.imports.undo import UndoImportForm, WithdrawImportedForm
from app.views.contributions.idea import page_of
from app.views.contributions.imports.importing import report_page
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from ideas.activity.version import ReasonNeeded
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.contributions.idea import Idea
from ideas.contributions.imports.importing import IdeaImport
from ideas.contributions.imports.undo import restore_import, restore_imported, undo_import, withdraw_imported

views = Blueprint("import_undo", __name__, url_prefix="/campaigns/<int:campaign_id>")


@views.post("/import/<int:upload_id>/undo")
@requires(Act.MANAGE)
def undo(campaign: Campaign, upload: IdeaImport) -> ResponseReturnValue:
    if upload.finished_at is None:
        return _to_report(campaign, upload)  # which shows how far the import is
    form = UndoImportForm()
    if form.validate_on_submit():
        with show_refusals(form, {ReasonNeeded: form.reason}):
            count = undo_import(database(), campaign, upload, by=member(), reason=form.reason.data, now=now())
            database().commit()
            withdrawn = ngettext(
                "Import undone: %(num)s idea is withdrawn.", "Import undone: %(num)s ideas are withdrawn.", count
            )
            flash(withdrawn if count else _("Import undone: the earlier texts are back."), "success")
            return _to_report(campaign, upload)
    return report_page(campaign, upload, undo_form=form)


@views.post("/import/<int:upload_id>/restore")
@requires(Act.MANAGE)
def restore(campaign: Campaign, upload: IdeaImport) -> ResponseReturnValue:
    count = restore_import(database(), campaign, upload, by=member(), now=now())
    database().commit()
    published = ngettext("%(num)s idea is published again.", "%(num)s ideas are published again.", count)
    flash(published if count else _("The texts are replaced again."), "success")
    return _to_report(campaign, upload)


@views.post("/ideas/<int:idea_id>/withdraw-imported")
@requires(Act.MANAGE)
def withdraw(campaign: Campaign, idea: Idea) -> ResponseReturnValue:
    form = WithdrawImportedForm()
    if form.validate_on_submit():
        with show_refusals(form, {ReasonNeeded: form.reason}):
            withdraw_imported(database(), idea, by=member(), reason=form.reason.data, now=now())
            database().commit()
            flash(_("Imported idea withdrawn. Only the campaign team can see it."), "success")
            return redirect(url_for("idea.show", campaign_id=campaign.id, idea_id=idea.id), 303)
    return page_of(campaign, idea, withdraw_form=form)


@views.post("/ideas/<int:idea_id>/restore-imported")
@requires(Act.MANAGE)
def restore_idea(campaign: Campaign, idea: Idea) -> ResponseReturnValue:
    restore_imported(database(), idea, by=member(), now=now())
    database().commit()
    flash(_("Imported idea published again."), "success")
    return redirect(url_for("idea.show", campaign_id=campaign.id, idea_id=idea.id), 303)


def _to_report(campaign: Campaign, upload: IdeaImport) -> Response:
    return redirect(url_for("importing.choose", campaign_id=campaign.id, upload_id=upload.id), 303)
