"""The actions that follow from a decision, shown on the decision's page."""

from flask import Blueprint, abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.answers.action import ReportProgressForm
from app.views.answers.decision import action_form_for, decision_page
from app.web.errors import show_refusals
from ideas.answers.action import Action, commit_to, drop_action, report_progress
from ideas.answers.decision import decision_on, respondents
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.team import Act
from ideas.errors import InvalidText
from ideas.themes.theme import Theme

views = Blueprint("action", __name__)


@views.post("/campaigns/<int:campaign_id>/themes/<int:theme_id>/actions")
@requires(Act.DECIDE)
def add(campaign: Campaign, theme: Theme) -> ResponseReturnValue:
    decision = decision_on(database(), theme) or abort(404)
    team = respondents(database(), campaign)
    form = action_form_for(team)
    if form.validate_on_submit():
        with show_refusals(form, {InvalidText: form.title}):
            commit_to(
                database(),
                decision,
                title=form.title.data,
                impact=form.impact.data or "",
                owner=next(person for person in team if person.id == form.owner.data),
                due_on=form.due_on.data,
                by=member(),
                now=now(),
            )
            database().commit()
            flash(_("Action added."), "success")
            return redirect(_actions_url(campaign, theme.id), 303)
    return decision_page(campaign, theme, action_form=form)


@views.post("/campaigns/<int:campaign_id>/actions/<int:action_id>/progress")
@requires(Act.DECIDE)
def progress(campaign: Campaign, action: Action) -> ResponseReturnValue:
    form = ReportProgressForm()
    if form.validate_on_submit():
        report_progress(database(), action, progress=form.progress.data, by=member(), now=now())
        database().commit()
        flash(_("Progress updated: %(title)s.", title=action.title), "success")
    else:
        flash(" ".join(str(error) for error in form.progress.errors), "error")
    return redirect(_actions_url(campaign, action.decision.theme_id), 303)


@views.post("/campaigns/<int:campaign_id>/actions/<int:action_id>/drop")
@requires(Act.DECIDE)
def drop(campaign: Campaign, action: Action) -> ResponseReturnValue:
    theme_id = action.decision.theme_id
    drop_action(database(), action, by=member(), now=now())
    database().commit()
    flash(_("Action deleted."), "success")
    return redirect(_actions_url(campaign, theme_id), 303)


def _actions_url(campaign: Campaign, theme_id: int) -> str:
    return url_for("decision.record", campaign_id=campaign.id, theme_id=theme_id, _anchor="actions")
