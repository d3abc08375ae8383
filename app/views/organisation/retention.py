"""For how long the site keeps what it keeps for a time only: a page for administrators."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, Power, requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.organisation.retention import SetRetentionForm
from app.views.organisation.organisation import conflict_of
from app.web.pages.language import gettext as _
from app.web.pages.rendering import refuse
from ideas.errors import DomainError
from ideas.organisation.organisation import the_organisation
from ideas.organisation.retention import PERIODS, OutOfBounds, set_retention

views = Blueprint("retention", __name__)


@views.route("/organisation/retention", methods=["GET", "POST"])
@requires(Platform.ADMIN, power=Power.RETENTION)
def edit() -> ResponseReturnValue:
    form = SetRetentionForm(obj=the_organisation(database()))
    if form.validate_on_submit():
        try:
            days = {name: form[name].data for name in PERIODS}
            set_retention(database(), days, by=member(), now=now(), seen=form.seen)
        except DomainError as error:
            database().rollback()
            refuse(form, error, form[error.period] if isinstance(error, OutOfBounds) else None)
        else:
            database().commit()
            flash(_("Periods saved."), "success")
            return redirect(url_for("retention.edit"), 303)
    stored = the_organisation(database())
    conflict = conflict_of(form, {name: getattr(stored, name) for name in PERIODS})
    page = render_template("organisation/retention/edit.html", form=form, conflict=conflict, bounds=PERIODS)
    return page, form.http_status
