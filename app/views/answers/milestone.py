"""The milestones of an action, added and changed by the team."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.database.sqlite import rendering
from app.extensions import database
from app.forms.answers.milestone import AbandonMilestoneForm, AddMilestoneForm, ChangeMilestoneForm
from app.views.answers.decision import today
from app.web.conflicts import compare
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status
from ideas.activity.version import ReasonNeeded
from ideas.answers.action import Action, action_with_history
from ideas.answers.actions.edit import DueInThePast
from ideas.answers.actions.milestone import Milestone
from ideas.answers.actions.milestone_change import (
    ReachedBeforeCampaign,
    ReachedDueDateStays,
    ReachedInTheFuture,
    abandon_milestone,
    add_milestone,
    change_milestone,
)
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.errors import DomainError

views = Blueprint("milestone", __name__, url_prefix="/campaigns/<int:campaign_id>")


@views.route("/actions/<int:action_id>/milestones", methods=["GET", "POST"])
@requires(Act.DECIDE)
def index(campaign: Campaign, action: Action) -> ResponseReturnValue:
    form = AddMilestoneForm()
    if form.validate_on_submit():
        with show_refusals(form, {DueInThePast: form.due_on, DomainError: form.title}):
            facts = {"title": form.title.data, "due_on": form.due_on.data}
            add_milestone(database(), action, **facts, by=member(), now=now())
            database().commit()
            flash(_("Milestone added."), "success")
            return redirect(_url(action), 303)
    with rendering(database()):
        action = action_with_history(database(), action.id)
        page = render_template(
            "answers/milestone/index.html",
            campaign=campaign, action=action, theme=action.decision.theme, form=form, today=today(),
        )  # fmt: skip
    return page, form_status(form)


@views.route("/milestones/<int:milestone_id>", methods=["GET", "POST"])
@requires(Act.DECIDE)
def change(campaign: Campaign, milestone: Milestone) -> ResponseReturnValue:
    """What it says, and the day on which it was reached; with a reason where everyone has read it."""
    form, action = ChangeMilestoneForm(**_said(milestone), version=milestone.version), milestone.action
    if action.published_at is None:
        del form.reason
    if form.validate_on_submit():
        about_due, about_day = (DueInThePast, ReachedDueDateStays), (ReachedInTheFuture, ReachedBeforeCampaign)
        fields = dict.fromkeys(about_due, form.due_on) | dict.fromkeys(about_day, form.done_on)
        fields[ReasonNeeded] = form.reason
        with show_refusals(form, {kind: field for kind, field in fields.items() if field is not None}):
            changed = change_milestone(
                database(), milestone,
                title=form.title.data, due_on=form.due_on.data, done_on=form.done_on.data,
                reason=form.reason.data if form.reason else "", by=member(), now=now(), seen=form.seen,
            )  # fmt: skip
            database().commit()
            flash(_("Milestone changed.") if changed else _("Nothing was changed."), "success" if changed else "info")
            return redirect(_url(action), 303)
    return _change_page(campaign, milestone, form, AbandonMilestoneForm(formdata=None))


@views.post("/milestones/<int:milestone_id>/abandon")
@requires(Act.DECIDE)
def abandon(campaign: Campaign, milestone: Milestone) -> ResponseReturnValue:
    """Delete it, or once its action is published give it up, with a reason."""
    form, action = AbandonMilestoneForm(), milestone.action
    was_public = action.published_at is not None
    if form.validate_on_submit():
        with show_refusals(form, {DomainError: form.abandon_reason}):
            abandon_milestone(database(), milestone, reason=form.abandon_reason.data or "", by=member(), now=now())
            database().commit()
            flash(_("Milestone abandoned.") if was_public else _("Milestone deleted."), "success")
            return redirect(_url(action), 303)
    first = ChangeMilestoneForm(formdata=None, **_said(milestone), version=milestone.version)
    if not was_public:
        del first.reason
    return _change_page(campaign, milestone, first, form)


def _change_page(
    campaign: Campaign, milestone: Milestone, form: ChangeMilestoneForm, abandon_form: AbandonMilestoneForm
) -> ResponseReturnValue:
    with rendering(database()):
        page = render_template(
            "answers/milestone/change.html",
            campaign=campaign,
            milestone=milestone,
            theme=milestone.action.decision.theme,
            form=form,
            abandon_form=abandon_form,
            today=today(),
            conflict=compare(form, _said(milestone), version=milestone.version),
        )
    return page, form.http_status if form.errors else form_status(abandon_form)


def _said(milestone: Milestone) -> dict[str, Any]:
    """What the milestone says, by the names of the form's fields."""
    return {"title": milestone.title, "due_on": milestone.due_on, "done_on": milestone.done_on}


def _url(action: Action) -> str:
    campaign_id = action.decision.theme.campaign_id
    return url_for("milestone.index", campaign_id=campaign_id, action_id=action.id)
