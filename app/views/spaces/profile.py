"""What members say of themselves, by closed lists: defined and imported by administrators, chosen by each member."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from app.access.needs import Platform, requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.spaces.profile import AttributeForm, ImportValuesForm, profile_form
from app.web.conflicts import compare
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status
from ideas.errors import DomainError, EmptyText
from ideas.spaces.profile import (
    AttributeNameTaken,
    TooFewValues,
    ValueInUse,
    choose_values,
    delete_attribute,
    import_values,
    save_attribute,
)
from ideas.spaces.segment import Attribute, attributes, counts_by_value, values_of

views = Blueprint("profile", __name__)


@views.get("/attributes")
@requires(Platform.ADMIN)
def index() -> ResponseReturnValue:
    known = attributes(database())
    counts = counts_by_value(database(), known)
    return render_template("spaces/profile/index.html", attributes=known, counts=counts)


@views.route("/attributes/new", methods=["GET", "POST"])
@requires(Platform.ADMIN)
def new() -> ResponseReturnValue:
    form = AttributeForm(data={"chosen": True})
    if form.validate_on_submit() and (attribute := _save(form, None)) is not None:
        return redirect(url_for("profile.edit", attribute_id=attribute.id), 303)
    return render_template("spaces/profile/write.html", form=form, attribute=None), form.http_status


@views.route("/attributes/<int:attribute_id>", methods=["GET", "POST"])
@requires(Platform.ADMIN)
def edit(attribute: Attribute) -> ResponseReturnValue:
    form = AttributeForm(data=_as_written(attribute) | {"version": attribute.version})
    if form.validate_on_submit() and _save(form, attribute) is not None:
        return redirect(url_for("profile.index"), 303)
    return _edit_page(attribute, form, ImportValuesForm(formdata=None))


@views.post("/attributes/<int:attribute_id>/import")
@requires(Platform.ADMIN)
def fill(attribute: Attribute) -> ResponseReturnValue:
    form = ImportValuesForm()
    if form.validate_on_submit():
        rows = form.rows()
        if not rows:
            form.text.errors = [_("No line has an address and a value. Write one on each line: ada@example.org,Lyon")]
        else:
            with show_refusals(form, {DomainError: form.text}):
                done = import_values(database(), attribute, rows, by=member(), now=now())
                database().commit()
                flash(ngettext("Value set for %(num)s person.", "Value set for %(num)s people.", done.done), "success")
                if done.without_account:
                    sentence = ngettext(
                        "%(num)s address has no account.", "%(num)s addresses have no account.", done.without_account
                    )
                    flash(sentence, "info")
                if done.unknown:
                    flash(
                        _("These values are not in the list: %(values)s", values=", ".join(done.unknown)[:300]), "error"
                    )
                return redirect(url_for("profile.edit", attribute_id=attribute.id), 303)
    shown = AttributeForm(formdata=None, data=_as_written(attribute) | {"version": attribute.version})
    return _edit_page(attribute, shown, form)


@views.post("/attributes/<int:attribute_id>/delete")
@requires(Platform.ADMIN)
def delete(attribute: Attribute) -> ResponseReturnValue:
    delete_attribute(database(), attribute, by=member(), now=now())
    database().commit()
    flash(_("Profile deleted."), "success")
    return redirect(url_for("profile.index"), 303)


@views.route("/me/attributes", methods=["GET", "POST"])
@requires(Platform.MEMBER)
def mine() -> ResponseReturnValue:
    person = member()
    known = [attribute for attribute in attributes(database()) if attribute.chosen]
    form = profile_form(known, values_of(database(), person))
    if form.validate_on_submit():
        chosen = {attribute.id: form[f"attribute_{attribute.id}"].data for attribute in known}
        choose_values(database(), person, {key: int(value) if value else None for key, value in chosen.items()})
        database().commit()
        flash(_("Profile saved."), "success")
        return redirect(url_for("profile.mine"), 303)
    return render_template("spaces/profile/mine.html", form=form, attributes=known), form_status(form)


def _save(form: AttributeForm, attribute: Attribute | None) -> Attribute | None:
    """Save the form, or put the reason in it and return None."""
    fields = {
        AttributeNameTaken: form.name,
        EmptyText: form.name,
        TooFewValues: form.values,
        ValueInUse: form.values,
    }
    with show_refusals(form, fields):
        saved = save_attribute(
            database(),
            attribute,
            name=form.name.data or "",
            values=(form.values.data or "").splitlines(),
            chosen=bool(form.chosen.data),
            by=member(),
            now=now(),
            seen=form.seen if attribute is not None else None,
        )
        database().commit()
        flash(_("Profile saved."), "success")
        return saved
    return None


def _as_written(attribute: Attribute) -> dict[str, object]:
    return {
        "name": attribute.name,
        "values": "\n".join(value.name for value in attribute.values),
        "chosen": attribute.chosen,
    }


def _edit_page(attribute: Attribute, form: AttributeForm, import_form: ImportValuesForm) -> ResponseReturnValue:
    page = render_template(
        "spaces/profile/write.html",
        form=form,
        attribute=attribute,
        conflict=compare(form, _as_written(attribute), version=attribute.version),
        import_form=import_form,
    )
    return page, max(form.http_status, form_status(import_form))
