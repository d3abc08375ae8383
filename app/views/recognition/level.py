"""Levels: what they take and give, for administrators. A person's own level is on the page of their points."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.recognition.level import SetLevelsForm
from app.views.organisation.organisation import conflict_of
from app.web.pages.language import gettext as _
from app.web.pages.rendering import refuse
from ideas.errors import DomainError
from ideas.organisation.organisation import the_organisation
from ideas.recognition.level import LevelOutOfRange, LevelsOutOfOrder, level_rules, set_levels

views = Blueprint("level", __name__)


@views.route("/organisation/levels", methods=["GET", "POST"])
@requires(Platform.ADMIN)
def edit() -> ResponseReturnValue:
    form = SetLevelsForm(data=_stored() | {"version": the_organisation(database()).version})
    if form.validate_on_submit():
        try:
            set_levels(database(), form.rules, by=member(), now=now(), seen=form.seen)
        except DomainError as error:
            database().rollback()
            field = form[error.name] if isinstance(error, LevelOutOfRange) else None
            refuse(form, error, form.trusted_points if isinstance(error, LevelsOutOfOrder) else field)
        else:
            database().commit()
            flash(_("Levels saved."), "success")
            return redirect(url_for("level.edit"), 303)
    page = render_template("recognition/level/edit.html", form=form, conflict=conflict_of(form, _stored()))
    return page, form.http_status


def _stored() -> dict[str, Any]:
    """What levels take and give now, by the names of the form's fields."""
    rules = level_rules(the_organisation(database()))
    return {f"{level}_{name}": value for level, rule in rules.items() for name, value in asdict(rule).items()}
