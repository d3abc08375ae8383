"""Texts that are kept for answers: those of a campaign, for its team, and those of the organisation."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.answers.template import WriteTemplateForm
from app.web.conflicts import compare
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status
from ideas.answers.template import (
    AnswerTemplate,
    TemplateNameTaken,
    add_template,
    change_template,
    delete_template,
    templates_of,
)
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act

views = Blueprint("answer_template", __name__)


@views.get("/campaigns/<int:campaign_id>/answer-templates")
@requires(Act.DECIDE)
def index(campaign: Campaign) -> ResponseReturnValue:
    return _page(campaign, WriteTemplateForm(formdata=None))


@views.post("/campaigns/<int:campaign_id>/answer-templates/add")
@requires(Act.DECIDE)
def add(campaign: Campaign) -> ResponseReturnValue:
    return _add(campaign)


@views.route("/campaigns/<int:campaign_id>/answer-templates/<int:template_id>", methods=["GET", "POST"])
@requires(Act.DECIDE)
def edit(campaign: Campaign, template: AnswerTemplate) -> ResponseReturnValue:
    return _edit(campaign, template)


@views.post("/campaigns/<int:campaign_id>/answer-templates/<int:template_id>/delete")
@requires(Act.DECIDE)
def delete(campaign: Campaign, template: AnswerTemplate) -> ResponseReturnValue:
    return _delete(campaign, template)


@views.get("/organisation/answer-templates")
@requires(Platform.ADMIN)
def shared_index() -> ResponseReturnValue:
    return _page(None, WriteTemplateForm(formdata=None))


@views.post("/organisation/answer-templates/add")
@requires(Platform.ADMIN)
def shared_add() -> ResponseReturnValue:
    return _add(None)


@views.route("/organisation/answer-templates/<int:shared_template_id>", methods=["GET", "POST"])
@requires(Platform.ADMIN)
def shared_edit(shared_template: AnswerTemplate) -> ResponseReturnValue:
    return _edit(None, shared_template)


@views.post("/organisation/answer-templates/<int:shared_template_id>/delete")
@requires(Platform.ADMIN)
def shared_delete(shared_template: AnswerTemplate) -> ResponseReturnValue:
    return _delete(None, shared_template)


def _page(campaign: Campaign | None, form: WriteTemplateForm) -> ResponseReturnValue:
    page = render_template(
        "answers/template/index.html",
        campaign=campaign,
        templates=templates_of(database(), campaign),
        shared=templates_of(database(), None) if campaign is not None else [],
        form=form,
        address=_address,
    )
    return page, form_status(form)


def _add(campaign: Campaign | None) -> ResponseReturnValue:
    form = WriteTemplateForm()
    if form.validate_on_submit():
        with show_refusals(form, {TemplateNameTaken: form.name}):
            add_template(database(), campaign, **_texts(form), by=member(), now=now())
            database().commit()
            flash(_("Template saved. You can now put it into an answer."), "success")
            return redirect(_address("index", campaign), 303)
    return _page(campaign, form)


def _edit(campaign: Campaign | None, template: AnswerTemplate) -> ResponseReturnValue:
    form = WriteTemplateForm(obj=template)
    if form.validate_on_submit():
        with show_refusals(form, {TemplateNameTaken: form.name}):
            texts = _texts(form)
            change_template(
                database(), template, campaign=campaign, **texts, seen=form.seen, by=member(), now=now()
            )  # fmt: skip
            database().commit()
            flash(_("Template saved. Answers that took it earlier stay as they are."), "success")
            return redirect(_address("index", campaign), 303)
    page = render_template(
        "answers/template/edit.html",
        campaign=campaign,
        template=template,
        form=form,
        conflict=compare(form, {"name": template.name, "body": template.body}, version=template.version),
        address=_address,
    )
    return page, form.http_status


def _delete(campaign: Campaign | None, template: AnswerTemplate) -> ResponseReturnValue:
    delete_template(database(), template, by=member(), now=now())
    database().commit()
    flash(_("Template deleted. Answers already based on it do not change."), "success")
    return redirect(_address("index", campaign), 303)


def _texts(form: WriteTemplateForm) -> dict[str, str]:
    return {"name": form.name.data or "", "body": form.body.data or ""}


def _address(name: str, campaign: Campaign | None, template: AnswerTemplate | None = None) -> str:
    """The address of a page of these templates: of the campaign's, or of the organisation's."""
    number = template.id if template is not None else None
    if campaign is not None:
        return url_for(f"answer_template.{name}", campaign_id=campaign.id, template_id=number)
    return url_for(f"answer_template.shared_{name}", shared_template_id=number)
