"""The actions that follow from a decision, shown on the decision's page."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.database.sqlite import rendering
from app.extensions import database
from app.forms.answers.action import AbandonActionForm, ChangeActionForm, ReportProgressForm
from app.forms.answers.decision import team_choices
from app.views.answers.decision import RefusedAction, action_form_for, decision_page
from app.web.conflicts import compare
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from ideas.answers.action import (
    Action,
    NotAnActionOwner,
    ReopenReasonNeeded,
    abandon_action,
    commit_to,
    drop_action,
    report_progress,
)
from ideas.answers.actions.edit import DueInThePast, change_action
from ideas.answers.decision import decision_on, respondents
from ideas.answers.earlier import merged_into
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.errors import DomainError, InvalidText
from ideas.themes.theme import Theme, active_themes

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
            return redirect(_actions_url(theme), 303)
    return decision_page(campaign, theme, action_form=form)


@views.post("/campaigns/<int:campaign_id>/actions/<int:action_id>/progress")
@requires(Act.DECIDE)
def progress(campaign: Campaign, action: Action) -> ResponseReturnValue:
    form = ReportProgressForm()
    if form.validate_on_submit():
        with show_refusals(form, {ReopenReasonNeeded: form.reason, DomainError: form.progress}):
            reason = form.reason.data or ""
            report_progress(database(), action, progress=form.progress.data, reason=reason, by=member(), now=now())
            database().commit()
            flash(_("Progress updated: %(title)s.", title=action.title), "success")
            return redirect(_actions_url(_page_theme(campaign, action)), 303)
    return decision_page(campaign, _page_theme(campaign, action), refused_action=RefusedAction(action.id, form))


@views.route("/campaigns/<int:campaign_id>/actions/<int:action_id>/change", methods=["GET", "POST"])
@requires(Act.DECIDE)
def change(campaign: Campaign, action: Action) -> ResponseReturnValue:
    """Its words, its owner, its due date; once it is published with a reason, and those concerned are told."""
    team = {person.id: person for person in respondents(database(), campaign)}
    team.setdefault(action.owner_id, action.owner)  # who has left the team meanwhile
    form = ChangeActionForm(**_said(action), version=action.version)
    form.owner.choices = team_choices(list(team.values()))
    if action.published_at is None:
        del form.reason
    if form.validate_on_submit():
        fields = {NotAnActionOwner: form.owner, DueInThePast: form.due_on, InvalidText: form.title}
        with show_refusals(form, fields):
            changed = change_action(
                database(),
                action,
                title=form.title.data,
                impact=form.impact.data or "",
                owner=team[form.owner.data],
                due_on=form.due_on.data,
                reason=form.reason.data if form.reason else "",
                by=member(),
                now=now(),
                seen=form.seen,
            )
            database().commit()
            flash(_("Action changed.") if changed else _("Nothing was changed."), "success" if changed else "info")
            return redirect(_actions_url(_holder(campaign, action)), 303)
    with rendering(database()):
        page = render_template(
            "answers/action/change.html",
            campaign=campaign,
            action=action,
            theme=_holder(campaign, action),
            form=form,
            conflict=compare(form, _said(action), version=action.version),
        )
    return page, form.http_status if form.errors else 200


@views.post("/campaigns/<int:campaign_id>/actions/<int:action_id>/abandon")
@requires(Act.DECIDE)
def abandon(campaign: Campaign, action: Action) -> ResponseReturnValue:
    form = AbandonActionForm()
    if form.validate_on_submit():
        with show_refusals(form, {DomainError: form.reason}):
            abandon_action(database(), action, reason=form.reason.data, by=member(), now=now())
            database().commit()
            flash(_("Action abandoned: %(title)s.", title=action.title), "success")
            return redirect(_actions_url(_page_theme(campaign, action)), 303)
    return decision_page(campaign, _page_theme(campaign, action), refused_action=RefusedAction(action.id, form))


@views.post("/campaigns/<int:campaign_id>/actions/<int:action_id>/drop")
@requires(Act.DECIDE)
def drop(campaign: Campaign, action: Action) -> ResponseReturnValue:
    theme = _page_theme(campaign, action)
    drop_action(database(), action, by=member(), now=now())
    database().commit()
    flash(_("Action deleted."), "success")
    return redirect(_actions_url(theme), 303)


def _page_theme(campaign: Campaign, action: Action) -> Theme:
    """The theme on whose page the action is: its own, or the one that it was merged into, which the form names."""
    theme = action.decision.theme
    if theme.retired_at is None:
        return theme
    sent_from = request.form.get("theme", type=int)
    return next((active for active in active_themes(database(), campaign) if active.id == sent_from), None) or abort(
        404
    )


def _holder(campaign: Campaign, action: Action) -> Theme:
    """The theme on whose page the action is: its own, or the one that has its ideas since it was merged."""
    theme = action.decision.theme
    if theme.retired_at is None:
        return theme
    holder = merged_into(database(), theme)
    return next((active for active in active_themes(database(), campaign) if active.id == holder), None) or abort(404)


def _said(action: Action) -> dict[str, Any]:
    """What the action says, by the names of the form's fields."""
    return {"title": action.title, "impact": action.impact, "owner": action.owner_id, "due_on": action.due_on}


def _actions_url(theme: Theme) -> str:
    return url_for("decision.record", campaign_id=theme.campaign_id, theme_id=theme.id, _anchor="actions")
