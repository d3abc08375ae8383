"""What waits for a moderator: for administrators."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.moderation.settings import HoldForm
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status
from ideas.errors import DomainError
from ideas.moderation.settings import set_what_is_held
from ideas.organisation.organisation import the_organisation

views = Blueprint("moderation_settings", __name__)


@views.route("/moderation/settings", methods=["GET", "POST"])
@requires(Platform.ADMIN)
def write() -> ResponseReturnValue:
    form = HoldForm(obj=the_organisation(database()))
    if form.validate_on_submit():
        with show_refusals(form, {DomainError: form.blocked_words}):
            held, words = form.first_post_held.data, form.blocked_words.data
            set_what_is_held(database(), first_post_held=held, blocked_words=words, by=member(), now=now())
            database().commit()
            flash(_("Saved. It applies to every text from now on."), "success")
            return redirect(url_for("moderation_settings.write"), 303)
    return render_template("moderation/settings/write.html", form=form), form_status(form)
