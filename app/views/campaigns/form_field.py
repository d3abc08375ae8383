"""The optional fields of a campaign's form: listed, added, changed, moved, closed, deleted."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.campaigns.form_field import WriteFieldForm, as_written, field_form, option_controls
from app.web.conflicts import compare
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.form_field import (
    BoundsReversed,
    FieldKind,
    FieldLabelTaken,
    FieldReasonNeeded,
    FormField,
    OptionTwice,
    TooFewOptions,
    TooManyOptions,
    add_field,
    change_field,
    close_field,
    fields_of,
    move_field,
    reopen_field,
)
from ideas.campaigns.people.team import Act
from ideas.contributions.fields.value import delete_field, filled_fields
from ideas.errors import DomainError

views = Blueprint("form_field", __name__, url_prefix="/campaigns/<int:campaign_id>/fields")


@views.get("")
@requires(Act.MANAGE)
def index(campaign: Campaign) -> ResponseReturnValue:
    return render_template(
        "campaigns/form_field/index.html",
        campaign=campaign,
        fields=fields_of(database(), campaign),
        filled=filled_fields(database(), campaign),
        kinds=list(FieldKind),
    )


@views.route("/new", methods=["GET", "POST"])
@requires(Act.MANAGE)
def new(campaign: Campaign) -> ResponseReturnValue:
    asked = request.args.get("kind")
    kind = FieldKind(asked) if asked in set(FieldKind) else FieldKind.CHOICE
    form = field_form(kind)
    if form.validate_on_submit():
        with show_refusals(form, _about(form)):
            options = form.options
            add_field(database(), campaign, kind=kind, text=form.text, options=options, by=member(), now=now())
            database().commit()
            flash(_("Field added."), "success")
            return _to_list(campaign)
    return _form_page(campaign, form, kind)


@views.route("/<int:field_id>", methods=["GET", "POST"])
@requires(Act.MANAGE)
def edit(campaign: Campaign, field: FormField) -> ResponseReturnValue:
    form = field_form(field.kind, field)
    if form.validate_on_submit():
        with show_refusals(form, _about(form)):
            change_field(
                database(), field,
                text=form.text, labels=form.labels, offered=form.offered, more=form.options,
                by=member(), now=now(), seen=form.seen, change_reason=form.change_reason.data or "",
            )  # fmt: skip
            database().commit()
            flash(_("Field saved."), "success")
            return _to_list(campaign)
    return _form_page(campaign, form, field.kind, field)


@views.post("/<int:field_id>/move")
@requires(Act.MANAGE)
def move(campaign: Campaign, field: FormField) -> ResponseReturnValue:
    move_field(database(), field, earlier=request.form.get("to") == "earlier", by=member(), now=now())
    database().commit()
    return _to_list(campaign)


@views.post("/<int:field_id>/close")
@requires(Act.MANAGE)
def close(campaign: Campaign, field: FormField) -> ResponseReturnValue:
    close_field(database(), field, by=member(), now=now())
    database().commit()
    flash(_("This field is no longer asked. What people gave stays with their ideas."), "success")
    return _to_list(campaign)


@views.post("/<int:field_id>/reopen")
@requires(Act.MANAGE)
def reopen(campaign: Campaign, field: FormField) -> ResponseReturnValue:
    reopen_field(database(), field, by=member(), now=now())
    database().commit()
    flash(_("This field is asked again."), "success")
    return _to_list(campaign)


@views.post("/<int:field_id>/delete")
@requires(Act.MANAGE)
def delete(campaign: Campaign, field: FormField) -> ResponseReturnValue:
    delete_field(database(), field, by=member(), now=now())
    database().commit()
    flash(_("Field deleted."), "success")
    return _to_list(campaign)


def _about(form: WriteFieldForm) -> dict[type[DomainError], object]:
    """The control that a rule is about."""
    about: dict[type[DomainError], object] = {FieldLabelTaken: form.label, FieldReasonNeeded: form.change_reason}
    if "more" in form:
        about |= dict.fromkeys((TooFewOptions, TooManyOptions, OptionTwice), form.more)
    if "most" in form:
        about[BoundsReversed] = form.most
    return about


def _form_page(
    campaign: Campaign, form: WriteFieldForm, kind: FieldKind, field: FormField | None = None
) -> ResponseReturnValue:
    saved = as_written(field)
    version = saved.pop("version", 0)
    page = render_template(
        "campaigns/form_field/write.html",
        campaign=campaign,
        form=form,
        kind=kind,
        edited=field,
        options=option_controls(form),
        conflict=compare(form, {name: value for name, value in saved.items() if name in form}, version=version),
    )
    return page, form.http_status


def _to_list(campaign: Campaign) -> Response:
    return redirect(url_for("form_field.index", campaign_id=campaign.id), 303)
