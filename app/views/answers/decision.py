"""The page where a theme is answered: its ideas, its decision and its actions, one theme at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import to_user_timezone
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.database.sqlite import rendering
from app.extensions import database
from app.forms.answers.action import AddActionForm
from app.forms.answers.decision import RecordDecisionForm, team_choices
from app.forms.desk.work import WriteNoteForm
from app.pictures.map.theme_map import tones
from app.views.answers.decision_form import fields_of, inserts_template, named_people, stored_answer
from app.views.answers.similar import similar_context
from app.web.conflicts import compare
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from ideas.answers.action import actions_in, actions_on
from ideas.answers.approval import AnswerProposal, approval_of
from ideas.answers.decision import (
    Decision,
    DecisionStatus,
    decide,
    decision_on,
    decisions_in,
    needs_second_person,
    next_undecided,
    respondents,
    withdraw_decision,
)
from ideas.answers.earlier import merged_answers, published_answers
from ideas.answers.second_person import abandoned_with, propose_answer
from ideas.answers.similar import themes_to_answer
from ideas.answers.template import templates_for
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.desk.note import notes_on
from ideas.people.person import Person
from ideas.themes.card import theme_cards
from ideas.themes.theme import Theme

views = Blueprint("decision", __name__)


@dataclass(frozen=True, slots=True)
class RefusedAction:
    """The form of an action on the page that was refused: it is shown as it was sent."""

    action_id: int
    form: FlaskForm


@views.route("/campaigns/<int:campaign_id>/themes/<int:theme_id>/decision", methods=["GET", "POST"])
@requires(Act.DECIDE)
def record(campaign: Campaign, theme: Theme) -> ResponseReturnValue:
    decision, proposal = decision_on(database(), theme), _proposal(campaign, theme)
    team = named_people(respondents(database(), campaign), decision, proposal)
    form = _decision_form(campaign, decision, proposal, team)
    if inserts_template(campaign, form) or not form.validate_on_submit():
        return decision_page(campaign, theme, form=form)
    status = DecisionStatus(form.status.data)
    answer: dict[str, Any] = {
        "status": status,
        "reason": form.reason.data or "",
        "respondent": next(person for person in team if person.id == form.respondent.data),
        "decided_on": form.decided_on.data,
        # A page that was opened before the field was there leaves it as it is.
        "community_impact": form.community_impact.data if form.community_impact.raw_data else None,
        "by": member(),
        "now": now(),
        "seen": form.seen,
        "change_reason": form.change_reason.data or "",
        "abandon_reason": (form.abandon_reason.data or "") if form.abandon.data else None,
    }
    with show_refusals(form, fields_of(form)):
        if needs_second_person(campaign, status):
            propose_answer(database(), theme, **answer, replaces=form.replaced)
            database().commit()
            flash(_("Answer saved. It is published once a second person approves it."), "success")
            return redirect(url_for("decision.record", campaign_id=campaign.id, theme_id=theme.id), 303)
        decide(database(), theme, **answer, expected_on=form.expected_on.data)
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


@views.get("/campaigns/<int:campaign_id>/answers/<int:decision_id>")
@requires(Act.READ)
def versions(campaign: Campaign, decision: Decision) -> ResponseReturnValue:
    """The published answer to a theme with all that it was before, and its actions, for everyone."""
    return render_template(
        "answers/decision/versions.html",
        campaign=campaign,
        theme=decision.theme,
        answers=published_answers(database(), decision),
        actions=[action for action in actions_on(database(), decision) if action.published_at is not None],
        today=today(),
    )


def decision_page(
    campaign: Campaign,
    theme: Theme,
    *,
    form: RecordDecisionForm | None = None,
    action_form: AddActionForm | None = None,
    refused_action: RefusedAction | None = None,
    note_form: WriteNoteForm | None = None,
) -> Response:
    """The page of this theme's decision. A refused form is shown as it was sent."""
    sent = (form, action_form, note_form, refused_action.form if refused_action else None)
    refused = next((one for one in sent if one is not None and one.errors), None)
    with rendering(database()):
        page = render_template(
            "answers/decision/record.html",
            campaign=campaign,
            form=refused,
            refused_action=refused_action,
            notes=notes_on(database(), theme),
            note_form=note_form or WriteNoteForm(formdata=None),
            **_contents(campaign, theme, form, action_form),
        )
    return make_response(page, getattr(refused, "http_status", 422) if refused else 200)


def _contents(
    campaign: Campaign, theme: Theme, form: RecordDecisionForm | None, action_form: AddActionForm | None
) -> dict[str, Any]:
    """What the page of a decision shows, in a constant number of queries."""
    cards = theme_cards(database(), campaign)
    decisions = decisions_in(database(), campaign)
    decision = decisions.get(theme.id)
    team = respondents(database(), campaign)
    actions = actions_in(database(), campaign)
    earlier = merged_answers(database(), campaign, actions=actions)
    proposal = _proposal(campaign, theme)
    shown = proposal if campaign.answers_reviewed else None
    known = actions.get(theme.id, []) if decision else []
    conflict = None
    if form is not None and form.changed_meanwhile:
        by, at = (decision.recorded_by.name, decision.updated_at) if decision is not None else ("", None)
        if shown is not None:
            by, at = shown.proposed_by.name, shown.proposed_at
        version = decision.version if decision is not None else 0
        conflict = compare(form, stored_answer(decision, shown), version=version, by=by, at=at)
        form.replaces.data = shown.mark if shown is not None else ""
    return {
        "card": next(card for card in cards if card.theme.id == theme.id),
        "cards": cards,
        "tones": tones(card.theme for card in cards),
        "decision": decision,
        "actions": known,
        "earlier": [answer for answer in earlier if answer.into is not None and answer.into.id == theme.id],
        **similar_context(themes_to_answer(database(), [theme])),
        "templates": templates_for(database(), campaign),
        "conflict": conflict,
        "approval": approval_of(database(), decision) if decision is not None and campaign.answers_reviewed else None,
        "proposal": proposal,
        "proposed_respondent": database().get_one(Person, proposal.content["respondent_id"]).name if proposal else "",
        "abandoned": abandoned_with(proposal, known) if proposal else [],
        "decision_form": form
        or _decision_form(campaign, decision, proposal, named_people(team, decision, proposal), sent=False),
        "action_form": action_form or action_form_for(team, sent=False),
        "next_theme": next_undecided([card.theme for card in cards], _handled(campaign, decisions), after=theme),
        "today": today(),
    }


def _proposal(campaign: Campaign, theme: Theme) -> AnswerProposal | None:
    """The answer that waits for a second person."""
    return database().get(AnswerProposal, theme.id) if campaign.debriefed_at is not None else None


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
    campaign: Campaign,
    decision: Decision | None,
    proposal: AnswerProposal | None,
    team: Sequence[Person],
    *,
    sent: bool = True,
) -> RecordDecisionForm:
    """The form of the decision: with what was sent, with what waits for a second person, or with what is recorded."""
    recorded: dict[str, Any] = {"respondent": campaign.owner_id, "decided_on": today()}
    if proposal is not None and campaign.answers_reviewed:
        version = decision.version if decision is not None else 0
        recorded = stored_answer(decision, proposal) | {"version": version, "replaces": proposal.mark}
    elif decision is not None:
        recorded = stored_answer(decision) | {"version": decision.version}
    form = RecordDecisionForm(**recorded) if sent else RecordDecisionForm(formdata=None, **recorded)
    form.respondent.choices = team_choices(team)
    if decision is not None and decision.published_at is not None and decision.is_answer:
        form.status.choices = [choice for choice in form.status.choices if choice.value != DecisionStatus.PENDING]
    return form


def _handled(campaign: Campaign, decisions: dict[int, Decision]) -> set[int]:
    """The themes that need no answer now. One that is promised waits until the debrief is published."""
    return {theme_id for theme_id, decision in decisions.items() if decision.is_answer or campaign.debriefed_at is None}


def _next_url(campaign: Campaign, theme: Theme) -> str:
    """The page that the pressed button leads to: this theme's actions, the next undecided theme, or all themes."""
    here = url_for("decision.record", campaign_id=campaign.id, theme_id=theme.id)
    if request.form.get("then") == "actions":
        return here + "#actions"
    if request.form.get("then") == "next":
        themes = [card.theme for card in theme_cards(database(), campaign)]
        handled = _handled(campaign, decisions_in(database(), campaign))
        following = next_undecided(themes, handled, after=theme)
        if following is not None:
            flash(_("Answer saved. Next theme: %(theme)s.", theme=following.name), "success")
            return url_for("decision.record", campaign_id=campaign.id, theme_id=following.id)
        if campaign.debriefed_at is None:
            flash(
                _("Answer saved. Every theme has an answer or a promised day. You can now write the debrief."),
                "success",
            )
            return url_for("debrief.write", campaign_id=campaign.id)
    flash(_("Answer to “%(theme)s” saved.", theme=theme.name), "success")
    return url_for("theme.index", campaign_id=campaign.id)
