"""How much one person is sent in a week: a page for administrators."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.organisation.budget import SetBudgetForm
from app.views.organisation.organisation import conflict_of
from app.web.pages.language import gettext as _
from app.web.pages.rendering import refuse
from ideas.errors import DomainError
from ideas.organisation.organisation import the_organisation
from ideas.outreach.limits.budget import BUDGETS, BudgetOutOfBounds, set_budgets

views = Blueprint("budget", __name__)


@views.route("/organisation/budget", methods=["GET", "POST"])
@requires(Platform.ADMIN)
def edit() -> ResponseReturnValue:
    form = SetBudgetForm(obj=the_organisation(database()))
    if form.validate_on_submit():
        try:
            given = {name: form[name].data for name in BUDGETS}
            set_budgets(database(), given, by=member(), now=now(), seen=form.seen)
        except DomainError as error:
            database().rollback()
            refuse(form, error, form[error.name] if isinstance(error, BudgetOutOfBounds) else None)
        else:
            database().commit()
            flash(_("Limits saved."), "success")
            return redirect(url_for("budget.edit"), 303)
    stored = the_organisation(database())
    conflict = conflict_of(form, {name: getattr(stored, name) for name in BUDGETS})
    page = render_template("organisation/budget/edit.html", form=form, conflict=conflict, bounds=BUDGETS)
    return page, form.http_status
