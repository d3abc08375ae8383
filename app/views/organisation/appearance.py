"""The logo and the accent colour of the site: a picture and a style sheet for everyone, forms for administrators."""

from flask import Blueprint, abort, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.organisation.appearance import ChooseAccentForm, ChooseLogoForm
from app.pictures.uploads.logo import logo_upload
from app.views.organisation.organisation import conflict_of
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status
from app.web.pages.site import PRODUCT_ACCENT, site
from app.web.uploads import sent, uploads
from ideas.errors import DomainError
from ideas.files import discard, kept
from ideas.organisation.appearance import (
    Appearance,
    NotAColour,
    TooDark,
    TooPale,
    check_accent,
    least_contrast,
    logo_of,
    remove_logo,
    reset_accent,
    set_accent,
    set_logo,
    shades,
)
from ideas.organisation.organisation import the_organisation

views = Blueprint("appearance", __name__)

# The address changes whenever the content does.
FOREVER = "public, max-age=31536000, immutable"


@views.get("/brand/<light>-<dark>.css")
@requires(Platform.EVERYONE)
def style(light: str, dark: str) -> ResponseReturnValue:
    """The accent colours that the address names, for every page. Others than readable ones are not found."""
    try:
        colours = [
            shades(check_accent(f"#{colour}", appearance), appearance)
            for colour, appearance in zip((light, dark), Appearance, strict=True)
        ]
    except DomainError:
        abort(404)
    sheet = render_template("organisation/appearance/accent.css", light=colours[0], dark=colours[1])
    answer = current_app.response_class(sheet, mimetype="text/css")
    answer.headers["Cache-Control"] = FOREVER
    return answer


@views.get("/brand/logo-<int:stamp>.webp")
@requires(Platform.EVERYONE)
def logo(stamp: int) -> ResponseReturnValue:
    """The logo. `stamp` is the number of its file, so a new logo has a new address."""
    file = logo_of(database(), stamp) or abort(404)
    answer = sent(file, etag=file.digest)
    answer.headers["Cache-Control"] = FOREVER
    return answer


@views.route("/organisation/appearance", methods=["GET", "POST"])
@requires(Platform.ADMIN)
def edit() -> ResponseReturnValue:
    form = ChooseAccentForm(data=_colours() | {"version": the_organisation(database()).version})
    if form.validate_on_submit():
        with show_refusals(form, {TooPale: form.light, TooDark: form.dark, NotAColour: form.light}):
            light, dark = form.light.data or "", form.dark.data or ""
            set_accent(database(), light=light, dark=dark, by=member(), now=now(), seen=form.seen)
            database().commit()
            flash(_("Colours saved."), "success")
            return redirect(url_for("appearance.edit"), 303)
    return _page(form, ChooseLogoForm(formdata=None))


@views.post("/organisation/appearance/reset")
@requires(Platform.ADMIN)
def reset() -> ResponseReturnValue:
    reset_accent(database(), by=member(), now=now())
    database().commit()
    flash(_("The site has its usual colours again."), "success")
    return redirect(url_for("appearance.edit"), 303)


@views.post("/organisation/logo")
@requires(Platform.ADMIN)
def choose_logo() -> ResponseReturnValue:
    form = ChooseLogoForm()
    if form.validate_on_submit():
        content, name = form.file.data.read(), form.file.data.filename or ""
        database().rollback()  # drawing a picture takes a while: hold no write lock meanwhile
        with show_refusals(form, {DomainError: form.file}):
            upload = logo_upload(content, name)
            with kept(uploads(), upload.content) as stored_as:
                replaced = set_logo(database(), upload, stored_as=stored_as, by=member(), now=now())
                database().commit()
            _discard(replaced)
            flash(_("Logo saved."), "success")
            return redirect(url_for("appearance.edit"), 303)
    accent = ChooseAccentForm(formdata=None, data=_colours() | {"version": the_organisation(database()).version})
    return _page(accent, form)


@views.post("/organisation/logo/remove")
@requires(Platform.ADMIN)
def drop_logo() -> ResponseReturnValue:
    replaced = remove_logo(database(), by=member(), now=now())
    database().commit()
    _discard(replaced)
    flash(_("Logo removed."), "success")
    return redirect(url_for("appearance.edit"), 303)


def _page(accent: ChooseAccentForm, logo_form: ChooseLogoForm) -> ResponseReturnValue:
    shown = _colours()
    page = render_template(
        "organisation/appearance/edit.html",
        form=accent,
        logo_form=logo_form,
        conflict=conflict_of(accent, shown),
        measured={appearance: least_contrast(shown[appearance], appearance) for appearance in Appearance},
    )
    return page, max(form_status(accent), form_status(logo_form))


def _colours() -> dict[str, str]:
    """The colours of both appearances as they are now."""
    return dict(zip(Appearance, site().accent or PRODUCT_ACCENT, strict=True))


def _discard(stored_as: str | None) -> None:
    if stored_as is not None:
        discard(uploads(), stored_as)
