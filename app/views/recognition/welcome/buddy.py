"""Welcome newcomers: a member agrees to it here, and finds whom they welcome."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, requires
from app.access.roles import member
from app.extensions import database
from app.forms.recognition.buddy import ChooseToWelcomeForm
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status
from ideas.errors import DomainError
from ideas.recognition.welcome.buddy import MAX_A_WEEK, choose_to_welcome, welcomed_by

views = Blueprint("buddy", __name__)


@views.route("/me/welcome", methods=["GET", "POST"])
@requires(Platform.MEMBER)
def choose() -> ResponseReturnValue:
    form = ChooseToWelcomeForm(obj=member())
    if form.validate_on_submit():
        with show_refusals(form, {DomainError: form.welcomes}):
            choose_to_welcome(database(), member(), welcomes=form.welcomes.data)
            database().commit()
            flash(_("Your choice is saved."), "success")
            return redirect(url_for("buddy.choose"), 303)
    page = render_template(
        "recognition/welcome/buddy.html", form=form, welcomed=welcomed_by(database(), member()), most=MAX_A_WEEK
    )
    return page, form_status(form)
