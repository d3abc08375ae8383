"""All that is stored about the reader, as a file that only they may fetch."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, Power, requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.accounts.second_factor import PasswordForm
from app.signing import signing
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status
from app.web.uploads import sent
from ideas.accounts.identity import WrongPassword
from ideas.privacy.erasure import open_erasure
from ideas.privacy.export import KEPT, ask_for_export, export_job, ready_export

views = Blueprint("my_data", __name__, url_prefix="/me/data")


@views.get("")
@requires(Platform.MEMBER)
def show() -> ResponseReturnValue:
    return _page(PasswordForm(formdata=None))


@views.post("/export")
@requires(Platform.MEMBER, power=Power.OWN_ACCOUNT)
def export() -> ResponseReturnValue:
    form = PasswordForm()
    if form.validate_on_submit():
        with show_refusals(form, {WrongPassword: form.present_password}):
            signing.check_present(form.present_password.data)
            ask_for_export(database(), member(), now=now())
            database().commit()
            flash(_("Your export is being made. You will be notified when it is ready."), "success")
            return redirect(url_for("my_data.show"), 303)
    return _page(form)


@views.get("/export.zip")
@requires(Platform.MEMBER, power=Power.EXPORT)
def download() -> ResponseReturnValue:
    """The reader's own file: no address names it, so nobody else's can be asked for."""
    file = ready_export(database(), member(), now=now()) or abort(404)
    answer = sent(file, as_attachment=True, download_name=file.name, max_age=0)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _page(form: PasswordForm) -> ResponseReturnValue:
    instant, person = now(), member()
    ready = ready_export(database(), person, now=instant)
    page = render_template(
        "privacy/my_data/show.html",
        form=form,
        ready=ready,
        until=ready.created_at + KEPT if ready is not None else None,
        job=export_job(database(), person),
        erasure=open_erasure(database(), person),
    )
    return page, form_status(form)
