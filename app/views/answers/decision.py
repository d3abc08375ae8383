"""The page where a theme is answered: its ideas, its decision and its actions, one theme at a time."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import to_user_timezone
from werkzeug.wrappers import Response

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.answers.action import AddActionForm
from app.forms.answers.decision import RecordDecisionForm, team_choices
from app.pictures.theme_map import tones
from app.web.errors import show_refusals
from ideas.answers.action import actions_on
from ideas.answers.decision import (
    DecidedInTheFuture,
    Decision,
    DecisionStatus,
    decide,
    decision_on,
    decisions_in,
    next_undecided,
    respondents,
    withdraw_decision,
)
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.team import Act
from ideas.errors import DomainError
from ideas.people.person import Person
from ideas.themes.theme import Theme, theme_cards

views = Blueprint("decision", __name__)


@views.route("/campaigns/<int:campaign_id>/themes/<int:theme_id>/decision", methods=["GET", "POST"])
@requires(Act.DECIDE)
def record(campaign: Campaign, theme: Theme) -> ResponseReturnValue:
    team = respondents(database(), campaign)
    form = _decision_form(campaign, decision_on(database(), theme), team)
    if form.validate_on_submit():
        with show_refusals(form, {DecidedInTheFuture: form.decided_on, DomainError: form.reason}):
            decide(
                database(),
                theme,
                status=DecisionStatus(form.status.data),
                reason=form.reason.data,
                respondent=next(person for person in team if person.id == form.respondent.data),
                decided_on=form.decided_on.data,
                by=member(),
                now=now(),
            )
            database().commit()
            return redirect(_next_url(campaign, theme), 303)
    return decision_page(campaign, theme, form=form)


@views.post("/campaigns/<int:campaign_id>/themes/<int:theme_id>/decision/withdraw")
@requires(Act.DECIDE)
def withdraw(campaign: Campaign, theme: Theme) -> ResponseReturnValue:
    decision = decision_on(database(), theme) or abort(404)
    withdraw_decision(database(), decision, campaign=campaign, by=member(), now=now())
    database().commit()
    flash(_("Answer withdrawn."), "success")
    return redirect(url_for("decision.record", campaign_id=campaign.id, theme_id=theme.id), 303)


def decision_page(
    campaign: Campaign,
    theme: Theme,
    *,
    form: RecordDecisionForm | None = None,
    action_form: AddActionForm | None = None,
) -> Response:
    """The page of this theme's decision. A refused form is shown as it was sent."""
    cards = theme_cards(database(), campaign)
    decisions = decisions_in(database(), campaign)
    decision = decisions.get(theme.id)
    team = respondents(database(), campaign)
    refused = next((sent for sent in (form, action_form) if sent is not None and sent.errors), None)
    page = render_template(
        "answers/decision/record.html",
        campaign=campaign,
        card=next(card for card in cards if card.theme.id == theme.id),
        cards=cards,
        tones=tones(card.theme for card in cards),
        decision=decision,
        actions=actions_on(database(), decision) if decision else [],
        decision_form=form or _decision_form(campaign, decision, team, sent=False),
        action_form=action_form or action_form_for(team, sent=False),
        form=refused,
        next_theme=next_undecided([card.theme for card in cards], decisions, after=theme),
        today=today(),
    )
    return make_response(page, 422 if refused else 200)


def action_form_for(team: Sequence[Person], *, sent: bool = True) -> AddActionForm:
    """The form of a new action: with what was sent, or empty."""
    form = AddActionForm(owner=team[0].id) if sent else AddActionForm(formdata=None, owner=team[0].id)
    form.owner.choices = team_choices(team)
    return form


def today() -> date:
    """Today in the reader's time zone."""
    local: datetime = to_user_timezone(now())
    return local.date()


def _decision_form(
    campaign: Campaign, decision: Decision | None, team: Sequence[Person], *, sent: bool = True
) -> RecordDecisionForm:
    """The form of the decision: with what was sent, or with what is recorded."""
    recorded: dict[str, Any] = {"respondent": campaign.owner_id, "decided_on": today()}
    if decision is not None:
        recorded = {
            "status": decision.status.value,
            "reason": decision.reason,
            "respondent": decision.respondent_id,
            "decided_on": decision.decided_on,
        }
    form = RecordDecisionForm(**recorded) if sent else RecordDecisionForm(formdata=None, **recorded)
    form.respondent.choices = team_choices(team)
    return form


def _next_url(campaign: Campaign, theme: Theme) -> str:
    """The page that the pressed button leads to: this theme's actions, the next undecided theme, or all themes."""
    here = url_for("decision.record", campaign_id=campaign.id, theme_id=theme.id)
    if request.form.get("then") == "actions":
        return here + "#actions"
    if request.form.get("then") == "next":
        themes = [card.theme for card in theme_cards(database(), campaign)]
        following = next_undecided(themes, decisions_in(database(), campaign), after=theme)
        if following is not None:
            flash(_("Answer saved. Next theme: %(theme)s.", theme=following.name), "success")
            return url_for("decision.record", campaign_id=campaign.id, theme_id=following.id)
        if campaign.debriefed_at is None:
            flash(_("Answer saved. Every theme has an answer. You can now write the debrief."), "success")
            return url_for("debrief.write", campaign_id=campaign.id)
    flash(_("Answer to “%(theme)s” saved.", theme=theme.name), "success")
    return url_for("theme.index", campaign_id=campaign.id)
